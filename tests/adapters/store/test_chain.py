"""Entries are chained: what is changed, removed or moved in the database shows, and where."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from alembic import command
from sqlalchemy import func, select, text, update
from tests.adapters.store.test_log import SPRING, START, entries, scheduled

from podium.conference.codec import recorded_to_json
from podium.conference.events import FloorRequested, PhaseChanged
from podium.conference.state import ConferenceId, Phase, VenueId
from podium.hall.ports import Clock
from podium.store.chain import genesis, link
from podium.store.database import open_engine
from podium.store.migrating import configuration
from podium.store.opening import Store, open_store
from podium.store.tables import conference_event as table
from podium.values.log import Examined, Head

WRITTEN = entries(
    scheduled(),
    PhaseChanged(Phase.OPEN),
    FloorRequested(VenueId("zhejiang")),
    FloorRequested(VenueId("hainan")),
    PhaseChanged(Phase.CLOSED),
)


@pytest.fixture
async def log(store: Store) -> Store:
    await store.log.append(SPRING, WRITTEN[:2])
    await store.log.append(SPRING, WRITTEN[2:])
    return store


async def change(store: Store, seq: int, **values: Any) -> None:
    async with store.database.write() as connection:
        await connection.execute(
            update(table).where(table.c.conference == SPRING, table.c.seq == seq).values(**values)
        )


async def run(store: Store, statement: str) -> None:
    async with store.database.write() as connection:
        await connection.execute(text(statement))


async def row(store: Store, seq: int) -> Any:
    async with store.database.read() as connection:
        return (await connection.execute(select(table).where(table.c.seq == seq))).one()


def wrong_at(examined: Examined) -> int | None:
    return None if examined.wrong is None else examined.wrong.seq


async def test_what_was_appended_is_intact(log: Store) -> None:
    hash_ = genesis(SPRING)
    for entry in WRITTEN:
        hash_ = link(hash_, recorded_to_json(entry))
    assert await log.log.examine(SPRING) == Examined(Head(5, hash_), None)
    assert await log.log.head(SPRING) == Head(5, hash_)


async def test_an_empty_stream_has_its_own_beginning(store: Store) -> None:
    assert await store.log.head(SPRING) == Head(0, genesis(SPRING))
    assert genesis(SPRING) != genesis(ConferenceId("autumn"))


async def test_a_changed_body_shows(log: Store) -> None:
    body = (await row(log, 3)).body.replace("zhejiang", "hainan")
    await change(log, 3, body=body)
    assert wrong_at(await log.log.examine(SPRING)) == 3


async def test_a_changed_body_with_a_fitting_hash_shows_at_the_next(log: Store) -> None:
    body = (await row(log, 3)).body.replace("zhejiang", "hainan")
    await change(log, 3, body=body, hash=link((await row(log, 2)).hash, body))
    assert wrong_at(await log.log.examine(SPRING)) == 4


async def test_a_removed_row_shows(log: Store) -> None:
    await run(log, "DELETE FROM conference_event WHERE seq = 2")
    examined = await log.log.examine(SPRING)
    assert wrong_at(examined) == 2
    assert examined.head.seq == 1


async def test_removed_and_renumbered_rows_show(log: Store) -> None:
    await run(log, "DELETE FROM conference_event WHERE seq = 3")
    await run(log, "UPDATE conference_event SET seq = 3 WHERE seq = 4")
    await run(log, "UPDATE conference_event SET seq = 4 WHERE seq = 5")
    assert wrong_at(await log.log.examine(SPRING)) == 3


async def test_reordered_rows_show(log: Store) -> None:
    await run(log, "UPDATE conference_event SET seq = 99 WHERE seq = 3")
    await run(log, "UPDATE conference_event SET seq = 3 WHERE seq = 4")
    await run(log, "UPDATE conference_event SET seq = 4 WHERE seq = 99")
    assert wrong_at(await log.log.examine(SPRING)) == 3


async def test_columns_that_differ_from_the_body_show(log: Store) -> None:
    await change(log, 4, at=START + timedelta(days=9))
    assert wrong_at(await log.log.examine(SPRING)) == 4
    await change(log, 2, type="floor_requested")
    assert wrong_at(await log.log.examine(SPRING)) == 2


async def test_rows_that_were_cut_off_show_by_the_hash_that_was_kept(log: Store) -> None:
    kept = (await log.log.head(SPRING)).hash
    assert wrong_at(await log.log.examine(SPRING, kept)) is None
    await run(log, "DELETE FROM conference_event WHERE seq >= 4")
    assert wrong_at(await log.log.examine(SPRING)) is None
    assert wrong_at(await log.log.examine(SPRING, kept)) == 3


async def test_a_log_that_was_rewritten_shows_by_the_hash_that_was_kept(log: Store) -> None:
    kept = (await log.log.head(SPRING)).hash
    await run(log, "DELETE FROM conference_event")
    await run(log, "DELETE FROM conference_venue")
    await run(log, "DELETE FROM conference")
    await log.log.append(SPRING, WRITTEN[:4])
    assert wrong_at(await log.log.examine(SPRING, kept)) == 4


async def test_rows_of_an_older_version_are_chained_by_the_migration(
    address: str, clock: Clock
) -> None:
    database = open_engine(address)

    def to_the_version_before(connection: Any) -> None:
        config = configuration()
        config.attributes["connection"] = connection
        command.upgrade(config, "0003")
        for entry in WRITTEN:
            connection.execute(
                table.insert().values(
                    conference=SPRING,
                    seq=entry.seq,
                    at=entry.at,
                    type=entry.event.type,
                    body=recorded_to_json(entry),
                )
            )

    try:
        await database.run(to_the_version_before)
    finally:
        await database.close()
    store = await open_store(address, clock)
    try:
        examined = await store.log.examine(SPRING)
        assert examined.wrong is None
        assert examined.head.seq == len(WRITTEN)
        async with store.database.read() as connection:
            count = await connection.execute(select(func.count()).where(table.c.hash == ""))
            assert count.scalar_one() == 0
    finally:
        await store.close()
