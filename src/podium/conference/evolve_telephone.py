"""Folds of what happens to calls and guests."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from podium.conference import events as e
from podium.conference.calls import (
    NO_CALL,
    CallId,
    CallPurpose,
    CallStage,
    EndedCall,
    StandingCall,
)
from podium.conference.folding import copied, in_protocol_order, with_venue
from podium.conference.state import (
    Conference,
    Floor,
    FloorHolder,
    FloorRequest,
    Microphone,
    Program,
    Slot,
    Venue,
    VenueId,
    VenueKind,
)

GUEST_ORDER: Final = 2_000_000_000
"""Guests come after every venue, in the order of their coming."""


def _began(state: Conference, event: e.CallBegan, at: datetime) -> Conference:
    dialled = event.purpose is not CallPurpose.DIALLED_IN
    stage = CallStage.DIALLING if dialled else CallStage.JOINED

    def change(venue: Venue) -> Venue:
        numbers = venue.telephones if dialled else ()
        return replace(
            venue, call=StandingCall(event.call, event.purpose, numbers, stage, since=at)
        )

    return with_venue(replace(state, dialled=state.dialled + dialled), event.venue, change)


def _with_call(
    state: Conference, venue: VenueId, call: CallId, change: Callable[[StandingCall], StandingCall]
) -> Conference:
    known = state.venues.get(venue)
    if known is None or not isinstance(known.call, StandingCall) or known.call.id != call:
        return state
    changed = change(known.call)
    return with_venue(state, venue, lambda v: replace(v, call=changed))


def _progressed(state: Conference, event: e.CallProgressed, at: datetime) -> Conference:
    def change(call: StandingCall) -> StandingCall:
        return replace(
            call,
            stage=event.stage,
            since=call.since if call.stage is event.stage else at,
            position=event.position,
            setback=event.setback,
            noisy=False,
        )

    return _with_call(state, event.venue, event.call, change)


def _ended(state: Conference, event: e.CallEnded, at: datetime) -> Conference:
    def change(venue: Venue) -> Venue:
        call = venue.call
        if not isinstance(call, StandingCall) or call.id != event.call:
            return venue
        return replace(venue, call=EndedCall(call.id, call.purpose, event.reason, at))

    return with_venue(state, event.venue, change)


def _forgotten(state: Conference, event: e.CallForgotten, _: datetime) -> Conference:
    return with_venue(state, event.venue, lambda v: replace(v, call=NO_CALL))


def _noise(state: Conference, event: e.CallNoiseChanged, _: datetime) -> Conference:
    def change(venue: Venue) -> Venue:
        call = venue.call
        if not isinstance(call, StandingCall):
            return venue
        return replace(venue, call=replace(call, noisy=event.noisy))

    return with_venue(state, event.venue, change)


# --- guests


def _guest_added(state: Conference, event: e.GuestAdded, _: datetime) -> Conference:
    if event.guest in state.venues:
        return state
    n = state.guests + 1
    guest = Venue(
        event.guest,
        None,
        event.name,
        VenueKind.GUEST,
        GUEST_ORDER + n,
        telephones=event.telephones,
    )
    venues = in_protocol_order(copied(state.venues) | {guest.id: guest})
    return replace(state, guests=n, venues=venues)


def _guest_renamed(state: Conference, event: e.GuestRenamed, _: datetime) -> Conference:
    return with_venue(state, event.guest, lambda v: replace(v, name=event.name))


def _guest_assigned(state: Conference, event: e.GuestAssigned, _: datetime) -> Conference:
    guest, venue = state.venues.get(event.guest), state.venues.get(event.venue)
    if guest is None or venue is None or guest is venue:
        return state
    microphone = Microphone(
        venue.microphone.opened_by_chair or guest.microphone.opened_by_chair,
        guest.microphone.closed_at_venue,
    )
    venues = copied(state.venues)
    del venues[guest.id]
    venues[venue.id] = replace(venue, call=guest.call, microphone=microphone)
    return replace(
        state,
        venues=in_protocol_order(venues),
        floor=_floor_moved(state.floor, guest.id, venue.id),
        program=_program_moved(state.program, guest.id, venue.id),
        preview=_program_moved(state.preview, guest.id, venue.id),
        agenda=tuple(
            replace(i, speaker=venue.id) if i.speaker == guest.id else i for i in state.agenda
        ),
    )


def _floor_moved(floor: Floor, guest: VenueId, venue: VenueId) -> Floor:
    """The earlier of two holdings or requests counts; who holds the floor does not wait."""
    holders: dict[VenueId, FloorHolder] = {}
    for holder in floor.holders:
        by = venue if holder.venue == guest else holder.venue
        holders.setdefault(by, FloorHolder(by, holder.at))
    queue: dict[VenueId, FloorRequest] = {}
    for request in floor.queue:
        by = venue if request.venue == guest else request.venue
        if by not in holders:
            queue.setdefault(by, FloorRequest(by, request.at))
    return Floor(tuple(holders.values()), tuple(queue.values()))


def _program_moved(program: Program, guest: VenueId, venue: VenueId) -> Program:
    main, second, content = (
        venue if program.source(slot) == guest else program.source(slot)
        for slot in (Slot.MAIN, Slot.SECOND, Slot.CONTENT)
    )
    twice = main is not None and main == second
    return Program(main, None if twice else second, content)


FOLDS: Final[Mapping[type[e.Event], Callable[[Conference, Any, datetime], Conference]]] = {
    e.CallBegan: _began,
    e.CallProgressed: _progressed,
    e.CallEnded: _ended,
    e.CallForgotten: _forgotten,
    e.CallNoiseChanged: _noise,
    e.GuestAdded: _guest_added,
    e.GuestRenamed: _guest_renamed,
    e.GuestAssigned: _guest_assigned,
}
