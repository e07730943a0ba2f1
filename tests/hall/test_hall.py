"""The hall: durable before published, one append for many, and what happens when the log fails."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from tests.support.conferences import (
    BEIJING,
    CHAIR,
    CONFERENCE,
    HENAN,
    SYSTEM,
    XINJIANG,
    ZHEJIANG,
    connected,
    in_session,
    venue_actor,
)
from tests.support.halls import HandClock, MemoryLog, MemoryMedia, MemoryTelephone

from podium.conference import commands as c
from podium.conference import effects as f
from podium.conference import refusals as r
from podium.conference import telephone as t
from podium.conference.calls import CallEnd, CallId
from podium.conference.commands import Actor, Command
from podium.conference.decide import decide
from podium.conference.evolve import replay
from podium.conference.state import Connection, Phase, Program, Slot
from podium.hall import loop
from podium.hall.instruments import instruments
from podium.hall.loop import Accepted, CommandFailed, Hall, HallBusy, HallStopped
from podium.hall.ports import LogConflict
from podium.hall.subscription import Change, TooSlow

STORY = in_session()


@pytest.fixture
def log() -> MemoryLog:
    log = MemoryLog()
    log.streams[CONFERENCE] = list(STORY.entries)
    return log


@pytest.fixture
def media(log: MemoryLog) -> MemoryMedia:
    return MemoryMedia(log)


@pytest.fixture
def telephone() -> MemoryTelephone:
    return MemoryTelephone()


@pytest.fixture
def clock() -> HandClock:
    return HandClock(STORY.now)


@pytest.fixture
async def hall(
    log: MemoryLog, media: MemoryMedia, telephone: MemoryTelephone, clock: HandClock
) -> AsyncIterator[Hall]:
    last = STORY.entries[-1]
    directed = instruments(media, telephone)
    hall = Hall(CONFERENCE, log, directed, clock, state=STORY.state, seq=last.seq, last_at=last.at)
    hall.start()
    yield hall
    log.open.set()
    await hall.close()


def asked(hall: Hall, command: Command, actor: Actor = CHAIR) -> asyncio.Task[Any]:
    return asyncio.create_task(hall.submit(command, actor))


async def turns(count: int = 3) -> None:
    """Lets every task that can go on do so."""
    for _ in range(count):
        await asyncio.sleep(0)


async def test_a_command_is_carried_out(hall: Hall, log: MemoryLog) -> None:
    seq = hall.seq
    outcome = await hall.submit(c.GrantFloor(HENAN, Slot.SECOND), CHAIR)
    assert isinstance(outcome, Accepted)
    assert outcome.seq == hall.seq == seq + 3
    assert tuple(log.streams[CONFERENCE][seq:]) == outcome.entries
    assert hall.state == replay(log.streams[CONFERENCE])


async def test_a_refusal_and_a_repeat_change_nothing(hall: Hall, log: MemoryLog) -> None:
    seq = hall.seq
    assert await hall.submit(c.GrantFloor(XINJIANG), CHAIR) is r.VENUE_NOT_HERE
    assert await hall.submit(c.CutToMain(), CHAIR) == Accepted(seq, ())
    assert log.appends == []


async def test_media_is_brought_in_line_at_the_start_and_told_later_what_changes(
    hall: Hall, media: MemoryMedia
) -> None:
    assert media.told == [
        f.OpenRoom(),
        f.SwitchMicrophone(BEIJING, live=True),
        f.ShowInSlot(Slot.MAIN, BEIJING),
    ]
    await hall.submit(c.OpenMicrophone(HENAN), CHAIR)
    assert media.told[3:] == [f.SwitchMicrophone(HENAN, live=True)]


async def test_nobody_hears_of_what_is_not_durable(
    hall: Hall, log: MemoryLog, media: MemoryMedia
) -> None:
    log.hold()
    follower = hall.subscribe()
    before, told = hall.state, len(media.told)
    answer = asked(hall, c.OpenMicrophone(HENAN))
    await log.reached.wait()
    await turns()
    assert not answer.done()
    assert hall.state is before
    assert len(media.told) == told
    assert follower.take_waiting() == ()
    log.open.set()
    outcome = await answer
    (change,) = follower.take_waiting()
    assert change.entries == outcome.entries
    assert media.durable[-1] == change.seq == len(log.streams[CONFERENCE])


async def test_commands_that_wait_together_share_an_append_and_a_change(
    hall: Hall, log: MemoryLog
) -> None:
    log.hold()
    follower = hall.subscribe()
    first = asked(hall, c.OpenMicrophone(HENAN))
    await log.reached.wait()
    later = [
        asked(hall, c.RequestFloor(HENAN), venue_actor(HENAN)),
        asked(hall, c.RequestFloor(ZHEJIANG), venue_actor(ZHEJIANG)),
        asked(hall, c.GrantFloor(XINJIANG)),
        asked(hall, c.GrantFloor(HENAN)),
    ]
    await turns()
    log.open.set()
    outcomes = await asyncio.gather(first, *later)
    assert log.appends == [1, 3]
    assert outcomes[3] is r.VENUE_NOT_HERE
    seqs = [o.seq for o in outcomes if isinstance(o, Accepted)]
    base = follower.seq
    assert seqs == [base + 1, base + 2, base + 3, base + 4]
    changes = follower.take_waiting()
    assert [(ch.base, ch.seq) for ch in changes] == [(base, base + 1), (base + 1, base + 4)]
    assert changes[0].before == follower.state
    assert changes[0].after is changes[1].before


async def test_a_batch_is_bounded(hall: Hall, log: MemoryLog) -> None:
    log.hold()
    first = asked(hall, c.OpenMicrophone(HENAN))
    await log.reached.wait()
    flips = [
        asked(hall, c.SwitchOwnMicrophone(HENAN, closed=n % 2 == 0), venue_actor(HENAN))
        for n in range(loop.BATCH + 10)
    ]
    await turns()
    log.open.set()
    await asyncio.gather(first, *flips)
    assert log.appends == [1, loop.BATCH, 10]


async def test_posted_reports_are_carried_out(hall: Hall) -> None:
    with hall.subscribe() as follower:
        hall.post(connected(XINJIANG), SYSTEM)
        change = await anext(follower)
    assert change.after.venues[XINJIANG].connection is Connection.CONNECTED


async def test_snapshot_plus_changes_equals_fresh(hall: Hall) -> None:
    await hall.submit(c.OpenMicrophone(HENAN), CHAIR)
    follower = hall.subscribe()
    await hall.submit(c.PutOnAir(Slot.SECOND, HENAN), CHAIR)
    hall.post(connected(XINJIANG), SYSTEM)
    await hall.submit(c.Adjourn(), CHAIR)
    state = follower.state
    for change in follower.take_waiting():
        assert change.before == state
        state = replay(change.entries, state)
        assert state == change.after
    assert state == hall.state


async def test_the_clock_may_go_back_but_the_record_does_not(
    hall: Hall, clock: HandClock, log: MemoryLog
) -> None:
    await hall.submit(c.OpenMicrophone(HENAN), CHAIR)
    clock.advance(timedelta(hours=-3))
    await hall.submit(c.CloseMicrophone(HENAN), CHAIR)
    times = [entry.at for entry in log.streams[CONFERENCE]]
    assert times == sorted(times)


async def test_a_fault_in_a_rule_fails_the_command_alone(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    def faulty(state: Any, command: Command, actor: Actor, now: Any) -> Any:
        if isinstance(command, c.CutToMain):
            raise ZeroDivisionError
        return decide(state, command, actor, now)

    monkeypatch.setattr(loop, "decide", faulty)
    bad, good = asked(hall, c.CutToMain()), asked(hall, c.OpenMicrophone(HENAN))
    with pytest.raises(CommandFailed):
        await bad
    assert isinstance(await good, Accepted)


async def test_the_telephone_is_directed_like_media(
    hall: Hall, telephone: MemoryTelephone, media: MemoryMedia
) -> None:
    assert telephone.told == []
    told = len(media.told)
    await hall.submit(c.JoinByTelephone(XINJIANG, CallId("in-a")), SYSTEM)
    assert telephone.told == [t.ConnectCall(CallId("in-a"), XINJIANG)]
    assert len(media.told) == told
    telephone.failing = True
    await hall.submit(c.HangUp(XINJIANG), CHAIR)
    telephone.failing = False
    await hall.submit(c.OpenMicrophone(HENAN), CHAIR)
    assert telephone.told[1:] == [t.DropCall(CallId("in-a"), CallEnd.RELEASED)]


async def test_a_fault_in_media_is_made_good_at_the_next_change(
    hall: Hall, media: MemoryMedia
) -> None:
    media.failing = True
    await hall.submit(c.OpenMicrophone(HENAN), CHAIR)
    media.failing = False
    await hall.submit(c.PutOnAir(Slot.SECOND, HENAN), CHAIR)
    assert media.told[3:] == [
        f.SwitchMicrophone(HENAN, live=True),
        f.ShowInSlot(Slot.SECOND, HENAN),
    ]


async def test_a_caller_that_gives_up_does_not_undo_the_command(hall: Hall, log: MemoryLog) -> None:
    log.hold()
    answer = asked(hall, c.OpenMicrophone(HENAN))
    await log.reached.wait()
    answer.cancel()
    await turns()
    log.open.set()
    await hall.submit(c.CutToMain(), CHAIR)
    assert hall.state is not None
    assert hall.state.venues[HENAN].microphone.live


async def test_too_many_commands_are_turned_away(
    hall: Hall, log: MemoryLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop, "WAITING", 2)
    log.hold()
    first = asked(hall, c.OpenMicrophone(HENAN))
    await log.reached.wait()
    waiting = [asked(hall, c.CutToMain()) for _ in range(2)]
    await turns()
    with pytest.raises(HallBusy):
        await hall.submit(c.CutToMain(), CHAIR)
    hall.post(connected(XINJIANG), SYSTEM)
    log.open.set()
    await asyncio.gather(first, *waiting)
    await hall.submit(c.CutToMain(), CHAIR)
    assert hall.state is not None
    assert hall.state.venues[XINJIANG].connection is Connection.CONNECTED


# --- followers


async def test_a_slow_follower_is_cut_and_the_others_are_not(hall: Hall) -> None:
    slow, quick = hall.subscribe(backlog=2), hall.subscribe()
    for n in range(3):
        own = c.SwitchOwnMicrophone(HENAN, closed=n % 2 == 0)
        await hall.submit(own, venue_actor(HENAN))
    with pytest.raises(TooSlow):
        await anext(slow)
    assert len(quick.take_waiting()) == 3
    assert hall.followers == 1
    fresh = hall.subscribe()
    assert (fresh.seq, fresh.state) == (hall.seq, hall.state)


async def test_a_follower_that_waits_is_woken(hall: Hall) -> None:
    with hall.subscribe() as follower:
        waiting: asyncio.Task[Change] = asyncio.create_task(follower.__anext__())
        await turns()
        await hall.submit(c.OpenMicrophone(HENAN), CHAIR)
        assert (await waiting).seq == hall.seq
    assert hall.followers == 0
    assert [change async for change in follower] == []


async def test_closing_carries_out_what_waits_and_ends_the_streams(
    hall: Hall, log: MemoryLog
) -> None:
    follower = hall.subscribe()
    log.hold()
    first = asked(hall, c.OpenMicrophone(HENAN))
    await log.reached.wait()
    second = asked(hall, c.CloseConference())
    await turns()
    closing = asyncio.create_task(hall.close())
    await turns()
    with pytest.raises(HallStopped):
        await hall.submit(c.CutToMain(), CHAIR)
    log.open.set()
    await closing
    assert isinstance(first.result(), Accepted)
    assert isinstance(second.result(), Accepted)
    changes = [change async for change in follower]
    assert changes[-1].after.phase is Phase.CLOSED
    with pytest.raises(HallStopped):
        hall.subscribe()
    hall.post(connected(XINJIANG), SYSTEM)


# --- when the log fails


@pytest.mark.parametrize("error", [OSError("disk full"), LogConflict("seq is taken")])
async def test_a_failing_log_stops_the_hall_where_it_was(
    hall: Hall, log: MemoryLog, media: MemoryMedia, error: Exception
) -> None:
    follower, before, told = hall.subscribe(), hall.state, len(media.told)
    log.hold()
    log.fail_before = error
    first = asked(hall, c.OpenMicrophone(HENAN))
    await log.reached.wait()
    second = asked(hall, c.CutToMain())
    await turns()
    log.open.set()
    for answer in (first, second):
        with pytest.raises(HallStopped) as stopped:
            await answer
        assert stopped.value.__cause__ is error
        assert stopped.value.conflict is isinstance(error, LogConflict)
    assert hall.state is before
    assert len(media.told) == told
    with pytest.raises(HallStopped):
        await anext(follower)
    with pytest.raises(HallStopped):
        await hall.submit(c.CutToMain(), CHAIR)


async def test_what_became_durable_before_a_crash_is_not_published_by_halves(
    hall: Hall, log: MemoryLog, media: MemoryMedia
) -> None:
    """The append went through, but nobody knows: whoever opens the hall again will see it."""
    follower, before, told = hall.subscribe(), hall.state, len(media.told)
    log.fail_after = ConnectionError("lost before the answer")
    with pytest.raises(HallStopped):
        await hall.submit(c.PutOnAir(Slot.MAIN, HENAN), CHAIR)
    assert follower.take_waiting() == ()
    assert hall.state is before
    assert len(media.told) == told
    durable = replay(log.streams[CONFERENCE])
    assert durable is not None
    assert durable.program == Program(main=HENAN)
