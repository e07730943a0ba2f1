"""Cells by column, whatever file they came from, with every fault named by line and column."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from podium.values.text import Text

MAX_BYTES = 4 * 1024 * 1024
MAX_ROWS = 20_000
MAX_CELL = 200


@dataclass(frozen=True, slots=True)
class Column:
    """``key`` is the stable name; headings are accepted in either language. ``longest``: of a
    cell, in characters. ``lines``: whether it may hold line breaks."""

    key: str
    heading: Text
    required: bool = False
    longest: int = MAX_CELL
    lines: bool = False


class ChangeKind(StrEnum):
    """What a line of an import would do."""

    ADD = "add"
    CHANGE = "change"
    SAME = "same"


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong at one place of the file. ``line`` counts from 1, the headings included;
    ``column`` is a column's key, the heading as found, or empty for the whole line."""

    line: int
    column: str
    text: Text


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the file: trimmed cells by column key; a missing cell is empty."""

    line: int
    cells: Mapping[str, str]

    def __getitem__(self, key: str) -> str:
        return self.cells.get(key, "")


@dataclass(frozen=True, slots=True)
class Table:
    rows: tuple[Row, ...]
    faults: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """A file's cells as they stand. ``merged`` are faults too, unless nothing of them is read."""

    lines: tuple[tuple[int, tuple[str, ...]], ...]
    merged: tuple[Fault, ...]
    faults: tuple[Fault, ...]


Lines = Iterable[tuple[int, Sequence[str]]]
"""Trimmed cells, with the number of their line."""


def refused(zh: str, en: str) -> Grid:
    return Grid((), (), (Fault(1, "", Text(zh, en)),))


def table_of(lines: Lines, columns: Sequence[Column]) -> Table:
    """The first line that is not blank holds the headings."""
    by_key = {column.key: column for column in columns}
    rows: list[Row] = []
    faults: list[Fault] = []
    keys: Sequence[str] | None = None
    for line, cells in lines:
        if not any(cells):
            continue
        if keys is None:
            keys, faults = _headings(line, cells, columns)
            if faults:
                return Table((), tuple(faults))
        elif len(rows) == MAX_ROWS:
            faults.append(_too_many(line))
            break
        else:
            faults.extend(_cell_faults(line, keys, cells, by_key))
            rows.append(Row(line, dict(zip(keys, cells, strict=False))))
    return Table(tuple(rows), tuple(faults))


def _headings(
    line: int, cells: Sequence[str], columns: Sequence[Column]
) -> tuple[list[str], list[Fault]]:
    by_heading = {_fold(name): c.key for c in columns for name in (c.key, *_both(c.heading))}
    keys: list[str] = []
    faults: list[Fault] = []
    for cell in cells:
        key = by_heading.get(_fold(cell), "")
        if cell and not key:
            faults.append(_unknown_column(line, cell, columns))
        if key and key in keys:
            faults.append(
                Fault(line, key, Text(f"列“{cell}”重复。", f'Column "{cell}" is there twice.'))
            )
        keys.append(key)
    faults.extend(
        Fault(
            line,
            c.key,
            Text(
                f"缺少列“{c.heading.zh}”。第一行应为列名。",
                f'Column "{c.heading.en}" is missing. The first line must hold the headings.',
            ),
        )
        for c in columns
        if c.required and c.key not in keys
    )
    return keys, faults


def _cell_faults(
    line: int, keys: Sequence[str], cells: Sequence[str], columns: Mapping[str, Column]
) -> Iterator[Fault]:
    if any(cells[len(keys) :]):
        yield Fault(
            line,
            "",
            Text(
                f"本行有 {len(cells)} 格，多于列名的 {len(keys)} 格；含逗号的内容请加引号。",
                f"The line has {len(cells)} cells, the headings {len(keys)}. "
                "Put text that holds a comma in quotes.",
            ),
        )
    for key, cell in zip(keys, cells, strict=False):
        column = columns.get(key)
        longest = MAX_CELL if column is None else column.longest
        allowed = "\n\r\t" if column is not None and column.lines else ""
        if len(cell) > longest:
            yield Fault(
                line,
                key,
                Text(f"超过 {longest} 个字。", f"Longer than {longest} characters."),
            )
        elif any((ord(c) < 0x20 and c not in allowed) or 0x7F <= ord(c) < 0xA0 for c in cell):
            yield Fault(
                line,
                key,
                Text("含有换行或控制字符。", "Holds a line break or a control character."),
            )


def _unknown_column(line: int, cell: str, columns: Sequence[Column]) -> Fault:
    known_zh = "、".join(c.heading.zh for c in columns)
    known_en = ", ".join(c.heading.en for c in columns)
    shown = cell[:40]
    return Fault(
        line,
        shown,
        Text(
            f"不认识列“{shown}”。可用的列：{known_zh}。",
            f'Column "{shown}" is not known. Known columns: {known_en}.',
        ),
    )


def _too_many(line: int) -> Fault:
    return Fault(
        line,
        "",
        Text(
            f"超过 {MAX_ROWS} 行，请分成几个文件导入。",
            f"More than {MAX_ROWS} lines. Import the file in parts.",
        ),
    )


def _fold(name: str) -> str:
    return name.casefold().replace(" ", "").replace("_", "").replace("（", "(").replace("）", ")")


def _both(text: Text) -> tuple[str, str]:
    return text.zh, text.en
