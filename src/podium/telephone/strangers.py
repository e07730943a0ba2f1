"""PIN guessing by many callers at once: slowed, and then locked for those who are not known.

A guess names no conference: it would fit any that is not over. So there is one count for all of
them, of the wrong PINs of strangers, callers whose number says nothing about them. It runs out by
one in ``LEAK`` seconds, so that people who mistype never fill it, but a patient guesser does. When
it is full, strangers are not asked for a PIN any more for a while. Whoever is known goes on coming
in: a guesser can shut the door to other strangers, and to nobody else.

Pure: time is an argument, in seconds of any steady clock.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from podium.telephone.guard import LONGEST_HOLD, Free, Locked, Slowed, Verdict

SLOWED_FROM: Final = 60
"""Wrong PINs; each further one makes strangers wait a little longer."""
LIMIT: Final = 120
"""Wrong PINs that lock. Of 3,000 PINs of eight digits, so many guesses find one in 280 times."""
AFTER_A_LOCK: Final = 12
"""Wrong PINs that lock again."""
LEAK: Final = 600.0
"""Seconds in which one wrong PIN is forgotten."""
FIRST_LOCK: Final = 900.0
LONGEST_LOCK: Final = 4 * 3600.0
"""Seconds. Each lock is twice as long as the one before, until there was none for ``CALM``."""
CALM: Final = 24 * 3600.0


@dataclass(frozen=True, slots=True)
class Tally:
    """``level``: wrong PINs, as of ``at``. ``locks``: how often it was locked, the last time until
    ``until``."""

    level: float = 0.0
    at: float = 0.0
    locks: int = 0
    until: float = float("-inf")

    def left(self, now: float) -> float:
        """Wrong PINs that are not forgotten."""
        return max(0.0, self.level - max(0.0, now - self.at) / LEAK)


class Strangers:
    def __init__(self, tally: Tally | None = None) -> None:
        """``tally``: as it was before a restart."""
        self.tally = tally or Tally()

    def verdict(self, now: float) -> Verdict:
        if now < self.tally.until:
            return Locked(self.tally.until - now)
        beyond = self.tally.left(now) - SLOWED_FROM
        if beyond <= 0:
            return Free()
        return Slowed(LONGEST_HOLD * min(1.0, beyond / (LIMIT - SLOWED_FROM)))

    def wrong(self, now: float) -> bool:
        """A stranger's PIN was wrong. Whether strangers are locked out from now on."""
        if now < self.tally.until:
            return False
        level = self.tally.left(now) + 1
        if level < LIMIT:
            self.tally = replace(self.tally, level=level, at=now)
            return False
        locks = 0 if now - self.tally.until > CALM else self.tally.locks
        until = now + min(FIRST_LOCK * 2.0**locks, LONGEST_LOCK)
        self.tally = Tally(LIMIT - AFTER_A_LOCK, until, locks + 1, until)
        return True

    def lift(self, now: float) -> None:
        """The operator lets strangers in again. The next lock is still the longer one."""
        self.tally = replace(self.tally, level=0.0, at=now, until=min(now, self.tally.until))
