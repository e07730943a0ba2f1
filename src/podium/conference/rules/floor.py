"""Who may speak: microphones and floor."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from podium.conference import commands as c
from podium.conference import events as e
from podium.conference import refusals as r
from podium.conference.events import Event
from podium.conference.lifecycle import FLOOR, FloorPlace, floor_place
from podium.conference.refusals import Refusal
from podium.conference.rules.common import (
    NOTHING,
    Decision,
    Rules,
    airing,
    at_hand,
    closing,
    invited,
    opening,
)
from podium.conference.rules.program import filled
from podium.conference.state import Conference, VenueKind


def open_microphone(state: Conference, command: c.OpenMicrophone, _: datetime) -> Decision:
    venue = at_hand(state, command.venue)
    return venue if isinstance(venue, Refusal) else opening(state, venue)


def close_microphone(state: Conference, command: c.CloseMicrophone, _: datetime) -> Decision:
    venue = invited(state, command.venue)
    if isinstance(venue, Refusal):
        return venue
    return (e.MicrophoneClosed(venue.id),) if venue.microphone.opened_by_chair else NOTHING


def close_all(state: Conference, command: c.CloseAllMicrophones, _: datetime) -> Decision:
    return closing(state, keep=None if command.main_too else state.main_venue)


def switch_own(state: Conference, command: c.SwitchOwnMicrophone, _: datetime) -> Decision:
    venue = invited(state, command.venue)
    if isinstance(venue, Refusal):
        return venue
    if venue.microphone.closed_at_venue == command.closed:
        return NOTHING
    return (e.OwnMicrophoneSwitched(venue.id, command.closed),)


def request(state: Conference, command: c.RequestFloor, _: datetime) -> Decision:
    venue = invited(state, command.venue)
    if isinstance(venue, Refusal):
        return venue
    moved = FLOOR.after(floor_place(state, venue.id), command.type)
    return NOTHING if moved is None else (e.FloorRequested(venue.id),)


def withdraw_request(state: Conference, command: c.WithdrawRequest, _: datetime) -> Decision:
    """Who has been granted the floor meanwhile must hear that: their microphone is open."""
    venue = invited(state, command.venue)
    if isinstance(venue, Refusal):
        return venue
    place = floor_place(state, venue.id)
    if place is FloorPlace.HOLDS:
        return r.HOLDS_FLOOR
    moved = FLOOR.after(place, command.type)
    return NOTHING if moved is None else (e.FloorRequestWithdrawn(venue.id),)


def grant(state: Conference, command: c.GrantFloor, _: datetime) -> Decision:
    venue = at_hand(state, command.venue)
    if isinstance(venue, Refusal):
        return venue
    microphone = opening(state, venue)
    if isinstance(microphone, Refusal):
        return microphone
    moved = FLOOR.after(floor_place(state, venue.id), command.type)
    granted: tuple[Event, ...] = () if moved is None else (e.FloorGranted(venue.id),)
    picture = (
        NOTHING
        if command.slot is None
        else airing(state, filled(state.program, command.slot, venue.id))
    )
    return (*granted, *microphone, *picture)


def release(state: Conference, command: c.ReleaseFloor, _: datetime) -> Decision:
    venue = invited(state, command.venue)
    if isinstance(venue, Refusal):
        return venue
    if FLOOR.after(floor_place(state, venue.id), command.type) is None:
        return NOTHING
    closes = venue.kind is not VenueKind.MAIN and venue.microphone.opened_by_chair
    closed: tuple[Event, ...] = (e.MicrophoneClosed(venue.id),) if closes else ()
    return (*closed, e.FloorReleased(venue.id))


RULES: Final[Rules] = {
    c.OpenMicrophone: open_microphone,
    c.CloseMicrophone: close_microphone,
    c.CloseAllMicrophones: close_all,
    c.SwitchOwnMicrophone: switch_own,
    c.RequestFloor: request,
    c.WithdrawRequest: withdraw_request,
    c.GrantFloor: grant,
    c.ReleaseFloor: release,
}
