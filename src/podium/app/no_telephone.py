"""What stands in for the telephone of an installation that has none."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from podium.conference.calls import CallEnd
from podium.conference.commands import Command, ReportCallEnded
from podium.conference.state import ConferenceId, VenueId
from podium.conference.telephone import CallEffect, DialCall
from podium.hall.trunks import TrunkState

Report = Callable[[ConferenceId, Command], None]
"""How the telephone says what became of calls."""


class NoTelephone:
    """Says of every call that is asked for that no telephone is configured."""

    def __init__(self, report: Report) -> None:
        self._report = report

    def access_number(self) -> None:
        return None

    def trunks(self) -> Sequence[TrunkState]:
        return ()

    def pin_lock(self) -> None:
        return None

    def lift_pin_lock(self) -> None:
        """There is none."""

    def pin_revoked(self, _conference: ConferenceId, _venue: VenueId | None) -> None:
        """No call came in by it."""

    def listen(self, _listener: Callable[[], None]) -> Callable[[], None]:
        return lambda: None

    def follow(self, _conference: ConferenceId) -> None:
        """There is nobody to ring."""

    async def start(self) -> None:
        """Nothing listens."""

    async def stop(self) -> None:
        """Nothing was started."""

    def apply(self, conference: ConferenceId, effects: Sequence[CallEffect]) -> None:
        for effect in effects:
            if isinstance(effect, DialCall):
                ended = ReportCallEnded(effect.venue, effect.call, CallEnd.NOT_CONFIGURED)
                self._report(conference, ended)
