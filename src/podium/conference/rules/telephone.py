"""Calls of venues, and guests: what the console wants, and what the telephone reports.

A report names the call, so that news of an old call never touches the one that took its place.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from podium.conference import commands as c
from podium.conference import events as e
from podium.conference import refusals as r
from podium.conference.calls import CallEnd, CallId, CallPurpose, CallStage, StandingCall
from podium.conference.events import Event
from podium.conference.lifecycle import CALL, CALL_REPORTS, REDIAL
from podium.conference.refusals import Refusal
from podium.conference.rules.common import NOTHING, Decision, Rules, ended, invited
from podium.conference.rules.written import bad_ids, bad_numbers, bad_texts
from podium.conference.state import Conference, Connection, Text, Venue, VenueId, VenueKind

_WENT_BY_ITSELF: Final = frozenset({"left", "withdrawn"})
"""Reasons of a lost connection that no telephone rings for: the venue meant to go."""
_BACK: Final = frozenset({Connection.CONNECTED, Connection.DEGRADED})


# --- the console


def place_call(state: Conference, command: c.PlaceCall, _: datetime) -> Decision:
    venue = invited(state, command.venue)
    if isinstance(venue, Refusal):
        return venue
    return _dialled(state, (venue,), CallPurpose.CALLED) if venue.telephones else r.NO_TELEPHONE


def call_unconnected(state: Conference, _command: c.CallUnconnected, __: datetime) -> Decision:
    away = tuple(
        v
        for v in state.venues.values()
        if not (v.present or v.excused) and v.telephones and v.kind is not VenueKind.GUEST
    )
    return _dialled(state, away, CallPurpose.CALLED)


def _dialled(
    state: Conference, venues: tuple[Venue, ...], purpose: CallPurpose
) -> tuple[Event, ...]:
    """Those whose call stands already are left alone."""
    idle = (v for v in venues if not isinstance(v.call, StandingCall))
    return tuple(
        e.CallBegan(v.id, CallId(f"out-{n}"), purpose)
        for n, v in enumerate(idle, state.dialled + 1)
    )


def dial_number(state: Conference, command: c.DialNumber, _: datetime) -> Decision:
    known = state.venues.get(command.guest)
    if known is not None:
        again = known.kind is VenueKind.GUEST and known.telephones == (command.number,)
        return NOTHING if again else r.IDENTIFIER_TAKEN
    objection = bad_numbers((command.number,)) or _bad_guest(state, command.guest, command.name)
    return objection or (
        e.GuestAdded(command.guest, command.name, (command.number,)),
        e.CallBegan(command.guest, CallId(f"out-{state.dialled + 1}"), CallPurpose.CALLED),
    )


def hang_up(state: Conference, command: c.HangUp, _: datetime) -> Decision:
    venue = invited(state, command.venue)
    return venue if isinstance(venue, Refusal) else ended(state, venue, CallEnd.RELEASED)


def rename_guest(state: Conference, command: c.RenameGuest, _: datetime) -> Decision:
    guest = _guest(state, command.guest)
    if isinstance(guest, Refusal):
        return guest
    if guest.name == command.name:
        return NOTHING
    return bad_texts((command.name,)) or (e.GuestRenamed(guest.id, command.name),)


def assign_guest(state: Conference, command: c.AssignGuest, _: datetime) -> Decision:
    guest, venue = _guest(state, command.guest), invited(state, command.venue)
    if isinstance(guest, Refusal):
        return guest
    if isinstance(venue, Refusal):
        return venue
    if venue.kind is VenueKind.GUEST:
        return r.NOT_A_VENUE
    if not isinstance(guest.call, StandingCall):
        return r.NOT_ON_TELEPHONE
    return (*ended(state, venue, CallEnd.REPLACED), e.GuestAssigned(guest.id, venue.id))


def _guest(state: Conference, id_: VenueId) -> Venue | Refusal:
    guest = state.venues.get(id_)
    return guest if guest is not None and guest.kind is VenueKind.GUEST else r.NOT_A_GUEST


def _bad_guest(state: Conference, id_: VenueId, name: Text) -> Refusal | None:
    guests = sum(v.kind is VenueKind.GUEST for v in state.venues.values())
    if guests >= r.MAX_GUESTS:
        return r.TOO_MANY_GUESTS
    return bad_ids((id_,)) or bad_texts((name,))


# --- the telephone


def report_call(state: Conference, command: c.ReportCall, _: datetime) -> Decision:
    if command.stage not in CALL_REPORTS:
        return r.NOT_REPORTABLE
    venue, call = _bearer(state, command.venue, command.call)
    if venue is None or call is None:
        return NOTHING
    if CALL.after(call.stage, CALL_REPORTS[command.stage]) is None:
        return NOTHING
    report = command.stage, command.position, command.setback
    if report == (call.stage, call.position, call.setback):
        return NOTHING
    return (e.CallProgressed(venue.id, call.id, *report),)


def report_ended(state: Conference, command: c.ReportCallEnded, _: datetime) -> Decision:
    venue, _call = _bearer(state, command.venue, command.call)
    return NOTHING if venue is None else ended(state, venue, command.reason)


_NOBODY: Final = (None, None)


def _bearer(
    state: Conference, venue: VenueId, call: CallId
) -> tuple[Venue, StandingCall] | tuple[None, None]:
    """Whose call it is: the venue's that was named, or, where a guest has been assigned
    meanwhile, another's."""
    named = state.venues.get(venue)
    for v in (*(() if named is None else (named,)), *state.venues.values()):
        if isinstance(v.call, StandingCall) and v.call.id == call:
            return v, v.call
    return _NOBODY


