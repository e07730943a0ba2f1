"""What the media room needs of those who wire it."""

from __future__ import annotations

from typing import Protocol

from podium.conference.commands import ReportBlind, ReportConnection
from podium.conference.state import ConferenceId


class Recordings(Protocol):
    """Where programs are recorded."""

    def begin(self, conference: ConferenceId) -> int | None:
        """A descriptor to write the tap to, which its writer owns; ``None`` where nothing can be
        kept."""
        ...


class Reports(Protocol):
    """Takes to the conference what media has seen, as ``Role.SYSTEM``."""

    def __call__(self, conference: ConferenceId, command: ReportConnection | ReportBlind) -> None:
        """Never blocks and never raises; a report that the conference refuses is dropped."""
        ...
