"""Which calls must stand for a state of the conference: the telephone plan, and its changes.

As with media, a plan is a pure function of the state and effects are the difference of two plans,
so that a restart is the difference from nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from podium.conference.calls import CallEnd, CallId, CallPurpose, EndedCall, StandingCall
from podium.conference.effects import ROOM_PHASES
from podium.conference.state import Conference, Venue, VenueId


@dataclass(frozen=True, slots=True)
class DialCall:
    """Dial the numbers, first to last, and ask whoever answers to press 1. A call of that
    identifier that is up is to be dialled anew."""

    call: CallId
    venue: VenueId
    numbers: tuple[str, ...]
    purpose: CallPurpose


@dataclass(frozen=True, slots=True)
class ConnectCall:
    """The call hears the conference and speaks as this venue; if it was another's, no longer as
    that one."""

    call: CallId
    venue: VenueId


@dataclass(frozen=True, slots=True)
class DropCall:
    """Hang up, or stop dialling. ``reason`` is for what the caller is told."""

    call: CallId
    reason: CallEnd


CallEffect = DialCall | ConnectCall | DropCall


@dataclass(frozen=True, slots=True)
class TelephonePlan:
    """``venues`` is the state's own mapping, so that two plans are compared without looking at
    the parts that they share."""

    venues: Mapping[VenueId, Venue]


_NOTHING: Final = TelephonePlan(MappingProxyType({}))


def telephone_plan(state: Conference | None) -> TelephonePlan:
    """The plan for a state; constant time."""
    if state is None or state.phase not in ROOM_PHASES:
        return _NOTHING
    return TelephonePlan(state.venues)


def call_effects(before: TelephonePlan | None, after: TelephonePlan) -> tuple[CallEffect, ...]:
    """What leads from one plan to another; from nothing, where ``before`` is ``None``. Calls that
    are no longer wanted go first."""
    old = before or _NOTHING
    if old.venues is after.venues:
        return ()
    were, are = _changed(old, after), _changed(after, old)
    return (*_dropped(were, are, after), *_wanted(were, are))


_Bearers = dict[CallId, tuple[VenueId, StandingCall]]


def _changed(plan: TelephonePlan, other: TelephonePlan) -> _Bearers:
    """The standing calls of venues that are not the same in the other plan."""
    return {
        v.call.id: (v.id, v.call)
        for v in plan.venues.values()
        if isinstance(v.call, StandingCall) and other.venues.get(v.id) is not v
    }


def _dropped(were: _Bearers, are: _Bearers, after: TelephonePlan) -> Iterator[CallEffect]:
    for id_, (venue, _) in were.items():
        if id_ not in are:
            yield DropCall(id_, _why(id_, venue, after))


def _why(call: CallId, venue: VenueId, after: TelephonePlan) -> CallEnd:
    """As the venue's own record has it, where it still tells of this call."""
    if not after.venues:
        return CallEnd.OVER
    now = after.venues.get(venue)
    if now is None:
        return CallEnd.WITHDRAWN
    if isinstance(now.call, EndedCall) and now.call.id == call:
        return now.call.reason
    return CallEnd.REPLACED


def _wanted(were: _Bearers, are: _Bearers) -> Iterator[CallEffect]:
    for id_, (venue, call) in are.items():
        was_venue, was = were.get(id_, (None, None))
        anew = was is None or (was.joined and not call.joined)
        if anew and call.outbound:
            yield DialCall(id_, venue, call.numbers, call.purpose)
        if call.joined and (was is None or not was.joined or was_venue != venue):
            yield ConnectCall(id_, venue)