def report_noise(state: Conference, command: c.ReportNoise, _: datetime) -> Decision:
    venue = invited(state, command.venue)
    if isinstance(venue, Refusal):
        return venue
    call = venue.call
    if not isinstance(call, StandingCall) or not call.joined or call.noisy == command.noisy:
        return NOTHING
    return (e.CallNoiseChanged(venue.id, command.noisy),)


def join(state: Conference, command: c.JoinByTelephone, _: datetime) -> Decision:
    venue = invited(state, command.venue)
    if isinstance(venue, Refusal):
        return venue
    if venue.kind is VenueKind.GUEST:
        return r.NOT_A_VENUE
    if isinstance(venue.call, StandingCall) and venue.call.id == command.call:
        return NOTHING
    if _bearer(state, command.venue, command.call) != _NOBODY:
        return r.IDENTIFIER_TAKEN
    began = e.CallBegan(venue.id, command.call, CallPurpose.DIALLED_IN)
    return bad_ids((command.call,)) or (*ended(state, venue, CallEnd.REPLACED), began)


def guest_arrives(state: Conference, command: c.GuestArrives, _: datetime) -> Decision:
    known = state.venues.get(command.guest)
    if known is not None:
        here = isinstance(known.call, StandingCall) and known.call.id == command.call
        return NOTHING if here else r.IDENTIFIER_TAKEN
    if _bearer(state, command.guest, command.call) != _NOBODY:
        return r.IDENTIFIER_TAKEN
    n = state.guests + 1
    name = Text(f"来宾电话 {n}", f"Guest telephone {n}")
    objection = (
        bad_numbers(command.caller)
        or bad_ids((command.call,))
        or _bad_guest(state, command.guest, name)
    )
    return objection or (
        e.GuestAdded(command.guest, name, command.caller),
        e.CallBegan(command.guest, command.call, CallPurpose.DIALLED_IN),
    )


def fall_back(state: Conference, command: c.FallBack, _: datetime) -> Decision:
    """Whoever went on purpose is not rung, and nobody who never came."""
    venue = invited(state, command.venue)
    if isinstance(venue, Refusal):
        return venue
    if not venue.telephones:
        return r.NO_TELEPHONE
    if venue.connection is not Connection.LOST or venue.reason in _WENT_BY_ITSELF:
        return NOTHING
    return _dialled(state, (venue,), CallPurpose.FALLBACK)


def release_fallback(state: Conference, command: c.ReleaseFallback, _: datetime) -> Decision:
    venue = invited(state, command.venue)
    if isinstance(venue, Refusal):
        return venue
    call = venue.call
    fallback = isinstance(call, StandingCall) and call.purpose is CallPurpose.FALLBACK
    if not fallback or venue.connection not in _BACK:
        return NOTHING
    return ended(state, venue, CallEnd.VIDEO_BACK)


def lose_calls(state: Conference, _command: c.LoseCalls, __: datetime) -> Decision:
    events: list[Event] = []
    for venue in state.venues.values():
        call = venue.call
        if not isinstance(call, StandingCall):
            continue
        target = CALL.after(call.stage, REDIAL) if call.outbound else None
        if target is None:
            events += ended(state, venue, CallEnd.SERVER)
        elif call.stage is not target:
            events.append(e.CallProgressed(venue.id, call.id, target, 0, CallEnd.SERVER))
    return tuple(events)


# --- with the life of the conference


def hung_up(state: Conference) -> tuple[Event, ...]:
    """Every call that stands, at the end of the conference. Guests stay on the list."""
    return tuple(
        e.CallEnded(v.id, v.call.id, CallEnd.OVER)
        for v in state.venues.values()
        if isinstance(v.call, StandingCall)
    )


def forgotten(state: Conference, *, standing_too: bool) -> tuple[Event, ...]:
    """Calls of the rehearsal that are over, and guests without a call. ``standing_too``: those
    that stand end first. To follow what clears program and floor."""
    events: list[Event] = []
    for v in state.venues.values():
        if isinstance(v.call, StandingCall):
            if not standing_too:
                continue
            events.append(e.CallEnded(v.id, v.call.id, CallEnd.OVER))
        if v.kind is VenueKind.GUEST:
            events.append(e.VenueWithdrawn(v.id))
        elif v.call.stage is not CallStage.IDLE:
            events.append(e.CallForgotten(v.id))
    return tuple(events)


RULES: Final[Rules] = {
    c.PlaceCall: place_call,
    c.CallUnconnected: call_unconnected,
    c.DialNumber: dial_number,
    c.HangUp: hang_up,
    c.AssignGuest: assign_guest,
    c.RenameGuest: rename_guest,
    c.ReportCall: report_call,
    c.ReportCallEnded: report_ended,
    c.ReportNoise: report_noise,
    c.JoinByTelephone: join,
    c.GuestArrives: guest_arrives,
    c.FallBack: fall_back,
    c.ReleaseFallback: release_fallback,
    c.LoseCalls: lose_calls,
}
