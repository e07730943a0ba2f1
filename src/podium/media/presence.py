"""How one venue is attached, from its page and its media sessions; time is an argument.

A page that reloads and a session that is replaced are not losses: what is worse than before
counts only after a grace of some seconds, what is better counts at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from podium.conference.state import Connection

GRACE: Final = 5.0
"""Seconds without an answer until a venue counts as gone (``docs/protocol.md``, reasons)."""
SLOW_LOSS: Final = 0.10
GOOD_LOSS: Final = 0.05
"""Between the two, nothing changes."""
SLOW_AFTER: Final = 4.0
GOOD_AFTER: Final = 6.0
"""Seconds on end."""

_BY_PEER: Final = frozenset({"peer_closed", "deleted"})
_NEVER: Final = frozenset({"never_connected", "dtls_failed"})


@dataclass(frozen=True, slots=True)
class Verdict:
    """What to report; ``reason`` is a code of ``docs/protocol.md``."""

    connection: Connection
    reason: str | None = None


class Presence:
    """Told what happens; ``settle`` says what to report, ``deadline`` when to ask again."""

    def __init__(self, grace: float = GRACE) -> None:
        self._grace = grace
        self._page = False
        self._page_expected = False
        """A page has been here: without it the venue is not attended, whatever still flows."""
        self._watching = 0
        self._sending = 0
        self._slow = False
        self._otherwise_since: float | None = None
        """Since when the loss has spoken against ``_slow``."""
        self._ended: str | None = None
        """Why the last session ended."""
        self._reported: Verdict | None = None
        self._worse_since: float | None = None

    @property
    def forgettable(self) -> bool:
        """Nothing is here and nobody waits for it."""
        gone = self._reported is None or self._reported.connection is Connection.LOST
        return gone and not (self._page or self._watching or self._sending)

    @property
    def deadline(self) -> float | None:
        return None if self._worse_since is None else self._worse_since + self._grace

    # --- what happens

    def page(self, here: bool) -> None:
        self._page = here
        self._page_expected |= here

    def watching(self) -> None:
        """A viewer of this venue has connected."""
        self._watching += 1
        self._media_came()

    def sending(self) -> None:
        """A publisher of this venue has connected."""
        self._sending += 1
        self._media_came()

    def watching_ended(self, reason: str) -> None:
        self._watching -= 1
        self._media_ended(reason)

    def sending_ended(self, reason: str) -> None:
        self._sending -= 1
        self._media_ended(reason)

    def never_connected(self, reason: str) -> None:
        """A session ended before it was connected."""
        if not self._media:
            self._ended = reason

    def measured(self, loss: float, now: float) -> None:
        """The worst of the venue's sessions, 0..1."""
        if not (loss < GOOD_LOSS if self._slow else loss > SLOW_LOSS):
            self._otherwise_since = None
            return
        if self._otherwise_since is None:
            self._otherwise_since = now
        if now - self._otherwise_since >= (GOOD_AFTER if self._slow else SLOW_AFTER):
            self._slow, self._otherwise_since = not self._slow, None

    def _media_came(self) -> None:
        self._ended = None
        if not self._page:
            self._page_expected = False

    def _media_ended(self, reason: str) -> None:
        self._ended = reason
        if not self._media:
            self._slow, self._otherwise_since = False, None

    # --- what it amounts to

    @property
    def _media(self) -> bool:
        return self._watching > 0 or self._sending > 0

    def settle(self, now: float) -> Verdict | None:
        """What is to be reported now, if anything."""
        verdict = self._verdict()
        if verdict is None or verdict == self._reported:
            self._worse_since = None
            return None
        if self._is_worse(verdict):
            self._worse_since = now if self._worse_since is None else self._worse_since
            if now < self._worse_since + self._grace:
                return None
        self._worse_since = None
        self._reported = verdict
        return verdict

    def _verdict(self) -> Verdict | None:
        if self._attends():
            if self._slow:
                return Verdict(Connection.DEGRADED, "slow")
            return Verdict(Connection.CONNECTED)
        if self._page:
            return Verdict(Connection.CONNECTING, "media" if self._ended in _NEVER else None)
        if self._reported is None:
            return None
        if self._reported.connection is Connection.LOST:
            return self._reported
        return Verdict(Connection.LOST, self._why_lost())

    def _attends(self) -> bool:
        if self._page:
            return self._watching > 0
        return self._media and not self._page_expected

    def _why_lost(self) -> str:
        if self._ended in _BY_PEER:
            return "left"
        if self._ended == "closed":
            return "withdrawn"
        return "media" if self._ended in _NEVER else "network"

    def _is_worse(self, verdict: Verdict) -> bool:
        """Degradation has its own patience in ``measured``."""
        if self._reported is None:
            return False
        return _RANK[verdict.connection] < _RANK[self._reported.connection]


_RANK: Final = {
    Connection.ABSENT: 0,
    Connection.LOST: 0,
    Connection.CONNECTING: 1,
    Connection.DEGRADED: 2,
    Connection.CONNECTED: 2,
}
