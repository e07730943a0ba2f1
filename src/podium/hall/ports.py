"""What the hall needs of the rooms above it. They implement; the hall never imports them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from podium.conference.effects import Effect
from podium.conference.events import Recorded
from podium.conference.state import ConferenceId
from podium.conference.telephone import CallEffect
from podium.values import log as values_log
from podium.values.log import LogConflict as LogConflict

Log = values_log.Log[ConferenceId, Recorded]
"""One stream per conference."""


class Media(Protocol):
    """The media engine, as the hall sees it: effects in; what happens comes back as commands."""

    def apply(self, conference: ConferenceId, effects: Sequence[Effect]) -> None:
        """Never blocks and never fails for a venue that is not there: a later session of that
        venue is given what was asked."""
        ...


class Telephone(Protocol):
    """The telephone, as the hall sees it: effects in; what becomes of calls comes back as
    commands."""

    def apply(self, conference: ConferenceId, effects: Sequence[CallEffect]) -> None:
        """Never blocks and never fails for a call that is not there."""
        ...


class Clock(Protocol):
    def now(self) -> datetime: ...
