"""What a client sees of a venue's telephone. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from podium.conference import events as e
from podium.conference.calls import CallEnd, EndedCall, NoCall, StandingCall
from podium.conference.events import Recorded
from podium.conference.state import Venue
from podium.web.wording import time_text

Json = dict[str, Any]


def telephone(venue: Venue, *, numbers: bool) -> Json:
    """Keys of the venue's entry. Without ``numbers``, none are shown."""
    return {
        "telephones": list(venue.telephones) if numbers else [],
        "call": _call(venue, numbers=numbers),
    }


def _call(venue: Venue, *, numbers: bool) -> Json | None:
    call = venue.call
    number: str | None = None
    why: CallEnd | None
    match call:
        case NoCall():
            return None
        case EndedCall():
            why, noisy = call.reason, False
        case StandingCall():
            dialled = call.numbers[call.position : call.position + 1] if numbers else ()
            number = dialled[0] if dialled else None
            why, noisy = call.setback, call.noisy
    return {
        "stage": call.stage.value,
        "purpose": call.purpose.value,
        "since": time_text(call.since),
        "number": number,
        "reason": None if why is None else why.value,
        "noisy": noisy,
    }


def without_numbers(entry: Recorded) -> Recorded:
    """An entry of the log for those who see no telephone numbers."""
    match entry.event:
        case e.ConferenceScheduled(venues=venues) | e.VenuesInvited(venues=venues):
            event = replace(entry.event, venues=tuple(replace(i, telephones=()) for i in venues))
            return replace(entry, event=event)
        case e.GuestAdded():
            return replace(entry, event=replace(entry.event, telephones=()))
        case _:
            return entry
