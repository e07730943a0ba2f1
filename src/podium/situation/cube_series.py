"""A cube as series and figures, so that a briefing can be written of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final

import numpy as np
import polars as pl

from podium.situation.cube import Cube, Floats
from podium.situation.figures import SCHEMA, Figures
from podium.situation.period import Month
from podium.situation.series import (
    Breakdown,
    Catalogue,
    Measure,
    Part,
    Region,
    Rhythm,
    Series,
    SeriesId,
    Source,
    Whole,
)
from podium.situation.subject import Subject
from podium.values.text import Text

WHOLE: Final = SeriesId("cube.total")
_REGION_MONTHS: Final = 24
"""Months of each region that a briefing needs: its last year to date, and a year before."""


def cube_subject(cube: Cube, title: Text, name: Text, unit: Text, source: Source) -> Subject:
    """The whole, its categories and its regions; growth is that of values, and says so."""
    whole = Series(WHOLE, name, unit, Rhythm.MONTHLY, Whole(), computed=True)
    categories = (
        _series(f"cube.category.{n}", text, unit, Part(WHOLE, Breakdown.CATEGORY, complete=True))
        for n, text in enumerate(cube.categories)
    )
    regions = (
        _series(f"cube.region.{n}", text, unit, Region(WHOLE, str(n)))
        for n, text in enumerate(cube.regions)
    )
    catalogue = Catalogue((whole, *categories, *regions), (source,))
    return Subject(title, catalogue, WHOLE)


def cube_figures(cube: Cube, published: date, source: Source) -> Figures:
    """Months and years to date of the whole, of each category and, for the last two years, of
    each region. Sums are of the cells that are known."""
    tables = [
        ([WHOLE], np.nansum(cube.values, axis=(0, 1))[None], 0),
        (_ids("category", len(cube.categories)), np.nansum(cube.values, axis=0), 0),
    ]
    first = max(0, cube.months - _REGION_MONTHS)
    regional = np.nansum(cube.values[..., first:], axis=1)
    tables.append((_ids("region", len(cube.regions)), regional, first))
    frames = [
        frame
        for ids, values, offset in tables
        for frame in _frames(ids, values, cube.start.plus(offset), published, source)
    ]
    return Figures(pl.concat(frames))


def _series(name: str, text: str, unit: Text, standing: Part | Region) -> Series:
    said = Text(text, text)
    return Series(SeriesId(name), said, unit, Rhythm.MONTHLY, standing, computed=True)


def _ids(kind: str, count: int) -> list[SeriesId]:
    return [SeriesId(f"cube.{kind}.{n}") for n in range(count)]


def _frames(
    ids: list[SeriesId], values: Floats, start: Month, published: date, source: Source
) -> Iterator[pl.DataFrame]:
    """Months first; then years to date, which begin with the first January."""
    ends = [start.plus(n) for n in range(values.shape[1])]
    yield _frame(ids, values, ends, [1] * len(ends), published, source)
    january = next((n for n, month in enumerate(ends) if month.number == 1), len(ends))
    sums = values[:, january:].copy()
    months = [m.number for m in ends[january:]]
    for n, number in enumerate(months):
        if number != 1:
            sums[:, n] += sums[:, n - 1]
    keep = [n for n, number in enumerate(months) if number != 1]
    later = [ends[january + n] for n in keep]
    yield _frame(ids, sums[:, keep], later, [months[n] for n in keep], published, source)


def _frame(
    ids: list[SeriesId],
    values: Floats,
    ends: list[Month],
    months: list[int],
    published: date,
    source: Source,
) -> pl.DataFrame:
    count = len(ids)
    names = pl.Series(ids, dtype=pl.String).gather(np.repeat(np.arange(count), len(ends)))
    return pl.DataFrame(
        {
            "series": names,
            "measure": pl.repeat(Measure.VALUE.value, count * len(ends), eager=True),
            "end": pl.Series([m.first_day for m in ends] * count),
            "months": pl.Series(months * count, dtype=pl.Int8),
            "value": values.ravel(),
            "published": pl.repeat(published, count * len(ends), eager=True),
            "source": pl.repeat(source.id, count * len(ends), eager=True),
        },
        schema_overrides={"measure": SCHEMA["measure"]},
    )
