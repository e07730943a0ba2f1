"""Calls that come in: the menu, PINs, accounts, the floor, hold, and the end."""

from __future__ import annotations

import logging

import pytest
from tests.support.conferences import CHAIR, CONFERENCE, HENAN, OFFICE, ZHEJIANG
from tests.support.telephone import Rig, offer, rig

from podium.conference import commands as c
from podium.conference.calls import CallEnd, EndedCall, StandingCall
from podium.conference.lifecycle import FloorPlace, floor_place
from podium.conference.state import ConferenceId, VenueKind
from podium.hall.legs import KeyPressed, NoiseChanged
from podium.telephone.guard import Attempt, By, Locked
from podium.telephone.sip.events import Answered, Digits, Ended, Reoffered, Why

BEGIN = (c.OpenConference(), c.StartSession())


async def joined(rig: Rig, pin: str = "20230301") -> None:
    await rig.do(CHAIR, *BEGIN)
    await rig.dial()
    await rig.press(pin + "#")
    rig.heard()


async def test_a_venue_s_pin_joins_as_that_venue() -> None:
    async with rig() as r:
        await r.do(CHAIR, *BEGIN)
        key = await r.dial()
        assert r.agent.done[key] == ["accepted"]
        assert r.heard() == ["welcome", "welcome"]
        assert r.leg not in r.legs.places
        await r.press("20230301#")
        assert r.legs.places[r.leg] == (r.state.id, HENAN)
        assert r.venue(HENAN).on_telephone
        assert r.heard() == ["joined_venue", "in_session", "microphone_closed", "keys"]


async def test_three_wrong_pins_end_the_call_and_nothing_is_said_of_what_exists() -> None:
    async with rig() as r:
        key = await r.dial()
        await r.press("11111111#")
        r.heard()
        await r.press("22222222#")
        assert r.heard() == ["pin_wrong", "pin_wrong"]
        await r.press("33333333#")
        assert r.heard() == ["pin_failed", "pin_failed"]
        assert "hung up" in r.agent.done[key]
        assert r.legs.closed == {r.leg}


@pytest.mark.parametrize(
    ("by", "caller", "source", "key"),
    [
        ("sources", "861065", "192.0.2.66", (By.SOURCE, "<192.0.2.66>")),
        ("sources", "861065", "2001:db8::7", (By.SOURCE, "<2001:db8::/64>")),
        ("sources", "861065", "192.0.2.66", (By.CALLER, "<861065@192.0.2.7>")),
        ("one", "861065", "192.0.2.1", (By.CALLER, "<861065>")),
        ("8001", "861065", "192.0.2.1", (By.CALLER, "<phone 8001>")),
    ],
)
async def test_who_is_locked_is_not_looked_up_and_the_right_pin_helps_no_more(
    by: str, caller: str, source: str, key: tuple[By, str]
) -> None:
    async with rig() as r:
        await r.do(CHAIR, *BEGIN)
        while not isinstance(r.guard.attempt(Attempt((key,)), r.now()), Locked):
            pass
        call = await r.dial("20230302", by=by, caller=caller, source=source)
        assert r.agent.done[call] == ["rejected 404"]
        if by != "8001":
            await r.dial(by=by, caller=caller, source=source)
            r.heard()
            await r.press("20230302#")
            assert r.heard() == ["pin_locked", "again_1_minute"] * 2
        assert r.pins.asked == 0
        assert not r.venue(ZHEJIANG).on_telephone


async def test_wrong_pins_are_counted_by_caller_and_source_and_for_all_strangers() -> None:
    async with rig() as r:
        await r.dial(caller="861065", source="192.0.2.66")
        await r.press("11111111#")
        await r.press("22222222#")
        await r.dial("33333333", caller="861065", source="192.0.2.66")
        for by, key in ((By.CALLER, "<861065@192.0.2.7>"), (By.SOURCE, "<192.0.2.66>")):
            assert r.guard.failures(by, key) == 3
        assert round(r.lockout.tally.level, 2) == 3


