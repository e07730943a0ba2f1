"""Indicators of one series on one day. Growth and shares are per cent; changes are points."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from podium.situation.derived import Derived, Number, Rule
from podium.situation.figures import Figure, Known
from podium.situation.period import Month, Period
from podium.situation.series import Excluding, Measure, Rhythm, Series, SeriesId


@dataclass(frozen=True, slots=True)
class Reading:
    """A series in one period. What was not published by the day is ``None``, never a guess."""

    series: Series
    period: Period
    value: Figure | None
    growth: Number | None
    change: Derived | None
    two_year: Derived | None

    def numbers(self) -> tuple[Number, ...]:
        found = (self.value, self.growth, self.change, self.two_year)
        return tuple(number for number in found if number is not None)


def reading(known: Known, series: Series, period: Period) -> Reading | None:
    """``None`` if neither value nor growth is known."""
    value = known.get(series.id, Measure.VALUE, period)
    rate = growth(known, series, period)
    if value is None and rate is None:
        return None
    return Reading(
        series,
        period,
        value,
        rate,
        change(known, series, period),
        two_year_average(known, series, period),
    )


def latest_month(known: Known, series: Series) -> Reading | None:
    """The last month out; January and February together count as one."""
    period = _latest(known.of_month, series.id)
    return reading(known, series, period) if period is not None else None


def latest_year_to_date(known: Known, series: Series) -> Reading | None:
    period = _latest(known.of_year_to_date, series.id)
    return reading(known, series, period) if period is not None else None


def growth(known: Known, series: Series, period: Period) -> Number | None:
    """As published. What stands in where nothing is says so: for a series without a part, what
    whole and part imply; for one whose source publishes no growth, that of its values."""
    published = known.get(series.id, Measure.GROWTH, period)
    if published is not None:
        return published
    if isinstance(series.standing, Excluding):
        return excluded_growth(known, series.standing, period)
    return growth_of_values(known, series.id, period) if series.computed else None


def change(known: Known, series: Series, period: Period) -> Derived | None:
    """Growth less that of the release before, in percentage points."""
    now = growth(known, series, period)
    before = growth(known, series, release_before(series, period))
    if now is None or before is None:
        return None
    return Derived(now.value - before.value, Rule.CHANGE, (now, before))


def release_before(series: Series, period: Period) -> Period:
    """The period of the same kind whose figures came out just before.

    A month follows a month and a year to date follows a year to date; what January and February
    have together follows December, or the whole year before.
    """
    if series.rhythm is Rhythm.YEARLY:
        return period.year_before()
    before = period.end.plus(-1)
    year_to_date = period.from_january and period.months > 2
    joint = Period(before, 2)
    if before.number == 2 and series.publishes(joint) and not series.publishes(Period(before, 1)):
        return joint
    if year_to_date:
        return Period(before, before.number)
    if period.months == 2:
        return Period(period.end.plus(-2), 1)
    return Period(before, 1)


def two_year_average(known: Known, series: Series, period: Period) -> Derived | None:
    """Geometric, of published rates: what the source says of a period after a strange base."""
    now = growth(known, series, period)
    before = growth(known, series, period.year_before())
    if now is None or before is None or min(now.value, before.value) < -100:
        return None
    product = _factor(now) * _factor(before)
    return Derived((product**0.5 - 1) * 100, Rule.TWO_YEAR, (now, before))


def growth_of_values(known: Known, series: SeriesId, period: Period) -> Derived | None:
    """The growth of the values, for series without published growth.

    Only within one vintage: values of different vintages are not on the same basis.
    """
    now = known.get(series, Measure.VALUE, period)
    before = known.get(series, Measure.VALUE, period.year_before())
    if now is None or before is None or before.value <= 0:
        return None
    if (now.published, now.source) != (before.published, before.source):
        return None
    return Derived((now.value / before.value - 1) * 100, Rule.FROM_VALUES, (now, before))


def real_growth(known: Known, series: SeriesId, prices: SeriesId, period: Period) -> Number | None:
    """As published; where it is not, the published growth deflated by ``prices`` as a proxy.

    ``prices`` has the monthly growth of a price index; a longer period takes the mean of its
    months, and there is no proxy unless every month is known.
    """
    published = known.get(series, Measure.REAL_GROWTH, period)
    if published is not None:
        return published
    nominal = known.get(series, Measure.GROWTH, period)
    months = [period.end.plus(-back) for back in range(period.months)]
    deflators = [known.get(prices, Measure.GROWTH, Period(m, 1)) for m in months]
    found = [d for d in deflators if d is not None]
    if nominal is None or len(found) < len(months):
        return None
    mean = sum(d.value for d in found) / len(found)
    value = (_factor(nominal) / (1 + mean / 100) - 1) * 100
    return Derived(value, Rule.DEFLATED, (nominal, *found))


def share(known: Known, part: SeriesId, whole: SeriesId, period: Period) -> Derived | None:
    """The part's value in the whole's, per cent."""
    above = known.get(part, Measure.VALUE, period)
    below = known.get(whole, Measure.VALUE, period)
    if above is None or below is None or below.value <= 0:
        return None
    return Derived(above.value / below.value * 100, Rule.SHARE, (above, below))


def excluded_growth(known: Known, standing: Excluding, period: Period) -> Derived | None:
    """Growth of the whole without the part, on the comparable bases that both imply."""
    whole = _published_base(known, standing.whole, period)
    part = _published_base(known, standing.part, period)
    if whole is None or part is None or whole.base <= part.base:
        return None
    rate = (whole.value - part.value) / (whole.base - part.base) - 1
    return Derived(rate * 100, Rule.EXCLUDED, (*whole.of, *part.of))


@dataclass(frozen=True, slots=True)
class Comparable:
    """A published value and the base a year before that its growth implies."""

    value: float
    base: float
    of: tuple[Number, Number]


def comparable(known: Known, series: Series, period: Period) -> Comparable | None:
    """``None`` unless value and growth are known, and growth is above -100 per cent."""
    value = known.get(series.id, Measure.VALUE, period)
    return _base(value, growth(known, series, period))


def _published_base(known: Known, series: SeriesId, period: Period) -> Comparable | None:
    value = known.get(series, Measure.VALUE, period)
    return _base(value, known.get(series, Measure.GROWTH, period))


def _base(value: Figure | None, rate: Number | None) -> Comparable | None:
    if value is None or rate is None or rate.value <= -100:
        return None
    return Comparable(value.value, value.value / _factor(rate), (value, rate))


def _factor(rate: Number) -> float:
    return 1 + rate.value / 100


def _latest(
    history: Callable[[SeriesId, Measure], tuple[Figure, ...]], series: SeriesId
) -> Period | None:
    ends: list[tuple[Month, Period]] = []
    for measure in (Measure.VALUE, Measure.GROWTH):
        figures = history(series, measure)
        if figures:
            ends.append((figures[-1].period.end, figures[-1].period))
    return max(ends)[1] if ends else None
