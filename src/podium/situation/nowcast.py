"""The next release of a rate, estimated by a dynamic factor model before it is out.

Bok, Caratelli, Giannone, Sbordone and Tambalotti, "Macroeconomic Nowcasting and Forecasting with
Big Data" (2018), by the EM algorithm of Banbura and Modugno (2014) in ``statsmodels``. Everything
is in real time: the panel is what was known the day before, its parameters were estimated on what
was known when they were estimated, and past estimates are kept with their errors.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import NormalDist
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from podium.situation.derived import Derived, Rule
from podium.situation.figures import Figure, Figures, Known
from podium.situation.period import Month, Period
from podium.situation.series import Measure, Series

if TYPE_CHECKING:
    import pandas as pd

COVERAGE: Final = 0.8
"""The probability that the model gives its interval."""
RECORD: Final = 12
"""Past releases in the record."""
_YEARS: Final = 8
"""Years of the panel: long enough to estimate, short enough to be about today."""
_LEAST: Final = 36
_ITERATIONS: Final = 60
_TOLERANCE: Final = 1e-4


@dataclass(frozen=True, slots=True)
class Estimate:
    """Of ``period``, made at the end of ``made``; ``low`` to ``high`` is the interval."""

    period: Period
    made: date
    rate: Derived
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Past:
    """An estimate made the day before a release, and what then came out."""

    estimate: Estimate
    outcome: Figure
    naive: float
    """What the release before would have said."""

    @property
    def error(self) -> float:
        return self.outcome.value - self.estimate.rate.value

    @property
    def inside(self) -> bool:
        return self.estimate.low <= self.outcome.value <= self.estimate.high


@dataclass(frozen=True, slots=True)
class Nowcast:
    """The next release, with the record of the last ones."""

    series: Series
    next: Estimate
    record: tuple[Past, ...]

    @property
    def mean_error(self) -> float | None:
        """Mean absolute error of the record, in percentage points."""
        return _mean([abs(p.error) for p in self.record])

    @property
    def naive_error(self) -> float | None:
        """The same for taking the release before."""
        return _mean([abs(p.outcome.value - p.naive) for p in self.record])

    @property
    def inside(self) -> float | None:
        """The share of outcomes that were inside their interval."""
        return _mean([float(p.inside) for p in self.record])


def nowcast(
    figures: Figures, target: Series, panel: Sequence[Series], day: date, record: int = RECORD
) -> Nowcast | None:
    """Of the growth of ``target``, from the growth of ``panel`` and its own.

    ``None`` if there are too few months. ``record``: past releases, at least one. Parameters are
    estimated once, on what was known the day before the first of them, so that the record is of
    the very model that makes the estimate.
    """
    known = figures.as_of(day)
    released = known.of_month(target.id, Measure.GROWTH)
    if not released:
        return None
    first = _first_releases(figures, target)
    past = [first[f.period] for f in released[-record:]]
    columns = (target, *(s for s in panel if s.id != target.id))
    model = _Model.estimated(figures.as_of(_eve(past[0])), columns)
    if model is None:
        return None
    estimate = model.estimate(known, next_release(target, released[-1].period))
    return Nowcast(target, estimate, tuple(_past(figures, target, model, out) for out in past))


def next_release(series: Series, period: Period) -> Period:
    """The month after ``period``, or January and February together."""
    after = Period(period.end.plus(1), 1)
    return after if series.publishes(after) else Period(period.end.plus(2), 2)


def _first_releases(figures: Figures, target: Series) -> dict[Period, Figure]:
    """What an estimate is held against: not what a revision made of it."""
    found: dict[Period, Figure] = {}
    for figure in figures.of_series({target.id}):
        if figure.measure is Measure.GROWTH:
            before = found.setdefault(figure.period, figure)
            if figure.published <= before.published:
                found[figure.period] = figure
    return found


def _past(figures: Figures, target: Series, model: _Model, outcome: Figure) -> Past:
    known = figures.as_of(_eve(outcome))
    before = known.last(target.id, Measure.GROWTH)
    naive = before.value if before is not None else float("nan")
    return Past(model.estimate(known, outcome.period), outcome, naive)


def _eve(release: Figure) -> date:
    return release.published - timedelta(days=1)


class _Model:
    """Parameters estimated on one day, applied to what is known on later ones."""

    def __init__(self, columns: tuple[Series, ...], results: Any, first: Month) -> None:
        self._columns = columns
        self._results = results
        self._first = first

    @staticmethod
    def estimated(known: Known, columns: tuple[Series, ...]) -> _Model | None:
        from statsmodels.tools.sm_exceptions import ConvergenceWarning, EstimationWarning
        from statsmodels.tsa.statespace.dynamic_factor_mq import DynamicFactorMQ

        last = known.last(columns[0].id, Measure.GROWTH)
        if last is None:
            return None
        first = last.period.end.plus(-12 * _YEARS)
        data = _panel(known, columns, first, last.period.end)
        if data.iloc[:, 0].count() < _LEAST:
            return None
        data = data.loc[:, data.count() >= _LEAST]
        kept = tuple(c for c in columns if c.id in data.columns)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            warnings.simplefilter("ignore", EstimationWarning)
            results = DynamicFactorMQ(data, factors=1, factor_orders=1, idiosyncratic_ar1=True).fit(
                maxiter=_ITERATIONS, tolerance=_TOLERANCE, disp=0
            )
        return _Model(kept, results, first)

    def estimate(self, known: Known, period: Period) -> Estimate:
        data = _panel(known, self._columns, self._first, period.end)
        applied = self._results.apply(data, retain_standardization=True)
        at = len(data) - 1
        found = applied.get_prediction(start=at, end=at, information_set="smoothed")
        rate, error = (float(np.ravel(x)[0]) for x in (found.predicted_mean, found.se_mean))
        spread = error * NormalDist().inv_cdf((1 + COVERAGE) / 2)
        rests_on = tuple(
            f for c in self._columns if (f := known.last(c.id, Measure.GROWTH)) is not None
        )
        number = Derived(rate, Rule.NOWCAST, rests_on)
        return Estimate(period, known.day, number, rate - spread, rate + spread)


def _panel(known: Known, columns: Sequence[Series], first: Month, last: Month) -> pd.DataFrame:
    """Growth by month, empty where there is none; joint months stand in the second."""
    import pandas as pd

    months = last.since(first) + 1
    table = np.full((months, len(columns)), np.nan)
    for column, series in enumerate(columns):
        for figure in known.of_month(series.id, Measure.GROWTH):
            row = figure.period.end.since(first)
            if 0 <= row < months:
                table[row, column] = figure.value
    start = pd.Period(year=first.year, month=first.number, freq="M")
    index = pd.period_range(start, periods=months)
    return pd.DataFrame(table, index=index, columns=[c.id for c in columns])


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None