async def test_a_pin_as_the_number_called_joins_directly() -> None:
    async with rig() as r:
        await r.do(CHAIR, *BEGIN)
        key = await r.dial("20230302")
        assert r.agent.done[key] == ["accepted"]
        assert r.heard()[0] == "joined_venue"
        assert r.venue(ZHEJIANG).on_telephone


@pytest.mark.parametrize("user", ["55555555", "8000", "nobody", "0086900555000"])
async def test_what_is_no_number_of_ours_is_refused_alike(user: str) -> None:
    async with rig() as r:
        key = await r.dial(user)
        assert r.agent.done[key] == ["rejected 404"]
        assert not r.legs.heard


async def test_a_venue_s_own_telephone_needs_no_pin_and_has_its_language() -> None:
    async with rig() as r:
        await r.do(CHAIR, *BEGIN)
        await r.dial(by="8001", caller="8001")
        assert r.legs.heard[r.leg][0] == "en/joined_venue"
        assert r.venue(HENAN).on_telephone


async def test_a_general_pin_is_a_guest_until_the_operator_assigns_it() -> None:
    async with rig() as r:
        await joined(r, "99990000")
        (guest,) = [v for v in r.state.venues.values() if v.kind is VenueKind.GUEST]
        assert guest.telephones == ("8610650001",)
        await r.do(CHAIR, c.AssignGuest(guest.id, ZHEJIANG))
        assert r.legs.places[r.leg] == (r.state.id, ZHEJIANG)
        assert r.heard() == ["now_venue"]
        await r.press("1")
        assert floor_place(r.state, ZHEJIANG) is FloorPlace.WAITS


async def test_before_the_conference_opens_one_waits_and_is_then_let_in() -> None:
    async with rig() as r:
        await r.dial("20230301")
        assert r.heard() == ["not_begun", "not_begun"]
        await r.do(CHAIR, c.OpenConference())
        assert r.heard() == ["joined_venue", "not_begun", "microphone_closed", "keys"]
        await r.do(CHAIR, c.StartSession())
        assert r.heard() == ["in_session"]


async def test_the_floor_is_asked_for_and_given_and_everything_is_told() -> None:
    async with rig() as r:
        await joined(r)
        await r.press("1")
        assert r.heard() == ["floor_asked"]
        assert floor_place(r.state, HENAN) is FloorPlace.WAITS
        await r.do(CHAIR, c.GrantFloor(HENAN))
        assert r.heard() == ["floor_granted", "microphone_open"]
        await r.do(CHAIR, c.ReleaseFloor(HENAN))
        assert r.heard() == ["floor_ended", "microphone_closed"]
        await r.press("1")
        await r.press("1")
        assert r.heard() == ["floor_asked", "floor_withdrawn"]
        assert floor_place(r.state, HENAN) is FloorPlace.NONE


async def test_the_floor_cannot_be_asked_for_before_the_session() -> None:
    async with rig() as r:
        await r.do(CHAIR, c.OpenConference())
        await r.dial("20230301")
        r.heard()
        await r.press("1")
        assert r.heard() == ["floor_not_now"]


async def test_keys_by_info_count_where_none_were_agreed_for_sound() -> None:
    async with rig() as r:
        await r.do(CHAIR, *BEGIN)
        plain = offer().replace(b" 101", b"").replace(b"a=rtpmap:101 telephone-event/8000\r\n", b"")
        key = await r.dial(sdp=plain.replace(b"a=fmtp:101 0-15\r\n", b""))
        assert r.legs.media[r.leg].events_payload_type is None
        await r.tell(Digits(key, "20230301#"))
        assert r.venue(HENAN).on_telephone


async def test_keys_that_come_twice_count_once() -> None:
    async with rig() as r:
        await r.do(CHAIR, *BEGIN)
        key = await r.dial()
        for digit in "20230301#":
            await r.press(digit)
            await r.tell(Digits(key, digit))
        assert r.venue(HENAN).on_telephone


