"""Which callers are known by the number that they show: venues', and those that had a right PIN.

A number can be made up. So it is no PIN: it only decides whether somebody is still asked for one
when strangers are not.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Final

from podium.conference.state import Phase
from podium.telephone.ports import Conferences

REMEMBERED_FOR: Final = 30 * 24 * 3600.0
"""Seconds after the last right PIN."""
REMEMBERED: Final = 10_000
"""Callers; the ones heard of last stay."""
_LISTED_FOR: Final = 1.0
"""Seconds for which the list of venues' numbers counts as new."""
_SIGNIFICANT: Final = 9
"""Last digits that tell two numbers apart: networks show +86 10..., 86 10... and 010... alike."""


class Acquaintances:
    """``disguise`` makes pseudonyms: what is remembered tells no number. ``now``: seconds of a
    steady clock."""

    def __init__(
        self, conferences: Conferences, disguise: Callable[[str], str], now: Callable[[], float]
    ) -> None:
        self._conferences = conferences
        self._disguise = disguise
        self._now = now
        self._proved: OrderedDict[str, float] = OrderedDict()
        self._changed: set[str] = set()
        self._listed: frozenset[str] = frozenset()
        self._listed_at = float("-inf")

    def knows(self, number: str) -> bool:
        """It is a venue's of a conference that is not over, or has had a right PIN lately."""
        significant = _significant(number)
        proved = self._proved.get(self._disguise(significant))
        if proved is not None and self._now() - proved < REMEMBERED_FOR:
            return True
        return significant in self._venues()

    def remember(self, number: str) -> None:
        """It has had a right PIN."""
        key = self._disguise(_significant(number))
        self._proved.pop(key, None)
        self._proved[key] = self._now()
        self._changed.add(key)
        if len(self._proved) > REMEMBERED:
            oldest, _ = self._proved.popitem(last=False)
            self._changed.add(oldest)

    def restore(self, key: str, at: float) -> None:
        """As it was before a restart."""
        self._proved[key] = at

    def take_changes(self) -> Mapping[str, float | None]:
        """Since it was last asked; ``None`` for what is forgotten."""
        changed, self._changed = self._changed, set()
        return {key: self._proved.get(key) for key in changed}

    def _venues(self) -> frozenset[str]:
        """Numbers of all venues; thousands of guesses must not go through them each."""
        if self._now() - self._listed_at > _LISTED_FOR:
            states = (hall.state for hall in self._conferences.opened())
            self._listed = frozenset(
                _significant(number)
                for state in states
                if state is not None and state.phase is not Phase.CLOSED
                for venue in state.venues.values()
                for number in venue.telephones
            )
            self._listed_at = self._now()
        return self._listed


def _significant(number: str) -> str:
    return number.removeprefix("+")[-_SIGNIFICANT:]
