"""Whether and where a number may be dialled. Pure: time is an argument.

Toll fraud is paid by the organisation: nothing may be dialled but what the administrator has
allowed, and that within caps. Numbers are never part of an error or a log.
"""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

DAY: Final = 86_400.0
_DECORATION: Final = re.compile(r"[\s().\-/]")
_NUMBER: Final = re.compile(r"\+?[0-9]{2,20}")


class NotAllowed(StrEnum):
    """Why a call is not placed."""

    NO_NUMBER = "no_number"
    PREFIX = "prefix"
    NO_TRUNK = "no_trunk"
    CONFERENCE_CAP = "conference_cap"
    DAY_CAP = "day_cap"
    CONCURRENT_CAP = "concurrent_cap"


@dataclass(frozen=True, slots=True)
class Trunk:
    """A line to the telephone network. ``prefixes`` are the numbers that it takes; none: all."""

    name: str
    prefixes: tuple[str, ...] = ()

    def takes(self, number: str) -> bool:
        return not self.prefixes or number.startswith(self.prefixes)


@dataclass(frozen=True, slots=True)
class DialRules:
    """``allowed``: prefixes that may be dialled by trunk; without one nothing is. ``accounts``:
    telephones of our own, by the number that is their name. ``trunks``: in the order in which
    they are tried."""

    allowed: tuple[str, ...] = ()
    accounts: frozenset[str] = frozenset()
    trunks: tuple[Trunk, ...] = ()
    per_conference: int = 3000
    """Calls placed for one conference in 24 hours."""
    per_day: int = 10_000
    concurrent: int = 500


@dataclass(frozen=True, slots=True)
class ToAccount:
    """A telephone that is registered here."""

    account: str


@dataclass(frozen=True, slots=True)
class ToTrunks:
    """Trunks that take the number, in order."""

    number: str
    trunks: tuple[str, ...]


Route = ToAccount | ToTrunks


def normal(number: str) -> str | None:
    """A number as it is dialled, without what people write between the digits; None where it is
    no number."""
    bare = _DECORATION.sub("", number)
    return bare if _NUMBER.fullmatch(bare) else None


def route(rules: DialRules, number: str) -> Route | NotAllowed:
    dialled = normal(number)
    if dialled is None:
        return NotAllowed.NO_NUMBER
    if dialled in rules.accounts:
        return ToAccount(dialled)
    if not any(prefix and dialled.startswith(prefix) for prefix in rules.allowed):
        return NotAllowed.PREFIX
    trunks = tuple(trunk.name for trunk in rules.trunks if trunk.takes(dialled))
    return ToTrunks(dialled, trunks) if trunks else NotAllowed.NO_TRUNK


class DialLedger:
    """Counts the calls that are placed, and says no beyond the caps."""

    def __init__(self, rules: DialRules) -> None:
        self._rules = rules
        self._placed: deque[tuple[float, str]] = deque()
        """Of the last day: when, and for which conference."""
        self._new: list[tuple[float, str]] = []
        """Not yet written down."""
        self._by_conference: Counter[str] = Counter()
        self._standing = 0

    def restore(self, conference: str, at: float) -> None:
        """Counts a call that was placed, here or before a restart; the earliest first."""
        self._placed.append((at, conference))
        self._by_conference[conference] += 1

    def take_placed(self) -> Sequence[tuple[float, str]]:
        """Calls that were placed since it was last asked: when, and for which conference."""
        new, self._new = self._new, []
        return new

    @property
    def standing(self) -> int:
        """Calls that are placed and have not ended."""
        return self._standing

    def place(self, conference: str, number: str, now: float) -> Route | NotAllowed:
        """Counts the call, where it may be placed; tell ``ended`` when it is over."""
        self._forget(now)
        found = route(self._rules, number)
        if isinstance(found, NotAllowed):
            return found
        if self._standing >= self._rules.concurrent:
            return NotAllowed.CONCURRENT_CAP
        if len(self._placed) >= self._rules.per_day:
            return NotAllowed.DAY_CAP
        if self._by_conference[conference] >= self._rules.per_conference:
            return NotAllowed.CONFERENCE_CAP
        self.restore(conference, now)
        self._new.append((now, conference))
        self._standing += 1
        return found

    def ended(self) -> None:
        self._standing -= 1

    def _forget(self, now: float) -> None:
        while self._placed and self._placed[0][0] <= now - DAY:
            _, conference = self._placed.popleft()
            self._by_conference[conference] -= 1
            if not self._by_conference[conference]:
                del self._by_conference[conference]
