"""What the parts of the stack share: the time of the input at hand, alarms, chance, output."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from podium.telephone.sip.detour import Detours
from podium.telephone.sip.events import Event
from podium.telephone.sip.flow import Flow
from podium.telephone.sip.message import Message
from podium.telephone.sip.timers import Alarm, Alarms, Timers
from podium.telephone.sip.uri import Uri


class Chance(Protocol):
    """Random values; ``random.SystemRandom`` is one."""

    def getrandbits(self, k: int, /) -> int: ...

    def uniform(self, a: float, b: float) -> float: ...


class LocalAddresses(Protocol):
    """How peers reach us."""

    def towards(self, flow: Flow) -> tuple[str, int]:
        """Address and port to be named to the peer of ``flow``, by its transport."""
        ...


@dataclass(frozen=True, slots=True)
class Send:
    """Out: write ``message`` to ``flow``, opening a connection where there is none."""

    flow: Flow
    message: Message


@dataclass(frozen=True, slots=True)
class Resolve:
    """Out: find the addresses of ``uri`` (RFC 3263); the answer is ``Core.resolved``."""

    uri: Uri = field(repr=False)


@dataclass(frozen=True, slots=True)
class KeepAlive:
    """Out: a double line end to ``flow``, so that a NAT on the way stays open (RFC 5626 3.5.1);
    it asks for no answer."""

    flow: Flow


Output = Send | Resolve | KeepAlive | Event

Found = Callable[[Sequence[Flow]], None]
"""Given where to send, in order of preference; nothing where the name is unknown."""


class Core:
    """Inputs set ``now``, whatever they cause reads it; so one input happens at one time."""

    def __init__(self, timers: Timers, chance: Chance, local: LocalAddresses) -> None:
        self.now = 0.0
        self.timers = timers
        self.chance = chance
        self.local = local
        self.alarms = Alarms()
        self.detours = Detours()
        self._out: list[Output] = []
        self._looking: dict[str, list[Found]] = {}

    def token(self) -> str:
        """For tags, branches and Call-IDs: unguessable where ``chance`` is (19.3)."""
        return f"{self.chance.getrandbits(80):020x}"

    def emit(self, output: Output) -> None:
        self._out.append(output)

    def take(self) -> list[Output]:
        out, self._out = self._out, []
        return out

    def after(self, seconds: float, action: Callable[[], None]) -> Alarm:
        return self.alarms.set(self.now + seconds, action)

    def tick(self, now: float) -> None:
        """Does what is due."""
        self.now = max(self.now, now)
        while (action := self.alarms.due(self.now)) is not None:
            action()

    def look_up(self, uri: Uri, found: Found) -> None:
        waiting = self._looking.get(str(uri))
        if waiting is not None:
            waiting.append(found)
            return
        self._looking[str(uri)] = [found]
        self.emit(Resolve(uri))

    def resolved(self, uri: Uri, flows: Sequence[Flow]) -> None:
        for found in self._looking.pop(str(uri), ()):
            found(flows)
