"""The log as people read it: every entry in words, with its place in time and in the agenda."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from podium.conference import events as e
from podium.conference.commands import Role
from podium.conference.events import Event, Recorded
from podium.conference.state import ItemId, Phase, Text, VenueId
from podium.record.folds.agenda import Item, running
from podium.record.folds.cast import Cast
from podium.record.folds.periods import Periods, session_began
from podium.record.folds.words import RESUMED, said


class Topic(StrEnum):
    """What an entry is about, for filters."""

    LIFE = "life"
    PREPARATION = "preparation"
    AGENDA = "agenda"
    VENUE = "venue"
    PROGRAM = "program"
    FLOOR = "floor"
    SOUND = "sound"
    TELEPHONE = "telephone"
    PEOPLE = "people"
    MINUTES = "minutes"
    DOCUMENTS = "documents"
    OTHER = "other"


_TOPICS: Final[Mapping[type[Event], Topic]] = {
    e.ConferenceScheduled: Topic.PREPARATION,
    e.ConferenceRescheduled: Topic.PREPARATION,
    e.AgendaRevised: Topic.PREPARATION,
    e.VenuesInvited: Topic.PREPARATION,
    e.VenueWithdrawn: Topic.PREPARATION,
    e.PhaseChanged: Topic.LIFE,
    e.ItemStarted: Topic.AGENDA,
    e.ItemFinished: Topic.AGENDA,
    e.VenueConnectionChanged: Topic.VENUE,
    e.VenueDevicesReported: Topic.VENUE,
    e.VenueBlindnessChanged: Topic.VENUE,
    e.PreviewSet: Topic.PROGRAM,
    e.ProgramChanged: Topic.PROGRAM,
    e.SlidesShown: Topic.PROGRAM,
    e.SlideTurned: Topic.PROGRAM,
    e.SlidesHidden: Topic.PROGRAM,
    e.MicrophoneOpened: Topic.SOUND,
    e.MicrophoneClosed: Topic.SOUND,
    e.OwnMicrophoneSwitched: Topic.SOUND,
    e.FloorRequested: Topic.FLOOR,
    e.FloorRequestWithdrawn: Topic.FLOOR,
    e.FloorGranted: Topic.FLOOR,
    e.FloorReleased: Topic.FLOOR,
    e.PeopleSignedIn: Topic.PEOPLE,
    e.VenueExcused: Topic.PEOPLE,
    e.PlaceSet: Topic.MINUTES,
    e.PointsNoted: Topic.MINUTES,
    e.RecordingSwitched: Topic.PROGRAM,
    e.DocumentAttached: Topic.DOCUMENTS,
    e.DocumentShared: Topic.DOCUMENTS,
    e.DocumentRemoved: Topic.DOCUMENTS,
    e.CallBegan: Topic.TELEPHONE,
    e.CallProgressed: Topic.TELEPHONE,
    e.CallEnded: Topic.TELEPHONE,
    e.CallForgotten: Topic.TELEPHONE,
    e.CallNoiseChanged: Topic.SOUND,
    e.GuestAdded: Topic.TELEPHONE,
    e.GuestRenamed: Topic.TELEPHONE,
    e.GuestAssigned: Topic.TELEPHONE,
}


@dataclass(frozen=True, slots=True)
class Line:
    """``elapsed``: since the session first began; ``None`` before. ``rehearsal``: the entry is of
    a rehearsal, and no part of the conference itself."""

    seq: int
    at: datetime
    role: Role
    topic: Topic
    words: Text
    venue: VenueId | None
    item: ItemId | None
    elapsed: timedelta | None
    rehearsal: bool


def timeline(
    entries: Sequence[Recorded], known: Cast, periods: Periods, agenda: Sequence[Item]
) -> tuple[Line, ...]:
    """One line for each entry, in the same order."""
    began = session_began(periods)
    return tuple(_line(entry, known, periods, agenda, began) for entry in entries)


def topic_of(event: Event) -> Topic:
    return _TOPICS.get(type(event), Topic.OTHER)


def _line(
    entry: Recorded,
    known: Cast,
    periods: Periods,
    agenda: Sequence[Item],
    began: datetime | None,
) -> Line:
    item = running(agenda, entry.at)
    venue: VenueId | None = getattr(entry.event, "venue", None)
    guest: VenueId | None = getattr(entry.event, "guest", None)
    return Line(
        seq=entry.seq,
        at=entry.at,
        role=entry.by.role,
        topic=topic_of(entry.event),
        words=_words(entry, known, began),
        venue=guest if venue is None else venue,
        item=None if item is None else item.plan.id,
        elapsed=entry.at - began if began is not None and entry.at >= began else None,
        rehearsal=periods.at(entry.at) is Phase.REHEARSAL,
    )


def _words(entry: Recorded, known: Cast, began: datetime | None) -> Text:
    match entry.event:
        case e.PhaseChanged(phase=Phase.IN_SESSION) if began is not None and entry.at > began:
            return RESUMED
        case event:
            return said(event, known)
