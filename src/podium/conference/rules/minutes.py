"""What people write down for the record: who sits in the room, where the conference is held, what
was said under an item, who is excused."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from podium.conference import commands as c
from podium.conference import events as e
from podium.conference import refusals as r
from podium.conference.people import PEOPLE_MOST, Attendee
from podium.conference.refusals import Refusal
from podium.conference.rules.common import NOTHING, Decision, Rules, invited
from podium.conference.rules.written import bad_points, bad_texts
from podium.conference.state import Conference, Text


def sign_in(state: Conference, command: c.SignPeopleIn, _: datetime) -> Decision:
    """The whole list of the venue, so that sending it again, or a corrected one, is the same."""
    venue = invited(state, command.venue)
    if isinstance(venue, Refusal):
        return venue
    if len(command.people) > PEOPLE_MOST:
        return r.TOO_MANY_PEOPLE
    if len(set(command.people)) < len(command.people):
        return r.PERSON_TWICE
    if venue.people == command.people:
        return NOTHING
    objection = bad_texts(_texts(command.people))
    return objection or (e.PeopleSignedIn(venue.id, command.people),)


def _texts(people: Iterable[Attendee]) -> Iterable[Text]:
    return (text for one in people for text in (one.name, one.title, one.organisation))


def excuse(state: Conference, command: c.ExcuseVenue, _: datetime) -> Decision:
    venue = invited(state, command.venue)
    if isinstance(venue, Refusal):
        return venue
    if venue.excused == command.excused:
        return NOTHING
    return (e.VenueExcused(venue.id, command.excused),)


def set_place(state: Conference, command: c.SetPlace, _: datetime) -> Decision:
    if state.place == command.place:
        return NOTHING
    return bad_texts((command.place,)) or (e.PlaceSet(command.place),)


def note_points(state: Conference, command: c.NotePoints, _: datetime) -> Decision:
    item = next((i for i in state.agenda if i.id == command.item), None)
    if item is None:
        return r.UNKNOWN_ITEM
    if item.points == command.points:
        return NOTHING
    return bad_points(command.points) or (e.PointsNoted(item.id, command.points),)


def switch_recording(state: Conference, command: c.SwitchRecording, _: datetime) -> Decision:
    """Only what is on air in the session is recorded; a rehearsal is not."""
    return NOTHING if state.recording == command.on else (e.RecordingSwitched(command.on),)


RULES: Final[Rules] = {
    c.SignPeopleIn: sign_in,
    c.ExcuseVenue: excuse,
    c.SetPlace: set_place,
    c.NotePoints: note_points,
    c.SwitchRecording: switch_recording,
}
AFTER_THE_END: Final = frozenset({c.SignPeopleIn, c.SetPlace, c.NotePoints})
"""What may complete the record once the conference is closed; when it was written is recorded."""
