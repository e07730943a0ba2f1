"""What the user agent tells whoever uses it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import NewType

from podium.telephone.sip.flow import Flow
from podium.telephone.sip.uri import NameAddr, Uri

CallKey = NewType("CallKey", int)
"""Of one user agent, never used again."""


class Failure(StrEnum):
    """Why a request of ours has no final response."""

    TIMEOUT = "timeout"
    TRANSPORT = "transport"
    UNRESOLVED = "unresolved"
    """No address is known for the name."""
    CANCELLED = "cancelled"
    """Before it was sent, or without an answer to the CANCEL."""


class Why(StrEnum):
    """Why a call that was answered, or an incoming one that was not, is over."""

    HUNG_UP = "hung up"
    """By the peer."""
    RELEASED = "released"
    """By us."""
    CANCELLED = "cancelled"
    """By the caller, before we answered."""
    NO_ANSWER = "no answer"
    """Nobody answered within the time that is set."""
    UNACKNOWLEDGED = "unacknowledged"
    """Our answer or our ringing was never acknowledged."""
    EXPIRED = "expired"
    """The session was not refreshed in time (RFC 4028)."""
    GONE = "gone"
    """The peer does not know the call any more, or does not answer at all."""
    NO_MEDIA_ANSWER = "no media answer"
    """The peer owed an answer to our offer and gave none."""


@dataclass(frozen=True, slots=True)
class IncomingCall:
    """Answer it with ``ring``, ``accept`` or ``reject``."""

    call: CallKey
    by: str
    """Whose right admitted it: the name of a trunk or of an account, by the gate."""
    source: Flow
    from_: NameAddr = field(repr=False)
    to: NameAddr = field(repr=False)
    request_uri: Uri = field(repr=False)
    offer: bytes | None = field(repr=False)
    """SDP; ``None``: the peer leaves the offer to us, and ``accept`` takes one."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Of an outgoing call, 101 to 199. ``answer``: early media (SDP)."""

    call: CallKey
    status: int
    answer: bytes | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Answered:
    """The peer's SDP answer to an offer of ours: in an outgoing call that is thereby answered,
    in the ACK of a call without an offer, after ``reoffer``, or with a refresh that changed it."""

    call: CallKey
    answer: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Confirmed:
    """An incoming call stands: our answer was acknowledged."""

    call: CallKey


@dataclass(frozen=True, slots=True)
class Rejected:
    """An outgoing call was refused. A redirection (3xx) is a refusal: it is never followed."""

    call: CallKey
    status: int
    """300 to 699."""
    reason: str = field(repr=False)
    retry_after: int | None
    """Seconds."""
    cause: int | None = None
    """Of the telephone network (ITU-T Q.850), where a gateway has put it into ``Reason``
    (RFC 3326): it tells more than the status."""


@dataclass(frozen=True, slots=True)
class Unreachable:
    """An outgoing call found nobody to answer it at all."""

    call: CallKey
    failure: Failure


@dataclass(frozen=True, slots=True)
class Reoffered:
    """The peer changes the session; answer with ``answer_reoffer`` or ``refuse_reoffer``.
    ``offer`` is ``None`` where it leaves the offer to us."""

    call: CallKey
    offer: bytes | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class ReofferRefused:
    """The session goes on as it was."""

    call: CallKey
    status: int


@dataclass(frozen=True, slots=True)
class Digits:
    """Keys by INFO (application/dtmf-relay)."""

    call: CallKey
    digits: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Ended:
    call: CallKey
    why: Why


CallEvent = (
    IncomingCall
    | Progress
    | Answered
    | Confirmed
    | Rejected
    | Unreachable
    | Reoffered
    | ReofferRefused
    | Digits
    | Ended
)


@dataclass(frozen=True, slots=True)
class Registered:
    """A telephone is at ``contact`` for ``seconds``, or still."""

    account: str
    contact: Uri = field(repr=False)
    seconds: int


@dataclass(frozen=True, slots=True)
class Unregistered:
    account: str
    contact: Uri = field(repr=False)


class TrunkHealth(StrEnum):
    """Where a trunk stands; see ``registration.TRUNK``."""

    UNKNOWN = "unknown"
    UP = "up"
    REFUSED = "refused"
    """It answers, but does not take our registration."""
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class TrunkState:
    trunk: str
    health: TrunkHealth
    status: int | None
    """Of the trunk's last response; ``None``: there was none."""


Event = CallEvent | Registered | Unregistered | TrunkState
