"""What the hall needs of the rooms above it. They implement; the hall never imports them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from podium.conference.effects import Effect
from podium.conference.events import Recorded
from podium.conference.state import ConferenceId


class Log(Protocol):
    """Durable, ordered, one stream per conference."""

    async def append(self, conference: ConferenceId, entries: Sequence[Recorded]) -> None:
        """Returns once the entries are durable. Raises ``LogConflict`` if ``seq`` is taken."""
        ...

    async def read(self, conference: ConferenceId, after: int = 0) -> Sequence[Recorded]: ...

    async def conferences(self) -> Sequence[ConferenceId]:
        """Every conference that has a stream."""
        ...


class LogConflict(Exception):
    """Another writer has appended to this conference: this process must not go on with it."""


class Media(Protocol):
    """The media engine, as the hall sees it: effects in; what happens comes back as commands."""

    def apply(self, conference: ConferenceId, effects: Sequence[Effect]) -> None:
        """Never blocks and never fails for a venue that is not there: a later session of that
        venue is given what was asked."""
        ...


class Clock(Protocol):
    def now(self) -> datetime: ...
