"""Which counts of which nonces have been used, in bounded memory (RFC 7616, 3.4.6)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from podium.telephone.sip.digest_fields import Counted, Credentials

_WINDOW: Final = 64
"""Counts below the highest that may still come late, as UDP reorders."""
_PLAIN: Final = 16
"""Uses of a nonce without counts: one for each method and URI, so a dialog needs only a few."""


@dataclass(slots=True)
class _Use:
    issued: float
    highest: int = 0
    late: int = 0
    """Bit n: the count ``highest - n`` was used."""
    plain: set[str] = field(default_factory=set)

    def count(self, count: int) -> bool:
        ahead = count - self.highest
        if ahead > 0:
            self.late = (self.late << ahead | 1) & (2**_WINDOW - 1) if ahead < _WINDOW else 1
            self.highest = count
            return True
        bit = 1 << -ahead
        if -ahead >= _WINDOW or count == 0 or self.late & bit:
            return False
        self.late |= bit
        return True

    def once(self, response: str) -> bool:
        if response in self.plain or len(self.plain) >= _PLAIN:
            return False
        self.plain.add(response)
        return True


class Uses:
    """Remembers at most ``limit`` nonces. What had to be forgotten counts as used up."""

    __slots__ = ("_floor", "_limit", "_uses")

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._uses: dict[str, _Use] = {}
        self._floor = float("-inf")
        """Nonces issued until then, and not remembered, are used up."""

    def __len__(self) -> int:
        return len(self._uses)

    def take(self, credentials: Credentials, issued: float, expired: float) -> bool:
        """Whether this use of a genuine nonce is new. ``expired``: older nonces are of no use."""
        use = self._uses.get(credentials.nonce)
        if use is None:
            if issued <= self._floor:
                return False
            self._make_room(expired)
            use = self._uses[credentials.nonce] = _Use(issued)
        if isinstance(credentials.use, Counted):
            return use.count(credentials.use.count)
        return use.once(credentials.response)

    def _make_room(self, expired: float) -> None:
        if len(self._uses) < self._limit:
            return
        times = sorted(use.issued for use in self._uses.values())
        self._floor = max(self._floor, expired, times[len(times) // 2])
        self._uses = {nonce: use for nonce, use in self._uses.items() if use.issued > self._floor}
