"""Programmes that open by a snapshot: quicker, and never other than by their whole log."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select, update
from tests.adapters.store.conftest import HandClock
from tests.support.programmes import (
    CARS,
    CREATE,
    HENAN,
    HOMES,
    ISSUE,
    OFFICE,
    PLAN,
    PROGRAMME,
    TIMER,
    ZHEJIANG,
    liaison,
    report,
)

from podium.desk.codebase import fold_version, version_of
from podium.desk.keeper import Keeper
from podium.desk.programmes import Accepted, Programmes
from podium.store.chain import genesis, link
from podium.store.opening import Store
from podium.store.snapshots import SnapshotStore
from podium.store.tables import programme_event, programme_snapshot
from podium.work import commands as c
from podium.work.commands import Command
from podium.work.events import Recorded
from podium.work.evolve import replay
from podium.work.state import Programme
from podium.work.values import ProgrammeId

KEY = b"k" * 32
EVERY = 5
OTHER = ProgrammeId("other")


class Watched:
    """The log, and from where on it was folded."""

    def __init__(self, store: Store) -> None:
        self._log = store.programme_log
        self.folded_after: list[int] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._log, name)

    def pages(self, stream: ProgrammeId, after: int = 0) -> AsyncIterator[Sequence[Recorded]]:
        self.folded_after.append(after)
        return self._log.pages(stream, after)


def snapshots(store: Store, key: bytes = KEY, version: str = "1") -> SnapshotStore:
    return SnapshotStore(store.database, store.programme_log, key, version)


def desk(store: Store, clock: HandClock, kept: SnapshotStore | None = None) -> Programmes:
    return Programmes(store.programme_log, clock, Keeper(kept or snapshots(store), EVERY))


async def history(store: Store, clock: HandClock) -> Programmes:
    """Nine entries, with a snapshot of some of them."""
    here = desk(store, clock)
    assert isinstance(await here.create(CREATE, OFFICE), Accepted)
    for actor, command in (
        (OFFICE, PLAN),
        (OFFICE, ISSUE),
        (liaison(ZHEJIANG), c.Sign(ZHEJIANG, (CARS, HOMES))),
        (liaison(ZHEJIANG), report(ZHEJIANG)),
        (liaison(ZHEJIANG), report(ZHEJIANG, HOMES, completed=True)),
        (OFFICE, c.Verify(ZHEJIANG, HOMES)),
        (liaison(HENAN), c.Sign(HENAN, (CARS,))),
    ):
        assert isinstance(await here.act(PROGRAMME, (command,), actor), Accepted)
        await here.close()
    clock.advance(timedelta(days=30))
    assert isinstance(await here.act(PROGRAMME, (c.Escalate(),), TIMER), Accepted)
    await here.close()
    return here


async def opened(
    store: Store, clock: HandClock, kept: SnapshotStore | None = None
) -> tuple[Programme | None, int]:
    """The state, and the entry after which the log was folded."""
    log = Watched(store)
    fresh = Programmes(log, clock, Keeper(kept or snapshots(store), 1_000))
    state = await fresh.look(PROGRAMME)
    return state, log.folded_after[0]


async def whole(store: Store) -> Programme | None:
    return replay(await store.programme_log.read(PROGRAMME))


async def test_a_start_folds_only_what_came_after(store: Store, clock: HandClock) -> None:
    before = await history(store, clock)
    state, after = await opened(store, clock)
    assert after == EVERY
    assert state == await before.look(PROGRAMME) == await whole(store)


async def test_one_that_was_opened_so_goes_on_as_before(store: Store, clock: HandClock) -> None:
    await history(store, clock)
    fresh = desk(store, clock)
    outcome = await fresh.act(PROGRAMME, (c.Sign(HENAN, (HOMES,)),), liaison(HENAN))
    assert isinstance(outcome, Accepted)
    assert outcome.seq == (await store.programme_log.head(PROGRAMME)).seq
    assert await fresh.look(PROGRAMME) == await whole(store)
    await fresh.close()
    assert (await opened(store, clock))[1] == outcome.seq


async def test_a_slow_start_is_the_last_one(store: Store, clock: HandClock) -> None:
    await history(store, clock)
    async with store.database.write() as connection:
        await connection.execute(delete(programme_snapshot))
    slow = desk(store, clock)
    await slow.look(PROGRAMME)
    await slow.close()
    assert (await opened(store, clock))[1] == (await store.programme_log.head(PROGRAMME)).seq


async def test_other_code_or_another_installation_folds_for_itself(
    store: Store, clock: HandClock
) -> None:
    await history(store, clock)
    for kept in (snapshots(store, version="2"), snapshots(store, key=b"x" * 32)):
        state, after = await opened(store, clock, kept)
        assert after == 0
        assert state == await whole(store)


async def change(store: Store, **values: Any) -> None:
    async with store.database.write() as connection:
        await connection.execute(update(programme_snapshot).values(**values))


async def test_whatever_is_changed_in_it_is_noticed(store: Store, clock: HandClock) -> None:
    await history(store, clock)
    async with store.database.read() as connection:
        row = (await connection.execute(select(programme_snapshot))).one()._asdict()
    chance = random.Random(20230301)
    body = row["body"]
    bodies = [body[: chance.randrange(len(body))] for _ in range(5)]
    for _ in range(20):
        place, bit = chance.randrange(len(body)), 1 << chance.randrange(8)
        bodies.append(body[:place] + bytes([body[place] ^ bit]) + body[place + 1 :])
    head = await store.programme_log.head(PROGRAMME)
    changes: list[dict[str, Any]] = [{"body": changed} for changed in bodies]
    changes += [
        {"seq": head.seq, "hash": head.hash},
        {"seq": 3},
        {"at": row["at"] + timedelta(days=400)},
        {"seal": "0" * 64},
        {"body": b""},
    ]
    for changed in changes:
        await change(store, **{**row, **changed})
        state, after = await opened(store, clock)
        assert (after, state) == (0, await whole(store)), changed
    await change(store, **row)
    assert (await opened(store, clock))[1] == EVERY


async def test_one_of_another_programme_is_not_taken(store: Store, clock: HandClock) -> None:
    await history(store, clock)
    await change(store, programme=OTHER)
    assert await snapshots(store).latest(OTHER) is None


async def rewrite(store: Store, seq: int, *, chained: bool) -> None:
    """Says something else in an entry; ``chained`` as somebody would who knows the chain."""
    async with store.database.write() as connection:
        rows = (
            await connection.execute(
                select(programme_event)
                .where(programme_event.c.programme == PROGRAMME)
                .order_by(programme_event.c.seq)
            )
        ).all()
        previous = genesis(PROGRAMME)
        for row in rows:
            body = row.body.replace("12 场", "99 场") if row.seq == seq else row.body
            assert (body == row.body) == (row.seq != seq)
            previous = link(previous, body) if chained else row.hash
            await connection.execute(
                update(programme_event)
                .where(programme_event.c.programme == PROGRAMME, programme_event.c.seq == row.seq)
                .values(body=body, hash=previous)
            )


@pytest.mark.parametrize("chained", [False, True])
async def test_a_log_that_was_changed_is_folded(
    store: Store, clock: HandClock, chained: bool
) -> None:
    await history(store, clock)
    await rewrite(store, EVERY, chained=chained)
    state, after = await opened(store, clock)
    assert (after, state) == (0, await whole(store))


async def test_a_log_that_was_cut_off_or_has_lost_an_entry_is_folded(
    store: Store, clock: HandClock
) -> None:
    await history(store, clock)
    for seq in (2, EVERY):
        async with store.database.write() as connection:
            lost = programme_event.c.seq > EVERY - 1 if seq == EVERY else programme_event.c.seq == 2
            await connection.execute(delete(programme_event).where(lost))
        state, after = await opened(store, clock)
        assert (after, state) == (0, await whole(store))


async def test_what_cannot_be_read_is_as_if_it_were_not_there(
    store: Store, clock: HandClock, caplog: pytest.LogCaptureFixture
) -> None:
    """Sealed by us, and yet not what the codec writes: a fault of ours must not stop a start."""
    await history(store, clock)
    kept = await snapshots(store).latest(PROGRAMME)
    assert kept is not None
    lines = list(kept.lines)
    broken = type(kept)(kept.seq, kept.at, lines[:-1])
    await snapshots(store).keep(PROGRAMME, broken)
    state, after = await opened(store, clock)
    assert (after, state) == (0, await whole(store))
    assert "is not used" in caplog.text


async def test_a_store_that_fails_keeps_nobody_from_work(
    store: Store, clock: HandClock, caplog: pytest.LogCaptureFixture
) -> None:
    class Full(SnapshotStore):
        async def keep(self, *_: Any) -> None:
            raise OSError("the disk is full")

    here = desk(store, clock, Full(store.database, store.programme_log, KEY, "1"))
    assert isinstance(await here.create(CREATE, OFFICE), Accepted)
    withdrawn = [c.Withdraw(organisation, CARS, "误发") for organisation in (ZHEJIANG, HENAN)]
    commands: list[Command] = [PLAN, ISSUE, *withdrawn]
    for command in commands:
        assert isinstance(await here.act(PROGRAMME, (command,), OFFICE), Accepted)
    await here.close()
    assert "the disk is full" in caplog.text


def test_the_version_tells_any_change_of_the_code(tmp_path: Path) -> None:
    rooms = [tmp_path / "work", tmp_path / "values"]
    for room in rooms:
        (room / "rules").mkdir(parents=True)
        (room / "rules" / "evolve.py").write_text("a = 1\n")
    seen = {version_of(rooms)}
    (rooms[0] / "rules" / "evolve.py").write_text("a = 2\n")
    seen.add(version_of(rooms))
    (rooms[0] / "rules" / "evolve.py").rename(rooms[0] / "evolve.py")
    seen.add(version_of(rooms))
    assert len(seen) == 3
    assert fold_version() == fold_version()
