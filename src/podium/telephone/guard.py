"""PIN guessing is slowed and then locked: by caller, by source and by what was called.

Pure: time is an argument, in seconds of any steady clock. It never looks at the PIN, so it behaves
alike for those that exist and those that do not. Kept in memory: writing each guess down would
help the guesser to load the disk.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final


class By(StrEnum):
    """What attempts are counted by."""

    CALLER = "caller"
    """The number or address that calls. A stranger can make it up; hence the others."""
    SOURCE = "source"
    """Where the call's packets come from."""
    TRUNK = "trunk"
    """The same, where a telephone company's gateway brings everybody's calls."""
    CALLED = "called"
    """The access number or conference: guesses of many callers at once."""


@dataclass(frozen=True, slots=True)
class Patience:
    """``free`` failures cost nothing; each further one doubles the wait, from ``first`` to
    ``longest`` seconds. Failures are forgotten ``memory`` seconds after the last."""

    free: int
    first: float
    longest: float
    memory: float


PATIENCE: Final[dict[By, Patience]] = {
    By.CALLER: Patience(free=3, first=5.0, longest=3600.0, memory=6 * 3600.0),
    By.SOURCE: Patience(free=12, first=2.0, longest=3600.0, memory=6 * 3600.0),
    # Nobody may be able to lock a whole trunk or a conference out: these are slowed, not locked.
    By.TRUNK: Patience(free=200, first=0.5, longest=8.0, memory=900.0),
    By.CALLED: Patience(free=400, first=0.5, longest=8.0, memory=900.0),
}
LONGEST_HOLD: Final = 10.0
"""Seconds for which a caller is kept waiting for the answer; longer waits are a lock."""
REMEMBERED: Final = 10_000
"""Keys of each kind; the ones seen last stay."""


@dataclass(frozen=True, slots=True)
class Free:
    """Look the PIN up."""


@dataclass(frozen=True, slots=True)
class Slowed:
    """Look it up after so many seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Locked:
    """Do not look it up, whatever it is; there is no chance for so many seconds."""

    seconds: float


Verdict = Free | Slowed | Locked


@dataclass(frozen=True, slots=True)
class Attempt:
    """Who tries: one key for each kind that applies."""

    keys: tuple[tuple[By, str], ...]


@dataclass(frozen=True, slots=True)
class _Record:
    failures: int
    last: float

    def wait(self, patience: Patience, now: float) -> float:
        """Seconds until the next attempt is free of charge."""
        beyond = self.failures - patience.free
        if beyond < 0:
            return 0.0
        pause = min(patience.first * 2.0 ** min(beyond, 30), patience.longest)
        return min(max(0.0, self.last + pause - now), patience.longest)


class PinGuard:
    """Every attempt counts as a failure until ``succeeded`` takes it back: simultaneous guesses do
    not slip through together, and one right PIN does not wipe out the wrong ones around it."""

    def __init__(self) -> None:
        self._records: dict[By, OrderedDict[str, _Record]] = {by: OrderedDict() for by in By}

    def attempt(self, who: Attempt, now: float) -> Verdict:
        wait = max((self._wait(by, key, now) for by, key in who.keys), default=0.0)
        if wait > LONGEST_HOLD:
            return Locked(wait)
        for by, key in who.keys:
            self._count(by, key, now + wait)
        return Slowed(wait) if wait > 0 else Free()

    def succeeded(self, who: Attempt) -> None:
        for by, key in who.keys:
            record = self._records[by].get(key)
            if record is not None:
                self._records[by][key] = replace(record, failures=record.failures - 1)

    def failures(self, by: By, key: str) -> int:
        """That are remembered."""
        record = self._records[by].get(key)
        return 0 if record is None else record.failures

    def _wait(self, by: By, key: str, now: float) -> float:
        record = self._records[by].get(key)
        if record is None:
            return 0.0
        if now - record.last > PATIENCE[by].memory:
            del self._records[by][key]
            return 0.0
        return record.wait(PATIENCE[by], now)

    def _count(self, by: By, key: str, at: float) -> None:
        records = self._records[by]
        before = records.pop(key, None)
        records[key] = _Record((before.failures if before else 0) + 1, at)
        if len(records) > REMEMBERED:
            records.popitem(last=False)
