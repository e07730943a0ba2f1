"""Halls: opened once, by replay; after a restart everybody has to come back."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.support.conferences import (
    BEIJING,
    CHAIR,
    CONFERENCE,
    HENAN,
    MINISTRY,
    OFFICE,
    SCHEDULE,
    SYSTEM,
    XINJIANG,
    ZHEJIANG,
    closed,
    connected,
    in_session,
    scheduled,
    venue_actor,
)
from tests.support.halls import HandClock, MemoryLog, MemoryMedia, MemoryTelephone

from podium.conference import commands as c
from podium.conference import effects as f
from podium.conference import refusals as r
from podium.conference import telephone as t
from podium.conference.calls import CallEnd, CallId, CallPurpose, CallStage, EndedCall
from podium.conference.commands import Invitation
from podium.conference.evolve import replay
from podium.conference.state import (
    ConferenceId,
    Connection,
    Phase,
    Program,
    Slot,
    Text,
    VenueId,
    VenueKind,
)
from podium.hall.loop import Accepted, HallStopped
from podium.hall.ports import LogConflict
from podium.hall.registry import Halls

LIVELY = (
    in_session()
    .do(CHAIR, c.GrantFloor(HENAN, Slot.SECOND))
    .do(venue_actor(ZHEJIANG), c.RequestFloor(ZHEJIANG))
    .do(venue_actor(HENAN), c.SwitchOwnMicrophone(HENAN, closed=True))
)


class House:
    """One process after another on the same log."""

    def __init__(self, log: MemoryLog) -> None:
        self.log = log
        self.media = MemoryMedia(log)
        self.clock = HandClock(LIVELY.now + timedelta(minutes=1))
        self.telephone = MemoryTelephone()
        self.halls = Halls(log, self.media, self.telephone, self.clock)


@pytest.fixture
def house() -> House:
    log = MemoryLog()
    log.streams[CONFERENCE] = list(LIVELY.entries)
    return House(log)


async def test_a_conference_is_created_and_found() -> None:
    house = House(MemoryLog())
    assert await house.halls.get(CONFERENCE) is None
    created = await house.halls.create(SCHEDULE, OFFICE)
    assert isinstance(created, Accepted)
    assert created.seq == 1
    hall = await house.halls.get(CONFERENCE)
    assert hall is not None
    assert hall is await house.halls.get(CONFERENCE)
    assert house.halls.opened() == (hall,)
    assert await house.halls.create(SCHEDULE, OFFICE) is r.ALREADY_SCHEDULED
    await house.halls.close()


async def test_a_refused_creation_leaves_nothing_behind() -> None:
    house = House(MemoryLog())
    assert await house.halls.create(replace(SCHEDULE, title=Text(" ", " ")), OFFICE) is r.BAD_TEXT
    assert house.halls.opened() == ()
    assert await house.halls.get(CONFERENCE) is None
    assert isinstance(await house.halls.create(SCHEDULE, OFFICE), Accepted)
    await house.halls.close()


async def test_a_restart_restores_all_but_the_connections(house: House) -> None:
    before = LIVELY.conference
    hall = await house.halls.get(CONFERENCE)
    assert hall is not None
    state = hall.state
    assert state is not None
    for venue in (BEIJING, ZHEJIANG, HENAN):
        assert state.venues[venue].connection is Connection.LOST
        assert state.venues[venue].reason == "server"
        assert state.venues[venue].since == house.clock.at
        assert state.venues[venue].microphone == before.venues[venue].microphone
    assert state.venues[XINJIANG] == before.venues[XINJIANG]
    assert (state.phase, state.program, state.floor) == (
        before.phase,
        before.program,
        before.floor,
    )
    assert house.log.appends == [3]
    assert replay(house.log.streams[CONFERENCE]) == state
    assert house.media.told == [
        f.OpenRoom(),
        f.SwitchMicrophone(BEIJING, live=True),
        f.ShowInSlot(Slot.MAIN, BEIJING),
        f.ShowInSlot(Slot.SECOND, HENAN),
    ]
    await house.halls.close()


async def test_a_second_restart_has_nothing_to_add(house: House) -> None:
    await house.halls.get(CONFERENCE)
    await house.halls.close()
    again = House(house.log)
    await again.halls.get(CONFERENCE)
    assert house.log.appends == [3]
    await again.halls.close()


async def test_many_callers_open_a_hall_once(house: House) -> None:
    house.log.hold()
    callers = [asyncio.create_task(house.halls.get(CONFERENCE)) for _ in range(5)]
    await house.log.reached.wait()
    callers[0].cancel()
    house.log.open.set()
    found = await asyncio.gather(*callers, return_exceptions=True)
    assert isinstance(found[0], asyncio.CancelledError)
    assert len({id(hall) for hall in found[1:]}) == 1
    assert house.log.appends == [3]
    await house.halls.close()


async def test_open_all_passes_over_what_cannot_be_opened(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = house.log.read

    async def faulty(conference: ConferenceId, after: int = 0) -> object:
        if conference == "broken":
            raise OSError("unreadable")
        return await read(conference, after)

    monkeypatch.setattr(house.log, "read", faulty)
    await house.halls.open_all([ConferenceId("broken"), ConferenceId("none"), CONFERENCE])
    assert [hall.conference for hall in house.halls.opened()] == [CONFERENCE]
    await house.halls.close()


async def test_a_scheduled_conference_forgets_who_was_at_the_door() -> None:
    house = House(MemoryLog())
    here = c.ReportConnection(HENAN, Connection.CONNECTING)
    house.log.streams[CONFERENCE] = list(scheduled().do(SYSTEM, here).entries)
    hall = await house.halls.get(CONFERENCE)
    assert hall is not None
    assert hall.state is not None
    assert hall.state.venues[HENAN].connection is Connection.ABSENT
    await house.halls.close()


async def test_a_closed_conference_opens_for_reading() -> None:
    house = House(MemoryLog())
    house.log.streams[CONFERENCE] = list(closed().entries)
    hall = await house.halls.get(CONFERENCE)
    assert hall is not None
    assert hall.state is not None
    assert hall.state.phase is Phase.CLOSED
    assert house.media.told == []
    await house.halls.close()


async def test_a_restart_dials_again_what_was_dialled_and_reports_the_rest_lost(
    house: House,
) -> None:
    numbered = replace(SCHEDULE.venues[3], telephones=("8001",))
    story = LIVELY.do(CHAIR, c.InviteVenues((), (numbered,)), c.PlaceCall(XINJIANG))
    story = story.do(
        SYSTEM,
        c.ReportCall(XINJIANG, CallId("out-1"), CallStage.JOINED),
        c.JoinByTelephone(HENAN, CallId("in-a")),
    )
    house.log.streams[CONFERENCE] = list(story.entries)
    hall = await house.halls.get(CONFERENCE)
    assert hall is not None
    assert hall.state is not None
    assert house.telephone.told == [
        t.DialCall(CallId("out-1"), XINJIANG, ("8001",), CallPurpose.CALLED)
    ]
    assert hall.state.venues[XINJIANG].call.stage is CallStage.DIALLING
    henan = hall.state.venues[HENAN].call
    assert isinstance(henan, EndedCall)
    assert henan.reason is CallEnd.SERVER
    assert hall.state == replay(house.log.streams[CONFERENCE])
    await house.halls.close()


async def test_calls_outlive_a_hall_that_stops(house: House) -> None:
    hall = await house.halls.get(CONFERENCE)
    assert hall is not None
    await hall.submit(c.JoinByTelephone(HENAN, CallId("in-a")), SYSTEM)
    told = list(house.telephone.told)
    house.log.fail_before = ConnectionError("no disk")
    with pytest.raises(HallStopped):
        await hall.submit(c.CutToMain(), CHAIR)
    house.log.fail_before = None
    again = await house.halls.get(CONFERENCE)
    assert again is not None
    assert again.state is not None
    assert again.state.venues[HENAN].on_telephone
    assert house.telephone.told == told
    await house.halls.close()


async def test_after_a_failure_the_hall_opens_again_with_the_truth(house: House) -> None:
    hall = await house.halls.get(CONFERENCE)
    assert hall is not None
    for venue in (BEIJING, HENAN):
        await hall.submit(connected(venue), SYSTEM)
    house.log.fail_after = ConnectionError("lost before the answer")
    with pytest.raises(HallStopped):
        await hall.submit(c.CutToMain(), CHAIR)
    house.log.fail_after = None
    told = len(house.media.told)

    again = await house.halls.get(CONFERENCE)
    assert again is not None
    assert again is not hall
    assert again.state is not None
    assert again.state.program == Program(main=BEIJING)
    assert again.state.venues[HENAN].connection is Connection.CONNECTED
    assert house.media.told[told:] == [f.ShowInSlot(Slot.SECOND, None)]
    assert isinstance(await again.submit(c.OpenMicrophone(HENAN), CHAIR), Accepted)
    await house.halls.close()


async def test_with_another_writer_the_hall_stays_shut(house: House) -> None:
    hall = await house.halls.get(CONFERENCE)
    assert hall is not None
    house.log.fail_before = LogConflict("seq is taken")
    with pytest.raises(HallStopped):
        await hall.submit(c.CutToMain(), CHAIR)
    house.log.fail_before = None
    assert await house.halls.get(CONFERENCE) is hall
    with pytest.raises(HallStopped):
        await hall.submit(c.CutToMain(), CHAIR)
    await house.halls.close()


async def test_another_writer_at_opening_is_said_so(house: House) -> None:
    house.log.fail_before = LogConflict("seq is taken")
    with pytest.raises(HallStopped) as stopped:
        await house.halls.get(CONFERENCE)
    assert stopped.value.conflict
    house.log.fail_before = None
    assert await house.halls.get(CONFERENCE) is not None
    await house.halls.close()


async def test_three_thousand_venues_join_in_few_appends() -> None:
    house = House(MemoryLog())
    venues = tuple(
        Invitation(VenueId(f"v{n}"), MINISTRY, Text("场", "V"), VenueKind.BRANCH, n + 10)
        for n in range(3000)
    )
    await house.halls.create(replace(SCHEDULE, venues=SCHEDULE.venues + venues), OFFICE)
    hall = await house.halls.get(CONFERENCE)
    assert hall is not None
    await hall.submit(c.OpenConference(), OFFICE)
    appends = len(house.log.appends)
    reports = (c.ReportConnection(v.id, Connection.CONNECTED) for v in venues)
    await asyncio.gather(*(hall.submit(report, SYSTEM) for report in reports))
    assert hall.state is not None
    assert all(hall.state.venues[v.id].connection is Connection.CONNECTED for v in venues)
    assert len(house.log.appends) - appends <= 3000 // 256 + 1
    await house.halls.close()
