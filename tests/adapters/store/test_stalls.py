"""Six hundred thousand assignments at work, and nobody else waits for the event loop."""

from __future__ import annotations

import asyncio
import gc
import os
from collections.abc import AsyncIterator, Awaitable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.adapters.store.conftest import HandClock
from tests.support.programmes import DAY, OFFICE, PROGRAMME, liaison, report
from tests.support.stalls import Stalls, watched_loop

from podium.bench.work import plan_of
from podium.desk.keeper import Keeper
from podium.desk.ports import Contact
from podium.desk.programmes import Accepted, Programmes
from podium.notices.dispatch import Dispatch
from podium.store.opening import Store, open_store
from podium.store.snapshots import SnapshotStore
from podium.work import commands as c

LONGEST = 0.050
"""Seconds."""
MEASURES, ORGANISATIONS = 200, 3_000


class Sent:
    async def send(self, *_: Any) -> None:
        return None


@pytest.fixture(autouse=True)
def settled() -> Iterator[None]:
    """As the server does at its start: what lives as long as the process is not looked through."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


@dataclass
class Desk:
    store: Store
    clock: HandClock
    programmes: Programmes
    dispatch: Dispatch
    snapshots: SnapshotStore


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    clock = HandClock()
    store = await open_store(f"sqlite:///{tmp_path / 'podium.db'}", clock)
    snapshots = SnapshotStore(store.database, store.programme_log, b"key", "1")
    programmes = Programmes(store.programme_log, clock, Keeper(snapshots, 100))
    channels = {"email": Sent(), "webhook": Sent()}
    dispatch = Dispatch(programmes, store.notices, store.contacts, channels, clock)
    create, plan = plan_of(PROGRAMME, MEASURES, ORGANISATIONS)
    assert isinstance(await programmes.create(create, OFFICE), Accepted)
    assert isinstance(await programmes.act(PROGRAMME, (plan,), OFFICE), Accepted)
    for body in create.bodies[1:100]:
        await store.contacts.put(Contact(body.id, "liaison@example.org", "zh"))
    yield Desk(store, clock, programmes, dispatch, snapshots)
    await programmes.close()
    await store.close()


async def measured(work: Awaitable[object]) -> Stalls:
    async with watched_loop() as found:
        await work
    return found


async def test_nobody_waits_for_a_large_programme(desk: Desk) -> None:
    state = await desk.programmes.look(PROGRAMME)
    assert state is not None
    measures, (_, *organisations) = tuple(state.measures), state.bodies
    issue = c.IssueMeasures(measures, tuple(organisations), conference="march")

    async def sign() -> None:
        acts = [
            desk.programmes.act(PROGRAMME, (c.Sign(o, measures),), liaison(o))
            for o in organisations[:300]
        ]
        assert all(isinstance(outcome, Accepted) for outcome in await asyncio.gather(*acts))

    reports = tuple(report(organisations[0], measure, period=DAY) for measure in measures)
    turns = {
        "issue": await measured(desk.programmes.act(PROGRAMME, (issue,), OFFICE)),
        "notices of it": await measured(desk.dispatch.collect()),
        "sign": await measured(sign()),
        "report": await measured(
            desk.programmes.act(PROGRAMME, reports, liaison(organisations[0]))
        ),
        "lights": await measured(desk.programmes.board(PROGRAMME)),
    }
    for days in (40, 10, 60):
        desk.clock.advance(timedelta(days=days))
        turns[f"escalate, {days} days on"] = await measured(desk.dispatch.escalate())
        turns[f"reminders, {days} days on"] = await measured(desk.dispatch.collect())
    state = await desk.programmes.look(PROGRAMME)
    assert state is not None
    assert {a.escalation.value for row in state.rows.values() for a in row.values()} == {
        "conference"
    }
    await desk.programmes.close()
    turns["start"] = await measured(
        Programmes(desk.store.programme_log, desk.clock).look(PROGRAMME)
    )
    keeper = Keeper(desk.snapshots)
    turns["start by snapshot"] = await measured(
        Programmes(desk.store.programme_log, desk.clock, keeper).look(PROGRAMME)
    )
    said = {name: (f"{s.busiest:.3f}", f"{s.longest:.3f}") for name, s in turns.items()}
    assert all(found.busiest < LONGEST for found in turns.values()), said
    if os.getloadavg()[0] > (os.cpu_count() or 1):
        return  # others have the processors, and turns come late whatever we do
    for kind in ("escalate", "reminders", "start"):
        of_kind = [found.longest for name, found in turns.items() if name.startswith(kind)]
        assert min(of_kind) < LONGEST, said
