"""Podium's own layout, which the export writes and the import reads back without a change.

One line for a series, a period and a day of publication: ``value``, ``growth``, ``real_growth``.
Here 0 is a figure, and an empty cell is none.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from podium.sheets.table import Column, Fault, Grid, Row, table_of
from podium.sheets.writing import Value, write_csv
from podium.situation.figures import Figures
from podium.situation.importing.entry import (
    Entry,
    Names,
    Reading,
    Release,
    blank,
    checked,
    not_a_number,
    not_a_period,
    number,
    unknown_series,
)
from podium.situation.importing.sdmx import published
from podium.situation.period import Month, Period, parse_period
from podium.situation.series import Catalogue, Measure, SourceId
from podium.values.text import Text

COLUMNS: Final = (
    Column("series", Text("指标", "series"), required=True),
    Column("period", Text("时期", "period"), required=True),
    Column("value", Text("绝对量", "value")),
    Column("growth", Text("增速", "growth")),
    Column("real_growth", Text("实际增速", "real growth")),
    Column("published", Text("发布日", "published")),
    Column("source", Text("来源", "source")),
)


def is_own(grid: Grid) -> bool:
    head = {c.casefold() for c in grid.lines[0][1]} if grid.lines else set()
    return all(head & {c.key, c.heading.zh, c.heading.en} for c in COLUMNS if c.required)


def read_own(grid: Grid, names: Names, release: Release, catalogue: Catalogue) -> Reading:
    table = table_of(grid.lines, COLUMNS)
    faults = [*grid.merged, *table.faults]
    entries: list[Entry] = []
    for row in table.rows:
        for found in _row(row, names, release, catalogue):
            if isinstance(found, Fault):
                faults.append(found)
            else:
                entries.append(found)
    return Reading(entries, [], faults)


def _row(row: Row, names: Names, release: Release, catalogue: Catalogue) -> Iterator[Entry | Fault]:
    series = names.get(row["series"])
    if series is None:
        yield unknown_series(row.line, row["series"])
        return
    try:
        period = parse_period(row["period"])
    except ValueError:
        yield not_a_period(row.line, row["period"])
        return
    when = published(row.line, row["published"], release)
    if isinstance(when, Fault):
        yield when
        return
    if row["source"]:
        if row["source"] not in catalogue.sources:
            shown = row["source"][:40]
            text = Text(f"不认识来源“{shown}”。", f'"{shown}" is no known source.')
            yield Fault(row.line, "source", text)
            return
        when = Release(when.day, SourceId(row["source"]))
    for measure in Measure:
        cell = row[measure.value]
        if blank(cell):
            continue
        value = number(cell)
        if value is None:
            yield not_a_number(row.line, measure.value, cell)
        else:
            yield checked(row.line, measure.value, series, measure, period, value, when)


def export_csv(figures: Figures) -> bytes:
    """Every vintage, in the layout above; of several of one day the one that counts."""
    rows: dict[tuple[str, Period, str, str], dict[str, float]] = {}
    key = ("series", "measure", "end", "months", "published")
    counting = figures.frame.unique(subset=key, keep="last", maintain_order=True)
    for series, measure, end, months, value, day, source in counting.iter_rows():
        row = (series, Period(Month.of(end), months), day.isoformat(), source)
        rows.setdefault(row, {})[measure] = value
    head = [c.heading.zh for c in COLUMNS]
    return write_csv(head, (_exported(row, found) for row, found in rows.items()))


def _exported(key: tuple[str, Period, str, str], found: dict[str, float]) -> list[Value]:
    series, period, day, source = key
    values = [found.get(m.value) for m in (Measure.VALUE, Measure.GROWTH, Measure.REAL_GROWTH)]
    return [series, written(period), *values, day, source]


def written(period: Period) -> str:
    """As ``parse_period`` reads it."""
    first, last = period.start, period.end
    if period.months == 12 and last.number == 12:
        return str(last.year)
    if period.months == 1:
        return f"{last.year}-{last.number:02}"
    return f"{first.year}-{first.number:02}..{last.number:02}"