async def test_hold_and_resume() -> None:
    async with rig() as r:
        await joined(r)
        (key,) = r.agent.done
        await r.tell(Reoffered(key, offer().replace(b"a=sendrecv", b"a=sendonly")))
        assert r.agent.done[key][-1] == "answered"
        assert not r.legs.media[r.leg].sends
        assert b"a=recvonly" in r.agent.said[key]
        await r.tell(Reoffered(key, offer()))
        assert r.legs.media[r.leg].sends
        assert r.venue(HENAN).on_telephone


async def test_a_change_to_what_we_cannot_do_is_refused_and_the_call_goes_on() -> None:
    async with rig() as r:
        await joined(r)
        (key,) = r.agent.done
        await r.tell(Reoffered(key, offer().replace(b"8 101", b"18").replace(b"PCMA", b"G729")))
        assert r.agent.done[key][-1] == "refused 488"
        assert r.venue(HENAN).on_telephone


async def test_a_late_offer_is_ours_to_make() -> None:
    async with rig() as r:
        key = await r.dial(sdp=None)
        assert r.agent.done[key] == ["accepted"]
        assert b"m=audio" in r.agent.said[key]
        await r.tell(Answered(key, offer()))
        assert r.legs.media[r.leg].codec == "PCMA"


async def test_without_a_codec_in_common_nothing_is_opened_for_long() -> None:
    async with rig() as r:
        key = await r.dial(sdp=offer().replace(b"8 101", b"18").replace(b"PCMA", b"G729"))
        assert r.agent.done[key] == ["rejected 488"]
        assert r.legs.closed == {r.leg}


async def test_without_a_free_port_the_caller_is_told_to_come_again() -> None:
    async with rig() as r:
        r.legs.free = 0
        key = await r.dial()
        assert r.agent.done[key] == ["rejected 503"]


@pytest.mark.parametrize(
    ("why", "reason"), [(Why.HUNG_UP, CallEnd.HUNG_UP), (Why.EXPIRED, CallEnd.SILENT)]
)
async def test_the_conference_hears_why_a_call_ended(why: Why, reason: CallEnd) -> None:
    async with rig() as r:
        await joined(r)
        (key,) = r.agent.done
        await r.tell(Ended(key, why))
        call = r.call_of(HENAN)
        assert isinstance(call, EndedCall)
        assert call.reason is reason
        assert r.legs.closed == {r.leg}
        assert r.house.calls == 0


async def test_a_second_call_takes_the_place_of_the_first() -> None:
    async with rig() as r:
        await joined(r)
        first, (key,) = r.leg, r.agent.done
        await r.dial("20230301")
        assert r.heard(first) == ["other_call"]
        assert "hung up" in r.agent.done[key]
        call = r.call_of(HENAN)
        assert isinstance(call, StandingCall)
        assert call.joined


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (c.CloseConference(), "over"),
        (c.HangUp(HENAN), "dropped"),
        (c.WithdrawVenue(HENAN), "dropped"),
    ],
)
async def test_what_ends_a_call_is_told(command: c.Command, words: str) -> None:
    async with rig() as r:
        await joined(r)
        (key,) = r.agent.done
        await r.do(CHAIR, command)
        assert r.heard() == [words]
        assert "hung up" in r.agent.done[key]
        assert r.house.calls == 0


async def test_noise_is_reported_of_the_venue() -> None:
    async with rig() as r:
        await joined(r)
        r.legs.tell(NoiseChanged(r.leg, True))
        await r.settle()
        call = r.call_of(HENAN)
        assert isinstance(call, StandingCall)
        assert call.noisy


