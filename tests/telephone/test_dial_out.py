"""Calls that Podium places: number after number, press 1, and what the console is told."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.support.conferences import BEIJING, CHAIR, HENAN, SYSTEM, ZHEJIANG, connected
from tests.support.telephone import MANNERS, NUMBER, RULES, Rig, offer, rig

from podium.conference import commands as c
from podium.conference.calls import CallEnd, CallPurpose, CallStage, EndedCall, StandingCall
from podium.conference.state import Connection, Text, VenueId
from podium.telephone import menu, redial
from podium.telephone.sip.events import (
    Answered,
    CallKey,
    Ended,
    Failure,
    Progress,
    Rejected,
    Unreachable,
    Why,
)

BEGIN = (c.OpenConference(), c.StartSession())


def last(r: Rig) -> CallKey:
    return r.agent.invited[-1][0]


def dialled(r: Rig) -> list[str]:
    return [invitation.target.user for _, invitation in r.agent.invited]


def standing(r: Rig, venue: VenueId = HENAN) -> StandingCall:
    call = r.call_of(venue)
    assert isinstance(call, StandingCall)
    return call


def ended(r: Rig, venue: VenueId = HENAN) -> CallEnd:
    call = r.call_of(venue)
    assert isinstance(call, EndedCall)
    return call.reason


async def placed(r: Rig, venue: VenueId = HENAN) -> None:
    await r.do(CHAIR, *BEGIN, c.PlaceCall(venue))


async def test_a_venue_is_rung_and_joins_when_somebody_presses_1() -> None:
    async with rig() as r:
        await placed(r)
        assert dialled(r) == [NUMBER]
        assert standing(r).stage is CallStage.DIALLING
        await r.tell(Progress(last(r), 180, None))
        assert standing(r).stage is CallStage.RINGING
        await r.tell(Answered(last(r), offer()))
        assert standing(r).stage is CallStage.ASKED
        assert r.heard() == ["invited", "invited"]
        assert r.leg not in r.legs.places
        await r.press("1")
        assert standing(r).joined
        assert r.legs.places[r.leg] == (r.state.id, HENAN)
        assert r.heard()[0] == "joined_venue"
        await r.tell(Ended(last(r), Why.HUNG_UP))
        assert ended(r) is CallEnd.HUNG_UP
        assert r.house._board.ledger.standing == 0


@pytest.mark.parametrize(
    ("status", "cause", "setback"),
    [
        (486, None, CallEnd.BUSY),
        (480, None, CallEnd.NO_ANSWER),
        (404, None, CallEnd.WRONG_NUMBER),
        (500, 17, CallEnd.BUSY),
        (403, None, CallEnd.TRUNK_REFUSED),
    ],
)
async def test_the_second_number_follows_and_the_first_one_s_setback_is_told(
    status: int, cause: int | None, setback: CallEnd
) -> None:
    async with rig() as r:
        await placed(r)
        await r.tell(Rejected(last(r), status, "", None, cause))
        assert dialled(r)[-1] == "+861065120002"
        assert (standing(r).position, standing(r).setback) == (1, setback)


async def test_a_trunk_that_is_down_has_another_beside_it() -> None:
    async with rig() as r:
        await placed(r)
        await r.tell(Unreachable(last(r), Failure.TIMEOUT))
        assert [i.target.host for _, i in r.agent.invited] == ["one.example", "two.example"]
        assert dialled(r) == [NUMBER, NUMBER]
        assert len(r.legs.closed) == 1


async def test_busy_numbers_are_dialled_again_after_a_while(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(redial, "PAUSES", (0.01,))
    async with rig() as r:
        await placed(r)
        for _ in range(2):
            await r.tell(Rejected(last(r), 486, "", None))
        assert standing(r).stage is CallStage.WAITING
        assert standing(r).setback is CallEnd.BUSY
        await r.bell.until(lambda: len(r.agent.invited) == 3)
        for _ in range(2):
            await r.tell(Rejected(last(r), 486, "", None))
        assert ended(r) is CallEnd.BUSY


async def test_nobody_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("podium.telephone.attempt.RING_SECONDS", 0.01)
    async with rig() as r:
        await placed(r)
        first = last(r)
        await r.bell.until(lambda: len(r.agent.invited) == 2)
        assert "hung up" in r.agent.done[first]
        await r.settle()
        assert standing(r).setback is CallEnd.NO_ANSWER


async def test_an_answering_machine_does_not_enter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(menu, "ANSWER_SECONDS", 0.005)
    async with rig() as r:
        await placed(r)
        first = last(r)
        await r.tell(Answered(first, offer()))
        await r.bell.until(lambda: len(r.agent.invited) == 2)
        await r.settle()
        assert "hung up" in r.agent.done[first]
        assert standing(r).setback is CallEnd.MACHINE
        assert not r.legs.places


async def test_who_hangs_up_instead_of_pressing_1_is_not_rung_again() -> None:
    async with rig() as r:
        await placed(r, ZHEJIANG)
        assert dialled(r) == ["8001"]
        await r.tell(Answered(last(r), offer()))
        await r.tell(Ended(last(r), Why.HUNG_UP))
        assert ended(r, ZHEJIANG) is CallEnd.HUNG_UP


async def test_what_may_not_be_dialled_is_not_dialled() -> None:
    async with rig() as r:
        await placed(r, BEIJING)
        assert not r.agent.invited
        assert ended(r, BEIJING) is CallEnd.NOT_ALLOWED


async def test_a_number_typed_in_meets_the_same_rules() -> None:
    async with rig() as r:
        await r.do(CHAIR, *BEGIN)
        guest = VenueId("guest-1")
        await r.do(CHAIR, c.DialNumber(guest, "+19005550100", Text("来宾", "Guest")))
        assert not r.agent.invited
        good = VenueId("guest-2")
        await r.do(CHAIR, c.DialNumber(good, "+861065129999", Text("来宾", "Guest")))
        await r.tell(Answered(last(r), offer()))
        await r.press("1")
        assert r.heard()[2] == "joined_guest"


async def test_beyond_a_cap_nothing_is_dialled() -> None:
    async with rig(rules=replace(RULES, concurrent=0)) as r:
        await placed(r, ZHEJIANG)
        assert not r.agent.invited
        assert standing(r, ZHEJIANG).setback is CallEnd.LIMIT


async def test_without_a_codec_in_common_the_call_ends_with_that_reason() -> None:
    async with rig() as r:
        await placed(r, ZHEJIANG)
        await r.tell(Answered(last(r), offer().replace(b"8 101", b"18").replace(b"PCMA", b"G729")))
        assert ended(r, ZHEJIANG) is CallEnd.NO_CODEC


async def test_the_operator_hangs_up_while_it_rings() -> None:
    async with rig() as r:
        await placed(r)
        await r.do(CHAIR, c.HangUp(HENAN))
        assert "hung up" in r.agent.done[last(r)]
        assert ended(r) is CallEnd.RELEASED
        assert len(r.agent.invited) == 1
        assert r.house._board.ledger.standing == 0


async def test_a_call_that_is_too_long_ends() -> None:
    async with rig(manners=replace(MANNERS, longest_call=0.01)) as r:
        await placed(r)
        await r.tell(Answered(last(r), offer()))
        await r.press("1")
        await r.bell.until(lambda: "hung up" in r.agent.done[last(r)])
        await r.settle()
        assert ended(r) is CallEnd.LIMIT


async def lost(r: Rig, reason: str = "network", venue: VenueId = HENAN) -> None:
    r.house.follow(r.state.id)
    await r.settle()
    await r.do(SYSTEM, connected(venue), c.ReportConnection(venue, Connection.LOST, reason))


async def test_a_lost_venue_is_rung_comes_back_by_telephone_and_is_released() -> None:
    async with rig() as r:
        await r.do(CHAIR, *BEGIN)
        await r.do(SYSTEM, connected(HENAN))
        await r.do(CHAIR, c.OpenMicrophone(HENAN))
        await lost(r)
        await r.bell.until(lambda: len(r.agent.invited) == 1)
        assert standing(r).purpose is CallPurpose.FALLBACK
        await r.tell(Answered(last(r), offer()))
        assert r.heard() == ["fallback", "fallback"]
        await r.press("1")
        assert "microphone_open" in r.heard()
        await r.do(SYSTEM, connected(HENAN))
        await r.bell.until(lambda: "hung up" in r.agent.done[last(r)])
        assert r.heard() == ["video_back"]
        await r.settle()
        assert ended(r) is CallEnd.VIDEO_BACK
        assert r.venue(HENAN).microphone.live


async def test_who_left_on_purpose_is_not_rung() -> None:
    async with rig(after=0.0) as r:
        await r.do(CHAIR, *BEGIN)
        await lost(r, "left")
        await lost(r, venue=ZHEJIANG)
        await r.bell.until(lambda: bool(r.agent.invited))
        assert dialled(r) == ["8001"]


async def test_a_short_loss_rings_nobody() -> None:
    async with rig(after=60.0) as r:
        await r.do(CHAIR, *BEGIN)
        await lost(r)
        await r.do(SYSTEM, connected(HENAN))
        assert not r.agent.invited
        assert not isinstance(r.call_of(HENAN), StandingCall)
