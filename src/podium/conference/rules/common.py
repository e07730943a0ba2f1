"""What the rules share."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from podium.conference.events import Event, MicrophoneClosed, MicrophoneOpened, ProgramChanged
from podium.conference.refusals import (
    MAX_OPEN_MICROPHONES,
    TOO_MANY_MICROPHONES,
    UNKNOWN_VENUE,
    VENUE_NOT_HERE,
    Refusal,
)
from podium.conference.state import Conference, Connection, Program, Venue, VenueId, VenueKind

Decision = tuple[Event, ...] | Refusal
Rule = Callable[[Conference, Any, datetime], Decision]
Rules = Mapping[type, Rule]

NOTHING: Final[tuple[Event, ...]] = ()

_GONE: Final = frozenset({Connection.ABSENT, Connection.LOST})


def invited(state: Conference, venue: VenueId) -> Venue | Refusal:
    return state.venues.get(venue, UNKNOWN_VENUE)


def at_hand(state: Conference, venue: VenueId) -> Venue | Refusal:
    """The venue, if something may be given to it now: it is here, or it is the main venue,
    to which the chair can always go back."""
    found = state.venues.get(venue)
    if found is None:
        return UNKNOWN_VENUE
    if found.kind is not VenueKind.MAIN and found.connection in _GONE:
        return VENUE_NOT_HERE
    return found


def open_microphones(state: Conference) -> Iterator[Venue]:
    return (v for v in state.venues.values() if v.microphone.opened_by_chair)


def opening(state: Conference, venue: Venue) -> Decision:
    """Opens the microphone unless it is open."""
    if venue.microphone.opened_by_chair:
        return NOTHING
    if sum(1 for _ in open_microphones(state)) >= MAX_OPEN_MICROPHONES:
        return TOO_MANY_MICROPHONES
    return (MicrophoneOpened(venue.id),)


def closing(state: Conference, *, keep: VenueId | None = None) -> tuple[Event, ...]:
    """Closes every open microphone but ``keep``'s."""
    return tuple(MicrophoneClosed(v.id) for v in open_microphones(state) if v.id != keep)


def airing(state: Conference, program: Program) -> tuple[Event, ...]:
    return NOTHING if program == state.program else (ProgramChanged(program),)
