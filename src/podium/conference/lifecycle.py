"""The state machines of a conference, as tables. ``decide`` asks them; the docs draw them.

``python -m podium.conference.lifecycle > docs/lifecycle.md`` writes the drawings.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Final

from podium.conference.calls import CallStage
from podium.conference.state import Conference, Connection, Phase, VenueId
from podium.machine import Machine, Transition

CONFERENCE: Final = Machine(
    title="Conference",
    about="""\
A rehearsal leaves no trace in the conference itself. After `closed` nothing
happens any more; sign-in, place and points may still complete the record.
Program, microphones and floor work in `rehearsal` and `in_session` alone.""",
    initial=Phase.SCHEDULED,
    transitions=(
        Transition(Phase.SCHEDULED, "begin_rehearsal", Phase.REHEARSAL),
        Transition(Phase.REHEARSAL, "end_rehearsal", Phase.SCHEDULED),
        Transition(Phase.SCHEDULED, "open_conference", Phase.OPEN),
        Transition(Phase.REHEARSAL, "open_conference", Phase.OPEN),
        Transition(Phase.OPEN, "start_session", Phase.IN_SESSION),
        Transition(Phase.IN_SESSION, "adjourn", Phase.ADJOURNED),
        Transition(Phase.ADJOURNED, "start_session", Phase.IN_SESSION),
        Transition(Phase.SCHEDULED, "close_conference", Phase.CLOSED),
        Transition(Phase.OPEN, "close_conference", Phase.CLOSED),
        Transition(Phase.IN_SESSION, "close_conference", Phase.CLOSED),
        Transition(Phase.ADJOURNED, "close_conference", Phase.CLOSED),
    ),
    final=frozenset({Phase.CLOSED}),
)


REPORTS: Final[Mapping[Connection, str]] = {
    Connection.CONNECTING: "station here",
    Connection.CONNECTED: "media flows",
    Connection.DEGRADED: "media flows poorly",
    Connection.LOST: "gone",
}
"""The trigger of ``VENUE`` that a reported connection stands for."""


def _reports() -> Iterator[Transition[Connection]]:
    attached = (Connection.CONNECTING, Connection.CONNECTED, Connection.DEGRADED)
    for source in (Connection.ABSENT, *attached, Connection.LOST):
        for target, trigger in REPORTS.items():
            never_came = source is Connection.ABSENT and target is Connection.LOST
            if source is not target and not never_came:
                yield Transition(source, trigger, target)


VENUE: Final = Machine(
    title="Connection of a venue",
    about="""\
Podium's own parts report it. A venue that never came cannot be lost; one that was lost in a
rehearsal, or before the conference opens, counts as one that has not come yet. A lost venue keeps
its place, the program, its floor and its microphone.""",
    initial=Connection.ABSENT,
    transitions=(
        *_reports(),
        Transition(Connection.LOST, "rehearsal over", Connection.ABSENT),
    ),
)


class FloorPlace(StrEnum):
    """Where one venue stands with the floor."""

    NONE = "none"
    WAITS = "waits"
    HOLDS = "holds"


FLOOR: Final = Machine(
    title="Floor, for one venue",
    about="""\
The chair may give the floor unasked. An adjournment takes the floor from its holders and keeps
the queue.""",
    initial=FloorPlace.NONE,
    transitions=(
        Transition(FloorPlace.NONE, "request_floor", FloorPlace.WAITS),
        Transition(FloorPlace.WAITS, "withdraw_request", FloorPlace.NONE),
        Transition(FloorPlace.WAITS, "grant_floor", FloorPlace.HOLDS),
        Transition(FloorPlace.NONE, "grant_floor", FloorPlace.HOLDS),
        Transition(FloorPlace.HOLDS, "release_floor", FloorPlace.NONE),
        Transition(FloorPlace.HOLDS, "adjourn", FloorPlace.NONE),
    ),
)


def floor_place(state: Conference, venue: VenueId) -> FloorPlace:
    if state.floor.holds(venue):
        return FloorPlace.HOLDS
    return FloorPlace.WAITS if state.floor.waits(venue) else FloorPlace.NONE


CALL_REPORTS: Final[Mapping[CallStage, str]] = {
    CallStage.DIALLING: "next number",
    CallStage.RINGING: "rings",
    CallStage.ASKED: "answered",
    CallStage.WAITING: "to be tried again",
    CallStage.JOINED: "pressed 1",
}
"""The trigger of ``CALL`` that a reported stage stands for."""
REDIAL: Final = "server restarted"
ENDED: Final = "ended"


def _calls() -> Iterator[Transition[CallStage]]:
    dialled = (CallStage.DIALLING, CallStage.RINGING, CallStage.ASKED, CallStage.WAITING)
    for source in (CallStage.IDLE, CallStage.ENDED):
        for trigger in ("place_call", "fall_back"):
            yield Transition(source, trigger, CallStage.DIALLING)
        yield Transition(source, "dials in", CallStage.JOINED)
    for source in dialled:
        for target, trigger in CALL_REPORTS.items():
            yield Transition(source, trigger, target)
    for source in (*dialled, CallStage.JOINED):
        yield Transition(source, REDIAL, CallStage.DIALLING)
        yield Transition(source, ENDED, CallStage.ENDED)
    yield Transition(CallStage.ENDED, "rehearsal over", CallStage.IDLE)


CALL: Final = Machine(
    title="Telephone call of a venue",
    about="""\
The console wants a call, or the venue's video link is lost, or the venue dials in. Whoever answers
presses 1, so that no answering machine comes in. A call that dials in takes the place of one that
stands; after a restart only calls that were dialled are dialled again. The call leaves the
venue's connection, floor and microphone alone.""",
    initial=CallStage.IDLE,
    transitions=tuple(_calls()),
)


def document() -> str:
    """The whole of ``docs/lifecycle.md``."""
    heading = (
        "# Lifecycles\n\n"
        "Drawn from the tables in `src/podium/conference/lifecycle.py` by\n"
        "`python -m podium.conference.lifecycle > docs/lifecycle.md`; do not edit.\n"
    )
    machines = (CONFERENCE, VENUE, FLOOR, CALL)
    return "\n".join((heading, *(machine.section() for machine in machines)))


if __name__ == "__main__":
    print(document(), end="")
