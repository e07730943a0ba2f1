"""Live news of conferences for the web: who speaks, how well it goes, what is wanted."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Final

from podium.conference.state import ConferenceId, VenueId
from podium.hall.sessions import Notice, QualityFigures, QualityMeasured

_logger = logging.getLogger(__name__)

Listener = Callable[[Notice], None]
QUALITY_PAUSE: Final = 0.5
"""Seconds in which measurements gather into one notice."""


class Notices:
    """Listeners by conference."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._listeners: dict[ConferenceId, list[Listener]] = {}
        self._measured: dict[ConferenceId, dict[VenueId, QualityFigures]] = {}

    def listen(self, conference: ConferenceId, listener: Listener) -> Callable[[], None]:
        self._listeners.setdefault(conference, []).append(listener)

        def unlisten() -> None:
            listeners = self._listeners.get(conference, [])
            if listener in listeners:
                listeners.remove(listener)
            if not listeners:
                self._listeners.pop(conference, None)

        return unlisten

    def tell(self, conference: ConferenceId, notice: Notice) -> None:
        for listener in tuple(self._listeners.get(conference, ())):
            try:
                listener(notice)
            except Exception:
                _logger.exception("a listener failed on %s", type(notice).__name__)

    def measured(self, conference: ConferenceId, venue: VenueId, figures: QualityFigures) -> None:
        """Told soon, together with what else is measured until then."""
        if conference not in self._listeners:
            return
        waiting = self._measured.setdefault(conference, {})
        if not waiting:
            self._loop.call_later(QUALITY_PAUSE, self._tell_quality, conference)
        waiting[venue] = figures

    def _tell_quality(self, conference: ConferenceId) -> None:
        venues = self._measured.pop(conference, {})
        if venues:
            self.tell(conference, QualityMeasured(venues))
