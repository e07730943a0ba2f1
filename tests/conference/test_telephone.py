"""Calls of venues, guests, and what the telephone must do for them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.support.conferences import (
    BEIJING,
    CHAIR,
    CONFERENCE,
    HENAN,
    OFFICE,
    SCHEDULE,
    SYSTEM,
    XINJIANG,
    ZHEJIANG,
    Story,
    adjourned,
    connected,
    in_session,
    opened,
    rehearsing,
    scheduled,
    venue_actor,
)

from podium.conference import commands as c
from podium.conference import effects as f
from podium.conference import events as e
from podium.conference import refusals as r
from podium.conference import telephone as t
from podium.conference.calls import (
    NO_CALL,
    Call,
    CallEnd,
    CallId,
    CallPurpose,
    CallStage,
    EndedCall,
    StandingCall,
)
from podium.conference.codec import recorded_from_json
from podium.conference.effects import effects, plan
from podium.conference.evolve import replay
from podium.conference.state import (
    Connection,
    FloorHolder,
    Program,
    Slot,
    Text,
    Venue,
    VenueId,
    VenueKind,
)

FIRST, SECOND_CALL = CallId("out-1"), CallId("out-2")
CAME = CallId("in-a")
GUEST = VenueId("guest-a")
NAME = Text("审计署", "Audit Office")
NUMBERS = ("+86991123456", "8001")
LOST = c.ReportConnection(HENAN, Connection.LOST, "network")


def with_telephones(story: Story) -> Story:
    """Henan and Xinjiang have numbers."""
    invited = tuple(
        replace(i, telephones=NUMBERS) for i in SCHEDULE.venues if i.id in (HENAN, XINJIANG)
    )
    return story.do(CHAIR, c.InviteVenues((), invited))


def session() -> Story:
    return with_telephones(in_session())


def reported(stage: CallStage, call: CallId = FIRST, venue: VenueId = XINJIANG) -> c.ReportCall:
    return c.ReportCall(venue, call, stage)


def calling() -> Story:
    return session().do(CHAIR, c.PlaceCall(XINJIANG))


def joined() -> Story:
    return calling().do(SYSTEM, reported(CallStage.JOINED))


def with_guest() -> Story:
    return session().do(SYSTEM, c.GuestArrives(GUEST, CAME, ("13900000000",)))


def call_of(story: Story, venue: VenueId = XINJIANG) -> Call:
    return story.conference.venues[venue].call


def standing(story: Story, venue: VenueId = XINJIANG) -> StandingCall:
    call = call_of(story, venue)
    assert isinstance(call, StandingCall)
    return call


def between(before: Story, after: Story) -> tuple[t.CallEffect, ...]:
    return t.call_effects(t.telephone_plan(before.state), t.telephone_plan(after.state))


# --- dialling out


def test_a_call_goes_from_dialling_to_joined_and_its_venue_is_present() -> None:
    story = calling()
    assert call_of(story) == StandingCall(
        FIRST, CallPurpose.CALLED, NUMBERS, CallStage.DIALLING, since=session().now
    )
    for stage in (CallStage.RINGING, CallStage.ASKED):
        story = story.do(SYSTEM, reported(stage))
        assert standing(story).stage is stage
        assert not story.conference.venues[XINJIANG].present
    story = story.do(SYSTEM, reported(CallStage.JOINED))
    venue = story.conference.venues[XINJIANG]
    assert venue.present
    assert venue.on_telephone
    assert not venue.attached
    assert venue.connection is Connection.ABSENT


def test_asking_again_for_a_call_that_stands_does_nothing() -> None:
    assert calling().ask(c.PlaceCall(XINJIANG), CHAIR) == ()
    assert joined().ask(c.PlaceCall(XINJIANG), CHAIR) == ()


def test_the_next_number_is_tried_after_a_setback() -> None:
    second = c.ReportCall(XINJIANG, FIRST, CallStage.DIALLING, 1, CallEnd.BUSY)
    story = calling().do(SYSTEM, second)
    assert (standing(story).position, standing(story).setback) == (1, CallEnd.BUSY)
    assert story.ask(second, SYSTEM) == ()
    waits = c.ReportCall(XINJIANG, FIRST, CallStage.WAITING, 1, CallEnd.NO_ANSWER)
    assert standing(story.do(SYSTEM, waits)).stage is CallStage.WAITING


def test_a_joined_call_is_not_put_back_by_a_late_report() -> None:
    assert joined().ask(reported(CallStage.RINGING), SYSTEM) == ()


def test_only_stages_on_the_way_are_reported() -> None:
    assert calling().ask(reported(CallStage.ENDED), SYSTEM) is r.NOT_REPORTABLE
    assert calling().ask(reported(CallStage.IDLE), SYSTEM) is r.NOT_REPORTABLE


def test_an_ended_call_says_why_and_may_be_placed_again() -> None:
    story = calling().do(SYSTEM, c.ReportCallEnded(XINJIANG, FIRST, CallEnd.WRONG_NUMBER))
    ended = call_of(story)
    assert isinstance(ended, EndedCall)
    assert ended.reason is CallEnd.WRONG_NUMBER
    again = story.do(CHAIR, c.PlaceCall(XINJIANG))
    assert standing(again).id == SECOND_CALL
    late = c.ReportCallEnded(XINJIANG, FIRST, CallEnd.BUSY)
    assert again.ask(late, SYSTEM) == ()
    assert again.ask(reported(CallStage.JOINED), SYSTEM) == ()


def test_who_has_no_number_is_not_called() -> None:
    assert session().ask(c.PlaceCall(ZHEJIANG), CHAIR) is r.NO_TELEPHONE
    assert session().ask(c.PlaceCall(VenueId("nobody")), CHAIR) is r.UNKNOWN_VENUE


@pytest.mark.parametrize(
    "command",
    [
        c.PlaceCall(XINJIANG),
        c.CallUnconnected(),
        c.DialNumber(GUEST, "8001", NAME),
        c.JoinByTelephone(XINJIANG, CAME),
        c.GuestArrives(GUEST, CAME),
        c.FallBack(XINJIANG),
    ],
)
def test_before_it_opens_nobody_telephones(command: c.Command) -> None:
    actor = CHAIR if isinstance(command, c.PlaceCall | c.CallUnconnected | c.DialNumber) else SYSTEM
    assert with_telephones(scheduled()).ask(command, actor) is r.NOT_OPEN


def test_all_who_are_not_here_are_called_at_once() -> None:
    story = session().do(SYSTEM, LOST, c.GuestArrives(GUEST, CAME))
    asked = story.ask(c.CallUnconnected(), CHAIR)
    assert asked == (
        e.CallBegan(HENAN, FIRST, CallPurpose.CALLED),
        e.CallBegan(XINJIANG, SECOND_CALL, CallPurpose.CALLED),
    )
    assert story.do(CHAIR, c.CallUnconnected()).ask(c.CallUnconnected(), CHAIR) == ()


def test_who_is_excused_is_called_by_name_alone() -> None:
    story = session().do(CHAIR, c.ExcuseVenue(XINJIANG))
    assert story.ask(c.CallUnconnected(), CHAIR) == ()
    assert story.ask(c.PlaceCall(XINJIANG), CHAIR) == (
        e.CallBegan(XINJIANG, FIRST, CallPurpose.CALLED),
    )


def test_the_console_hangs_up() -> None:
    story = joined().do(CHAIR, c.HangUp(XINJIANG))
    ended = call_of(story)
    assert isinstance(ended, EndedCall)
    assert ended.reason is CallEnd.RELEASED
    assert story.ask(c.HangUp(XINJIANG), CHAIR) == ()
    assert between(joined(), story) == (t.DropCall(FIRST, CallEnd.RELEASED),)


# --- dialling in


def test_a_venue_that_dials_in_takes_part_like_any_other() -> None:
    story = session().do(SYSTEM, c.JoinByTelephone(XINJIANG, CAME))
    assert story.conference.venues[XINJIANG].present
    story = story.do(venue_actor(XINJIANG), c.RequestFloor(XINJIANG))
    story = story.do(CHAIR, c.GrantFloor(XINJIANG, Slot.SECOND))
    assert story.conference.floor.holds(XINJIANG)
    assert story.conference.venues[XINJIANG].microphone.live
    assert story.conference.program.second == XINJIANG
    assert f.SwitchMicrophone(XINJIANG, live=True) in effects(
        plan(session().state), plan(story.state)
    )


def test_a_call_that_dials_in_takes_the_place_of_the_one_that_stands() -> None:
    before = calling()
    after = before.do(SYSTEM, c.JoinByTelephone(XINJIANG, CAME))
    assert standing(after).id == CAME
    assert e.CallEnded(XINJIANG, FIRST, CallEnd.REPLACED) in [x.event for x in after.entries]
    assert between(before, after) == (
        t.DropCall(FIRST, CallEnd.REPLACED),
        t.ConnectCall(CAME, XINJIANG),
    )
    assert after.ask(c.JoinByTelephone(XINJIANG, CAME), SYSTEM) == ()


def test_one_call_is_one_venues() -> None:
    story = session().do(SYSTEM, c.JoinByTelephone(XINJIANG, CAME))
    assert story.ask(c.JoinByTelephone(HENAN, CAME), SYSTEM) is r.IDENTIFIER_TAKEN
    assert story.ask(c.GuestArrives(GUEST, CAME), SYSTEM) is r.IDENTIFIER_TAKEN


def test_the_floor_and_microphone_outlive_the_call() -> None:
    story = joined().do(CHAIR, c.GrantFloor(XINJIANG))
    after = story.do(SYSTEM, c.ReportCallEnded(XINJIANG, FIRST, CallEnd.HUNG_UP))
    assert after.conference.floor == story.conference.floor
    assert after.conference.venues[XINJIANG].microphone.live


def test_noise_is_marked_while_the_call_is_joined() -> None:
    noisy = c.ReportNoise(XINJIANG, noisy=True)
    assert calling().ask(noisy, SYSTEM) == ()
    story = joined().do(SYSTEM, noisy)
    assert standing(story).noisy
    assert story.ask(noisy, SYSTEM) == ()
    assert not standing(story.do(SYSTEM, replace(noisy, noisy=False))).noisy


# --- guests


def test_a_guest_comes_last_under_a_name_and_leaves_with_its_call() -> None:
    story = with_guest()
    guest = story.conference.venues[GUEST]
    assert list(story.conference.venues)[-1] == GUEST
    assert guest.name == Text("来宾电话 1", "Guest telephone 1")
    assert (guest.kind, guest.organisation) == (VenueKind.GUEST, None)
    assert guest.telephones == ("13900000000",)
    story = story.do(CHAIR, c.GrantFloor(GUEST, Slot.SECOND), c.SetPreview(Program(main=GUEST)))
    gone = story.do(SYSTEM, c.ReportCallEnded(GUEST, CAME, CallEnd.HUNG_UP))
    assert GUEST not in gone.conference.venues
    assert not gone.conference.floor.holders
    assert gone.conference.program.second is None
    assert gone.conference.preview == Program()
    assert between(story, gone) == (t.DropCall(CAME, CallEnd.WITHDRAWN),)


def test_guests_are_numbered_and_never_twice() -> None:
    story = with_guest()
    assert story.ask(c.GuestArrives(GUEST, CAME), SYSTEM) == ()
    assert story.ask(c.GuestArrives(GUEST, CallId("in-b")), SYSTEM) is r.IDENTIFIER_TAKEN
    assert story.ask(c.GuestArrives(HENAN, CallId("in-b")), SYSTEM) is r.IDENTIFIER_TAKEN
    after = story.do(
        SYSTEM,
        c.ReportCallEnded(GUEST, CAME, CallEnd.HUNG_UP),
        c.GuestArrives(VenueId("guest-b"), CallId("in-b")),
    )
    assert after.conference.venues[VenueId("guest-b")].name.en == "Guest telephone 2"


def test_a_typed_number_is_dialled_and_stays_on_the_list() -> None:
    before = session()
    after = before.do(CHAIR, c.DialNumber(GUEST, "8002", NAME))
    assert between(before, after) == (t.DialCall(FIRST, GUEST, ("8002",), CallPurpose.CALLED),)
    assert after.ask(c.DialNumber(GUEST, "8002", NAME), CHAIR) == ()
    assert after.ask(c.DialNumber(GUEST, "8003", NAME), CHAIR) is r.IDENTIFIER_TAKEN
    busy = after.do(SYSTEM, c.ReportCallEnded(GUEST, FIRST, CallEnd.BUSY))
    assert isinstance(call_of(busy, GUEST), EndedCall)
    assert standing(busy.do(CHAIR, c.PlaceCall(GUEST)), GUEST).id == SECOND_CALL
    assert GUEST not in busy.do(CHAIR, c.WithdrawVenue(GUEST)).conference.venues


@pytest.mark.parametrize("number", ["", "1", "12a4", "+", "１２３４", "1234\n", "0" * 21])
def test_a_number_is_digits(number: str) -> None:
    assert session().ask(c.DialNumber(GUEST, number, NAME), CHAIR) is r.BAD_NUMBER
    invited = (replace(SCHEDULE.venues[1], telephones=(number,)),)
    assert session().ask(c.InviteVenues((), invited), CHAIR) is r.BAD_NUMBER


def test_a_venue_has_a_few_numbers_at_most() -> None:
    invited = (replace(SCHEDULE.venues[1], telephones=("8001",) * 6),)
    assert session().ask(c.InviteVenues((), invited), CHAIR) is r.TOO_MANY_NUMBERS


def test_a_guest_is_renamed() -> None:
    story = with_guest().do(CHAIR, c.RenameGuest(GUEST, NAME))
    assert story.conference.venues[GUEST].name == NAME
    assert story.ask(c.RenameGuest(GUEST, NAME), CHAIR) == ()
    assert story.ask(c.RenameGuest(HENAN, NAME), CHAIR) is r.NOT_A_GUEST
    assert story.ask(c.RenameGuest(GUEST, Text("", "x")), CHAIR) is r.BAD_TEXT


def test_guests_are_not_invited_and_do_not_clash_with_who_is() -> None:
    guest = c.Invitation(GUEST, SCHEDULE.venues[0].organisation, NAME, VenueKind.GUEST, 9)
    assert session().ask(c.InviteVenues((), (guest,)), CHAIR) is r.GUESTS_ARE_NOT_INVITED
    branch = replace(guest, kind=VenueKind.BRANCH)
    assert with_guest().ask(c.InviteVenues((), (branch,)), CHAIR) is r.IDENTIFIER_TAKEN


def test_there_are_so_many_guests_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(r, "MAX_GUESTS", 1)
    more = c.GuestArrives(VenueId("guest-b"), CallId("in-b"))
    assert with_guest().ask(more, SYSTEM) is r.TOO_MANY_GUESTS


def test_an_assigned_guest_is_the_venue_from_then_on() -> None:
    before = with_guest().do(
        CHAIR,
        c.GrantFloor(GUEST, Slot.SECOND),
        c.SetPreview(Program(main=GUEST)),
    )
    held = before.conference.floor.holders
    after = before.do(CHAIR, c.AssignGuest(GUEST, XINJIANG))
    state = after.conference
    assert GUEST not in state.venues
    assert standing(after).id == CAME
    assert state.floor.holders == (FloorHolder(XINJIANG, held[0].at),)
    assert state.venues[XINJIANG].microphone.live
    assert (state.program.second, state.preview.main) == (XINJIANG, XINJIANG)
    assert between(before, after) == (t.ConnectCall(CAME, XINJIANG),)
    assert effects(plan(before.state), plan(after.state)) == (
        f.SwitchMicrophone(XINJIANG, live=True),
        f.ShowInSlot(Slot.SECOND, XINJIANG),
        f.ShowInPreview(Slot.MAIN, XINJIANG),
        f.DetachVenue(GUEST),
    )


def test_a_guest_keeps_the_better_place_in_the_queue_and_on_air() -> None:
    queued = (c.RequestFloor(GUEST), c.RequestFloor(HENAN), c.RequestFloor(XINJIANG))
    story = with_guest().do(CHAIR, *queued).do(CHAIR, c.AssignGuest(GUEST, XINJIANG))
    assert [q.venue for q in story.conference.floor.queue] == [XINJIANG, HENAN]
    both = with_guest().do(CHAIR, c.PutOnAir(Slot.MAIN, HENAN), c.PutOnAir(Slot.SECOND, GUEST))
    assert both.do(CHAIR, c.AssignGuest(GUEST, HENAN)).conference.program == Program(main=HENAN)


def test_assigning_replaces_the_venues_own_call() -> None:
    before = joined().do(SYSTEM, c.GuestArrives(GUEST, CAME))
    after = before.do(CHAIR, c.AssignGuest(GUEST, XINJIANG))
    assert standing(after).id == CAME
    assert between(before, after) == (
        t.DropCall(FIRST, CallEnd.REPLACED),
        t.ConnectCall(CAME, XINJIANG),
    )


def test_news_of_an_assigned_call_reaches_its_venue() -> None:
    story = with_guest().do(CHAIR, c.AssignGuest(GUEST, XINJIANG))
    after = story.do(SYSTEM, c.ReportCallEnded(GUEST, CAME, CallEnd.HUNG_UP))
    assert isinstance(call_of(after), EndedCall)
    assert XINJIANG in after.conference.venues


def test_a_guest_is_assigned_to_a_venue_while_it_is_on_the_telephone() -> None:
    story = with_guest().do(CHAIR, c.DialNumber(VenueId("guest-b"), "8002", NAME))
    assert story.ask(c.AssignGuest(HENAN, XINJIANG), CHAIR) is r.NOT_A_GUEST
    assert story.ask(c.AssignGuest(GUEST, VenueId("nobody")), CHAIR) is r.UNKNOWN_VENUE
    assert story.ask(c.AssignGuest(GUEST, VenueId("guest-b")), CHAIR) is r.NOT_A_VENUE
    assert story.ask(c.JoinByTelephone(GUEST, CallId("in-b")), SYSTEM) is r.NOT_A_VENUE
    ended = story.do(SYSTEM, c.ReportCallEnded(VenueId("guest-b"), FIRST, CallEnd.BUSY))
    assert ended.ask(c.AssignGuest(VenueId("guest-b"), HENAN), CHAIR) is r.NOT_ON_TELEPHONE


# --- fallback


def test_a_venue_that_loses_its_link_returns_by_telephone_as_it_was() -> None:
    before = session().do(CHAIR, c.GrantFloor(HENAN, Slot.SECOND)).do(SYSTEM, LOST)
    story = before.do(SYSTEM, c.FallBack(HENAN))
    assert between(before, story) == (t.DialCall(FIRST, HENAN, NUMBERS, CallPurpose.FALLBACK),)
    story = story.do(SYSTEM, reported(CallStage.JOINED, venue=HENAN))
    was, is_ = before.conference, story.conference
    assert is_.venues[HENAN].present
    assert (is_.floor, is_.program) == (was.floor, was.program)
    assert is_.venues[HENAN].microphone == was.venues[HENAN].microphone
    assert list(is_.venues) == list(was.venues)


def test_the_call_is_released_once_video_is_back() -> None:
    story = session().do(SYSTEM, LOST, c.FallBack(HENAN))
    assert story.ask(c.ReleaseFallback(HENAN), SYSTEM) == ()
    story = story.do(SYSTEM, c.ReportConnection(HENAN, Connection.CONNECTING))
    assert story.ask(c.ReleaseFallback(HENAN), SYSTEM) == ()
    story = story.do(SYSTEM, connected(HENAN))
    assert story.ask(c.ReleaseFallback(HENAN), SYSTEM) == (
        e.CallEnded(HENAN, FIRST, CallEnd.VIDEO_BACK),
    )


def test_only_fallback_calls_are_released() -> None:
    story = session().do(CHAIR, c.PlaceCall(HENAN))
    assert story.ask(c.ReleaseFallback(HENAN), SYSTEM) == ()


def test_no_telephone_rings_for_who_is_here_never_came_or_left() -> None:
    assert session().ask(c.FallBack(HENAN), SYSTEM) == ()
    assert session().ask(c.FallBack(XINJIANG), SYSTEM) == ()
    left = c.ReportConnection(HENAN, Connection.LOST, "left")
    assert session().do(SYSTEM, left).ask(c.FallBack(HENAN), SYSTEM) == ()
    assert session().ask(c.FallBack(ZHEJIANG), SYSTEM) is r.NO_TELEPHONE


def test_a_telephone_that_stands_already_is_not_rung() -> None:
    story = session().do(SYSTEM, c.JoinByTelephone(HENAN, CAME), LOST)
    assert story.ask(c.FallBack(HENAN), SYSTEM) == ()


# --- with the life of the conference


def test_a_withdrawn_venue_is_hung_up_on() -> None:
    before = joined()
    after = before.do(CHAIR, c.WithdrawVenue(XINJIANG))
    events = [x.event for x in after.entries[len(before.entries) :]]
    assert events == [
        e.CallEnded(XINJIANG, FIRST, CallEnd.WITHDRAWN),
        e.VenueWithdrawn(XINJIANG),
    ]
    assert between(before, after) == (t.DropCall(FIRST, CallEnd.WITHDRAWN),)


def test_an_adjournment_leaves_calls_alone() -> None:
    before = joined()
    assert between(before, before.do(CHAIR, c.Adjourn())) == ()
    assert with_telephones(adjourned()).ask(c.PlaceCall(XINJIANG), CHAIR) != r.NOT_IN_SESSION


def test_the_end_of_the_conference_ends_every_call() -> None:
    before = joined().do(SYSTEM, c.GuestArrives(GUEST, CAME))
    after = before.do(CHAIR, c.CloseConference())
    assert between(before, after) == (
        t.DropCall(FIRST, CallEnd.OVER),
        t.DropCall(CAME, CallEnd.OVER),
    )
    assert isinstance(call_of(after, GUEST), EndedCall)
    assert after.ask(c.ReportCallEnded(XINJIANG, FIRST, CallEnd.HUNG_UP), SYSTEM) is (
        r.CONFERENCE_CLOSED
    )


def test_a_rehearsal_leaves_no_calls_and_no_guests() -> None:
    story = with_telephones(rehearsing()).do(CHAIR, c.PlaceCall(XINJIANG), c.PlaceCall(HENAN))
    story = story.do(SYSTEM, c.ReportCallEnded(XINJIANG, FIRST, CallEnd.BUSY))
    story = story.do(SYSTEM, c.GuestArrives(GUEST, CAME))
    ended = story.do(OFFICE, c.EndRehearsal())
    assert {v.call for v in ended.conference.venues.values()} == {NO_CALL}
    assert GUEST not in ended.conference.venues
    assert between(story, ended) == (
        t.DropCall(SECOND_CALL, CallEnd.OVER),
        t.DropCall(CAME, CallEnd.OVER),
    )


def test_who_is_on_the_telephone_stays_when_the_conference_opens() -> None:
    story = with_telephones(rehearsing()).do(CHAIR, c.PlaceCall(XINJIANG), c.PlaceCall(HENAN))
    story = story.do(SYSTEM, c.ReportCallEnded(XINJIANG, FIRST, CallEnd.BUSY))
    after = story.do(OFFICE, c.OpenConference())
    assert call_of(after) == NO_CALL
    assert standing(after, HENAN).id == SECOND_CALL
    assert between(story, after) == ()


def test_after_a_restart_what_was_dialled_is_dialled_again_and_the_rest_is_lost() -> None:
    story = joined().do(
        SYSTEM, c.JoinByTelephone(HENAN, CAME), c.GuestArrives(GUEST, CallId("in-b"))
    )
    after = story.do(SYSTEM, c.LoseCalls())
    assert standing(after).stage is CallStage.DIALLING
    assert standing(after).setback is CallEnd.SERVER
    henan = call_of(after, HENAN)
    assert isinstance(henan, EndedCall)
    assert henan.reason is CallEnd.SERVER
    assert GUEST not in after.conference.venues
    assert t.call_effects(None, t.telephone_plan(after.state)) == (
        t.DialCall(FIRST, XINJIANG, NUMBERS, CallPurpose.CALLED),
    )
    assert after.ask(c.LoseCalls(), SYSTEM) == ()


def test_a_plan_that_shares_its_venues_costs_nothing() -> None:
    class Untouchable(dict[VenueId, Venue]):
        def values(self) -> object:  # type: ignore[override]
            raise AssertionError("compared venue by venue")

    same = Untouchable()
    assert t.call_effects(t.TelephonePlan(same), t.TelephonePlan(same)) == ()


# --- the log


def test_a_log_from_before_there_were_telephones_still_replays() -> None:
    old = (
        '{"seq":1,"at":"2023-03-01T12:00:00Z","by":{"role":"office","id":"office","venue":null},'
        '"event":{"conference":"conference-1","title":{"zh":"会","en":"Conference"},'
        '"starts_at":"2023-03-01T12:00:00Z","agenda":[],"organisations":[{"id":"ministry",'
        '"name":{"zh":"部","en":"Ministry"},"parent":null,"order":0}],"venues":[{"id":"beijing",'
        '"organisation":"ministry","name":{"zh":"北京","en":"Beijing"},"kind":"main","order":0}],'
        '"type":"conference_scheduled"}}'
    )
    state = replay([recorded_from_json(old)])
    assert state is not None
    assert state.id == CONFERENCE
    assert state.venues[BEIJING].telephones == ()
    assert state.venues[BEIJING].call == NO_CALL
    assert opened().conference.dialled == 0
