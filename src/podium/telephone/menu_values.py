"""What the voice menu works with: its stages and their table, what goes in and what comes out."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from podium.conference.lifecycle import FloorPlace
from podium.conference.state import Phase
from podium.machine import Machine, Transition
from podium.telephone.prompts.texts import Prompt


class Stage(StrEnum):
    START = "start"
    ENTERING = "entering"
    CHECKING = "checking"
    INVITED = "invited"
    WAITING = "waiting"
    JOINING = "joining"
    CONFERENCE = "conference"
    LEAVING = "leaving"
    GONE = "gone"


def _known(stage: Stage) -> tuple[Transition[Stage], ...]:
    """Who calls has turned out."""
    return (
        Transition(stage, "known, not open", Stage.WAITING),
        Transition(stage, "known", Stage.JOINING),
        Transition(stage, "known, over", Stage.LEAVING),
    )


MENU: Final = Machine(
    title="Voice menu of a call",
    about="""\
`entering`: a PIN is typed. `checking`: it is looked up. `invited`: Podium has called and asks for
a key, so that no answering machine enters. `waiting`: the conference is not open yet. `leaving`:
last words.""",
    initial=Stage.START,
    transitions=(
        Transition(Stage.START, "dialled in", Stage.ENTERING),
        *_known(Stage.START),
        Transition(Stage.START, "called", Stage.INVITED),
        Transition(Stage.START, "sent away", Stage.LEAVING),
        Transition(Stage.ENTERING, "PIN complete", Stage.CHECKING),
        Transition(Stage.ENTERING, "no key", Stage.LEAVING),
        Transition(Stage.ENTERING, "sent away", Stage.LEAVING),
        Transition(Stage.CHECKING, "PIN wrong", Stage.ENTERING),
        Transition(Stage.CHECKING, "PIN wrong again", Stage.LEAVING),
        *_known(Stage.CHECKING),
        Transition(Stage.CHECKING, "sent away", Stage.LEAVING),
        Transition(Stage.INVITED, "key 1", Stage.JOINING),
        Transition(Stage.INVITED, "no key", Stage.LEAVING),
        Transition(Stage.INVITED, "sent away", Stage.LEAVING),
        Transition(Stage.WAITING, "conference opens", Stage.JOINING),
        Transition(Stage.WAITING, "conference over", Stage.LEAVING),
        Transition(Stage.WAITING, "long time", Stage.LEAVING),
        Transition(Stage.WAITING, "sent away", Stage.LEAVING),
        Transition(Stage.JOINING, "admitted", Stage.CONFERENCE),
        Transition(Stage.JOINING, "sent away", Stage.LEAVING),
        Transition(Stage.CONFERENCE, "conference over", Stage.LEAVING),
        Transition(Stage.CONFERENCE, "sent away", Stage.LEAVING),
        Transition(Stage.LEAVING, "last words said", Stage.GONE),
    ),
    final=frozenset({Stage.GONE}),
)


@dataclass(frozen=True, slots=True)
class Standing:
    """What a caller can be told of themselves and the conference."""

    phase: Phase
    floor: FloorPlace = FloorPlace.NONE
    microphone: bool = False
    """It is in the mix."""
    guest: bool = False


# --- inputs


@dataclass(frozen=True, slots=True)
class DialledIn:
    """Somebody called an access number and must say who they are."""


@dataclass(frozen=True, slots=True)
class Called:
    """Podium called and was answered by somebody or something."""

    fallback: bool


@dataclass(frozen=True, slots=True)
class Known:
    """Who calls is known: by the PIN, by the number called, or by the account."""

    phase: Phase


@dataclass(frozen=True, slots=True)
class PinUnknown:
    """No conference has this PIN."""


@dataclass(frozen=True, slots=True)
class Key:
    digit: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class TimedOut:
    """The time of the last ``Wait`` is over."""


@dataclass(frozen=True, slots=True)
class Played:
    """The last ``Say`` has been heard, or cut short."""


@dataclass(frozen=True, slots=True)
class Admitted:
    """The conference counts the caller in. ``name``: the recording of the venue's name, if any."""

    standing: Standing
    name: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Changed:
    standing: Standing


@dataclass(frozen=True, slots=True)
class FloorRefused:
    """The conference did not take the request, or its withdrawal."""


@dataclass(frozen=True, slots=True)
class SentAway:
    """The call is to end with these words."""

    words: tuple[Prompt, ...]


Input = (
    DialledIn
    | Called
    | Known
    | PinUnknown
    | Key
    | TimedOut
    | Played
    | Admitted
    | Changed
    | FloorRefused
    | SentAway
)


# --- outputs


@dataclass(frozen=True, slots=True)
class Say:
    """Recordings, one after another, in place of what is being said; none: silence. ``over``:
    the room is heard below it."""

    names: tuple[str, ...]
    over: bool = False


@dataclass(frozen=True, slots=True)
class Wait:
    """``TimedOut`` is due after so many seconds; takes the place of the last ``Wait``."""

    seconds: float


@dataclass(frozen=True, slots=True)
class StopWaiting:
    """No ``TimedOut`` is due."""


@dataclass(frozen=True, slots=True)
class CheckPin:
    pin: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Join:
    """Ask the conference to count the caller in: ``Admitted`` or ``SentAway`` is due."""


@dataclass(frozen=True, slots=True)
class AskForFloor:
    """``Changed`` or ``FloorRefused`` is due."""


@dataclass(frozen=True, slots=True)
class WithdrawRequest:
    """``Changed`` or ``FloorRefused`` is due."""


@dataclass(frozen=True, slots=True)
class HangUp:
    """``unanswered``: nobody pressed the key for which a call of ours asked."""

    unanswered: bool = False


Output = Say | Wait | StopWaiting | CheckPin | Join | AskForFloor | WithdrawRequest | HangUp
