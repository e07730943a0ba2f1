"""Phases and the agenda."""

from __future__ import annotations

import pytest
from tests.support.conferences import (
    BEIJING,
    CHAIR,
    DEPLOYMENT,
    HENAN,
    OFFICE,
    SUMMARY,
    SYSTEM,
    ZHEJIANG,
    Story,
    adjourned,
    closed,
    connected,
    in_session,
    opened,
    rehearsing,
    scheduled,
    venue_actor,
)

from podium.conference import commands as c
from podium.conference import events as e
from podium.conference import refusals as r
from podium.conference.commands import Command
from podium.conference.refusals import Refusal
from podium.conference.state import (
    Connection,
    Floor,
    FloorHolder,
    FloorRequest,
    ItemId,
    Phase,
    Program,
)

STORIES = {
    Phase.SCHEDULED: scheduled,
    Phase.REHEARSAL: rehearsing,
    Phase.OPEN: opened,
    Phase.IN_SESSION: in_session,
    Phase.ADJOURNED: adjourned,
    Phase.CLOSED: closed,
}
S, R, O, I, A, C = Phase  # noqa: E741


@pytest.mark.parametrize(
    ("phase", "command", "outcome"),
    [
        (S, c.BeginRehearsal(), R),
        (R, c.BeginRehearsal(), ()),
        (O, c.BeginRehearsal(), r.REHEARSAL_TOO_LATE),
        (I, c.BeginRehearsal(), r.REHEARSAL_TOO_LATE),
        (A, c.BeginRehearsal(), r.REHEARSAL_TOO_LATE),
        (C, c.BeginRehearsal(), r.CONFERENCE_CLOSED),
        (S, c.EndRehearsal(), ()),
        (R, c.EndRehearsal(), S),
        (O, c.EndRehearsal(), r.NOT_REHEARSING),
        (I, c.EndRehearsal(), r.NOT_REHEARSING),
        (C, c.EndRehearsal(), r.CONFERENCE_CLOSED),
        (S, c.OpenConference(), O),
        (R, c.OpenConference(), O),
        (O, c.OpenConference(), ()),
        (I, c.OpenConference(), r.ALREADY_OPEN),
        (A, c.OpenConference(), r.ALREADY_OPEN),
        (C, c.OpenConference(), r.CONFERENCE_CLOSED),
        (S, c.StartSession(), r.NOT_OPEN),
        (R, c.StartSession(), r.IN_REHEARSAL),
        (O, c.StartSession(), I),
        (I, c.StartSession(), ()),
        (A, c.StartSession(), I),
        (C, c.StartSession(), r.CONFERENCE_CLOSED),
        (S, c.Adjourn(), r.NOTHING_TO_ADJOURN),
        (R, c.Adjourn(), r.NOTHING_TO_ADJOURN),
        (O, c.Adjourn(), r.NOTHING_TO_ADJOURN),
        (I, c.Adjourn(), A),
        (A, c.Adjourn(), ()),
        (C, c.Adjourn(), r.CONFERENCE_CLOSED),
        (S, c.CloseConference(), C),
        (R, c.CloseConference(), r.IN_REHEARSAL),
        (O, c.CloseConference(), C),
        (I, c.CloseConference(), C),
        (A, c.CloseConference(), C),
        (C, c.CloseConference(), ()),
    ],
)
def test_every_phase_answers_every_trigger(
    phase: Phase, command: Command, outcome: Phase | Refusal | tuple[()]
) -> None:
    story = STORIES[phase]()
    if isinstance(outcome, Phase):
        after = story.do(CHAIR, command).conference
        assert after.phase is outcome
        assert after.phase_since == story.now
    else:
        assert story.ask(command, CHAIR) == outcome


def test_the_session_begins_with_the_main_venue() -> None:
    assert opened().ask(c.StartSession(), CHAIR) == (
        e.PhaseChanged(Phase.IN_SESSION),
        e.ProgramChanged(Program(main=BEIJING)),
        e.MicrophoneOpened(BEIJING),
    )


def test_the_session_needs_a_main_venue() -> None:
    story = scheduled().do(OFFICE, c.WithdrawVenue(BEIJING), c.OpenConference())
    assert story.ask(c.StartSession(), CHAIR) is r.NO_MAIN_VENUE


def test_the_session_goes_on_after_an_adjournment() -> None:
    first = in_session()
    again = first.do(CHAIR, c.Adjourn(), c.StartSession())
    assert again.conference.session_started_at == first.conference.session_started_at
    assert again.conference.program == Program(main=BEIJING)
    assert again.conference.venues[BEIJING].microphone.live


