"""Figures with their vintages, and what was known of them on a day."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Final

import polars as pl

from podium.situation.period import Month, Period
from podium.situation.series import Measure, SeriesId, SourceId

SCHEMA: Final = pl.Schema(
    [
        ("series", pl.String()),
        ("measure", pl.Enum([m.value for m in Measure])),
        ("end", pl.Date()),
        ("months", pl.Int8()),
        ("value", pl.Float64()),
        ("published", pl.Date()),
        ("source", pl.String()),
    ]
)
"""One row for each figure and vintage; ``end`` is the first day of the period's last month."""
_KEY: Final = ("series", "measure", "end", "months")


@dataclass(frozen=True, slots=True)
class Figure:
    """One published number: of what, for when, known since when, from whom."""

    series: SeriesId
    measure: Measure
    period: Period
    value: float
    published: date
    source: SourceId

    def figures(self) -> tuple[Figure, ...]:
        """What the number rests on: itself."""
        return (self,)


class Figures:
    """Every vintage of every figure. Immutable.

    Of two figures with the same key and day of publication the later row counts: a source that
    corrects itself within a day is taken at its last word.
    """

    def __init__(self, frame: pl.DataFrame) -> None:
        """``frame`` has the columns of ``SCHEMA``; others are left out."""
        self.frame = frame.select(SCHEMA.names()).cast(SCHEMA)

    @staticmethod
    def of(figures: Iterable[Figure]) -> Figures:
        rows = [
            (
                f.series,
                f.measure.value,
                f.period.end.first_day,
                f.period.months,
                f.value,
                f.published,
                f.source,
            )
            for f in figures
        ]
        return Figures(pl.DataFrame(rows, schema=SCHEMA, orient="row"))

    def with_more(self, other: Figures) -> Figures:
        """All figures of both; nothing is overwritten, a revision is one vintage more."""
        return Figures(pl.concat([self.frame, other.frame]).unique(maintain_order=True))

    def of_series(self, series: Collection[SeriesId]) -> Iterator[Figure]:
        """Every vintage of these series."""
        rows = self.frame.filter(pl.col("series").is_in(list(series))).iter_rows()
        for name, measure, end, months, value, published, source in rows:
            period = _period(end, months)
            yield Figure(name, Measure(measure), period, value, published, source)

    def as_of(self, day: date) -> Known:
        """What anybody could know at the end of ``day``: of each figure the last vintage."""
        known = (
            self.frame.lazy()
            .filter(pl.col("published") <= day)
            .sort("published", maintain_order=True)
            .unique(subset=list(_KEY), keep="last", maintain_order=True)
            .collect()
        )
        return Known(day, known)

    def spans(self) -> Iterator[tuple[SeriesId, date, date, int]]:
        """By series: first and last day of publication, and how many vintages there are."""
        days = pl.col("published")
        found = self.frame.group_by("series").agg(
            days.min().alias("first"), days.max().alias("last"), pl.len()
        )
        yield from found.iter_rows()

    def releases(self, series: SeriesId, measure: Measure) -> tuple[date, ...]:
        """The days on which something new came out, in order."""
        days = self.frame.filter(
            (pl.col("series") == series) & (pl.col("measure") == measure.value)
        )["published"]
        return tuple(days.unique().sort().to_list())


class Known:
    """The figures known on ``day``, each in the last vintage published by then."""

    def __init__(self, day: date, frame: pl.DataFrame) -> None:
        self.day = day
        self.frame = frame
        self._rows: Mapping[tuple[object, ...], pl.DataFrame] = (
            frame.partition_by("series", "measure", as_dict=True) if len(frame) else {}
        )
        self._read: dict[tuple[SeriesId, Measure], dict[Period, Figure]] = {}

    def get(self, series: SeriesId, measure: Measure, period: Period) -> Figure | None:
        return self._all(series, measure).get(period)

    def of_month(self, series: SeriesId, measure: Measure) -> tuple[Figure, ...]:
        """Figures by month, in order. January and February together count as one, unless
        February came out by itself."""
        figures = self._sorted(series, measure)
        single = {f.period.end for f in figures if f.period.months == 1}
        return tuple(
            f
            for f in figures
            if f.period.months == 1 or (_is_joint(f.period) and f.period.end not in single)
        )

    def of_year_to_date(self, series: SeriesId, measure: Measure) -> tuple[Figure, ...]:
        return tuple(f for f in self._sorted(series, measure) if f.period.from_january)

    def all_of(self, series: SeriesId, measure: Measure) -> tuple[Figure, ...]:
        """Whatever their periods, in order."""
        return tuple(self._sorted(series, measure))

    def last(self, series: SeriesId, measure: Measure) -> Figure | None:
        """The one of the latest month."""
        return next(reversed(self.of_month(series, measure)), None)

    def _sorted(self, series: SeriesId, measure: Measure) -> list[Figure]:
        return sorted(self._all(series, measure).values(), key=lambda f: f.period)

    def _all(self, series: SeriesId, measure: Measure) -> Mapping[Period, Figure]:
        found = self._read.get((series, measure))
        if found is None:
            found = self._read[series, measure] = _read(
                series, measure, self._rows.get((series, measure.value))
            )
        return found


def _is_joint(period: Period) -> bool:
    return period.months == 2 and period.end.number == 2


def _read(series: SeriesId, measure: Measure, rows: pl.DataFrame | None) -> dict[Period, Figure]:
    if rows is None:
        return {}
    found: dict[Period, Figure] = {}
    for _, _, end, months, value, published, source in rows.iter_rows():
        period = _period(end, months)
        found[period] = Figure(series, measure, period, value, published, source)
    return found


@cache
def _period(end: date, months: int) -> Period:
    """The same few hundred periods stand in every series."""
    return Period(Month.of(end), months)
