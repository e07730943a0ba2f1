"""Who attends a conference, as media sees it: presences, their timers, and blind venues."""

from __future__ import annotations

import asyncio
from typing import Final

from podium.conference.commands import ReportBlind, ReportConnection
from podium.conference.state import ConferenceId, Slot, VenueId
from podium.media.ports import Reports
from podium.media.presence import Presence

BLIND_PAUSE: Final = 0.2
"""Seconds: when the program changes, a venue's slots turn blind one after another."""


class Attendance:
    """Of one conference. After every change of a presence, ``settle`` its venue."""

    def __init__(
        self,
        conference: ConferenceId,
        reports: Reports,
        loop: asyncio.AbstractEventLoop,
        grace: float,
    ) -> None:
        self._conference = conference
        self._reports = reports
        self._loop = loop
        self._grace = grace
        self._presences: dict[VenueId, Presence] = {}
        self._timers: dict[VenueId, asyncio.TimerHandle] = {}
        self._blind: dict[VenueId, frozenset[Slot]] = {}
        self._blind_timers: dict[VenueId, asyncio.TimerHandle] = {}

    @property
    def empty(self) -> bool:
        return not self._presences

    def of(self, venue: VenueId) -> Presence:
        presence = self._presences.get(venue)
        if presence is None:
            presence = self._presences[venue] = Presence(self._grace)
        return presence

    def settle(self, venue: VenueId) -> None:
        """Reports what has changed, now or when its time has come."""
        presence = self._presences.get(venue)
        if presence is None:
            return
        timer = self._timers.pop(venue, None)
        if timer is not None:
            timer.cancel()
        verdict = presence.settle(self._loop.time())
        if presence.deadline is not None:
            self._timers[venue] = self._loop.call_at(presence.deadline, self.settle, venue)
        elif presence.forgettable:
            self.forget(venue)
        if verdict is not None:
            report = ReportConnection(venue, verdict.connection, verdict.reason)
            self._reports(self._conference, report)

    def blind(self, venue: VenueId, slots: frozenset[Slot]) -> None:
        """What no viewer of the venue can decode at present."""
        if self._blind.get(venue) == slots:
            return
        self._blind[venue] = slots
        if venue not in self._blind_timers:
            timer = self._loop.call_later(BLIND_PAUSE, self._report_blind, venue)
            self._blind_timers[venue] = timer

    def _report_blind(self, venue: VenueId) -> None:
        self._blind_timers.pop(venue, None)
        slots = self._blind.get(venue)
        if slots is not None:
            self._reports(self._conference, ReportBlind(venue, slots))

    def forget(self, venue: VenueId) -> None:
        self._presences.pop(venue, None)
        self._blind.pop(venue, None)
        for timers in (self._timers, self._blind_timers):
            timer = timers.pop(venue, None)
            if timer is not None:
                timer.cancel()

    def close(self) -> None:
        for venue in tuple(self._presences):
            self.forget(venue)
