"""The life of a call, as tables."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from podium.machine import Machine, Transition


class CallState(StrEnum):
    ARRIVED = "arrived"
    CALLING = "calling"
    RINGING = "ringing"
    ACCEPTED = "accepted"
    """Our 2xx is not acknowledged yet."""
    LEAVING = "leaving"
    """Hung up by us while the peer may not know of an answer yet."""
    UP = "up"
    ENDED = "ended"


INCOMING: Final = Machine(
    title="Incoming call",
    about="""\
`hang up` before our answer refuses the call. After it a BYE has to wait for the ACK, or until
none comes any more (15).""",
    initial=CallState.ARRIVED,
    transitions=(
        Transition(CallState.ARRIVED, "ring", CallState.RINGING),
        Transition(CallState.RINGING, "ring", CallState.RINGING),
        Transition(CallState.ARRIVED, "accept", CallState.ACCEPTED),
        Transition(CallState.RINGING, "accept", CallState.ACCEPTED),
        Transition(CallState.ARRIVED, "reject", CallState.ENDED),
        Transition(CallState.RINGING, "reject", CallState.ENDED),
        Transition(CallState.ARRIVED, "CANCEL", CallState.ENDED),
        Transition(CallState.RINGING, "CANCEL", CallState.ENDED),
        Transition(CallState.ARRIVED, "no answer", CallState.ENDED),
        Transition(CallState.RINGING, "no answer", CallState.ENDED),
        Transition(CallState.RINGING, "unacknowledged", CallState.ENDED),
        Transition(CallState.ACCEPTED, "ACK", CallState.UP),
        Transition(CallState.ACCEPTED, "hang up", CallState.LEAVING),
        Transition(CallState.ACCEPTED, "unacknowledged", CallState.ENDED),
        Transition(CallState.LEAVING, "ACK", CallState.ENDED),
        Transition(CallState.LEAVING, "unacknowledged", CallState.ENDED),
        Transition(CallState.UP, "hang up", CallState.ENDED),
        *(
            Transition(state, "BYE", CallState.ENDED)
            for state in (
                CallState.ARRIVED,
                CallState.RINGING,
                CallState.ACCEPTED,
                CallState.LEAVING,
                CallState.UP,
            )
        ),
        Transition(CallState.ACCEPTED, "session lost", CallState.ENDED),
        Transition(CallState.UP, "session lost", CallState.ENDED),
    ),
    final=frozenset({CallState.ENDED}),
)

OUTGOING: Final = Machine(
    title="Outgoing call",
    about="""\
A 2xx that crosses our CANCEL is acknowledged and ended by a BYE. So is each 2xx but the first
where a proxy forked the call.""",
    initial=CallState.CALLING,
    transitions=(
        Transition(CallState.CALLING, "1xx", CallState.RINGING),
        Transition(CallState.RINGING, "1xx", CallState.RINGING),
        Transition(CallState.CALLING, "2xx", CallState.UP),
        Transition(CallState.RINGING, "2xx", CallState.UP),
        Transition(CallState.CALLING, "300-699", CallState.ENDED),
        Transition(CallState.RINGING, "300-699", CallState.ENDED),
        Transition(CallState.CALLING, "failure", CallState.ENDED),
        Transition(CallState.RINGING, "failure", CallState.ENDED),
        Transition(CallState.RINGING, "BYE", CallState.ENDED),
        Transition(CallState.CALLING, "hang up", CallState.LEAVING),
        Transition(CallState.RINGING, "hang up", CallState.LEAVING),
        Transition(CallState.LEAVING, "1xx", CallState.LEAVING),
        Transition(CallState.LEAVING, "2xx", CallState.ENDED),
        Transition(CallState.LEAVING, "300-699", CallState.ENDED),
        Transition(CallState.LEAVING, "failure", CallState.ENDED),
        Transition(CallState.UP, "hang up", CallState.ENDED),
        Transition(CallState.UP, "BYE", CallState.ENDED),
        Transition(CallState.UP, "session lost", CallState.ENDED),
    ),
    final=frozenset({CallState.ENDED}),
)