def test_adjourning_silences_everybody_and_keeps_the_queue() -> None:
    story = (
        in_session()
        .do(CHAIR, c.GrantFloor(ZHEJIANG), c.StartItem(SUMMARY))
        .do(venue_actor(HENAN), c.RequestFloor(HENAN))
    )
    asked_at = story.conference.floor.queue
    after = story.do(CHAIR, c.Adjourn()).conference
    assert after.program == Program()
    assert not any(v.microphone.opened_by_chair for v in after.venues.values())
    assert after.floor.holders == ()
    assert after.floor.queue == asked_at == (FloorRequest(HENAN, asked_at[0].at),)
    assert after.current_item == SUMMARY


def test_closing_ends_everything() -> None:
    story = (
        in_session()
        .do(CHAIR, c.GrantFloor(ZHEJIANG), c.StartItem(SUMMARY))
        .do(CHAIR, c.SetPreview(Program(second=HENAN)))
        .do(venue_actor(HENAN), c.RequestFloor(HENAN))
    )
    after = story.do(CHAIR, c.CloseConference()).conference
    assert after.program == after.preview == Program()
    assert not any(v.microphone.opened_by_chair for v in after.venues.values())
    assert after.floor == Floor()
    assert after.current_item is None
    assert after.agenda[0].finished_at == story.now


def test_a_closed_conference_still_notes_who_leaves() -> None:
    left = c.ReportConnection(HENAN, Connection.LOST, "left")
    after = closed().do(SYSTEM, left).conference
    assert after.venues[HENAN].connection is Connection.LOST
    assert closed().ask(connected(HENAN), SYSTEM) is r.CONFERENCE_CLOSED


@pytest.mark.parametrize("end", [c.EndRehearsal(), c.OpenConference()])
def test_a_rehearsal_leaves_no_trace(end: Command) -> None:
    story = (
        rehearsing()
        .do(CHAIR, c.CutToMain(), c.GrantFloor(ZHEJIANG), c.SetPreview(Program(main=HENAN)))
        .do(venue_actor(HENAN), c.RequestFloor(HENAN))
        .do(SYSTEM, c.ReportConnection(HENAN, Connection.LOST, "network"))
    )
    assert story.conference.floor.holders == (
        FloorHolder(ZHEJIANG, story.conference.floor.holders[0].at),
    )
    after = story.do(CHAIR, end).conference
    assert after.program == after.preview == Program()
    assert after.floor == Floor()
    assert not any(v.microphone.opened_by_chair for v in after.venues.values())
    assert after.venues[HENAN].connection is Connection.ABSENT
    assert after.venues[HENAN].reason is None
    assert after.session_started_at is None


# --- agenda


def test_an_item_starts_and_the_running_one_is_finished() -> None:
    story = in_session().do(CHAIR, c.StartItem(SUMMARY))
    assert story.conference.current_item == SUMMARY
    assert story.ask(c.StartItem(SUMMARY), CHAIR) == ()
    assert story.ask(c.StartItem(DEPLOYMENT), CHAIR) == (
        e.ItemFinished(SUMMARY),
        e.ItemStarted(DEPLOYMENT),
    )
    after = story.do(CHAIR, c.StartItem(DEPLOYMENT)).conference
    assert after.agenda[0].finished_at == after.agenda[1].started_at == story.now
    assert after.current_item == DEPLOYMENT


def test_an_item_finishes() -> None:
    story = in_session().do(CHAIR, c.StartItem(SUMMARY), c.Adjourn(), c.FinishItem(SUMMARY))
    assert story.conference.current_item is None
    assert story.ask(c.FinishItem(SUMMARY), CHAIR) == ()
    assert story.do(CHAIR, c.StartSession()).ask(c.StartItem(SUMMARY), CHAIR) is r.ITEM_FINISHED


@pytest.mark.parametrize(
    ("story", "command", "refusal"),
    [
        (in_session(), c.StartItem(ItemId("none")), r.UNKNOWN_ITEM),
        (in_session(), c.FinishItem(ItemId("none")), r.UNKNOWN_ITEM),
        (in_session(), c.FinishItem(SUMMARY), r.ITEM_NOT_STARTED),
        (opened(), c.StartItem(SUMMARY), r.SESSION_NOT_STARTED),
        (adjourned(), c.StartItem(SUMMARY), r.SESSION_NOT_STARTED),
        (opened(), c.FinishItem(SUMMARY), r.SESSION_NOT_STARTED),
    ],
)
def test_agenda_refusals(story: Story, command: Command, refusal: Refusal) -> None:
    assert story.ask(command, CHAIR) is refusal
