"""The four transactions of RFC 3261 section 17, with RFC 6026's Accepted, as tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, StrEnum, auto
from typing import Final

from podium.machine import Machine, Transition
from podium.telephone.sip.timers import Timer


class State(StrEnum):
    CALLING = "calling"
    TRYING = "trying"
    PROCEEDING = "proceeding"
    COMPLETED = "completed"
    CONFIRMED = "confirmed"
    ACCEPTED = "accepted"
    TERMINATED = "terminated"


class Act(Enum):
    """What a transaction does along an arrow."""

    SEND = auto()
    """The message that its user hands it; it is kept for retransmissions."""
    RESEND = auto()
    TRYING = auto()
    """Send 100 Trying by itself."""
    ACK = auto()
    """Acknowledge a failure (17.1.1.3)."""
    PASS = auto()
    """Hand the message to the transaction's user."""
    TIMED_OUT = auto()
    BROKEN = auto()
    """Tell the user that the transport failed."""


@dataclass(frozen=True, slots=True)
class Rule:
    source: State
    trigger: str
    target: State
    acts: tuple[Act, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """One kind of transaction: its arrows, and which timers run in which state."""

    title: str
    about: str
    rules: tuple[Rule, ...]
    timers: Mapping[State, tuple[Timer, ...]]
    by_trigger: Mapping[tuple[State, str], Rule] = field(init=False)

    def __post_init__(self) -> None:
        rules = {(rule.source, rule.trigger): rule for rule in self.rules}
        object.__setattr__(self, "by_trigger", rules)

    @property
    def initial(self) -> State:
        return self.rules[0].source

    def machine(self) -> Machine[State]:
        return Machine(
            title=self.title,
            about=self.about,
            initial=self.initial,
            transitions=tuple(Transition(r.source, r.trigger, r.target) for r in self.rules),
            final=frozenset({State.TERMINATED}),
        )


BROKEN: Final = "transport error"
PROVISIONAL: Final = "1xx"
SUCCESS: Final = "2xx"
FAILURE: Final = "300-699"
REQUEST: Final = "request"
ACK: Final = "ACK"


def sent(trigger: str) -> str:
    """The trigger of a response that the transaction's user sends."""
    return f"send {trigger}"


INVITE_CLIENT: Final = Table(
    title="INVITE client transaction",
    about="RFC 3261 17.1.1, RFC 6026 7.2. Each 2xx is passed on: its ACK is the dialog's.",
    rules=(
        Rule(State.CALLING, Timer.A, State.CALLING, (Act.RESEND,)),
        Rule(State.CALLING, Timer.B, State.TERMINATED, (Act.TIMED_OUT,)),
        Rule(State.CALLING, BROKEN, State.TERMINATED, (Act.BROKEN,)),
        Rule(State.CALLING, PROVISIONAL, State.PROCEEDING, (Act.PASS,)),
        Rule(State.CALLING, SUCCESS, State.ACCEPTED, (Act.PASS,)),
        Rule(State.CALLING, FAILURE, State.COMPLETED, (Act.ACK, Act.PASS)),
        Rule(State.PROCEEDING, PROVISIONAL, State.PROCEEDING, (Act.PASS,)),
        Rule(State.PROCEEDING, SUCCESS, State.ACCEPTED, (Act.PASS,)),
        Rule(State.PROCEEDING, FAILURE, State.COMPLETED, (Act.ACK, Act.PASS)),
        Rule(State.PROCEEDING, BROKEN, State.TERMINATED, (Act.BROKEN,)),
        Rule(State.COMPLETED, FAILURE, State.COMPLETED, (Act.ACK,)),
        Rule(State.COMPLETED, BROKEN, State.TERMINATED),
        Rule(State.COMPLETED, Timer.D, State.TERMINATED),
        Rule(State.ACCEPTED, SUCCESS, State.ACCEPTED, (Act.PASS,)),
        Rule(State.ACCEPTED, Timer.M, State.TERMINATED),
    ),
    timers={
        State.CALLING: (Timer.A, Timer.B),
        State.COMPLETED: (Timer.D,),
        State.ACCEPTED: (Timer.M,),
    },
)

CLIENT: Final = Table(
    title="Non-INVITE client transaction",
    about="RFC 3261 17.1.2.",
    rules=(
        Rule(State.TRYING, Timer.E, State.TRYING, (Act.RESEND,)),
        Rule(State.TRYING, Timer.F, State.TERMINATED, (Act.TIMED_OUT,)),
        Rule(State.TRYING, BROKEN, State.TERMINATED, (Act.BROKEN,)),
        Rule(State.TRYING, PROVISIONAL, State.PROCEEDING, (Act.PASS,)),
        Rule(State.TRYING, SUCCESS, State.COMPLETED, (Act.PASS,)),
        Rule(State.TRYING, FAILURE, State.COMPLETED, (Act.PASS,)),
        Rule(State.PROCEEDING, Timer.E, State.PROCEEDING, (Act.RESEND,)),
        Rule(State.PROCEEDING, Timer.F, State.TERMINATED, (Act.TIMED_OUT,)),
        Rule(State.PROCEEDING, BROKEN, State.TERMINATED, (Act.BROKEN,)),
        Rule(State.PROCEEDING, PROVISIONAL, State.PROCEEDING, (Act.PASS,)),
        Rule(State.PROCEEDING, SUCCESS, State.COMPLETED, (Act.PASS,)),
        Rule(State.PROCEEDING, FAILURE, State.COMPLETED, (Act.PASS,)),
        Rule(State.COMPLETED, Timer.K, State.TERMINATED),
    ),
    timers={
        State.TRYING: (Timer.E, Timer.F),
        State.PROCEEDING: (Timer.E, Timer.F),
        State.COMPLETED: (Timer.K,),
    },
)

INVITE_SERVER: Final = Table(
    title="INVITE server transaction",
    about="""\
RFC 3261 17.2.1, RFC 6026 7.1. A retransmitted INVITE never reaches the transaction's user. In
`accepted` the dialog repeats its 2xx until the ACK comes.""",
    rules=(
        Rule(State.PROCEEDING, Timer.TRYING, State.PROCEEDING, (Act.TRYING,)),
        Rule(State.PROCEEDING, REQUEST, State.PROCEEDING, (Act.RESEND,)),
        Rule(State.PROCEEDING, sent(PROVISIONAL), State.PROCEEDING, (Act.SEND,)),
        Rule(State.PROCEEDING, sent(SUCCESS), State.ACCEPTED, (Act.SEND,)),
        Rule(State.PROCEEDING, sent(FAILURE), State.COMPLETED, (Act.SEND,)),
        Rule(State.COMPLETED, REQUEST, State.COMPLETED, (Act.RESEND,)),
        Rule(State.COMPLETED, Timer.G, State.COMPLETED, (Act.RESEND,)),
        Rule(State.COMPLETED, Timer.H, State.TERMINATED),
        Rule(State.COMPLETED, ACK, State.CONFIRMED),
        Rule(State.CONFIRMED, ACK, State.CONFIRMED),
        Rule(State.CONFIRMED, REQUEST, State.CONFIRMED),
        Rule(State.CONFIRMED, Timer.I, State.TERMINATED),
        Rule(State.ACCEPTED, REQUEST, State.ACCEPTED),
        Rule(State.ACCEPTED, sent(SUCCESS), State.ACCEPTED, (Act.SEND,)),
        Rule(State.ACCEPTED, ACK, State.ACCEPTED, (Act.PASS,)),
        Rule(State.ACCEPTED, Timer.L, State.TERMINATED),
    ),
    timers={
        State.PROCEEDING: (Timer.TRYING,),
        State.COMPLETED: (Timer.G, Timer.H),
        State.CONFIRMED: (Timer.I,),
        State.ACCEPTED: (Timer.L,),
    },
)

SERVER: Final = Table(
    title="Non-INVITE server transaction",
    about="RFC 3261 17.2.2.",
    rules=(
        Rule(State.TRYING, REQUEST, State.TRYING),
        Rule(State.TRYING, sent(PROVISIONAL), State.PROCEEDING, (Act.SEND,)),
        Rule(State.TRYING, sent(SUCCESS), State.COMPLETED, (Act.SEND,)),
        Rule(State.TRYING, sent(FAILURE), State.COMPLETED, (Act.SEND,)),
        Rule(State.PROCEEDING, REQUEST, State.PROCEEDING, (Act.RESEND,)),
        Rule(State.PROCEEDING, sent(PROVISIONAL), State.PROCEEDING, (Act.SEND,)),
        Rule(State.PROCEEDING, sent(SUCCESS), State.COMPLETED, (Act.SEND,)),
        Rule(State.PROCEEDING, sent(FAILURE), State.COMPLETED, (Act.SEND,)),
        Rule(State.COMPLETED, REQUEST, State.COMPLETED, (Act.RESEND,)),
        Rule(State.COMPLETED, Timer.J, State.TERMINATED),
    ),
    timers={State.COMPLETED: (Timer.J,)},
)

TABLES: Final = (INVITE_CLIENT, CLIENT, INVITE_SERVER, SERVER)


def response_class(status: int) -> str:
    """The trigger that a status code is."""
    if status < 200:
        return PROVISIONAL
    return SUCCESS if status < 300 else FAILURE
