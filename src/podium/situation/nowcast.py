"""The next release of a rate, estimated by a dynamic factor model before it is out.

Bok, Caratelli, Giannone, Sbordone and Tambalotti, "Macroeconomic Nowcasting and Forecasting with
Big Data" (2018), by the EM algorithm of Banbura and Modugno (2014) in ``statsmodels``. Everything
is in real time: the panel is what was known the day before, its parameters were estimated on what
was known when they were estimated, and past estimates are kept with their errors.

The interval is not the model's own, which is too narrow in years of shocks, but comes from the
errors that it made in real time: split conformal prediction, Vovk, Gammerman and Shafer,
"Algorithmic Learning in a Random World" (2005), on the last ``MEMORY`` releases.
"""

from __future__ import annotations

import math
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
"""The share of releases that the interval is made to hold."""
RECORD: Final = 12
"""Past releases in the record."""
MEMORY: Final = 9
"""Past errors that an interval is made of: the eighth of nine is the bound that holds 8 of 10
exactly, and nine releases are few enough to follow a change of times."""
SHORT: Final = 4
"""With fewer errors no interval holds ``COVERAGE`` for certain."""
_WIDER: Final = 2.0
"""What the greatest error, or the model's own interval, is multiplied by then."""
_YEARS: Final = 8
"""Years of the panel: long enough to estimate, short enough to be about today."""
_LEAST: Final = 36
_ITERATIONS: Final = 60
_TOLERANCE: Final = 1e-4
_STEADY: Final = 0.98
"""The greatest coefficient on the period before."""
_GREATEST: Final = 25.0
"""The greatest loading or variance of standardised series."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """Of ``period``, made at the end of ``made``; ``low`` to ``high`` is the interval, made of the
    last ``errors`` errors; ``spread`` is half of the model's own interval."""

    period: Period
    made: date
    rate: Derived
    low: float
    high: float
    errors: int
    spread: float


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
    estimated once, on what was known the day before the first of them and of the ``MEMORY``
    releases before, so that record and interval are of the very model that makes the estimate.
    """
    known = figures.as_of(day)
    released = known.of_month(target.id, Measure.GROWTH)
    if not released:
        return None
    first = _first_releases(figures, target)
    past = [first[f.period] for f in released[-record - MEMORY :]]
    columns = (target, *(s for s in panel if s.id != target.id))
    model = _Model.estimated(figures.as_of(_eve(past[0])), columns)
    if model is None:
        return None
    made: list[Past] = []
    for outcome in past:
        made.append(_past(figures, target, model, outcome, made))
    following = next_release(target, released[-1].period)
    estimate = model.estimate(known, following, _errors(made, day))
    return Nowcast(target, estimate, tuple(made[-record:]))


def half_width(errors: Sequence[float], spread: float) -> float:
    """Half of an interval from the absolute errors of the last ``MEMORY`` releases at most: of n
    errors the one in place (n + 1) x ``COVERAGE``, rounded up, which is the greatest where n is
    small. With fewer than ``SHORT`` there is none, and the interval is a wide one."""
    place = math.ceil(round((len(errors) + 1) * COVERAGE, 9))
    if place > len(errors):
        return _WIDER * max(spread, *errors, 0.0)
    return sorted(errors)[place - 1]


def _errors(made: Sequence[Past], day: date) -> list[float]:
    """Those that were known at the end of ``day``."""
    return [abs(p.error) for p in made if p.outcome.published <= day][-MEMORY:]


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


def _past(
    figures: Figures, target: Series, model: _Model, outcome: Figure, made: Sequence[Past]
) -> Past:
    known = figures.as_of(_eve(outcome))
    before = known.last(target.id, Measure.GROWTH)
    naive = before.value if before is not None else float("nan")
    estimate = model.estimate(known, outcome.period, _errors(made, known.day))
    return Past(estimate, outcome, naive)


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
            # The second does without autoregressive errors, where the first degenerated.
            for autoregressive in (True, False):
                model = DynamicFactorMQ(
                    data, factors=1, factor_orders=1, idiosyncratic_ar1=autoregressive
                )
                results = model.fit(maxiter=_ITERATIONS, tolerance=_TOLERANCE, disp=0)
                parameters = _sound(model.param_names, results.params)
                if parameters is not None:
                    return _Model(kept, model.smooth(parameters), first)
        return None

    def estimate(self, known: Known, period: Period, errors: Sequence[float]) -> Estimate:
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
        half = half_width(errors, spread)
        return Estimate(period, known.day, number, rate - half, rate + half, len(errors), spread)


def _sound(names: Sequence[str], parameters: Any) -> Any | None:
    """The parameters that were estimated, or ``None`` where the algorithm degenerated: the series
    are standardised, so that no variance may be far above one. Autoregressions are held inside the
    unit circle: estimated at the edge of a crisis one may be explosive, and an estimate made a year
    later would be astronomical."""
    found = np.array(parameters, dtype=np.float64)
    for place, name in enumerate(names):
        if name.startswith("L1."):
            found[place] = np.clip(found[place], -_STEADY, _STEADY)
    return found if bool((np.abs(found) <= _GREATEST).all()) else None


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
