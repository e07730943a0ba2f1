"""``podium bench situation``: import, indicators, briefing and estimate, beside pandas."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final, TypeVar

import numpy as np

from podium.bench.cubes import COLUMNS, Shape, as_cube, made_csv, pandas_indicators, pandas_read
from podium.bench.server import BenchFailed
from podium.bench.table import aligned
from podium.briefing.official import official_figures
from podium.briefing.render import to_png
from podium.situation.briefing import compose
from podium.situation.cube import Cube, CubeIndicators, Floats, indicators
from podium.situation.cube_series import cube_figures, cube_subject
from podium.situation.figures import Figures
from podium.situation.importing.cube import CubeColumns, read_cube
from podium.situation.importing.entry import Release
from podium.situation.importing.own import export_csv
from podium.situation.importing.plan import plan_import
from podium.situation.outlook import outlook
from podium.situation.series import Source, SourceId
from podium.situation.subject import RETAIL
from podium.values.text import Text

_T = TypeVar("_T")
_AUSTRALIA: Final = "aus/aus_retail_state_industry_1982_2018.csv"
_AUSTRALIAN: Final = CubeColumns("State", "Industry", "month", "Turnover")
_SOURCE: Final = Source(SourceId("bench"), Text("测试数据", "bench data"))
_THE_DAY: Final = date(2023, 3, 1)
_TIES: Final = 3.0


@dataclass(frozen=True, slots=True)
class SituationOptions:
    """``reference``: the folder of reference data; what is not there is not measured."""

    shape: Shape
    reference: Path


@dataclass(frozen=True, slots=True)
class Spent:
    """Seconds by the clock, and of all processors together, which a busy machine changes less."""

    wall: float
    cpu: float


@dataclass(frozen=True, slots=True)
class Line:
    """The best of ``runs``; ``peer`` is pandas doing the same, ``None`` where it has no part."""

    what: str
    ours: Spent
    peer: Spent | None
    runs: int

    def cells(self) -> tuple[str, ...]:
        ours = (self.what, f"{self.ours.wall:.3f}", f"{self.ours.cpu:.3f}")
        if self.peer is None:
            return (*ours, "-", "-", "-", "-", str(self.runs))
        ratios = (self.peer.wall / self.ours.wall, self.peer.cpu / self.ours.cpu)
        peer = (f"{self.peer.wall:.3f}", f"{self.peer.cpu:.3f}")
        return (*ours, *peer, *(f"{r:.1f}" for r in ratios), str(self.runs))


_HEAD: Final = ("what", "s", "cpu s", "pandas s", "pandas cpu s", "times", "times cpu", "runs")


def situation(options: SituationOptions) -> tuple[str, str]:
    """The figures as JSON, and as a table."""
    lines = _national()
    australia = options.reference / _AUSTRALIA
    if australia.is_file():
        lines += _cube("Australia", australia.read_bytes(), _AUSTRALIAN, runs=5)
    shape = options.shape
    name = f"{shape.counties} x {shape.categories} x {shape.months}"
    lines += _cube(name, made_csv(shape), COLUMNS, runs=1)
    lines += _panel(options.reference)
    report = json.dumps({"lines": [asdict(line) for line in lines]}, indent=2)
    return report, aligned(_HEAD, [line.cells() for line in lines])


def _national() -> list[Line]:
    figures = official_figures()
    cold, first = _best(1, lambda: outlook(figures, RETAIL, _THE_DAY))
    if first is None:
        raise BenchFailed("the official figures know nothing on the day of the conference")
    data = export_csv(figures)
    release = Release(_THE_DAY, SourceId("nbs.retail"))
    empty = Figures.of([])
    imported, _ = _best(3, lambda: plan_import(data, RETAIL.catalogue, empty, release))
    warm, _ = _best(3, lambda: outlook(figures, RETAIL, _THE_DAY))
    written, briefing = _best(3, lambda: compose(first, "zh"))
    drawn, _ = _best(1, lambda: [to_png(page.chart.spec) for page in briefing.pages])
    return [
        Line(f"national: import, {len(figures.frame)} figures", imported, None, 3),
        Line("national: first briefing, libraries loaded", cold, None, 1),
        Line("national: briefing, computed", warm, None, 3),
        Line("national: briefing, text and charts", written, None, 3),
        Line(f"national: {len(briefing.pages)} slides drawn", drawn, None, 1),
    ]


def _cube(name: str, data: bytes, columns: CubeColumns, runs: int) -> list[Line]:
    read, cube = _best(runs, lambda: read_cube(data, columns))
    if not isinstance(cube, Cube):
        raise BenchFailed(f"{name}: {cube[0].text.en}")
    peer_read, frame = _best(runs, lambda: pandas_read(data, columns))
    computed, ours = _best(runs, lambda: indicators(cube))
    peer_computed, theirs = _best(runs, lambda: pandas_indicators(frame))
    _must_agree(name, cube, ours, theirs)
    written, _ = _best(max(1, runs // 2), lambda: _brief(cube))
    peer_written, _ = _best(max(1, runs // 2), lambda: _pandas_brief(frame))
    return [
        Line(f"{name}: import, {len(data) / 1e6:.0f} MB", read, peer_read, runs),
        Line(f"{name}: indicators of every cell", computed, peer_computed, runs),
        Line(f"{name}: briefing (pandas: its sums and STL)", written, peer_written, runs),
    ]


def _brief(cube: Cube) -> Any:
    title, name, unit = (
        Text("形势", "The situation"),
        Text("总额", "Total"),
        Text("单位", "units"),
    )
    subject = cube_subject(cube, title, name, unit, _SOURCE)
    end = cube.month(cube.months).first_day
    found = outlook(cube_figures(cube, end, _SOURCE), subject, end)
    if found is None:
        raise BenchFailed("the cube is empty")
    return compose(found, "zh")


def _pandas_brief(frame: Any) -> Any:
    """What the briefing needs of a long frame: sums, growth, trend; no text and no charts."""
    from statsmodels.tsa.seasonal import STL

    by_category = frame.pivot_table(
        index="month", columns="category", values="value", aggfunc="sum", observed=True
    )
    by_region = frame.pivot_table(
        index="month", columns="region", values="value", aggfunc="sum", observed=True
    )
    total = by_category.sum(axis=1)
    year = total.index.year
    tables = []
    for table in (by_category, by_region, total.to_frame()):
        cumulated = table.groupby(year).cumsum()
        tables.append((table / table.shift(12) - 1, cumulated / cumulated.shift(12) - 1))
    added = (by_category - by_category.shift(12)).div(total.shift(12), axis=0)
    trend = STL(np.log(total.to_numpy()), period=12, robust=True).fit()
    return tables, added, by_region.rank(axis=1), trend


def _must_agree(name: str, cube: Cube, ours: CubeIndicators, theirs: Any) -> None:
    """Both have computed the same: otherwise their times say nothing."""
    found, regional, national, rank = theirs
    for column in ("growth", "two_year", "to_date", "share", "contribution"):
        other = as_cube(found, column, cube)
        mine = getattr(ours, column)
        both = ~(np.isnan(other) | np.isnan(mine))
        if both.sum() < 0.7 * (~np.isnan(mine)).sum() or not np.allclose(
            mine[both], other[both], rtol=1e-5, atol=1e-4
        ):
            raise BenchFailed(f"{name}: pandas has another {column}")
    order = [cube.regions.index(r) for r in regional.index]
    rates = np.vstack((ours.total[order], ours.national))
    if not _close(rates, np.vstack((regional.to_numpy(), national.to_numpy())), 1e-6):
        raise BenchFailed(f"{name}: pandas has another growth of totals")
    # Sums in another order differ in the last digit, so that near ties may change places.
    ranks = np.where(ours.rank == 0, np.nan, ours.rank)[order]
    if not _close(ranks, rank.to_numpy(), _TIES):
        raise BenchFailed(f"{name}: pandas has another rank")


def _close(mine: Floats, other: Floats, tolerance: float) -> bool:
    both = ~(np.isnan(other) | np.isnan(mine))
    return bool(both.any() and np.abs(mine[both] - other[both]).max() <= tolerance)


def _panel(reference: Path) -> list[Line]:
    from podium.bench.newyork import newyork

    spent, found = _best(1, lambda: newyork(reference) or ())
    if not found:
        return []
    series, cast = found
    next_, record = cast.next, len(cast.record)
    said = (
        f"New York Fed, {series} series: retail sales of {next_.period.label.en} "
        f"{next_.rate.value:+.2f}% ({next_.low:+.2f} to {next_.high:+.2f}); "
        f"mean error of {record}: {cast.mean_error:.2f}, last release {cast.naive_error:.2f}"
    )
    return [Line(said, spent, None, 1)]


def _best(runs: int, work: Callable[[], _T]) -> tuple[Spent, _T]:
    best, result = Spent(float("inf"), float("inf")), None
    for _ in range(runs):
        wall, cpu = time.perf_counter(), time.process_time()
        result = work()
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        best = Spent(min(best.wall, wall), min(best.cpu, cpu))
    if result is None:
        raise BenchFailed("nothing was computed")
    return best, result
