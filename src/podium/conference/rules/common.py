"""What the rules share."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from podium.conference import events as e
from podium.conference.calls import CallEnd, CallPurpose, StandingCall
from podium.conference.events import Event, MicrophoneClosed, MicrophoneOpened, ProgramChanged
from podium.conference.refusals import (
    MAX_OPEN_MICROPHONES,
    TOO_MANY_MICROPHONES,
    UNKNOWN_VENUE,
    VENUE_NOT_HERE,
    Refusal,
)
from podium.conference.state import Conference, Program, Slot, Venue, VenueId, VenueKind

Decision = tuple[Event, ...] | Refusal
Rule = Callable[[Conference, Any, datetime], Decision]
Rules = Mapping[type, Rule]

NOTHING: Final[tuple[Event, ...]] = ()


def invited(state: Conference, venue: VenueId) -> Venue | Refusal:
    return state.venues.get(venue, UNKNOWN_VENUE)


def at_hand(state: Conference, venue: VenueId) -> Venue | Refusal:
    """The venue, if something may be given to it now: it is here, by its station or by
    telephone, or it is the main venue, to which the chair can always go back."""
    found = state.venues.get(venue)
    if found is None:
        return UNKNOWN_VENUE
    if found.kind is not VenueKind.MAIN and not found.present:
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


def hiding(state: Conference) -> tuple[Event, ...]:
    """The main venue shows no slides any more."""
    return NOTHING if state.slides is None else (e.SlidesHidden(),)


def ended(state: Conference, venue: Venue, reason: CallEnd) -> tuple[Event, ...]:
    """Ends the venue's call, if one stands. A guest that dialled in has nothing else and cannot be
    called back: it leaves."""
    call = venue.call
    if not isinstance(call, StandingCall):
        return NOTHING
    over = e.CallEnded(venue.id, call.id, reason)
    if venue.kind is VenueKind.GUEST and call.purpose is CallPurpose.DIALLED_IN:
        return (over, *stripped(state, venue), e.VenueWithdrawn(venue.id))
    return (over,)


def stripped(state: Conference, venue: Venue) -> Iterator[Event]:
    """Takes from a venue whatever it has, so that the record shows it."""
    if venue.microphone.opened_by_chair:
        yield MicrophoneClosed(venue.id)
    if state.floor.holds(venue.id):
        yield e.FloorReleased(venue.id)
    if state.floor.waits(venue.id):
        yield e.FloorRequestWithdrawn(venue.id)
    if venue.id == state.main_venue:
        yield from hiding(state)
    if venue.id in state.program.venues():
        yield ProgramChanged(_without(state.program, venue.id))
    if venue.id in state.preview.venues():
        yield e.PreviewSet(_without(state.preview, venue.id))


def _without(program: Program, venue: VenueId) -> Program:
    main, second, content = (
        None if program.source(slot) == venue else program.source(slot)
        for slot in (Slot.MAIN, Slot.SECOND, Slot.CONTENT)
    )
    return Program(main, second, content)
