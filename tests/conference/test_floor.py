"""Microphones and floor."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.support.conferences import (
    BEIJING,
    CHAIR,
    HENAN,
    MINISTRY,
    OFFICE,
    OPERATOR,
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
    venue_actor,
)

from podium.conference import commands as c
from podium.conference import events as e
from podium.conference import refusals as r
from podium.conference.commands import Command, Invitation
from podium.conference.refusals import MAX_OPEN_MICROPHONES, Refusal
from podium.conference.state import FloorRequest, Program, Slot, Text, VenueId, VenueKind

NOBODY = VenueId("nobody")


def test_the_chair_opens_and_closes_a_microphone() -> None:
    story = in_session().do(CHAIR, c.OpenMicrophone(HENAN))
    assert story.conference.venues[HENAN].microphone.live
    assert story.ask(c.OpenMicrophone(HENAN), CHAIR) == ()
    assert story.ask(c.CloseMicrophone(HENAN), CHAIR) == (e.MicrophoneClosed(HENAN),)
    assert story.do(CHAIR, c.CloseMicrophone(HENAN)).ask(c.CloseMicrophone(HENAN), CHAIR) == ()


def test_close_all_spares_the_main_venue_unless_asked() -> None:
    story = in_session().do(CHAIR, c.OpenMicrophone(HENAN), c.OpenMicrophone(ZHEJIANG))
    assert story.ask(c.CloseAllMicrophones(), CHAIR) == (
        e.MicrophoneClosed(ZHEJIANG),
        e.MicrophoneClosed(HENAN),
    )
    assert len(story.do(CHAIR, c.CloseAllMicrophones(main_too=True)).entries) == (
        len(story.entries) + 3
    )


def test_the_venue_closes_its_own_microphone_and_the_chair_cannot_override_it() -> None:
    own = venue_actor(HENAN)
    story = in_session().do(own, c.SwitchOwnMicrophone(HENAN, closed=True))
    assert story.ask(c.SwitchOwnMicrophone(HENAN, closed=True), own) == ()
    granted = story.do(CHAIR, c.GrantFloor(HENAN))
    assert not granted.conference.venues[HENAN].microphone.live
    freed = granted.do(own, c.SwitchOwnMicrophone(HENAN, closed=False))
    assert freed.conference.venues[HENAN].microphone.live


def test_floor_from_request_to_release() -> None:
    story = (
        in_session()
        .do(venue_actor(HENAN), c.RequestFloor(HENAN))
        .do(venue_actor(ZHEJIANG), c.RequestFloor(ZHEJIANG))
    )
    assert [q.venue for q in story.conference.floor.queue] == [HENAN, ZHEJIANG]
    assert story.ask(c.RequestFloor(HENAN), venue_actor(HENAN)) == ()

    granted = story.do(CHAIR, c.GrantFloor(HENAN, Slot.SECOND))
    state = granted.conference
    assert [h.venue for h in state.floor.holders] == [HENAN]
    assert [q.venue for q in state.floor.queue] == [ZHEJIANG]
    assert state.venues[HENAN].microphone.live
    assert state.program == Program(main=BEIJING, second=HENAN)
    assert granted.ask(c.GrantFloor(HENAN, Slot.SECOND), CHAIR) == ()

    assert granted.ask(c.ReleaseFloor(HENAN), venue_actor(HENAN)) == (
        e.MicrophoneClosed(HENAN),
        e.FloorReleased(HENAN),
    )
    released = granted.do(CHAIR, c.ReleaseFloor(HENAN))
    assert released.conference.floor.holders == ()
    assert released.ask(c.ReleaseFloor(HENAN), CHAIR) == ()


def test_the_floor_is_given_unasked_and_again_opens_a_closed_microphone() -> None:
    story = in_session().do(CHAIR, c.GrantFloor(HENAN), c.CloseMicrophone(HENAN))
    assert story.ask(c.GrantFloor(HENAN), CHAIR) == (e.MicrophoneOpened(HENAN),)


def test_a_request_is_withdrawn_by_the_venue_or_declined_by_the_console() -> None:
    story = in_session().do(venue_actor(HENAN), c.RequestFloor(HENAN))
    for actor in (venue_actor(HENAN), CHAIR, OPERATOR):
        after = story.do(actor, c.WithdrawRequest(HENAN))
        assert after.conference.floor.queue == ()
        assert after.ask(c.WithdrawRequest(HENAN), actor) == ()


def test_who_withdraws_too_late_is_told_of_the_floor() -> None:
    story = in_session().do(CHAIR, c.GrantFloor(HENAN))
    assert story.ask(c.WithdrawRequest(HENAN), venue_actor(HENAN)) is r.HOLDS_FLOOR


def test_releasing_keeps_the_main_venue_open() -> None:
    story = in_session().do(CHAIR, c.GrantFloor(BEIJING))
    assert story.ask(c.ReleaseFloor(BEIJING), CHAIR) == (e.FloorReleased(BEIJING),)


def test_a_request_keeps_its_place_over_an_adjournment() -> None:
    story = in_session().do(venue_actor(HENAN), c.RequestFloor(HENAN)).do(CHAIR, c.Adjourn())
    assert story.conference.floor.queue == (FloorRequest(HENAN, in_session().now),)
    assert story.ask(c.WithdrawRequest(HENAN), venue_actor(HENAN)) == (
        e.FloorRequestWithdrawn(HENAN),
    )


def test_microphones_work_in_a_rehearsal() -> None:
    assert rehearsing().do(CHAIR, c.GrantFloor(HENAN)).conference.venues[HENAN].microphone.live


def test_closing_is_never_refused_for_the_phase() -> None:
    assert opened().ask(c.CloseAllMicrophones(), CHAIR) == ()
    assert adjourned().ask(c.CloseMicrophone(HENAN), CHAIR) == ()


def test_open_microphones_are_limited() -> None:
    venues = tuple(
        Invitation(VenueId(f"v{n}"), MINISTRY, Text("场", "V"), VenueKind.BRANCH, n + 10)
        for n in range(MAX_OPEN_MICROPHONES)
    )
    ids = [v.id for v in venues]
    story = (
        Story()
        .do(OFFICE, replace(SCHEDULE, venues=SCHEDULE.venues + venues), c.OpenConference())
        .do(CHAIR, c.StartSession())
        .do(SYSTEM, *(connected(v) for v in ids))
        .do(CHAIR, *(c.OpenMicrophone(v) for v in ids[:-1]))
    )
    assert story.ask(c.OpenMicrophone(ids[-1]), CHAIR) is r.TOO_MANY_MICROPHONES
    assert story.ask(c.GrantFloor(ids[-1]), CHAIR) is r.TOO_MANY_MICROPHONES


@pytest.mark.parametrize("story", [opened(), adjourned()])
@pytest.mark.parametrize(
    "command",
    [c.OpenMicrophone(HENAN), c.RequestFloor(HENAN), c.GrantFloor(HENAN), c.ReleaseFloor(HENAN)],
)
def test_out_of_session_nobody_speaks(story: Story, command: Command) -> None:
    assert story.ask(command, CHAIR) is r.NOT_IN_SESSION


@pytest.mark.parametrize(
    ("command", "refusal"),
    [
        (c.OpenMicrophone(XINJIANG), r.VENUE_NOT_HERE),
        (c.GrantFloor(XINJIANG), r.VENUE_NOT_HERE),
        (c.OpenMicrophone(NOBODY), r.UNKNOWN_VENUE),
        (c.CloseMicrophone(NOBODY), r.UNKNOWN_VENUE),
        (c.RequestFloor(NOBODY), r.UNKNOWN_VENUE),
        (c.WithdrawRequest(NOBODY), r.UNKNOWN_VENUE),
        (c.GrantFloor(NOBODY), r.UNKNOWN_VENUE),
        (c.ReleaseFloor(NOBODY), r.UNKNOWN_VENUE),
    ],
)
def test_floor_refusals(command: Command, refusal: Refusal) -> None:
    assert in_session().ask(command, CHAIR) is refusal


def test_a_withdrawn_station_may_not_switch_its_microphone() -> None:
    command = c.SwitchOwnMicrophone(NOBODY, closed=True)
    assert in_session().ask(command, venue_actor(NOBODY)) is r.UNKNOWN_VENUE
