"""The strangers' lock on the clock of this process: the console is told when it comes and goes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from podium.hall.pins import PinLock
from podium.telephone.guard import Verdict
from podium.telephone.strangers import Strangers, Tally
from podium.telephone.times import Times

_HAIR: Final = 0.01
"""Seconds: the loop's timers may be early."""


class Lockout:
    """``told`` is given the lock when there is one, and ``None`` at its end."""

    def __init__(self, times: Times, told: Callable[[PinLock | None], None]) -> None:
        self._times = times
        self._told = told
        self._strangers = Strangers()
        self._timer: asyncio.TimerHandle | None = None

    @property
    def tally(self) -> Tally:
        return self._strangers.tally

    def restore(self, tally: Tally) -> None:
        """As it was before a restart."""
        self._strangers = Strangers(tally)
        if self._lock is not None:
            self._tell()

    def verdict(self) -> Verdict:
        return self._strangers.verdict(self._times.now())

    def wrong(self) -> None:
        """A stranger's PIN was wrong."""
        if self._strangers.wrong(self._times.now()):
            self._tell()

    def lift(self) -> None:
        """The operator lets strangers in again."""
        if self._lock is not None:
            self._strangers.lift(self._times.now())
            self._tell()

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    @property
    def _lock(self) -> PinLock | None:
        until = self._strangers.tally.until
        return PinLock(self._times.moment(until)) if self._times.now() < until else None

    def _tell(self) -> None:
        self.close()
        lock = self._lock
        if lock is not None:
            left = self._strangers.tally.until - self._times.now()
            self._timer = asyncio.get_running_loop().call_later(left + _HAIR, self._tell)
        self._told(lock)
