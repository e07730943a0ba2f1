"""The work at its largest: issue, matrix page and roll-up, on SQLite and on PostgreSQL.

Twice: just issued, when organisations share their rows, and busy, when each has signed by itself
and some have reported, so that no two rows are the same value.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

from podium.bench.postgres import binaries, running_postgres
from podium.bench.server import BenchFailed
from podium.bench.table import aligned
from podium.desk.codebase import fold_version
from podium.desk.keeper import Keeper
from podium.desk.programmes import Accepted, Programmes
from podium.store.opening import open_store
from podium.store.snapshots import SnapshotStore
from podium.values.level import Level
from podium.values.text import OrganisationId, Text
from podium.web.work_view import matrix_shape, roll_up_shape
from podium.work import commands as c
from podium.work.board import Board, roll_up
from podium.work.commands import Actor, Role
from podium.work.matrix import MatrixQuery, Page, matrix
from podium.work.values import (
    Area,
    AreaId,
    Body,
    Measure,
    MeasureId,
    ProgrammeId,
    Rating,
)

_PROGRAMME: Final = ProgrammeId("bench")
_OWNER: Final = OrganisationId("hq")
_OFFICE: Final = Actor(Role.OFFICE, "bench")
_DAY: Final = date(2023, 3, 1)
_DUE: Final = date(2023, 12, 31)
_PROVINCES: Final = 30
_RUNS: Final = 5
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class WorkOptions:
    """``reporting``: organisations that report on all of their measures."""

    measures: int
    organisations: int
    reporting: int


@dataclass(slots=True)
class _Clock:
    at: datetime = field(default_factory=lambda: datetime(2023, 3, 1, 1, tzinfo=UTC))

    def now(self) -> datetime:
        return self.at


def work(options: WorkOptions) -> tuple[str, str]:
    """The figures in milliseconds as JSON, and as a table. Raises ``BenchFailed``."""
    with tempfile.TemporaryDirectory(prefix="podium-bench-") as folder, ExitStack() as stack:
        found = {"SQLite": asyncio.run(_measured(f"sqlite:///{Path(folder, 'x.db')}", options))}
        programs = binaries()
        if programs is not None:
            server = stack.enter_context(running_postgres(programs, fsync=True))
            address = asyncio.run(server.create("bench"))
            found["PostgreSQL"] = asyncio.run(_measured(address, options))
    return json.dumps(found, indent=1), _table(found, options)


def _table(found: Mapping[str, Mapping[str, float]], options: WorkOptions) -> str:
    names = list(next(iter(found.values())))
    rows = [[name, *(f"{figures[name]:.0f}" for figures in found.values())] for name in names]
    title = f"{options.measures} measures x {options.organisations} organisations"
    missing = "" if len(found) > 1 else "\nPostgreSQL is not installed: apt-get install postgresql"
    return f"{title}; median of {_RUNS} where repeatable\n" + (
        aligned(["ms", *found], rows) + missing
    )


async def _measured(address: str, options: WorkOptions) -> Mapping[str, float]:
    clock = _Clock()
    store = await open_store(address, clock)
    figures: dict[str, float] = {}
    try:
        snapshots = SnapshotStore(store.database, store.programme_log, b"bench", fold_version())
        desk = Programmes(store.programme_log, clock, Keeper(snapshots))
        create, plan = plan_of(_PROGRAMME, options.measures, options.organisations)
        _expect(await desk.create(create, _OFFICE))
        _expect(await desk.act(_PROGRAMME, (plan,), _OFFICE))
        ids = tuple(m.id for m in plan.measures)
        organisations = tuple(b.id for b in create.bodies[1:])
        issue = c.IssueMeasures(ids, organisations)
        act = desk.act(_PROGRAMME, (issue,), _OFFICE)
        figures["issue, durable"] = await _once(act)
        await _look(desk, "just issued", figures)
        await _busy(desk, ids, organisations, options, figures)
        clock.at = datetime(2023, 4, 18, 1, tzinfo=UTC)
        await _look(desk, "busy", figures)
        await desk.close()
        again = Programmes(store.programme_log, clock)
        figures["busy: start by the whole log"] = await _once(again.look(_PROGRAMME))
        quick = Programmes(store.programme_log, clock, Keeper(snapshots))
        figures["busy: start by a snapshot and the rest"] = await _once(quick.look(_PROGRAMME))
        if await again.look(_PROGRAMME) != await quick.look(_PROGRAMME):
            raise BenchFailed("the snapshot gives another state than the log")
    finally:
        await store.close()
    return figures


async def _busy(
    desk: Programmes,
    measures: tuple[MeasureId, ...],
    organisations: tuple[OrganisationId, ...],
    options: WorkOptions,
    figures: dict[str, float],
) -> None:
    began = time.perf_counter()
    for organisation in organisations:
        sign = c.Sign(organisation, measures)
        _expect(await desk.act(_PROGRAMME, (sign,), _liaison(organisation)))
    each = (time.perf_counter() - began) / len(organisations)
    figures["one organisation signs for all, durable"] = each * 1000
    for organisation in organisations[: options.reporting]:
        reports = tuple(
            c.FileReport(organisation, m, _DAY, Rating.ON_TRACK, "开展活动 3 场。")
            for m in measures
        )
        _expect(await desk.act(_PROGRAMME, reports, _liaison(organisation)))


async def _look(desk: Programmes, when: str, figures: dict[str, float]) -> None:
    """The pages as they are sent: folds, shapes and JSON."""
    figures[f"{when}: all lights, from nothing"] = await _once(desk.board(_PROGRAMME))
    lit = await desk.board(_PROGRAMME)
    assert lit is not None
    first = _first(lit.state.bodies)
    queries = {
        "matrix page of the whole": MatrixQuery(_OWNER, organisations=Page(0, 40)),
        "matrix page of one province": MatrixQuery(first, organisations=Page(0, 40)),
    }
    for name, query in queries.items():
        figures[f"{when}: {name}"] = _median(partial(_page, lit, query))
    figures[f"{when}: roll-up"] = _median(
        lambda: roll_up_shape(lit, roll_up(lit)).model_dump_json()
    )


def _page(lit: Board, query: MatrixQuery) -> str:
    return matrix_shape(lit, matrix(lit, query)).model_dump_json()


def _first(bodies: Mapping[OrganisationId, Body]) -> OrganisationId:
    return next(b.id for b in bodies.values() if b.parent == _OWNER)


async def _once(work: Awaitable[object]) -> float:
    """Milliseconds. Raises ``BenchFailed`` for a command that was refused."""
    began = time.perf_counter()
    outcome = await work
    took = (time.perf_counter() - began) * 1000
    if outcome is None or hasattr(outcome, "refusal"):
        raise BenchFailed(str(outcome))
    return took


def _median(work: Callable[[], object]) -> float:
    times = []
    for _ in range(_RUNS):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return sorted(times)[_RUNS // 2] * 1000


def _expect(outcome: object) -> None:
    if not isinstance(outcome, Accepted):
        raise BenchFailed(str(outcome))


def _liaison(organisation: OrganisationId) -> Actor:
    return Actor(Role.LIAISON, "bench", organisation)


def plan_of(
    programme: ProgrammeId, measures: int, organisations: int
) -> tuple[c.CreateProgramme, c.Plan]:
    """A programme of this size, and its plan."""
    create = c.CreateProgramme(
        programme,
        Text("测", "bench"),
        "",
        _OWNER,
        "Asia/Shanghai",
        _DAY,
        _DUE,
        _bodies(organisations),
    )
    area = Area(AreaId("area"), Text("域", "area"))
    return create, c.Plan(areas=(area,), measures=_measures(measures))


def _bodies(count: int) -> tuple[Body, ...]:
    """The owner, thirty provinces, and the rest below these in turn."""
    bodies = [Body(_OWNER, Text("部", "ministry"), None, Level.NATIONAL, 0)]
    for n in range(count):
        id_ = OrganisationId(f"o{n:05}")
        province = n < _PROVINCES
        parent = _OWNER if province else OrganisationId(f"o{n % _PROVINCES:05}")
        level = Level.PROVINCE if province else Level.COUNTY
        bodies.append(Body(id_, Text(f"单位{n}", f"body {n}"), parent, level, n + 1))
    return tuple(bodies)


def _measures(count: int) -> tuple[Measure, ...]:
    return tuple(
        Measure(MeasureId(f"m{n:04}"), AreaId("area"), Text(f"措施{n}", f"m {n}"), _DUE, order=n)
        for n in range(count)
    )
