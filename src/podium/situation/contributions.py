"""What moved the whole: contributions to growth by part, with the rest as "other"."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from podium.situation.derived import Derived, Number, Rule
from podium.situation.figures import Known
from podium.situation.indicators import comparable, growth
from podium.situation.period import Period
from podium.situation.series import Breakdown, Catalogue, Measure, Part, Series, SeriesId

_ENOUGH: Final = 3


@dataclass(frozen=True, slots=True)
class Contribution:
    """Percentage points that ``series`` added to the growth of the whole."""

    series: Series
    points: Derived


@dataclass(frozen=True, slots=True)
class Contributions:
    """``growth`` is the whole's as published. ``rest`` closes the sum: where the parts are
    complete it holds rounding alone, otherwise it is everything that the parts do not count."""

    period: Period
    growth: Number
    parts: tuple[Contribution, ...]
    rest: Derived
    complete: bool


def contributions(
    known: Known, catalogue: Catalogue, whole: SeriesId, by: Breakdown, period: Period
) -> Contributions | None:
    """``None`` if the whole or every part lacks a value or growth.

    Points are the increase over the comparable base (value / (1 + growth)) as a share of the
    whole's comparable base, so that published growth is used and none is recomputed.
    """
    total = comparable(known, catalogue[whole], period)
    rate = growth(known, catalogue[whole], period)
    if total is None or rate is None:
        return None
    parts: list[Contribution] = []
    complete = True
    for series in catalogue.parts(whole, by):
        part = comparable(known, series, period)
        complete = complete and part is not None and _complete(series)
        if part is not None:
            points = (part.value - part.base) / total.base * 100
            parts.append(
                Contribution(series, Derived(points, Rule.CONTRIBUTION, (*part.of, *total.of)))
            )
    if not parts:
        return None
    listed = tuple(c.points for c in parts)
    rest = Derived(rate.value - sum(p.value for p in listed), Rule.REST, (rate, *listed))
    ordered = tuple(sorted(parts, key=lambda c: -c.points.value))
    return Contributions(period, rate, ordered, rest, complete)


def latest_contributions(
    known: Known, catalogue: Catalogue, whole: SeriesId, by: Breakdown
) -> Contributions | None:
    """Of the last year to date that has every part, or at least three of them.

    Sources publish some parts later or less often; a breakdown of one part would mislead.
    """
    enough = min(_ENOUGH, len(catalogue.parts(whole, by)))
    for figure in reversed(known.of_year_to_date(whole, Measure.VALUE)[-12:]):
        found = contributions(known, catalogue, whole, by, figure.period)
        if found is not None and len(found.parts) >= enough:
            return found
    return None


def _complete(series: Series) -> bool:
    return isinstance(series.standing, Part) and series.standing.complete
