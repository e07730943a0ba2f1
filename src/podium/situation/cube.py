"""Cubes of values, region by category by month: dense arrays, and indicators of every cell.

For statistics that come as one large table of one vintage, with values alone. What is computed
from them is growth of values, not published growth, and series made of them say so.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from podium.situation.period import Month

Floats = NDArray[np.float64]
Rates = NDArray[np.float32]
_CELLS: Final = 1 << 15
"""Values worked on at once: few enough to stay in a core's cache."""


@dataclass(frozen=True, slots=True)
class Cube:
    """``values``: (regions, categories, months), months from ``start`` on, NaN where unknown."""

    regions: tuple[str, ...]
    categories: tuple[str, ...]
    start: Month
    values: Floats

    @property
    def months(self) -> int:
        return int(self.values.shape[2])

    def month(self, index: int) -> Month:
        return self.start.plus(index)


@dataclass(frozen=True, slots=True)
class CubeIndicators:
    """Per cent and percentage points; (regions, categories, months) unless stated, NaN where
    a month or its base is unknown. Cells are kept with seven digits, for there are many.

    ``growth`` on the same month a year before, ``to_date`` of the year to date, ``two_year`` the
    geometric average of two years, ``contribution`` to the growth of the region's total,
    ``share`` of the region's total. ``total`` (regions, months): growth of each region's total;
    ``national`` (months): of all regions'. ``rank`` (regions, months): by ``total``, from 1, 0
    where unknown.
    """

    growth: Rates
    to_date: Rates
    two_year: Rates
    contribution: Rates
    share: Rates
    total: Floats
    national: Floats
    rank: NDArray[np.int32]

    @property
    def gap(self) -> Floats:
        """(regions, months): growth of the region's total less the nation's."""
        return self.total - self.national


def indicators(cube: Cube) -> CubeIndicators:
    """All of them, in one pass over the cube."""
    shape = cube.values.shape
    growth, to_date, two_year, contribution, share = (
        np.empty(shape, dtype=np.float32) for _ in range(5)
    )
    for found, first in ((growth, 12), (to_date, 12), (two_year, 24), (contribution, 12)):
        found[..., :first] = np.nan
    totals = np.empty((shape[0], shape[2]))
    with np.errstate(divide="ignore", invalid="ignore"):
        for part in _parts(shape):
            values = cube.values[part]
            total = _sum(values)
            totals[part] = total
            ratio = _ratio(values)
            growth[part, :, 12:] = (ratio - 1) * 100
            two_year[part, :, 24:] = (np.sqrt(ratio[..., 12:] * ratio[..., :-12]) - 1) * 100
            added = values[..., 12:] - values[..., :-12]
            contribution[part, :, 12:] = added * (100 / total[:, None, :-12])
            share[part] = values * (100 / total[:, None, :])
            cumulated = _to_date(values, cube.start)
            to_date[part, :, 12:] = (_ratio(cumulated) - 1) * 100
        region = np.full(totals.shape, np.nan)
        region[:, 12:] = (_ratio(totals) - 1) * 100
        national = np.full(totals.shape[1], np.nan)
        national[12:] = (_ratio(_sum_over(totals)) - 1) * 100
    return CubeIndicators(
        growth, to_date, two_year, contribution, share, region, national, _rank(region)
    )


def _parts(shape: tuple[int, ...]) -> Iterator[slice]:
    step = max(1, _CELLS // max(1, shape[1] * shape[2]))
    return (slice(n, min(n + step, shape[0])) for n in range(0, shape[0], step))


def _ratio(values: Floats) -> Floats:
    """To the same month a year before; a base that is not positive gives NaN."""
    base = values[..., :-12]
    ratio = values[..., 12:] / base
    ratio[base <= 0] = np.nan
    return np.asarray(ratio)


def _sum(values: Floats) -> Floats:
    """Over categories: of those known, NaN where none is."""
    total = values.sum(axis=1)
    if np.isnan(total).any():
        known = ~np.isnan(values)
        total = np.where(known, values, 0.0).sum(axis=1)
        total[~known.any(axis=1)] = np.nan
    return np.asarray(total)


def _sum_over(totals: Floats) -> Floats:
    """Over regions."""
    return np.asarray(_sum(totals[None])[0])


def _to_date(values: Floats, start: Month) -> Floats:
    """Sums from January on; NaN from the first unknown month of the year on."""
    found = np.empty_like(values)
    months = values.shape[-1]
    first = 0
    while first < months:
        last = min(months, first + 13 - start.plus(first).number)
        np.cumsum(values[..., first:last], axis=-1, out=found[..., first:last])
        if start.plus(first).number != 1:
            found[..., first:last] = np.nan
        first = last
    return found


def _rank(growth: Floats) -> NDArray[np.int32]:
    """1 for the greatest; the same for equal growth."""
    order = np.argsort(-growth, axis=0, kind="stable")
    ordered = np.take_along_axis(growth, order, axis=0)
    places = np.arange(1, len(growth) + 1, dtype=np.int32)[:, None]
    new = np.ones(growth.shape, dtype=bool)
    new[1:] = ordered[1:] != ordered[:-1]
    found = np.maximum.accumulate(np.where(new, places, 0), axis=0)
    ranks = np.zeros(growth.shape, dtype=np.int32)
    np.put_along_axis(ranks, order, np.where(np.isnan(ordered), 0, found), axis=0)
    return ranks
