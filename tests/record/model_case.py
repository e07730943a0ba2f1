"""The model conference, held: the demo's directory and agenda, every venue there and signed in."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from importlib import resources

from tests.support.conferences import CHAIR, OFFICE, SYSTEM, Story, connected

from podium.conference import commands as c
from podium.conference.people import Attendee
from podium.conference.state import ConferenceId, ItemId, Slot, VenueId, VenueKind
from podium.demo.model_minutes import MAIN_VENUE, PLACE, POINTS, in_charge
from podium.directory.csv_import import plan_import
from podium.directory.templates import MODEL_CASE
from podium.directory.values import Directory

MORNING = datetime(2023, 3, 1, 1, 30, tzinfo=UTC)
"""09:30 in Beijing."""
MAIN = VenueId("mofcom")


def directory() -> Directory:
    data = resources.files("podium.demo").joinpath("model_venues.csv").read_bytes()
    plan = plan_import(data, Directory())
    assert plan.faults == ()
    bodies = {change.organisation.id: change.organisation for change in plan.changes}
    places = {p.id: p for change in plan.changes if (p := change.venue) is not None}
    return Directory(tuple(bodies.values()), tuple(places.values()))


def later(story: Story, minutes: int) -> Story:
    return Story(story.state, story.entries, story.now + timedelta(minutes=minutes))


def scheduled() -> Story:
    book = directory()
    command = c.ScheduleConference(
        ConferenceId("model"),
        MODEL_CASE.title,
        MORNING,
        MODEL_CASE.agenda,
        tuple(body.as_invited() for body in book.organisations),
        tuple(place.as_invited() for place in book.venues),
    )
    return Story(now=MORNING - timedelta(hours=1)).do(OFFICE, command)


def held(absent: Iterable[VenueId] = (), unsigned: Iterable[VenueId] = ()) -> Story:
    """From the opening to the close."""
    story = scheduled().do(OFFICE, c.SetPlace(PLACE), c.OpenConference())
    away, silent = set(absent), set(unsigned)
    at = story.now
    for venue in story.conference.venues.values():
        if venue.id in away:
            continue
        story = Story(story.state, story.entries, at).do(SYSTEM, connected(venue.id))
        if venue.id in silent:
            continue
        people: tuple[Attendee, ...] = MAIN_VENUE
        if venue.kind is not VenueKind.MAIN:
            assert venue.organisation is not None
            people = in_charge(story.conference.organisations[venue.organisation].name)
        story = Story(story.state, story.entries, at).do(CHAIR, c.SignPeopleIn(venue.id, people))
    story = Story(story.state, story.entries, MORNING).do(CHAIR, c.StartSession())
    for number in range(1, 5):
        story = later(story.do(CHAIR, c.StartItem(ItemId(f"item-{number}"))), 19)
        if number == 3:
            points = POINTS[ItemId("item-3")]
            story = story.do(CHAIR, c.NotePoints(ItemId("item-3"), points))
    zhejiang = VenueId("330000")
    story = story.do(CHAIR, c.StartItem(ItemId("item-5")))
    if zhejiang not in away:
        story = later(story.do(CHAIR, c.GrantFloor(zhejiang, Slot.MAIN)), 8)
        story = story.do(CHAIR, c.ReleaseFloor(zhejiang), c.CutToMain())
    return story.do(CHAIR, c.CloseConference())
