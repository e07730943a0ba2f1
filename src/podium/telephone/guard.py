"""PIN guessing is slowed and then locked: by caller and by source. What all callers do together
is counted in :mod:`podium.telephone.strangers`.

Pure: time is an argument, in seconds of any steady clock. It never looks at the PIN, so it behaves
alike for those that exist and those that do not. What has changed is told, so that it can be
written down together: writing each guess down would help the guesser to load the disk.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
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
    # Nobody may be able to lock a whole trunk out: it is slowed, not locked.
    By.TRUNK: Patience(free=200, first=0.5, longest=8.0, memory=900.0),
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
class Record:
    """What is remembered of one key; ``last``: when the last attempt was let through."""

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
        self._records: dict[By, OrderedDict[str, Record]] = {by: OrderedDict() for by in By}
        self._changed: set[tuple[By, str]] = set()

    def restore(self, by: By, key: str, record: Record) -> None:
        """As it was before a restart."""
        self._records[by][key] = record

    def take_changes(self) -> Mapping[tuple[By, str], Record | None]:
        """Since it was last asked; ``None`` for what is forgotten."""
        changed, self._changed = self._changed, set()
        return {(by, key): self._records[by].get(key) for by, key in changed}

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
            if record is None:
                continue
            if record.failures > 1:
                self._records[by][key] = replace(record, failures=record.failures - 1)
            else:
                del self._records[by][key]
            self._changed.add((by, key))

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
            self._changed.add((by, key))
            return 0.0
        return record.wait(PATIENCE[by], now)

    def _count(self, by: By, key: str, at: float) -> None:
        records = self._records[by]
        before = records.pop(key, None)
        records[key] = Record((before.failures if before else 0) + 1, at)
        self._changed.add((by, key))
        if len(records) > REMEMBERED:
            oldest, _ = records.popitem(last=False)
            self._changed.add((by, oldest))
