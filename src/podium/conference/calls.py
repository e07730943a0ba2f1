"""The telephone call of a venue, as the conference knows it: immutable values.

Numbers are dialled strings (E.164 with its plus sign, or internal), never formatted.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, Literal, NewType

from podium.values.fields import Identifier

CallId = NewType("CallId", Identifier)
"""One call of this conference. Calls that are dialled get theirs from the conference
(``out-1``, ...), calls that dial in bring it along; none comes twice."""


class CallStage(StrEnum):
    """How far a venue's call has come; see ``lifecycle.CALL``.

    ``waiting``: no number answered, they are dialled again shortly. ``asked``: somebody answered
    and is asked to press 1. ``joined``: hears the conference.
    """

    IDLE = "idle"
    DIALLING = "dialling"
    RINGING = "ringing"
    ASKED = "asked"
    WAITING = "waiting"
    JOINED = "joined"
    ENDED = "ended"


class CallPurpose(StrEnum):
    """Why there is a call: the console wants it, the video link is lost, or the venue dialled."""

    CALLED = "called"
    FALLBACK = "fallback"
    DIALLED_IN = "dialled_in"


class CallEnd(StrEnum):
    """Why a call ended, or why a number was given up."""

    BUSY = "busy"
    NO_ANSWER = "no_answer"
    WRONG_NUMBER = "wrong_number"
    DECLINED = "declined"
    MACHINE = "machine"
    """Answered, but nobody pressed 1."""
    HUNG_UP = "hung_up"
    """By the venue."""
    SILENT = "silent"
    """Neither sound nor signalling came any more."""
    NOT_ALLOWED = "not_allowed"
    """The number is not in the installation's allow-list."""
    LIMIT = "limit"
    """One of the installation's limits on calls is reached."""
    NO_CODEC = "no_codec"
    TRUNK_REFUSED = "trunk_refused"
    TRUNK_DOWN = "trunk_down"
    NOT_CONFIGURED = "not_configured"
    """This installation has no telephone."""
    FAILED = "failed"
    RELEASED = "released"
    """By the console."""
    PIN_REVOKED = "pin_revoked"
    """It had come in by a PIN that was revoked."""
    REPLACED = "replaced"
    """Another call took its place."""
    VIDEO_BACK = "video_back"
    WITHDRAWN = "withdrawn"
    OVER = "over"
    """The conference or the rehearsal is over."""
    SERVER = "server"
    """Podium restarted."""


@dataclass(frozen=True, slots=True)
class NoCall:
    """There has been none, or it is forgotten."""

    @property
    def stage(self) -> Literal[CallStage.IDLE]:
        return CallStage.IDLE


@dataclass(frozen=True, slots=True)
class StandingCall:
    """A call that is wanted or up; ``since`` is the time of ``stage``."""

    id: CallId
    purpose: CallPurpose
    numbers: tuple[str, ...]
    """What is dialled, first to last; nothing for a call that dialled in."""
    stage: CallStage
    since: datetime
    position: int = 0
    """Which of ``numbers`` is being dialled or was answered, from 0."""
    setback: CallEnd | None = None
    """What became of the number before."""
    noisy: bool = False
    """Its open microphone brings constant noise or echo."""

    @property
    def outbound(self) -> bool:
        return self.purpose is not CallPurpose.DIALLED_IN

    @property
    def joined(self) -> bool:
        return self.stage is CallStage.JOINED


@dataclass(frozen=True, slots=True)
class EndedCall:
    id: CallId
    purpose: CallPurpose
    reason: CallEnd
    since: datetime

    @property
    def stage(self) -> Literal[CallStage.ENDED]:
        return CallStage.ENDED


Call = NoCall | StandingCall | EndedCall
NO_CALL: Final = NoCall()
