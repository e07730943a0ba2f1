"""When a venue's telephone is to ring because its video is lost, and when to let it go.

Pure: time is an argument, in seconds of any steady clock. It only says that the time has come; the
conference decides whether there is a telephone, and whether the venue left on purpose.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from podium.conference.state import VenueId

AFTER_RESTART: Final = 30.0
"""Seconds: when the server was away every station was, and nearly all come back by themselves."""


class Sight(StrEnum):
    """What is seen of a venue."""

    LOST = "lost"
    """Its station is gone, and no call stands."""
    LOST_BY_US = "lost_by_us"
    """The same, because this server was away."""
    BACK = "back"
    """Its station is here, and the call that took its place still stands."""
    FINE = "fine"
    """Its station is here, and there is nothing to release."""
    OTHER = "other"
    """It never came, or attends by telephone."""


@dataclass(frozen=True, slots=True)
class Ring:
    venue: VenueId


@dataclass(frozen=True, slots=True)
class Release:
    venue: VenueId


class FallbackWatch:
    """Of one conference. ``after``: seconds from the report of the loss to the call; ``grace``:
    seconds from the station's return to the end of the call."""

    def __init__(self, after: float, grace: float) -> None:
        self._waits: dict[Sight, float] = {
            Sight.LOST: after,
            Sight.LOST_BY_US: max(after, AFTER_RESTART),
            Sight.BACK: grace,
        }
        self._pending: dict[VenueId, tuple[Sight, float]] = {}
        """What is waited out, and until when."""
        self._rung: set[VenueId] = set()
        """Once for each loss: whoever does not answer is not called for ever."""

    def see(self, venue: VenueId, sight: Sight, now: float) -> None:
        if sight in (Sight.BACK, Sight.FINE):
            self._rung.discard(venue)
        wait = self._waits.get(sight)
        if wait is None or (sight is not Sight.BACK and venue in self._rung):
            self._pending.pop(venue, None)
        elif self._pending.get(venue, (None, 0.0))[0] is not sight:
            self._pending[venue] = (sight, now + wait)

    def forget(self, venue: VenueId) -> None:
        self._pending.pop(venue, None)
        self._rung.discard(venue)

    @property
    def deadline(self) -> float | None:
        """When to ask ``due`` next."""
        return min((at for _, at in self._pending.values()), default=None)

    def due(self, now: float) -> tuple[Ring | Release, ...]:
        """Whose time has come, in the order of their times."""
        ripe = sorted((at, v, sight) for v, (sight, at) in self._pending.items() if at <= now)
        for _, venue, sight in ripe:
            del self._pending[venue]
            if sight is not Sight.BACK:
                self._rung.add(venue)
        return tuple(Release(v) if sight is Sight.BACK else Ring(v) for _, v, sight in ripe)
