"""Conferences are followed to their end, over faults of the log and restarts of their halls."""

from __future__ import annotations

import asyncio

import pytest
from tests.support.conferences import CHAIR, CONFERENCE, OFFICE, SCHEDULE
from tests.support.halls import HandClock, MemoryLog, MemoryMedia, MemoryTelephone

from podium.conference import commands as c
from podium.conference.state import Conference, ConferenceId, Phase
from podium.hall.loop import HallStopped
from podium.hall.registry import Halls
from podium.telephone import follow
from podium.telephone.follow import Followers


class Story:
    """What the followers have told."""

    def __init__(self) -> None:
        self.seqs: list[int] = []
        self.phases: list[Phase] = []
        self.news = asyncio.Event()

    def told(self, conference: ConferenceId, seq: int, state: Conference) -> None:
        self.seqs.append(seq)
        self.phases.append(state.phase)
        self.news.set()

    async def until(self, phase: Phase) -> None:
        async with asyncio.timeout(5):
            while phase not in self.phases:
                self.news.clear()
                await self.news.wait()


def followers(halls: Halls, story: Story) -> Followers:
    return Followers(halls, story.told, lambda *_: None, after=1.0, grace=1.0)


async def test_every_change_is_told_once_in_order() -> None:
    log = MemoryLog()
    halls = Halls(log, MemoryMedia(log), MemoryTelephone(), HandClock())
    await halls.create(SCHEDULE, OFFICE)
    story = Story()
    following = followers(halls, story)
    following.follow(CONFERENCE)
    following.follow(CONFERENCE)
    hall = await halls.get(CONFERENCE)
    assert hall is not None
    await story.until(Phase.SCHEDULED)
    for command in (c.OpenConference(), c.StartSession(), c.Adjourn(), c.CloseConference()):
        await hall.submit(command, CHAIR)
    await story.until(Phase.CLOSED)
    assert story.seqs == sorted(set(story.seqs))
    await following.close()
    await halls.close()


async def test_when_the_log_fails_and_comes_back_the_conference_is_followed_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(follow, "PAUSE", 0.001)
    log = MemoryLog()
    halls = Halls(log, MemoryMedia(log), MemoryTelephone(), HandClock())
    await halls.create(SCHEDULE, OFFICE)
    story = Story()
    following = followers(halls, story)
    following.follow(CONFERENCE)
    await story.until(Phase.SCHEDULED)
    hall = await halls.get(CONFERENCE)
    assert hall is not None
    log.fail_before = OSError("the disk is full")
    with pytest.raises(HallStopped):
        await hall.submit(c.OpenConference(), CHAIR)
    log.fail_before = None
    again = await halls.get(CONFERENCE)
    assert again is not None
    await again.submit(c.OpenConference(), CHAIR)
    await story.until(Phase.OPEN)
    await following.close()
    await halls.close()


async def test_a_conference_that_is_not_there_is_let_go() -> None:
    log = MemoryLog()
    halls = Halls(log, MemoryMedia(log), MemoryTelephone(), HandClock())
    following = followers(halls, Story())
    following.follow(ConferenceId("nowhere"))
    async with asyncio.timeout(5):
        while following._tasks:
            await asyncio.gather(*following._tasks.values())
    await following.close()
    await halls.close()
