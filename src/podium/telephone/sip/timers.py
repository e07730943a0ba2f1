"""The timers of RFC 3261 (table 4; L and M by RFC 6026), and alarms on a clock that is given."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class Timer(StrEnum):
    """Timers of transactions, by the RFC's letters."""

    A = "timer A"
    B = "timer B"
    D = "timer D"
    E = "timer E"
    F = "timer F"
    G = "timer G"
    H = "timer H"
    I = "timer I"  # noqa: E741 - the RFC's letter
    J = "timer J"
    K = "timer K"
    L = "timer L"
    M = "timer M"
    TRYING = "200 ms"
    """When 100 Trying is due (17.2.1)."""


@dataclass(frozen=True, slots=True)
class Timers:
    """Base times in seconds."""

    t1: float = 0.5
    """Estimate of the round trip."""
    t2: float = 4.0
    """Longest time between retransmissions."""
    t4: float = 5.0
    """How long a message may stay in the network."""
    trying: float = 0.2
    cancelled: float = 32.0
    """How long a cancelled INVITE waits for its final response (9.1)."""

    @property
    def give_up(self) -> float:
        return 64 * self.t1

    def first(self, timer: Timer, *, reliable: bool) -> float | None:
        """Seconds until ``timer`` fires for the first time; ``None`` where it never runs, which
        is so for retransmissions over a reliable transport."""
        match timer:
            case Timer.A | Timer.E | Timer.G:
                return None if reliable else self.t1
            case Timer.D:
                return 0.0 if reliable else max(32.0, self.give_up)
            case Timer.I | Timer.K:
                return 0.0 if reliable else self.t4
            case Timer.J:
                return 0.0 if reliable else self.give_up
            case Timer.TRYING:
                return self.trying
            case _:
                return self.give_up

    def again(self, timer: Timer, last: float) -> float:
        """Seconds until a retransmission timer fires again. A goes on doubling; E and G stop
        at T2."""
        return last * 2 if timer is Timer.A else min(last * 2, self.t2)


class Alarm:
    """One thing to do at one time, unless it is cancelled."""

    __slots__ = ("action", "at")

    def __init__(self, at: float, action: Callable[[], None]) -> None:
        self.at = at
        self.action: Callable[[], None] | None = action


class Alarms:
    """What is to be done when. Times are seconds of any one monotonic clock."""

    __slots__ = ("_cancelled", "_heap", "_set")

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, Alarm]] = []
        self._set = 0
        self._cancelled = 0

    def __len__(self) -> int:
        return len(self._heap) - self._cancelled

    def set(self, at: float, action: Callable[[], None]) -> Alarm:
        alarm = Alarm(at, action)
        self._set += 1
        heapq.heappush(self._heap, (at, self._set, alarm))
        return alarm

    def cancel(self, alarm: Alarm | None) -> None:
        """Harmless for one that has fired, was cancelled, or is ``None``."""
        if alarm is None or alarm.action is None:
            return
        alarm.action = None
        self._cancelled += 1
        if self._cancelled > 64 and self._cancelled * 2 > len(self._heap):
            self._heap = [entry for entry in self._heap if entry[2].action is not None]
            heapq.heapify(self._heap)
            self._cancelled = 0

    @property
    def next(self) -> float | None:
        """When the next alarm is due."""
        self._drop_cancelled()
        return self._heap[0][0] if self._heap else None

    def due(self, now: float) -> Callable[[], None] | None:
        """Takes the earliest action that is due, if there is one."""
        self._drop_cancelled()
        if not self._heap or self._heap[0][0] > now:
            return None
        alarm = heapq.heappop(self._heap)[2]
        action, alarm.action = alarm.action, None
        return action

    def _drop_cancelled(self) -> None:
        while self._heap and self._heap[0][2].action is None:
            heapq.heappop(self._heap)
            self._cancelled -= 1
