"""The log that the hall's tests use keeps the contract that the store's keeps."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.support.conferences import CHAIR, CONFERENCE, in_session
from tests.support.halls import HandClock, MemoryLog

from podium.conference import commands as c
from podium.conference.state import ConferenceId
from podium.hall.ports import Log, LogConflict
from podium.store.opening import open_store

STORY = in_session()
NEXT = STORY.do(CHAIR, c.Adjourn()).entries[len(STORY.entries) :]


@pytest.fixture(params=["memory", "sqlite"])
async def log(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Log]:
    if request.param == "memory":
        yield MemoryLog()
        return
    store = await open_store(f"sqlite:///{tmp_path / 'podium.db'}", HandClock())
    yield store.log
    await store.close()


async def test_gives_back_what_was_appended(log: Log) -> None:
    await log.append(CONFERENCE, STORY.entries[:1])
    await log.append(CONFERENCE, STORY.entries[1:])
    assert tuple(await log.read(CONFERENCE)) == STORY.entries
    assert tuple(await log.read(CONFERENCE, after=2)) == STORY.entries[2:]
    assert await log.ids() == [CONFERENCE]
    assert list(await log.read(ConferenceId("none"))) == []


async def test_nothing_to_append_is_no_stream(log: Log) -> None:
    await log.append(CONFERENCE, ())
    assert list(await log.ids()) == []


async def test_a_taken_place_is_a_conflict_and_leaves_nothing(log: Log) -> None:
    await log.append(CONFERENCE, STORY.entries)
    with pytest.raises(LogConflict):
        await log.append(CONFERENCE, STORY.entries[-1:])
    assert tuple(await log.read(CONFERENCE)) == STORY.entries


async def test_a_gap_is_refused(log: Log) -> None:
    await log.append(CONFERENCE, STORY.entries[:-1])
    with pytest.raises(ValueError, match="gap"):
        await log.append(CONFERENCE, NEXT)
    assert tuple(await log.read(CONFERENCE)) == STORY.entries[:-1]


async def test_of_two_writers_at_once_one_wins(log: Log) -> None:
    await log.append(CONFERENCE, STORY.entries)
    results = await asyncio.gather(
        *(log.append(CONFERENCE, NEXT) for _ in range(2)), return_exceptions=True
    )
    assert sorted(type(r).__name__ for r in results) == ["LogConflict", "NoneType"]
