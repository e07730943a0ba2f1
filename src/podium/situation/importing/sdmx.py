"""SDMX-CSV (SDMX 2.1 and 3.0): one line for each observation.

``TIME_PERIOD`` and ``OBS_VALUE`` are the standard's. The series is the column ``SERIES`` or
``INDICATOR``; ``MEASURE`` says value, growth or real_growth (value if there is none), and
``PUBLISHED`` may give each line its day of publication. Other columns are read over.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
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
from podium.situation.series import Measure
from podium.values.text import Text

_TIME: Final = "TIME_PERIOD"
_VALUE: Final = "OBS_VALUE"
_SERIES: Final = ("SERIES", "INDICATOR")
_YEAR: Final = re.compile(r"(\d{4})(?:-A1)?")
_MONTH: Final = re.compile(r"(\d{4})-M?(\d{2})")
_QUARTER: Final = re.compile(r"(\d{4})-Q([1-4])")
_RANGE: Final = re.compile(r"(\d{4})-(\d{2})-01/P(\d{1,2})M")
_MISSING: Final = frozenset({"M", "L", "O"})
"""OBS_STATUS of the standard's code list for what is missing."""


def is_sdmx(grid: Grid) -> bool:
    head = grid.lines[0][1] if grid.lines else ()
    return {_TIME, _VALUE} <= set(head)


def read_sdmx(grid: Grid, names: Names, release: Release) -> Reading:
    """``2023-01-01/P2M`` is how the standard writes two months together."""
    line, head = grid.lines[0]
    key = next((k for k in _SERIES if k in head), None)
    faults = list(grid.merged)
    if key is None:
        text = Text("缺少列 SERIES 或 INDICATOR。", "The column SERIES or INDICATOR is missing.")
        return Reading([], [], [*faults, Fault(line, "SERIES", text)])
    entries: list[Entry] = []
    for row, cells in grid.lines[1:]:
        if any(cells):
            by_name = dict(zip(head, cells, strict=False))
            found = _observation(row, by_name, key, names, release)
            if isinstance(found, Fault):
                faults.append(found)
            elif found is not None:
                entries.append(found)
    return Reading(entries, [], faults)


def _observation(
    line: int, cells: Mapping[str, str], key: str, names: Names, release: Release
) -> Entry | Fault | None:
    text = cells.get(_VALUE, "")
    if blank(text) or cells.get("OBS_STATUS", "") in _MISSING:
        return None
    series = names.get(cells.get(key, ""))
    if series is None:
        return unknown_series(line, cells.get(key, ""))
    value = number(text)
    if value is None:
        return not_a_number(line, _VALUE, text)
    period = _period(cells.get(_TIME, ""))
    if period is None:
        return not_a_period(line, cells.get(_TIME, ""))
    measure = _MEASURES.get(cells.get("MEASURE", "").casefold())
    if measure is None:
        shown = cells["MEASURE"][:40]
        return Fault(
            line,
            "MEASURE",
            Text(
                f"“{shown}”不可用，可填：value、growth、real_growth。",
                f'"{shown}" is not one of: value, growth, real_growth.',
            ),
        )
    day = published(line, cells.get("PUBLISHED", ""), release)
    return (
        day
        if isinstance(day, Fault)
        else checked(line, _VALUE, series, measure, period, value, day)
    )


_MEASURES: Final = {"": Measure.VALUE, **{m.value: m for m in Measure}}


def published(line: int, text: str, release: Release) -> Release | Fault:
    """The line's own day of publication, or the file's."""
    if not text:
        return release
    try:
        return Release(date.fromisoformat(text), release.source)
    except ValueError:
        shown = text[:40]
        return Fault(
            line,
            "published",
            Text(
                f"“{shown}”不是日期，应如 2023-01-17。",
                f'"{shown}" is not a date such as 2023-01-17.',
            ),
        )


def _period(text: str) -> Period | None:
    if found := _YEAR.fullmatch(text):
        month = month_of(found[1], "12")
        return Period(month, 12) if month else None
    if found := _MONTH.fullmatch(text):
        month = month_of(found[1], found[2])
        return Period(month, 1) if month else None
    if found := _QUARTER.fullmatch(text):
        month = month_of(found[1], str(3 * int(found[2])))
        return Period(month, 3) if month else None
    if found := _RANGE.fullmatch(text):
        first = month_of(found[1], found[2])
        months = int(found[3])
        return _months(first, months) if first and 1 <= months <= 12 else None
    return None


def _months(first: Month, months: int) -> Period:
    return Period(first.plus(months - 1), months)
