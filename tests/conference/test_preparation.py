"""The conference office: schedule, reschedule, agenda, invitations."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.support.conferences import (
    AGENDA,
    BEIJING,
    CHAIR,
    DEPLOYMENT,
    HENAN,
    MINISTRY,
    NOON,
    OFFICE,
    OPERATOR,
    ORGANISATIONS,
    SCHEDULE,
    SUMMARY,
    SYSTEM,
    VENUES,
    XINJIANG,
    ZHEJIANG,
    Story,
    connected,
    in_session,
    scheduled,
    venue_actor,
)

from podium.conference import commands as c
from podium.conference import events as e
from podium.conference import refusals as r
from podium.conference.commands import AgendaPlan, Invitation, ItemPoints
from podium.conference.refusals import Refusal
from podium.conference.state import (
    ConferenceId,
    ItemId,
    ItemKind,
    Organisation,
    OrganisationId,
    Phase,
    Program,
    Text,
    VenueId,
    VenueKind,
)


def plan(item: str, **changes: object) -> AgendaPlan:
    base = AgendaPlan(ItemId(item), ItemKind.OTHER, Text("项", "Item"), timedelta(minutes=5))
    return replace(base, **changes)  # type: ignore[arg-type]


def branch(venue: str, organisation: str = "ministry", order: int = 9) -> Invitation:
    return Invitation(
        VenueId(venue),
        OrganisationId(organisation),
        Text("会场", "Venue"),
        VenueKind.BRANCH,
        order,
    )


POINT = Text("已办结 3 项", "3 done")


def opens(item: ItemId, *points: Text) -> ItemPoints:
    return ItemPoints(item, points)


def test_what_a_conference_opens_with_is_noted_with_its_creation() -> None:
    command = replace(SCHEDULE, notes=(opens(SUMMARY, POINT),))
    events = Story().ask(command, OFFICE)
    assert not isinstance(events, Refusal)
    assert [event.type for event in events] == ["conference_scheduled", "points_noted"]
    assert Story().do(OFFICE, command).conference.agenda[0].points == (POINT,)


def test_schedule_makes_a_conference_in_protocol_order() -> None:
    shuffled = replace(SCHEDULE, venues=tuple(reversed(VENUES)))
    state = Story().do(OFFICE, shuffled).conference
    assert state.phase is Phase.SCHEDULED
    assert list(state.venues) == [BEIJING, ZHEJIANG, HENAN, XINJIANG]
    assert state.main_venue == BEIJING
    assert [i.id for i in state.agenda] == [SUMMARY, DEPLOYMENT]


@pytest.mark.parametrize(
    ("command", "refusal"),
    [
        (replace(SCHEDULE, title=Text("  ", "x")), r.BAD_TEXT),
        (replace(SCHEDULE, title=Text("会", "a\nb")), r.BAD_TEXT),
        (replace(SCHEDULE, title=Text("会" * 201, "x")), r.BAD_TEXT),
        (replace(SCHEDULE, conference=ConferenceId("a b")), r.BAD_IDENTIFIER),
        (replace(SCHEDULE, starts_at=NOON - timedelta(days=2)), r.BAD_TIME),
        (replace(SCHEDULE, starts_at=NOON + timedelta(days=3660)), r.BAD_TIME),
        (replace(SCHEDULE, agenda=(plan("a"), plan("a"))), r.DUPLICATE),
        (replace(SCHEDULE, agenda=(plan("a", planned=timedelta(0)),)), r.BAD_LENGTH),
        (replace(SCHEDULE, agenda=(plan("a", planned=timedelta(hours=25)),)), r.BAD_LENGTH),
        (replace(SCHEDULE, agenda=(plan("a", speaker=VenueId("nobody")),)), r.UNKNOWN_VENUE),
        (replace(SCHEDULE, agenda=tuple(plan(str(n)) for n in range(101))), r.TOO_MANY_ITEMS),
        (replace(SCHEDULE, venues=(*VENUES, VENUES[1])), r.DUPLICATE),
        (replace(SCHEDULE, organisations=(*ORGANISATIONS, ORGANISATIONS[1])), r.DUPLICATE),
        (replace(SCHEDULE, venues=(*VENUES, branch("x", "nowhere"))), r.UNKNOWN_ORGANISATION),
        (
            replace(SCHEDULE, venues=(*VENUES, replace(branch("x"), kind=VenueKind.MAIN))),
            r.SECOND_MAIN_VENUE,
        ),
        (
            replace(SCHEDULE, venues=tuple(branch(f"v{n}") for n in range(10_001))),
            r.TOO_MANY_VENUES,
        ),
        (
            replace(
                SCHEDULE,
                organisations=(
                    *ORGANISATIONS,
                    Organisation(OrganisationId("x"), Text("x", "x"), OrganisationId("y"), 8),
                    Organisation(OrganisationId("y"), Text("y", "y"), OrganisationId("x"), 9),
                ),
            ),
            r.ORGANISATION_CYCLE,
        ),
        (
            replace(
                SCHEDULE,
                organisations=(
                    *ORGANISATIONS,
                    Organisation(OrganisationId("x"), Text("x", "x"), OrganisationId("?"), 8),
                ),
            ),
            r.UNKNOWN_ORGANISATION,
        ),
        (replace(SCHEDULE, notes=(opens(ItemId("no")),)), r.UNKNOWN_ITEM),
        (replace(SCHEDULE, notes=(opens(SUMMARY, Text("\t", "x")),)), r.BAD_TEXT),
        (replace(SCHEDULE, notes=(opens(SUMMARY, *[POINT] * 51),)), r.TOO_MANY_POINTS),
    ],
)
def test_schedule_is_refused_with_the_reason(
    command: c.ScheduleConference, refusal: Refusal
) -> None:
    assert Story().ask(command, OFFICE) is refusal


def test_ten_thousand_venues_are_welcome() -> None:
    command = replace(SCHEDULE, agenda=(), venues=tuple(branch(f"v{n}") for n in range(10_000)))
    assert len(Story().do(OFFICE, command).conference.venues) == 10_000


def test_a_conference_is_scheduled_once() -> None:
    assert scheduled().ask(SCHEDULE, OFFICE) is r.ALREADY_SCHEDULED


def test_nothing_else_is_possible_before_it_is_scheduled() -> None:
    assert Story().ask(c.OpenConference(), OFFICE) is r.NO_SUCH_CONFERENCE


def test_reschedule() -> None:
    later = c.Reschedule(Text("新名", "New name"), NOON + timedelta(days=1))
    story = scheduled().do(OFFICE, later)
    assert (story.conference.title, story.conference.starts_at) == (later.title, later.starts_at)
    assert story.ask(later, OFFICE) == ()
    assert story.ask(c.Reschedule(later.title, NOON - timedelta(days=9)), OFFICE) is r.BAD_TIME
    assert in_session().ask(later, OFFICE) is r.ALREADY_BEGUN


def test_only_the_title_may_change_when_the_day_has_passed() -> None:
    late = replace(scheduled(), now=NOON + timedelta(days=3))
    renamed = c.Reschedule(Text("新名", "New name"), NOON)
    assert late.ask(renamed, OFFICE) == (e.ConferenceRescheduled(renamed.title, NOON),)


def test_revise_agenda_replaces_what_has_not_started() -> None:
    story = in_session().do(CHAIR, c.StartItem(SUMMARY))
    revised = story.do(CHAIR, c.ReviseAgenda((plan("speech"),)))
    assert [i.id for i in revised.conference.agenda] == [SUMMARY, "speech"]
    assert revised.conference.agenda[0].started_at is not None
    assert revised.ask(c.ReviseAgenda((plan("speech"),)), CHAIR) == ()


def test_revise_agenda_leaves_what_has_started() -> None:
    story = in_session().do(CHAIR, c.StartItem(SUMMARY))
    assert story.ask(c.ReviseAgenda(AGENDA), CHAIR) is r.ITEM_STARTED
    many = tuple(plan(str(n)) for n in range(100))
    assert story.ask(c.ReviseAgenda(many), CHAIR) is r.TOO_MANY_ITEMS


def test_invite_adds_and_changes_and_says_only_what_changed() -> None:
    story = in_session()
    renamed = replace(VENUES[2], name=Text("河南省", "Henan Province"), order=7)
    command = c.InviteVenues(ORGANISATIONS, (VENUES[1], renamed, branch("tibet", order=4)))
    assert story.ask(command, OPERATOR) == (
        e.VenuesInvited((), (renamed, branch("tibet", order=4))),
    )
    after = story.do(OPERATOR, command)
    assert list(after.conference.venues) == [BEIJING, ZHEJIANG, XINJIANG, "tibet", HENAN]
    assert after.conference.venues[HENAN].connection is story.conference.venues[HENAN].connection
    assert after.ask(command, OPERATOR) == ()


def test_invite_refuses_a_second_main_venue_and_a_change_of_it_in_session() -> None:
    second = replace(branch("x"), kind=VenueKind.MAIN)
    assert scheduled().ask(c.InviteVenues((), (second,)), OFFICE) is r.SECOND_MAIN_VENUE
    swapped = c.InviteVenues(
        (), (replace(VENUES[0], kind=VenueKind.BRANCH), replace(VENUES[1], kind=VenueKind.MAIN))
    )
    assert scheduled().do(OFFICE, swapped).conference.main_venue == ZHEJIANG
    assert in_session().ask(swapped, OFFICE) is r.MAIN_VENUE_NEEDED


def test_withdraw_takes_everything_from_the_venue_first() -> None:
    story = (
        in_session()
        .do(CHAIR, c.GrantFloor(ZHEJIANG), c.SetPreview(Program(second=ZHEJIANG)), c.Take())
        .do(CHAIR, c.SetPreview(Program(main=ZHEJIANG)))
        .do(CHAIR, c.ReviseAgenda((plan("speech", speaker=ZHEJIANG),)))
    )
    assert story.ask(c.WithdrawVenue(ZHEJIANG), CHAIR) == (
        e.MicrophoneClosed(ZHEJIANG),
        e.FloorReleased(ZHEJIANG),
        e.ProgramChanged(Program()),
        e.PreviewSet(Program()),
        e.VenueWithdrawn(ZHEJIANG),
    )
    after = story.do(CHAIR, c.WithdrawVenue(ZHEJIANG)).conference
    assert ZHEJIANG not in after.venues
    assert after.agenda[-1].speaker is None


def test_withdraw_takes_a_place_in_the_queue_too() -> None:
    story = in_session().do(venue_actor(HENAN), c.RequestFloor(HENAN))
    assert story.ask(c.WithdrawVenue(HENAN), CHAIR) == (
        e.FloorRequestWithdrawn(HENAN),
        e.VenueWithdrawn(HENAN),
    )


def test_withdraw_refuses_the_main_venue_once_open_and_strangers() -> None:
    assert in_session().ask(c.WithdrawVenue(BEIJING), CHAIR) is r.MAIN_VENUE_NEEDED
    assert scheduled().ask(c.WithdrawVenue(VenueId("nobody")), OFFICE) is r.UNKNOWN_VENUE
    assert BEIJING not in scheduled().do(OFFICE, c.WithdrawVenue(BEIJING)).conference.venues


def test_a_withdrawn_venue_that_is_invited_again_starts_afresh() -> None:
    story = in_session().do(CHAIR, c.OpenMicrophone(HENAN), c.WithdrawVenue(HENAN))
    back = story.do(CHAIR, c.InviteVenues((), (VENUES[2],))).conference.venues[HENAN]
    assert not back.microphone.live
    assert story.ask(connected(HENAN), SYSTEM) is r.UNKNOWN_VENUE


def test_organisations_come_in_protocol_order() -> None:
    assert next(iter(scheduled().conference.organisations)) == MINISTRY
