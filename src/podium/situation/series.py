"""What a series is about, and how its source publishes it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NewType, TypeVar

from podium.situation.period import Period
from podium.values.text import Text

_K = TypeVar("_K")
_V = TypeVar("_V")

SeriesId = NewType("SeriesId", str)
SourceId = NewType("SourceId", str)

JOINT_SINCE: Final = 2012
"""Since this year January and February are published together."""


class Measure(StrEnum):
    """What a figure measures.

    Published growth is on a comparable basis, which revised surveys and changes of the units
    covered take out; the growth of the values is something else, and neither replaces the other.
    """

    VALUE = "value"
    GROWTH = "growth"
    """Per cent on the same period of the year before, as published."""
    REAL_GROWTH = "real_growth"
    """As ``GROWTH``, price changes taken out, as published."""


class Rhythm(StrEnum):
    """How often figures come."""

    MONTHLY = "monthly"
    JOINT = "joint"
    """Monthly, January and February together since ``JOINT_SINCE``."""
    YEARLY = "yearly"


class Breakdown(StrEnum):
    """What a whole is divided by."""

    TYPE = "type"
    PLACE = "place"
    CHANNEL = "channel"
    CATEGORY = "category"


@dataclass(frozen=True, slots=True)
class Whole:
    """A total of its own."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part of ``whole``. ``complete``: all parts by this breakdown add up to the whole;
    otherwise there is a rest, as with categories, which count larger units only."""

    whole: SeriesId
    by: Breakdown
    complete: bool


@dataclass(frozen=True, slots=True)
class Excluding:
    """``whole`` without ``part``."""

    whole: SeriesId
    part: SeriesId


@dataclass(frozen=True, slots=True)
class Region:
    """The share of ``whole`` in one province; ``code`` by GB/T 2260."""

    whole: SeriesId
    code: str


@dataclass(frozen=True, slots=True)
class Context:
    """A statistic beside the subject: prices, orders."""


Standing = Whole | Part | Excluding | Region | Context


@dataclass(frozen=True, slots=True)
class Series:
    """``unit`` is that of ``Measure.VALUE``; growth is always per cent. ``coverage`` says which
    units are counted where that is not all of them. ``negative``: values may be below zero.
    ``computed``: the source publishes no growth at all, so that of the values stands in, and
    says so."""

    id: SeriesId
    name: Text
    unit: Text
    rhythm: Rhythm
    standing: Standing
    coverage: Text | None = None
    negative: bool = False
    computed: bool = False

    def publishes(self, period: Period) -> bool:
        """Whether the source ever publishes a figure for such a period."""
        if self.rhythm is Rhythm.YEARLY:
            return period.from_january and period.months == 12
        joint = self.rhythm is Rhythm.JOINT and period.end.year >= JOINT_SINCE
        if joint and period.end.number == 1:
            return False
        if joint and period.end.number == 2:
            return period.months == 2
        return period.months == 1 or period.from_january


class Check(StrEnum):
    """How far a figure has been held against what its source published."""

    IMPORTED = "imported"
    """An office brought it in and stands for it."""
    VERIFIED = "verified"
    """It was found, the same, in a second place."""
    ARITHMETIC = "arithmetic"
    """It follows from verified figures by sums or by the bases that they imply."""
    UNVERIFIED = "unverified"
    """It was not found in a second place, and is marked wherever it shows."""


_NOTHING: Final = Text("", "")


@dataclass(frozen=True, slots=True)
class Source:
    """Who published a figure, and where. ``against`` says what it was checked against."""

    id: SourceId
    name: Text
    check: Check = Check.IMPORTED
    against: Text = _NOTHING


class Catalogue:
    """Series and sources by identifier, in the order given. Raises ``ValueError`` for doubles."""

    def __init__(self, series: Iterable[Series], sources: Iterable[Source]) -> None:
        self._series = _by_id((s.id, s) for s in series)
        self._sources = _by_id((s.id, s) for s in sources)

    def __iter__(self) -> Iterator[Series]:
        return iter(self._series.values())

    def __contains__(self, series: object) -> bool:
        return series in self._series

    def __getitem__(self, series: SeriesId) -> Series:
        return self._series[series]

    def source(self, source: SourceId) -> Source:
        return self._sources[source]

    @property
    def sources(self) -> Mapping[SourceId, Source]:
        return self._sources

    def parts(self, whole: SeriesId, by: Breakdown) -> tuple[Series, ...]:
        return tuple(
            s
            for s in self
            if isinstance(s.standing, Part) and s.standing.whole == whole and s.standing.by is by
        )

    def regions(self, whole: SeriesId) -> tuple[Series, ...]:
        return tuple(
            s for s in self if isinstance(s.standing, Region) and s.standing.whole == whole
        )

    def merged(self, other: Catalogue) -> Catalogue:
        """Both; of the same identifier, the other's."""
        return Catalogue(
            {**self._series, **other._series}.values(), {**self._sources, **other._sources}.values()
        )


def _by_id(pairs: Iterable[tuple[_K, _V]]) -> dict[_K, _V]:
    found: dict[_K, _V] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"{key} is there twice")
        found[key] = value
    return found
