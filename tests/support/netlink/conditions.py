"""What a link does to packets: pure, driven by the time that it is given."""

from __future__ import annotations

import heapq
import random
from dataclasses import asdict, dataclass, field

FRAME_OVERHEAD = 28
"""Bytes that a packet costs on the wire beside its own: Ethernet's header, trailer and gap less
what TUN does not show; so a rate means about what it means on a real line."""


@dataclass(frozen=True, slots=True)
class Conditions:
    """One direction. Times in seconds, ``rate`` in bit/s (0: unlimited), ``loss`` as a share."""

    delay: float = 0.0
    jitter: float = 0.0
    """Added to ``delay``, uniform from 0; never reorders."""
    loss: float = 0.0
    burst: float = 1.0
    """Mean length of a loss burst in packets."""
    rate: float = 0.0
    queue: float = 0.2
    """Longest wait before the bottleneck; what would wait longer is dropped."""

    def __post_init__(self) -> None:
        if not 0 <= self.loss <= 1 or self.burst < 1:
            raise ValueError("loss is a share of 0..1 and a burst has at least one packet")
        if min(self.delay, self.jitter, self.rate, self.queue) < 0:
            raise ValueError("delay, jitter, rate and queue cannot be negative")

    def as_json(self) -> dict[str, float]:
        return asdict(self)


@dataclass(slots=True)
class Direction:
    """Packets on their way in one direction, under conditions that may change at any time."""

    seed: int
    conditions: Conditions = Conditions()
    sent: int = 0
    delivered: int = 0
    lost: int = 0
    overflowed: int = 0
    _random: random.Random = field(init=False)
    _in_burst: bool = field(init=False, default=False)
    _busy_until: float = field(init=False, default=0.0)
    _last_due: float = field(init=False, default=0.0)
    _order: int = field(init=False, default=0)
    _waiting: list[tuple[float, int, bytes]] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)

    def admit(self, packet: bytes, now: float) -> None:
        """Takes a packet at the entrance of the link."""
        self.sent += 1
        if self._drops():
            self.lost += 1
            return
        conditions = self.conditions
        due = now
        if conditions.rate:
            start = max(self._busy_until, now)
            if start - now > conditions.queue:
                self.overflowed += 1
                return
            due = start + (len(packet) + FRAME_OVERHEAD) * 8 / conditions.rate
            self._busy_until = due
        due += conditions.delay + conditions.jitter * self._random.random()
        self._last_due = due = max(due, self._last_due)
        self._order += 1
        heapq.heappush(self._waiting, (due, self._order, packet))

    def next_due(self) -> float | None:
        """When the next packet comes out; None while nothing is on its way."""
        return self._waiting[0][0] if self._waiting else None

    def take_due(self, now: float) -> list[bytes]:
        """The packets that have come out by now, in order."""
        out = []
        while self._waiting and self._waiting[0][0] <= now:
            out.append(heapq.heappop(self._waiting)[2])
        self.delivered += len(out)
        return out

    def change(self, conditions: Conditions) -> None:
        """From now on; packets already on their way keep their times."""
        self.conditions = conditions
        self._in_burst = False
        self._busy_until = 0.0

    def _drops(self) -> bool:
        """Gilbert's model: a burst ends with probability 1 / burst, and begins so that the
        share of lost packets is ``loss``."""
        loss, burst = self.conditions.loss, self.conditions.burst
        if loss == 0 or loss == 1:
            return loss == 1
        if burst == 1:
            return self._random.random() < loss
        if self._in_burst:
            self._in_burst = self._random.random() >= 1 / burst
        else:
            self._in_burst = self._random.random() < loss / (burst * (1 - loss))
        return self._in_burst
