"""What stands in for the telephone of an installation that has none."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from podium.conference.calls import CallEnd
from podium.conference.commands import Command, ReportCallEnded
from podium.conference.state import ConferenceId
from podium.conference.telephone import CallEffect, DialCall


class NoTelephone:
    """Says of every call that is asked for that no telephone is configured."""

    def __init__(self, report: Callable[[ConferenceId, Command], None]) -> None:
        self._report = report

    def apply(self, conference: ConferenceId, effects: Sequence[CallEffect]) -> None:
        for effect in effects:
            if isinstance(effect, DialCall):
                ended = ReportCallEnded(effect.venue, effect.call, CallEnd.NOT_CONFIGURED)
                self._report(conference, ended)
