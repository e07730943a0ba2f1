"""A series on one basis, for models: values chained backwards by published growth.

First releases of different years are not on one basis: surveys and censuses revise the past, and
only the published growth takes that out. So the last year's values stand, and each earlier one is
the value a year later over its published growth.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from podium.situation.figures import Known
from podium.situation.period import Month, Period
from podium.situation.series import Measure, Series


@dataclass(frozen=True, slots=True)
class Path:
    """Consecutive periods, and the value of each on the basis of the last year."""

    series: Series
    periods: tuple[Period, ...]
    values: tuple[float, ...]

    @property
    def joint(self) -> bool:
        """Whether January and February are one period of it."""
        return any(p.months == 2 for p in self.periods)

    @property
    def per_year(self) -> int:
        return 11 if self.joint else 12


def days(period: Period) -> int:
    """Days in the period."""
    return (period.end.plus(1).first_day - period.start.first_day).days


def comparable_path(known: Known, series: Series) -> Path:
    """The longest unbroken path that ends with the latest value; empty if there is no value."""
    values = {f.period: f.value for f in known.of_month(series.id, Measure.VALUE)}
    growth = {f.period: f.value for f in known.of_month(series.id, Measure.GROWTH)}
    periods = _unbroken(sorted(values))
    joint = any(p.months == 2 for p in periods[-12:])
    if joint:
        periods = tuple(p for p in periods if p.end.year >= _first_joint(periods))
    chained: dict[Period, float] = {}
    for period in reversed(periods):
        later = period.year_before(-1)
        if later not in chained or series.computed:
            chained[period] = values[period]
        elif later in growth and growth[later] > -100:
            chained[period] = chained[later] / (1 + growth[later] / 100)
        else:
            break
    kept = tuple(reversed(chained))
    return Path(series, kept, tuple(chained[p] for p in kept))


def _unbroken(periods: Sequence[Period]) -> tuple[Period, ...]:
    kept: list[Period] = []
    for period in reversed(periods):
        if kept and period.end != kept[-1].start.plus(-1):
            break
        kept.append(period)
    return tuple(reversed(kept))


def _first_joint(periods: Sequence[Period]) -> int:
    return min(p.end.year for p in periods if p.months == 2)


def slots(first: Month, count: int, *, joint: bool) -> tuple[Period, ...]:
    """``count`` consecutive periods from the one that starts with ``first``."""
    found: list[Period] = []
    start = first
    while len(found) < count:
        months = 2 if joint and start.number == 1 else 1
        found.append(Period(start.plus(months - 1), months))
        start = start.plus(months)
    return tuple(found)
