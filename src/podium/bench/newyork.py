"""The panel of the Federal Reserve Bank of New York's nowcast as figures, and an estimate on it.

The panel has one vintage. For a record in real time each figure counts as published on the
fifteenth of the month after, whatever its own day was; growth is by the panel's own transformation.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Final

from podium.situation.figures import Figure, Figures
from podium.situation.nowcast import RECORD, Nowcast, nowcast
from podium.situation.period import Month, Period
from podium.situation.series import Context, Measure, Rhythm, Series, SeriesId, SourceId
from podium.values.text import Text

_PANEL: Final = "us/nyfed_nowcast_panel_2016-12.csv"
_SPEC: Final = "us/nyfed_spec.csv"
TARGET: Final = "RSAFS"
DAY: Final = date(2017, 1, 31)
_OUT: Final = timedelta(days=14)


def newyork(reference: Path, record: int = RECORD) -> tuple[int, Nowcast] | None:
    """The number of monthly series, and the estimate; ``None`` without the files."""
    read = panel(reference)
    if read is None:
        return None
    figures, series = read
    others = [s for name, s in series.items() if name != TARGET]
    found = nowcast(figures, series[TARGET], others, DAY, record)
    return (len(series), found) if found is not None else None


def panel(reference: Path) -> tuple[Figures, dict[str, Series]] | None:
    """Its monthly series, by the panel's names; ``None`` without the files."""
    table, spec = reference / _PANEL, reference / _SPEC
    if not (table.is_file() and spec.is_file()):
        return None
    rows = [r for r in _rows(spec) if r["Frequency"] == "m" and r["Model"] == "1"]
    lines = _rows(table)
    figures = Figures.of(f for row in rows for f in _figures(row, lines))
    return figures, {row["SeriesID"]: _series(row) for row in rows}


def _rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.read_text("utf-8").splitlines()))


def _series(row: dict[str, str]) -> Series:
    name = Text(row["SeriesName"], row["SeriesName"])
    unit = Text(row["Units"], row["Units"])
    return Series(SeriesId(row["SeriesID"]), name, unit, Rhythm.MONTHLY, Context())


def _figures(row: dict[str, str], table: list[dict[str, str]]) -> Iterator[Figure]:
    before: float | None = None
    for line in table:
        text = line[row["SeriesID"]]
        value = float(text) if text else None
        rate = _transformed(row["Transformation"], value, before)
        before = value
        if rate is not None:
            year, number, _ = (int(part) for part in line["Date"].split("-"))
            period = Period(Month(year, number), 1)
            published = period.end.plus(1).first_day + _OUT
            yield Figure(
                SeriesId(row["SeriesID"]), Measure.GROWTH, period, rate, published, SourceId("ny")
            )


def _transformed(kind: str, value: float | None, before: float | None) -> float | None:
    if value is None:
        return None
    if kind == "lin":
        return value
    if before is None:
        return None
    return value - before if kind == "chg" else (value / before - 1) * 100
