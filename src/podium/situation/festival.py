"""The Spring Festival (Chinese New Year) as regressors: it moves, and sales move with it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from podium.situation.period import Month, Period

FIRST: Final = 1980
_DAYS: Final = (
    "0216 0205 0125 0213 0202 0220 0209 0129 0217 0206 0127 0215 0204 0123 0210 0131 0219 0207 "
    "0128 0216 0205 0124 0212 0201 0122 0209 0129 0218 0207 0126 0214 0203 0123 0210 0131 0219 "
    "0208 0128 0216 0205 0125 0212 0201 0122 0210 0129 0217 0206 0126 0213 0203 0123 0211 0131 "
    "0219 0208 0128 0215 0204 0124 0212 0201 0122 0210 0130 0217 0206 0126 0214 0202 0123"
)
"""Month and day of the first day of the lunar year, from ``FIRST`` on."""
NEW_YEARS: Final = tuple(
    date(FIRST + n, int(day[:2]), int(day[2:])) for n, day in enumerate(_DAYS.split())
)
LAST: Final = FIRST + len(NEW_YEARS) - 1

BEFORE: Final = 30
AFTER: Final = 20
"""Days before the festival, when people buy, and from it on, when shops are closed: windows as of
Lin and Liu, "Modeling Lunar Calendar Holiday Effects in Taiwan" (2002). The first reaches into
December when the festival is early, the second into March when it is late; all else stays within
January and February."""


def regressors(periods: Sequence[Period]) -> NDArray[np.float64]:
    """(periods, 2): the share of the days before and after the festival that fall in the period,
    less its mean over all years, which is season and not festival. Outside ``FIRST`` to ``LAST``
    it is zero."""
    rows = [
        [_share(p, window) - _mean(p.end.number, p.months, window) for window in _WINDOWS]
        if FIRST < p.end.year < LAST
        else [0.0, 0.0]
        for p in periods
    ]
    return np.array(rows, dtype=np.float64).reshape(-1, 2)


_WINDOWS: Final = ((-BEFORE, 0), (0, AFTER))


def _share(period: Period, window: tuple[int, int]) -> float:
    first = period.start.first_day
    end = period.end.plus(1).first_day
    days = 0
    for year in (period.end.year, period.end.year + 1):
        eve = NEW_YEARS[year - FIRST]
        start, stop = (eve + timedelta(days=n) for n in window)
        days += max(0, (min(stop, end) - max(start, first)).days)
    return days / (window[1] - window[0])


@cache
def _mean(number: int, months: int, window: tuple[int, int]) -> float:
    years = range(FIRST + 1, LAST)
    shares = [_share(Period(Month(y, number), months), window) for y in years]
    return sum(shares) / len(shares)
