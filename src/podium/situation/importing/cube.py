"""A cube from a long CSV table: one line for each region, category and month."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from podium.sheets.table import Fault
from podium.situation.cube import Cube
from podium.situation.importing.entry import month_of, not_a_number, not_a_period
from podium.situation.period import Month
from podium.values.text import Text

Codes = NDArray[np.int32]

_FAULTS: Final = 50
_TOO_LARGE: Final = Text(
    "立方体过大，请分成几个文件导入。", "The cube is too large. Import it in parts."
)
_CELLS: Final = 200_000_000
_MONTH: Final = re.compile(r"(\d{4})-(\d{2})(?:-01)?")


@dataclass(frozen=True, slots=True)
class CubeColumns:
    """The headings of the four columns that are read; others are read over."""

    region: str
    category: str
    month: str
    value: str

    def names(self) -> tuple[str, str, str, str]:
        return self.region, self.category, self.month, self.value


def read_cube(data: bytes, columns: CubeColumns) -> Cube | tuple[Fault, ...]:
    """The cube, or at most fifty faults by line. Months are written 2018-12 or 2018-12-01.

    An empty value is unknown. The file is in UTF-8 with commas; it may hold many millions of
    lines. Never raises for what the bytes are.
    """
    try:
        table = _read(data, columns, pl.Float64())
    except pl.exceptions.ColumnNotFoundError:
        return (Fault(1, "", _columns_missing(columns)),)
    except pl.exceptions.PolarsError:
        return _not_numbers(data, columns)
    if not len(table):
        return (Fault(1, "", Text("文件中没有数据。", "There is no figure in the file.")),)
    return _cube(table, columns)


def _read(data: bytes, columns: CubeColumns, value: pl.DataType) -> pl.DataFrame:
    # Of their own, so that what one file names is forgotten with it.
    names = pl.Categorical(pl.Categories.random())
    types: dict[str, pl.DataType] = dict.fromkeys(columns.names()[:3], names)
    types[columns.value] = value
    # Where nothing is quoted, nobody has to look for the other quotation mark.
    quote = '"' if b'"' in data else None
    return pl.read_csv(
        data, columns=list(columns.names()), schema_overrides=types, quote_char=quote
    )


def _cube(table: pl.DataFrame, columns: CubeColumns) -> Cube | tuple[Fault, ...]:
    for name in columns.names()[:3]:
        if table[name].null_count():
            line = int(table[name].is_null().arg_true()[0]) + 2
            return (Fault(line, name, Text("不能为空。", "Must not be empty.")),)
    region, regions = _coded(table[columns.region])
    category, categories = _coded(table[columns.category])
    month, written = _coded(table[columns.month])
    months = _months(written)
    if isinstance(months, str):
        fault = not_a_period(int(np.flatnonzero(month == written.index(months))[0]) + 2, months)
        return (Fault(fault.line, columns.month, fault.text),)
    start, count, places = months
    shape = (len(regions), len(categories), count)
    if shape[0] * shape[1] * shape[2] > _CELLS:
        return (Fault(1, "", _TOO_LARGE),)
    cells = shape[0] * shape[1] * shape[2]
    cell = region
    for code, count in ((category, shape[1]), (places[month], shape[2])):
        cell *= count
        cell += code
    seen = np.zeros(cells, dtype=np.bool_)
    seen[cell] = True
    if int(np.count_nonzero(seen)) < len(cell):
        return _doubles(cell, np.bincount(cell, minlength=cells) > 1)
    values = np.full(cells, np.nan)
    values[cell] = table[columns.value].to_numpy()
    return Cube(regions, categories, start, values.reshape(shape))


def _coded(column: pl.Series) -> tuple[Codes, tuple[str, ...]]:
    """Each text as a number from 0, in the order of the file, and the texts."""
    # The library's own numbers are in no order where several threads read.
    distinct = column.unique(maintain_order=True)
    known = distinct.to_physical().to_numpy()
    places = np.zeros(int(known.max()) + 1, dtype=np.int32)
    places[known] = np.arange(len(known), dtype=np.int32)
    return places[column.to_physical().to_numpy()], tuple(distinct.cast(pl.String).to_list())


def _months(names: tuple[str, ...]) -> tuple[Month, int, Codes] | str:
    """The first month, how many there are from it on, and the place of each; or the text that
    is no month."""
    found: list[Month] = []
    for name in names:
        match = _MONTH.fullmatch(name)
        month = month_of(match[1], match[2]) if match else None
        if month is None:
            return name
        found.append(month)
    start = min(found)
    places = np.array([month.since(start) for month in found], dtype=np.int32)
    return start, int(places.max()) + 1, places


def _doubles(cell: Codes, doubled: NDArray[np.bool_]) -> tuple[Fault, ...]:
    lines = np.flatnonzero(doubled[cell])
    first: dict[int, int] = {}
    faults: list[Fault] = []
    for row in lines.tolist():
        before = first.setdefault(int(cell[row]), row)
        if before != row and len(faults) < _FAULTS:
            text = Text(
                f"与第 {before + 2} 行的地区、类别和月份相同。",
                f"Has the region, category and month of line {before + 2}.",
            )
            faults.append(Fault(row + 2, "", text))
    return tuple(faults)


def _not_numbers(data: bytes, columns: CubeColumns) -> tuple[Fault, ...]:
    """A second look, at texts, for the lines whose value is none."""
    try:
        texts = _read(data, columns, pl.String())[columns.value]
    except pl.exceptions.PolarsError as error:
        said = str(error).splitlines()[0][:120]
        text = Text(f"不是有效的 CSV 文件（{said}）。", f"This is not a valid CSV file ({said}).")
        return (Fault(1, "", text),)
    wrong = (texts.cast(pl.Float64, strict=False).is_null() & texts.is_not_null()).arg_true()
    return tuple(
        not_a_number(int(row) + 2, columns.value, texts[int(row)]) for row in wrong[:_FAULTS]
    )


def _columns_missing(columns: CubeColumns) -> Text:
    zh, en = "、".join(columns.names()), ", ".join(columns.names())
    return Text(f"文件应有列：{zh}。", f"The file must have the columns {en}.")
