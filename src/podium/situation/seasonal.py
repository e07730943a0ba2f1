"""Seasonal adjustment: STL by default, another method by the same port.

Works on logarithms of daily averages. The Spring Festival is estimated in the model and taken out
with the season. Where January and February come together they stay one period of eleven in a
year, inside the model as outside.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from podium.situation import festival
from podium.situation.comparable import Path, days

Floats = NDArray[np.float64]

LEAST_YEARS: Final = 4
_SIGNIFICANT: Final = 2.0
"""A festival regressor stays if its t value reaches this, as X-13 tests its own."""
_OUTLIER: Final = 4.0
"""Residuals above this many robust standard deviations do not count in the regression."""
_SEASON: Final = 21
_TREND: Final = 13
"""Years that a seasonal figure and periods that the trend is smoothed over. A short seasonal
smoother takes a bad year for a season; with these STL is nearest to X-13 on the retail total."""
_MONTH: Final = 365.25 / 12


@dataclass(frozen=True, slots=True)
class Split:
    """What a method finds in logarithms: ``trend``, and ``adjusted`` (trend and irregular).
    ``method``: its name."""

    trend: Floats
    adjusted: Floats
    method: str


Method = Callable[[Path, Floats], Split]
"""Gets the path, for its periods, and logarithms with the festival already taken out."""


@dataclass(frozen=True, slots=True)
class Adjusted:
    """By period, in the unit of the series for a month of average length."""

    path: Path
    adjusted: tuple[float, ...]
    trend: tuple[float, ...]
    festival: tuple[float, float]
    """Estimated effects of the days before and after the festival; 0 if not significant."""
    method: str


def adjust(path: Path, method: Method | None = None) -> Adjusted | None:
    """``None`` if the path is shorter than ``LEAST_YEARS`` or a value is not positive."""
    if len(path.values) < LEAST_YEARS * path.per_year or min(path.values) <= 0:
        return None
    length = np.array([days(p) for p in path.periods], dtype=np.float64)
    logs = np.log(np.array(path.values) / length)
    effects, moved = _festival(path, logs)
    split = (method or stl)(path, logs - moved)
    return Adjusted(
        path,
        tuple((np.exp(split.adjusted) * _MONTH).tolist()),
        tuple((np.exp(split.trend) * _MONTH).tolist()),
        effects,
        split.method,
    )


def stl(path: Path, logs: Floats) -> Split:
    """Cleveland et al., "STL: A Seasonal-Trend Decomposition Procedure Based on Loess" (1990)."""
    from statsmodels.tsa.seasonal import STL

    found = STL(logs, period=path.per_year, seasonal=_SEASON, trend=_TREND, robust=True).fit()
    return Split(np.asarray(found.trend), logs - np.asarray(found.seasonal), "STL")


def _festival(path: Path, logs: Floats) -> tuple[tuple[float, float], Floats]:
    """Effects of the regressors, and what they add to each logarithm.

    Regression of differences (by one period and by a year) on differences, so that neither trend
    nor season matters; great outliers are left out, then regressors that are not significant.
    """
    drivers = festival.regressors(path.periods)
    if not path.joint:
        return (0.0, 0.0), np.zeros(len(logs))
    target = _differenced(logs, path.per_year)
    design = np.column_stack([_differenced(d, path.per_year) for d in drivers.T])
    kept = [n for n in range(design.shape[1]) if np.ptp(design[:, n]) > 0]
    beta = np.zeros(drivers.shape[1])
    while kept:
        found, t_values = _robust(design[:, kept], target)
        weakest = int(np.argmin(np.abs(t_values)))
        if abs(t_values[weakest]) >= _SIGNIFICANT:
            beta[kept] = found
            break
        del kept[weakest]
    return (float(beta[0]), float(beta[1])), drivers @ beta


def _differenced(values: Floats, per_year: int) -> Floats:
    yearly = values[per_year:] - values[:-per_year]
    return np.diff(yearly)


def _robust(design: Floats, target: Floats) -> tuple[Floats, Floats]:
    """Least squares without great outliers: coefficients and t values.

    Outliers are judged before the first fit too: a shock that happens to coincide with an early
    festival would otherwise be taken for its effect.
    """
    residuals = target
    for _ in range(4):
        spread = 1.4826 * np.median(np.abs(residuals - np.median(residuals)))
        use = np.abs(residuals) <= max(_OUTLIER * spread, 1e-12)
        beta, *_ = np.linalg.lstsq(design[use], target[use], rcond=None)
        residuals = target - design @ beta
    freedom = max(int(use.sum()) - design.shape[1], 1)
    variance = float(residuals[use] @ residuals[use]) / freedom
    errors = np.sqrt(np.diag(np.linalg.pinv(design[use].T @ design[use])) * variance)
    return np.asarray(beta), np.asarray(beta / np.maximum(errors, 1e-12))
