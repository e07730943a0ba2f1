"""The telephone's notes: kept through a restart, tidied by time, telling nothing by themselves."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import text
from tests.support.conferences import CHAIR, HENAN
from tests.support.halls import HandClock
from tests.support.telephone import rig

from podium.conference import commands as c
from podium.hall.notebook import Note, Notes, PlacedCall
from podium.store.notebook import CALLS_KEPT, NOTES_KEPT, pseudonyms
from podium.store.opening import Store, open_store


async def test_notes_and_calls_are_there_after_a_restart(
    store: Store, address: str, clock: HandClock
) -> None:
    now = clock.now()
    notes = [Note("caller", "a" * 64, 3.0, now), Note("strangers", "level", 118.5, now)]
    placed = [PlacedCall("spring", now - timedelta(minutes=1)), PlacedCall("autumn", now)]
    await store.notebook.write(Notes(notes=notes, placed=placed))
    again = await open_store(address, clock)
    found = await again.notebook.read()
    assert sorted(found.notes, key=lambda note: note.kind) == notes
    assert found.placed == placed
    await again.close()


async def test_a_note_takes_the_place_of_the_one_before_and_forgotten_ones_go(
    store: Store, clock: HandClock
) -> None:
    first, other = (Note("caller", key, 1.0, clock.now()) for key in ("a", "b"))
    await store.notebook.write(Notes(notes=[first, other]))
    second = Note("caller", "a", 2.0, clock.now())
    await store.notebook.write(Notes(notes=[second], forgotten=[("caller", "b"), ("source", "x")]))
    assert (await store.notebook.read()).notes == [second]


async def test_old_notes_and_calls_go(store: Store, clock: HandClock) -> None:
    await store.notebook.write(
        Notes(notes=[Note("proved", "a", 0.0, clock.now())], placed=[PlacedCall("x", clock.now())])
    )
    clock.advance(CALLS_KEPT + timedelta(seconds=1))
    found = await store.notebook.read()
    assert len(found.notes) == 1
    assert found.placed == []
    clock.advance(NOTES_KEPT)
    await store.notebook.write(Notes(placed=[PlacedCall("y", clock.now())]))
    async with store.database.read() as connection:
        assert (await connection.execute(text("SELECT count(*) FROM telephone_note"))).scalar() == 0


async def test_a_telephone_that_starts_again_knows_whom_it_has_locked_out(
    store: Store, address: str, clock: HandClock
) -> None:
    async with rig(notebook=store.notebook) as before:
        before.besiege()
        await before.do(CHAIR, c.OpenConference(), c.PlaceCall(HENAN))
        await before.bell.until(lambda: bool(before.agent.invited))
    again = await open_store(address, clock)
    async with rig(notebook=again.notebook) as after:
        assert [lock is not None for lock in after.locks] == [True]
        await after.dial(by="one", caller="8613900000001")
        assert after.heard() == ["strangers_locked", "again_15_minutes"] * 2
        assert len((await again.notebook.read()).placed) == 1
    await again.close()


def test_pseudonyms_tell_nothing_without_the_key() -> None:
    one, other = pseudonyms(b"k" * 32), pseudonyms(b"l" * 32)
    assert one("+861065120001") == one("+861065120001") != other("+861065120001")
    assert "65120001" not in one("+861065120001")
    assert len(one("x")) == 64
