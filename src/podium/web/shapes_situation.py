"""The shapes of the situation, for the schema and for checking."""

from __future__ import annotations

from typing import Literal

from podium.conference.state import Text
from podium.web.shapes import ImportFault
from podium.web.shapes_live import Day, Exact, Time

MeasureName = Literal["value", "growth", "real_growth"]


class SeriesShape(Exact):
    """``role`` says what it is to the whole; ``by`` by what a part divides it; ``region`` a
    province's code by GB/T 2260. ``figures`` counts vintages."""

    id: str
    name: Text
    unit: Text
    rhythm: Literal["monthly", "joint", "yearly"]
    role: Literal["whole", "part", "excluding", "region", "context"]
    whole: str | None
    by: str | None
    region: str | None
    coverage: Text | None
    figures: int
    first_published: Day | None
    last_published: Day | None


CheckName = Literal["imported", "verified", "arithmetic", "unverified"]


class SourceShape(Exact):
    """``check``: how far its figures were held against a second place, ``against`` which."""

    id: str
    name: Text
    check: CheckName
    against: Text | None


class SituationSeries(Exact):
    """``version`` grows with every import."""

    version: int
    title: Text
    whole: str
    series: list[SeriesShape]
    sources: list[SourceShape]


class PeriodShape(Exact):
    """``id``: ``2022-04``, ``2022-01..04`` or ``2022``."""

    id: str
    label: Text


class FigureValue(Exact):
    """A published number. Growth is per cent on the same period of the year before."""

    series: str
    name: Text
    measure: MeasureName
    period: PeriodShape
    value: float
    unit: Text
    published: Day
    source: Text
    check: CheckName
    against: Text | None


class KnownFigures(Exact):
    day: Day
    version: int
    figures: list[FigureValue]


class RuleShape(Exact):
    code: str
    text: Text


class TracedNumber(Exact):
    """``rule``: how it was computed, ``None`` where it was published. ``figures``: what it rests
    on, by place in the briefing's list."""

    value: float
    rule: RuleShape | None
    figures: list[int]


class SaidPart(Exact):
    text: str
    number: TracedNumber | None


class FlagShape(Exact):
    code: str
    rule: str
    message: list[SaidPart]


class PageShape(Exact):
    id: str
    title: str
    source: str
    as_of: str
    note: str
    figures: list[int]


class BriefingShape(Exact):
    """``statements``: sentences in parts. Pictures are at ``/api/situation/pages/<id>.svg``."""

    day: Day
    language: Literal["zh", "en"]
    version: int
    title: str
    statements: list[list[SaidPart]]
    flags: list[FlagShape]
    pages: list[PageShape]
    figures: list[FigureValue]


class StatedNumber(Exact):
    value: float
    rule: RuleShape | None
    figures: list[FigureValue]


class ReadingShape(Exact):
    period: PeriodShape
    value: StatedNumber | None
    growth: StatedNumber | None


class StatisticShape(Exact):
    """The last month and the year to date that were known on ``day``."""

    day: Day
    series: SeriesShape
    month: ReadingShape | None
    to_date: ReadingShape | None


class FigureChange(FigureValue):
    kind: Literal["new", "revised", "confirmed"]


class SituationImport(Exact):
    """``confirmed`` figures were known with this value but not verified. ``changes`` holds the
    first 200; ``notes`` are cells that were left out on purpose."""

    applied: bool
    new: int
    revised: int
    confirmed: int
    same: int
    changes: list[FigureChange]
    notes: list[ImportFault]
    errors: list[ImportFault]


class BatchShape(Exact):
    """``by``: who imported it; empty for the official figures that ship with Podium."""

    number: int
    at: Time
    name: str
    by: str
    new: int
    revised: int


class BatchList(Exact):
    batches: list[BatchShape]
