"""The same work on a cube twice: Podium's, and pandas as its users write it."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from podium.situation.cube import Cube
from podium.situation.importing.cube import CubeColumns
from podium.situation.period import Month

COLUMNS: Final = CubeColumns("county", "category", "month", "value")


@dataclass(frozen=True, slots=True)
class Shape:
    """Of the made cube."""

    counties: int
    categories: int
    months: int


def made_csv(shape: Shape) -> bytes:
    """A long table: every county, category and month; trend, season and chance."""
    import polars as pl

    chance = np.random.default_rng(20230301)
    size = (shape.counties, shape.categories, shape.months)
    base = chance.lognormal(3, 1, size[:2])
    months = np.arange(shape.months)
    season = 1 + 0.2 * np.sin(2 * np.pi * months / 12)
    values = base[..., None] * 1.006**months * season * chance.normal(1, 0.05, size)
    names = [
        [f"county {n:04}" for n in range(shape.counties)],
        [f"category {n:02}" for n in range(shape.categories)],
        [_written(Month(2003, 1).plus(n)) for n in range(shape.months)],
    ]
    places = np.indices(size, dtype=np.int32).reshape(3, -1)
    table = pl.DataFrame(
        {
            heading: pl.Series(texts, dtype=pl.String).gather(places[n])
            for n, (heading, texts) in enumerate(zip(COLUMNS.names()[:3], names, strict=True))
        }
    ).with_columns(pl.Series(COLUMNS.value, values.ravel()).round(1))
    out = io.BytesIO()
    table.write_csv(out)
    return out.getvalue()


def pandas_read(data: bytes, columns: CubeColumns) -> Any:
    """A sorted long frame with categorical keys."""
    import pandas as pd

    region, category, month, value = columns.names()
    keys = dict.fromkeys((region, category, month), "category")
    frame = pd.read_csv(
        io.BytesIO(data), usecols=list(columns.names()), dtype={**keys, value: "float64"}
    )
    frame.columns = pd.Index([_NEW[columns.names().index(c)] for c in frame.columns])
    frame["month"] = frame["month"].cat.rename_categories(pd.to_datetime).astype("datetime64[ns]")
    return frame.sort_values(["region", "category", "month"], ignore_index=True)


_NEW: Final = ("region", "category", "month", "value")


def pandas_indicators(frame: Any) -> Any:
    """The columns of ``CubeIndicators``, by grouped shifts and sums: one row for each cell."""
    keys = ["region", "category"]
    groups = frame.groupby(keys, observed=True, sort=False)
    before = groups["value"].shift(12)
    found = frame[[*keys, "month"]].copy()
    found["growth"] = (frame["value"] / before - 1) * 100
    ratio = frame["value"] / before
    earlier = ratio.groupby([frame["region"], frame["category"]], observed=True, sort=False)
    found["two_year"] = ((ratio * earlier.shift(12)) ** 0.5 - 1) * 100
    year = frame["month"].dt.year
    by_year = frame.groupby([*keys, year.rename("year")], observed=True, sort=False)
    cumulated = by_year["value"].cumsum()
    base = cumulated.groupby([frame["region"], frame["category"]], observed=True, sort=False)
    found["to_date"] = (cumulated / base.shift(12) - 1) * 100
    total = frame.groupby(["region", "month"], observed=True, sort=False)["value"]
    found["share"] = frame["value"] / total.transform("sum") * 100
    totals = total.sum().unstack("month").sort_index(axis=1)
    regional = (totals / totals.shift(12, axis=1) - 1) * 100
    bases = totals.shift(12, axis=1).stack().rename("base").reset_index()
    merged = frame[["region", "month"]].merge(bases, on=["region", "month"], how="left")
    found["contribution"] = (frame["value"] - before) / merged["base"].to_numpy() * 100
    nation = totals.sum()
    national = (nation / nation.shift(12) - 1) * 100
    return found, regional, national, regional.rank(ascending=False, method="min")


def as_cube(frame: Any, column: str, cube: Cube) -> NDArray[np.float64]:
    """A column of pandas' result in the shape of the cube, for comparison."""
    region = {name: n for n, name in enumerate(cube.regions)}
    category = {name: n for n, name in enumerate(cube.categories)}
    values = np.full(cube.values.shape, np.nan)
    months = (frame["month"].dt.year - cube.start.year) * 12 + frame["month"].dt.month
    places = (
        frame["region"].map(region).astype("int64").to_numpy(),
        frame["category"].map(category).astype("int64").to_numpy(),
        months.to_numpy() - cube.start.number,
    )
    values[places] = frame[column].to_numpy()
    return values


def _written(month: Month) -> str:
    return f"{month.year}-{month.number:02}"
