"""The one place where a command becomes events, or is refused.

Who may ask comes first (``policy``), then whether the phase admits it (``PHASES``), then the
rule of the command. A command that repeats what is already so yields no events.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from podium.conference import commands as c
from podium.conference import refusals as r
from podium.conference.commands import Actor, Command
from podium.conference.policy import objection
from podium.conference.refusals import Refusal
from podium.conference.rules import (
    documents,
    floor,
    life,
    minutes,
    office,
    program,
    slides,
    telephone,
    venues,
)
from podium.conference.rules.common import NOTHING, Decision, Rule
from podium.conference.state import Conference, Connection, Phase

_LIVE: Final = frozenset({Phase.REHEARSAL, Phase.IN_SESSION})
_BEFORE_SESSION: Final = frozenset({Phase.SCHEDULED, Phase.REHEARSAL, Phase.OPEN})
_BEGUN: Final = frozenset({Phase.IN_SESSION, Phase.ADJOURNED})
_ROOM: Final = frozenset({Phase.REHEARSAL, Phase.OPEN, Phase.IN_SESSION, Phase.ADJOURNED})

PHASES: Final[Mapping[type[Command], tuple[frozenset[Phase], Refusal]]] = {
    c.Reschedule: (_BEFORE_SESSION, r.ALREADY_BEGUN),
    c.StartItem: (frozenset({Phase.IN_SESSION}), r.SESSION_NOT_STARTED),
    c.FinishItem: (_BEGUN, r.SESSION_NOT_STARTED),
    c.SetPreview: (_ROOM, r.NOT_OPEN),
    c.Take: (_LIVE, r.NOT_IN_SESSION),
    c.PutOnAir: (_LIVE, r.NOT_IN_SESSION),
    c.CutToMain: (_LIVE, r.NOT_IN_SESSION),
    c.ShowSlides: (_LIVE, r.NOT_IN_SESSION),
    c.TurnSlide: (_ROOM, r.NOT_OPEN),
    c.OpenMicrophone: (_LIVE, r.NOT_IN_SESSION),
    c.RequestFloor: (_LIVE, r.NOT_IN_SESSION),
    c.WithdrawRequest: (_LIVE | {Phase.ADJOURNED}, r.NOT_IN_SESSION),
    c.GrantFloor: (_LIVE, r.NOT_IN_SESSION),
    c.ReleaseFloor: (_LIVE, r.NOT_IN_SESSION),
    c.SwitchRecording: (_BEGUN, r.SESSION_NOT_STARTED),
    c.PlaceCall: (_ROOM, r.NOT_OPEN),
    c.CallUnconnected: (_ROOM, r.NOT_OPEN),
    c.DialNumber: (_ROOM, r.NOT_OPEN),
    c.JoinByTelephone: (_ROOM, r.NOT_OPEN),
    c.GuestArrives: (_ROOM, r.NOT_OPEN),
    c.FallBack: (_ROOM, r.NOT_OPEN),
}
"""Commands that need certain phases, and what is said in the others. A closed conference takes
nothing in any case."""

RULES: Final[Mapping[type, Rule]] = {
    **office.RULES,
    **life.RULES,
    **venues.RULES,
    **program.RULES,
    **slides.RULES,
    **floor.RULES,
    **minutes.RULES,
    **documents.RULES,
    **telephone.RULES,
}


def decide(state: Conference | None, command: Command, actor: Actor, now: datetime) -> Decision:
    """What follows from ``command``. Pure; the events hold from ``now`` on, in this order."""
    refused = objection(actor, command)
    if refused is not None:
        return refused
    if isinstance(command, c.ScheduleConference):
        return office.schedule(command, now) if state is None else r.ALREADY_SCHEDULED
    if state is None:
        return r.NO_SUCH_CONFERENCE
    if state.phase is Phase.CLOSED:
        return _after_the_end(state, command, now)
    phases, words = PHASES.get(type(command), (None, None))
    if phases is not None and words is not None and state.phase not in phases:
        return words
    return RULES[type(command)](state, command, now)


def _after_the_end(state: Conference, command: Command, now: datetime) -> Decision:
    """Venues still leave, and the record may be completed; nothing else happens any more."""
    match command:
        case c.ReportConnection(connection=Connection.LOST):
            return venues.report_connection(state, command, now)
        case c.CloseConference():
            return NOTHING
        case _ if type(command) in minutes.AFTER_THE_END | documents.AFTER_THE_END:
            return RULES[type(command)](state, command, now)
        case _:
            return r.CONFERENCE_CLOSED