async def test_a_caller_that_hangs_up_while_it_joins_does_not_stay_behind() -> None:
    async with rig() as r:
        await r.do(CHAIR, *BEGIN)
        key = await r.dial()
        await r.press("20230301")
        r.legs.tell(KeyPressed(r.leg, "#"))
        await r.tell(Ended(key, Why.HUNG_UP))
        call = r.call_of(HENAN)
        assert isinstance(call, EndedCall)
        assert call.reason is CallEnd.HUNG_UP
        assert r.house.calls == 0


async def test_a_fault_of_ours_does_not_leave_a_caller_in_silence(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with rig() as r:
        r.pins.fault = RuntimeError("a fault")
        key = await r.dial()
        r.heard()
        await r.press("20230301#")
        assert r.heard() == ["trouble", "trouble"]
        assert "hung up" in r.agent.done[key]
        assert r.agent.done[await r.dial("20230301")] == ["rejected 500"]
    assert "a fault of ours" in caplog.text


async def test_without_the_store_the_caller_is_asked_to_call_again() -> None:
    async with rig() as r:
        r.pins.fault = OSError("the disk is full")
        await r.dial()
        r.heard()
        await r.press("20230301#")
        assert r.heard() == ["trouble", "trouble"]
        assert r.agent.done[await r.dial("20230301")] == ["rejected 503"]


async def test_no_pin_and_no_number_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with rig() as r:
        await joined(r)
        await r.dial("99990000", caller="8610650042")
        await r.dial("55555555")
        await r.press("1")
        await r.do(OFFICE, c.CloseConference())
    for secret in ("20230301", "99990000", "55555555", "8610650042", "192.0.2.7"):
        assert secret not in caplog.text


async def test_a_revoked_pin_ends_the_call_that_came_in_by_it_and_says_why() -> None:
    async with rig() as r:
        await joined(r)
        (key,) = r.agent.done
        r.house.pin_revoked(CONFERENCE, HENAN)
        await r.settle()
        assert r.heard() == ["pin_revoked"]
        assert "hung up" in r.agent.done[key]
        call = r.call_of(HENAN)
        assert isinstance(call, EndedCall)
        assert call.reason is CallEnd.PIN_REVOKED


async def test_other_pins_that_are_revoked_end_nothing() -> None:
    async with rig() as r:
        await joined(r)
        r.house.pin_revoked(CONFERENCE, ZHEJIANG)
        r.house.pin_revoked(CONFERENCE, None)
        r.house.pin_revoked(ConferenceId("another"), HENAN)
        await r.settle()
        assert r.heard() == []
        assert r.venue(HENAN).on_telephone


async def test_a_telephone_that_needed_no_pin_loses_nothing_by_its_end() -> None:
    async with rig() as r:
        await r.do(CHAIR, *BEGIN)
        await r.dial(by="8001", caller="8001")
        r.house.pin_revoked(CONFERENCE, HENAN)
        await r.settle()
        assert r.venue(HENAN).on_telephone


async def test_who_waits_for_the_conference_is_told_that_the_pin_is_revoked() -> None:
    async with rig() as r:
        key = await r.dial("20230301")
        r.heard()
        r.house.pin_revoked(CONFERENCE, HENAN)
        await r.settle()
        assert r.heard() == ["pin_revoked", "pin_revoked"]
        assert "hung up" in r.agent.done[key]


@pytest.mark.parametrize("assigned", [False, True])
async def test_the_general_pin_ends_guests_but_not_those_whom_the_operator_has_assigned(
    assigned: bool,
) -> None:
    async with rig() as r:
        await joined(r, "99990000")
        (guest,) = [v for v in r.state.venues.values() if v.kind is VenueKind.GUEST]
        if assigned:
            await r.do(CHAIR, c.AssignGuest(guest.id, ZHEJIANG))
        r.house.pin_revoked(CONFERENCE, None)
        await r.settle()
        assert r.venue(ZHEJIANG).on_telephone is assigned
        assert guest.id not in r.state.venues
        assert ("pin_revoked" in r.heard()) is not assigned
