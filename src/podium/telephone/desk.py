"""What consoles are told of the telephone: the number to dial, how its trunks are, and whether
strangers are locked out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from podium.hall.pins import PinLock
from podium.hall.ports import Clock
from podium.hall.trunks import TrunkCondition, TrunkState
from podium.telephone.sip.events import TrunkHealth
from podium.telephone.sip.events import TrunkState as Reported

_CONDITIONS: Final[Mapping[TrunkHealth, TrunkCondition]] = {
    TrunkHealth.UNKNOWN: TrunkCondition.REGISTERING,
    TrunkHealth.UP: TrunkCondition.REACHABLE,
    TrunkHealth.REFUSED: TrunkCondition.REFUSED,
    TrunkHealth.DOWN: TrunkCondition.UNREACHABLE,
}


class Desk:
    """``trunks``: names in the order in which they are tried, and whether we register there."""

    def __init__(self, number: str, trunks: Mapping[str, bool], clock: Clock) -> None:
        self._number = number
        self._registers = trunks
        self._clock = clock
        self._states = {name: TrunkState(name, TrunkCondition.REGISTERING) for name in trunks}
        self._lock: PinLock | None = None
        self._listeners: list[Callable[[], None]] = []

    def access_number(self) -> str:
        return self._number

    def trunks(self) -> Sequence[TrunkState]:
        return tuple(self._states.values())

    def pin_lock(self) -> PinLock | None:
        return self._lock

    def listen(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Until the returned function is called."""
        self._listeners.append(listener)

        def unlisten() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return unlisten

    def report(self, reported: Reported) -> None:
        """From the user agent."""
        condition = _CONDITIONS[reported.health]
        if condition is TrunkCondition.REACHABLE and self._registers.get(reported.trunk):
            condition = TrunkCondition.REGISTERED
        known = self._states.get(reported.trunk)
        if known is None or known.condition is condition:
            return
        self._states[reported.trunk] = TrunkState(reported.trunk, condition, self._clock.now())
        self._tell()

    def locked(self, lock: PinLock | None) -> None:
        """From the guards."""
        self._lock = lock
        self._tell()

    def _tell(self) -> None:
        for listener in tuple(self._listeners):
            listener()
