"""What is written down for the record: people, place, points, excuses."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.support.conferences import (
    AGENDA,
    CHAIR,
    HENAN,
    NOON,
    OFFICE,
    SCHEDULE,
    SUMMARY,
    XINJIANG,
    ZHEJIANG,
    Story,
    closed,
    in_session,
    scheduled,
    venue_actor,
)

from podium.conference import commands as c
from podium.conference import events as e
from podium.conference import refusals as r
from podium.conference.people import PEOPLE_MOST, POINTS_MOST, Attendee, Part
from podium.conference.state import ItemId, Text, VenueId

HEAD = Attendee(Text("张三", "Zhang San"), Text("厅长", "Director"), Text("商务厅", "Commerce"))
CLERK = Attendee(Text("李四", "Li Si"), Text("处长", "Head"), Text("商务厅", "Commerce"))
BEIJING_CITY = Text("北京", "Beijing")


def person(number: int) -> Attendee:
    return Attendee(Text(f"人{number}", f"Person {number}"), HEAD.title, HEAD.organisation)


def test_a_venue_signs_its_people_in() -> None:
    story = in_session().do(venue_actor(HENAN), c.SignPeopleIn(HENAN, (HEAD,)))
    assert story.entries[-1].event == e.PeopleSignedIn(HENAN, (HEAD,))
    assert story.conference.venues[HENAN].people == (HEAD,)
    assert story.ask(c.SignPeopleIn(HENAN, (HEAD,)), venue_actor(HENAN)) == ()


def test_a_corrected_list_replaces_the_one_before() -> None:
    story = in_session().do(venue_actor(HENAN), c.SignPeopleIn(HENAN, (HEAD,)))
    story = story.do(CHAIR, c.SignPeopleIn(HENAN, (CLERK,)))
    assert story.conference.venues[HENAN].people == (CLERK,)
    assert story.do(CHAIR, c.SignPeopleIn(HENAN, ())).conference.venues[HENAN].people == ()


def test_a_venue_signs_in_for_itself_alone() -> None:
    refused = in_session().ask(c.SignPeopleIn(ZHEJIANG, (HEAD,)), venue_actor(HENAN))
    assert refused is r.NOT_YOUR_VENUE


@pytest.mark.parametrize(
    ("people", "refusal"),
    [
        (tuple(map(person, range(PEOPLE_MOST + 1))), r.TOO_MANY_PEOPLE),
        ((HEAD, HEAD), r.PERSON_TWICE),
        ((Attendee(Text(" ", " "), HEAD.title, HEAD.organisation),), r.BAD_TEXT),
        ((Attendee(Text("张\n三", "Z"), HEAD.title, HEAD.organisation),), r.BAD_TEXT),
    ],
)
def test_what_a_list_may_not_be(people: tuple[Attendee, ...], refusal: r.Refusal) -> None:
    assert in_session().ask(c.SignPeopleIn(HENAN, people), venue_actor(HENAN)) is refusal


def test_the_most_people_may_sign_in() -> None:
    people = tuple(map(person, range(PEOPLE_MOST)))
    story = in_session().do(venue_actor(HENAN), c.SignPeopleIn(HENAN, people))
    assert len(story.conference.venues[HENAN].people) == PEOPLE_MOST


def test_a_renamed_venue_keeps_its_people() -> None:
    story = in_session().do(venue_actor(HENAN), c.SignPeopleIn(HENAN, (HEAD,)))
    venue = story.conference.venues[HENAN]
    assert venue.organisation is not None
    renamed = c.Invitation(HENAN, venue.organisation, Text("豫", "Yu"), venue.kind, venue.order)
    after = story.do(CHAIR, c.InviteVenues((), (renamed,)))
    assert after.conference.venues[HENAN].people == (HEAD,)


def test_leave_is_given_and_taken_back() -> None:
    story = in_session().do(CHAIR, c.ExcuseVenue(XINJIANG))
    assert story.conference.venues[XINJIANG].excused
    assert story.ask(c.ExcuseVenue(XINJIANG), OFFICE) == ()
    after = story.do(OFFICE, c.ExcuseVenue(XINJIANG, excused=False))
    assert not after.conference.venues[XINJIANG].excused
    assert story.ask(c.ExcuseVenue(VenueId("no")), CHAIR) is r.UNKNOWN_VENUE
    assert story.ask(c.ExcuseVenue(XINJIANG), venue_actor(XINJIANG)) is r.NOT_ALLOWED


def test_the_place_is_written_once() -> None:
    story = scheduled().do(OFFICE, c.SetPlace(BEIJING_CITY))
    assert story.conference.place == BEIJING_CITY
    assert story.ask(c.SetPlace(BEIJING_CITY), OFFICE) == ()
    assert story.ask(c.SetPlace(Text("", "")), OFFICE) is r.BAD_TEXT


def test_points_are_noted_under_an_item() -> None:
    points = (Text("稳定大宗消费", "stabilise bulk consumption"),)
    story = in_session().do(CHAIR, c.NotePoints(SUMMARY, points))
    assert story.conference.agenda[0].points == points
    assert story.ask(c.NotePoints(SUMMARY, points), CHAIR) == ()
    assert story.ask(c.NotePoints(ItemId("no"), points), CHAIR) is r.UNKNOWN_ITEM
    many = tuple(Text(f"点{n}", f"p{n}") for n in range(POINTS_MOST + 1))
    assert story.ask(c.NotePoints(SUMMARY, many), CHAIR) is r.TOO_MANY_POINTS
    assert story.ask(c.NotePoints(SUMMARY, (Text("\t", "x"),)), CHAIR) is r.BAD_TEXT


def test_a_revised_agenda_keeps_the_points_of_items_that_stay() -> None:
    points = (Text("点", "point"),)
    story = scheduled().do(OFFICE, c.NotePoints(AGENDA[1].id, points))
    after = story.do(OFFICE, c.ReviseAgenda((AGENDA[1],)))
    assert after.conference.agenda[0].points == points


def test_the_record_may_be_completed_after_the_end() -> None:
    story = closed().do(CHAIR, c.NotePoints(SUMMARY, (Text("点", "point"),)))
    story = story.do(OFFICE, c.SetPlace(BEIJING_CITY), c.SignPeopleIn(HENAN, (HEAD,)))
    assert story.entries[-1].at > NOON
    assert story.conference.venues[HENAN].people == (HEAD,)
    assert story.ask(c.ExcuseVenue(XINJIANG), CHAIR) is r.CONFERENCE_CLOSED


def test_people_attend_unless_they_do_more() -> None:
    assert HEAD.part is Part.ATTENDS


def test_recording_is_switched_in_the_session_alone() -> None:
    assert scheduled().ask(c.SwitchRecording(True), CHAIR) is r.SESSION_NOT_STARTED
    story = in_session().do(CHAIR, c.SwitchRecording(True))
    assert story.conference.recording
    assert story.ask(c.SwitchRecording(True), CHAIR) == ()
    over = story.do(CHAIR, c.CloseConference())
    assert not over.conference.recording


def test_recording_begins_by_itself_with_the_first_session_where_that_is_wished() -> None:
    story = Story().do(OFFICE, replace(SCHEDULE, records=True)).do(CHAIR, c.OpenConference())
    story = story.do(CHAIR, c.StartSession())
    assert story.conference.recording
    stopped = story.do(CHAIR, c.SwitchRecording(False), c.Adjourn(), c.StartSession())
    assert not stopped.conference.recording, "what the chair ended does not begin again"
    assert not in_session().conference.recording
