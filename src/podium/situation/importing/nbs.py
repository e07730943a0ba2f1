"""Exports of the national database: indicators or regions down, periods across.

Above the table stand lines about the database and the time, below it notes and the source. An
indicator says in its name what is measured and in which unit: 社会消费品零售总额_当期值(亿元).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from podium.sheets.table import Fault, Grid
from podium.situation.importing.entry import (
    Entry,
    Names,
    Reading,
    Release,
    blank,
    checked,
    month_of,
    not_a_number,
    not_a_period,
    number,
    unknown_series,
)
from podium.situation.period import Month, Period
from podium.situation.series import Measure, Series
from podium.values.text import Text

CORNERS: Final = frozenset({"指标", "地区", "indicators", "indicator", "region", "regions"})
_FOOT: Final = ("注", "数据来源", "资料来源", "note", "data source", "source")
_MONTH: Final = re.compile(r"(\d{4})(?:年|-|/|\.)?(\d{1,2})月?(?:-01)?")
_YEAR: Final = re.compile(r"(\d{4})年?")
_INDEX: Final = re.compile(r"\(上年同[月期]=100\)")
_UNIT: Final = re.compile(r"[(（]([^()（）]*)[)）]$")
_Kind = tuple[Measure, bool]
_KINDS: Final[Mapping[str, _Kind]] = {
    "当期值": (Measure.VALUE, False),
    "累计值": (Measure.VALUE, True),
    "同比增长": (Measure.GROWTH, False),
    "累计增长": (Measure.GROWTH, True),
    "累计同比增长": (Measure.GROWTH, True),
    "实际同比增长": (Measure.REAL_GROWTH, False),
    "累计实际增长": (Measure.REAL_GROWTH, True),
}
"""What is measured, and whether from January on."""


@dataclass(frozen=True, slots=True)
class _Line:
    """What a line is about; ``less`` is taken off (an index of 100 is no growth)."""

    series: Series
    measure: Measure
    to_date: bool
    less: float


def is_nbs(grid: Grid) -> bool:
    return _heading(grid) is not None


def read_nbs(grid: Grid, names: Names, release: Release) -> Reading:
    """0 and 0.0 mean "not published" in these exports; each is left out and noted."""
    at = _heading(grid)
    if at is None:
        raise ValueError("not a layout of the national database")
    line, head = grid.lines[at]
    faults = [f for f in grid.merged if f.line >= line]
    periods: list[Month | int | None] = [None]
    for cell in head[1:]:
        period = _period(cell)
        if cell and period is None:
            faults.append(not_a_period(line, cell))
        periods.append(period)
    subject = _subject(grid.lines[:at])
    entries: list[Entry] = []
    notes: list[Fault] = []
    for row, cells in grid.lines[at + 1 :]:
        if not any(cells):
            continue
        if cells[0].casefold().startswith(_FOOT):
            break
        about = _about(row, cells[0], names, subject)
        if isinstance(about, Fault):
            faults.append(about)
            continue
        for column, cell, period in zip(head[1:], cells[1:], periods[1:], strict=False):
            if period is not None:
                _take(_cell(row, column, cell, about, period, release), entries, notes, faults)
    return Reading(entries, notes, faults)


def _take(
    found: Iterator[Entry | Fault | _Note],
    entries: list[Entry],
    notes: list[Fault],
    faults: list[Fault],
) -> None:
    for item in found:
        match item:
            case Entry():
                entries.append(item)
            case _Note(fault):
                notes.append(fault)
            case Fault():
                faults.append(item)


@dataclass(frozen=True, slots=True)
class _Note:
    fault: Fault


def _cell(
    line: int, column: str, cell: str, about: _Line, period: Month | int, release: Release
) -> Iterator[Entry | Fault | _Note]:
    if blank(cell):
        return
    value = number(cell)
    if value is None:
        yield not_a_number(line, column, cell)
    elif value == 0:
        yield _Note(
            Fault(
                line,
                column,
                Text(
                    "0 在此导出格式中表示未公布，已略去。", "0 means not published here; left out."
                ),
            )
        )
    else:
        when = _span(about, period)
        value = round(value - about.less, 6)
        yield checked(line, column, about.series, about.measure, when, value, release)


def _span(about: _Line, period: Month | int) -> Period:
    if isinstance(period, int):
        return Period(Month(period, 12), 12)
    return Period(period, period.number if about.to_date else 1)


def _about(line: int, name: str, names: Names, fallback: _Kind) -> _Line | Fault:
    index = _INDEX.search(name)
    unit = _UNIT.search(name)
    plain = _UNIT.sub("", name) if index is None else _INDEX.sub("", name)
    stem, _, kind = plain.partition("_")
    if index is not None:
        series = names.get(stem.removesuffix("指数"))
        return _Line(series, Measure.GROWTH, False, 100.0) if series else unknown_series(line, stem)
    series = names.get(stem)
    if series is None:
        return unknown_series(line, name)
    if kind and kind not in _KINDS:
        return unknown_series(line, name)
    measure, to_date = _KINDS.get(kind, fallback)
    if unit is not None:
        wrong = _wrong_unit(line, series, measure, unit[1])
        if wrong is not None:
            return wrong
    return _Line(series, measure, to_date, 0.0)


def _wrong_unit(line: int, series: Series, measure: Measure, unit: str) -> Fault | None:
    expected = (series.unit.zh, series.unit.en) if measure is Measure.VALUE else ("%", "%")
    if unit.casefold() in {e.casefold() for e in expected}:
        return None
    return Fault(
        line,
        unit,
        Text(
            f"单位“{unit}”与登记的单位“{expected[0]}”不符。请换算后导入。",
            f'The unit "{unit}" is not that of the series, "{expected[1]}". Convert the figures.',
        ),
    )


def _subject(above: Sequence[tuple[int, tuple[str, ...]]]) -> _Kind:
    """For a table of regions: what the lines above it say is measured."""
    for _, cells in above:
        said = cells[0].replace(":", "：").partition("：")[2] if cells else ""
        kind = _UNIT.sub("", said).partition("_")[2]
        if kind in _KINDS:
            return _KINDS[kind]
    return Measure.VALUE, False


def _period(cell: str) -> Month | int | None:
    text = cell.strip()
    found = _YEAR.fullmatch(text)
    if found is not None:
        return int(found[1]) if month_of(found[1], "12") else None
    found = _MONTH.fullmatch(text)
    return month_of(found[1], found[2]) if found is not None else None


def _heading(grid: Grid) -> int | None:
    """The first line whose first cell is the corner of such a table."""
    for n, (_, cells) in enumerate(grid.lines):
        if len(cells) > 1 and cells[0].casefold() in CORNERS:
            return n
    return None
