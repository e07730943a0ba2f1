"""Folds of what is kept for the record: people, place, points, excuses, documents."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from podium.conference import events as e
from podium.conference.folding import with_venue
from podium.conference.state import Conference


def _signed_in(state: Conference, event: e.PeopleSignedIn, _: datetime) -> Conference:
    return with_venue(state, event.venue, lambda v: replace(v, people=event.people))


def _excused(state: Conference, event: e.VenueExcused, _: datetime) -> Conference:
    return with_venue(state, event.venue, lambda v: replace(v, excused=event.excused))


def _placed(state: Conference, event: e.PlaceSet, _: datetime) -> Conference:
    return replace(state, place=event.place)


def _noted(state: Conference, event: e.PointsNoted, _: datetime) -> Conference:
    agenda = tuple(
        replace(i, points=event.points) if i.id == event.item else i for i in state.agenda
    )
    return replace(state, agenda=agenda)


def _recording(state: Conference, event: e.RecordingSwitched, _: datetime) -> Conference:
    return replace(state, recording=event.on)


def _attached(state: Conference, event: e.DocumentAttached, _: datetime) -> Conference:
    return replace(state, documents=(*state.documents, event.document))


def _shared(state: Conference, event: e.DocumentShared, _: datetime) -> Conference:
    documents = tuple(
        replace(d, shared=event.shared) if d.id == event.id else d for d in state.documents
    )
    return replace(state, documents=documents)


def _removed(state: Conference, event: e.DocumentRemoved, _: datetime) -> Conference:
    return replace(state, documents=tuple(d for d in state.documents if d.id != event.id))


FOLDS: Final[Mapping[type[e.Event], Callable[[Conference, Any, datetime], Conference]]] = {
    e.PeopleSignedIn: _signed_in,
    e.VenueExcused: _excused,
    e.PlaceSet: _placed,
    e.PointsNoted: _noted,
    e.RecordingSwitched: _recording,
    e.DocumentAttached: _attached,
    e.DocumentShared: _shared,
    e.DocumentRemoved: _removed,
}
