"""What the conference's state means to one call, and which words its ends and refusals deserve."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from podium.conference.calls import CallEnd, CallPurpose, StandingCall
from podium.conference.lifecycle import floor_place
from podium.conference.state import Conference, Connection, Phase, Venue, VenueId, VenueKind
from podium.telephone.fallback import Sight
from podium.telephone.menu_values import Standing
from podium.telephone.prompts.texts import Prompt

LAST_WORDS: Final[Mapping[CallEnd, Prompt]] = {
    CallEnd.OVER: Prompt.OVER,
    CallEnd.VIDEO_BACK: Prompt.VIDEO_BACK,
    CallEnd.REPLACED: Prompt.OTHER_CALL,
    CallEnd.RELEASED: Prompt.DROPPED,
    CallEnd.PIN_REVOKED: Prompt.PIN_REVOKED,
    CallEnd.WITHDRAWN: Prompt.DROPPED,
}
"""What a caller hears when the conference ends the call; ``GOODBYE`` for what is not here."""
SENT_AWAY: Final[Mapping[str, Prompt]] = {
    "not_open": Prompt.CALL_LATER,
    "conference_closed": Prompt.OVER,
    "unknown_venue": Prompt.NO_CONFERENCE,
    "no_such_conference": Prompt.NO_CONFERENCE,
}
"""What a caller hears when the conference refuses to count it in, by the refusal's code;
``TROUBLE`` for what is not here."""


_NEAREST: Final = (
    Phase.IN_SESSION,
    Phase.ADJOURNED,
    Phase.OPEN,
    Phase.REHEARSAL,
    Phase.SCHEDULED,
)


def conference_for(states: Iterable[Conference], venue: VenueId) -> Conference | None:
    """Where a venue that says nothing but its name wants to: the conference that is furthest on,
    of those to come the soonest."""
    of_venue = (s for s in states if venue in s.venues and s.phase in _NEAREST)
    return min(of_venue, key=lambda s: (_NEAREST.index(s.phase), s.starts_at), default=None)


def standing_of(state: Conference, venue: Venue) -> Standing:
    return Standing(
        phase=state.phase,
        floor=floor_place(state, venue.id),
        microphone=venue.microphone.live,
        guest=venue.kind is VenueKind.GUEST,
    )


def sight_of(venue: Venue) -> Sight:
    """What the fallback watch sees of a venue."""
    call = venue.call
    if venue.attached:
        fallback = isinstance(call, StandingCall) and call.purpose is CallPurpose.FALLBACK
        return Sight.BACK if fallback else Sight.FINE
    if venue.connection is not Connection.LOST or isinstance(call, StandingCall):
        return Sight.OTHER
    return Sight.LOST_BY_US if venue.reason == "server" else Sight.LOST
