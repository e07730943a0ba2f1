"""What Podium's parts and the stations report about a venue."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from podium.conference import commands as c
from podium.conference import events as e
from podium.conference import refusals as r
from podium.conference.lifecycle import REPORTS, VENUE
from podium.conference.refusals import Refusal
from podium.conference.rules.common import NOTHING, Decision, Rules, invited
from podium.conference.state import Conference, Connection, Phase, Venue


def report_connection(state: Conference, command: c.ReportConnection, _: datetime) -> Decision:
    venue = invited(state, command.venue)
    if isinstance(venue, Refusal):
        return venue
    if command.connection not in REPORTS:
        return r.NOT_REPORTABLE
    if venue.connection is command.connection:
        return _reason_changed(venue, command)
    if VENUE.after(venue.connection, REPORTS[command.connection]) is None:
        return NOTHING
    if state.phase is Phase.SCHEDULED and command.connection is Connection.LOST:
        return (e.VenueConnectionChanged(venue.id, Connection.ABSENT),)
    return (e.VenueConnectionChanged(venue.id, command.connection, command.reason),)


def _reason_changed(venue: Venue, command: c.ReportConnection) -> Decision:
    """A lost venue keeps its first reason: later reports only repeat that it is gone."""
    if venue.connection is not Connection.DEGRADED or venue.reason == command.reason:
        return NOTHING
    return (e.VenueConnectionChanged(venue.id, command.connection, command.reason),)


def report_devices(state: Conference, command: c.ReportDevices, _: datetime) -> Decision:
    venue = invited(state, command.venue)
    if isinstance(venue, Refusal):
        return venue
    if (venue.camera, venue.microphone_device) == (command.camera, command.microphone):
        return NOTHING
    return (e.VenueDevicesReported(venue.id, command.camera, command.microphone),)


def report_blind(state: Conference, command: c.ReportBlind, _: datetime) -> Decision:
    venue = invited(state, command.venue)
    if isinstance(venue, Refusal):
        return venue
    if venue.blind == command.slots:
        return NOTHING
    return (e.VenueBlindnessChanged(venue.id, command.slots),)


RULES: Final[Rules] = {
    c.ReportConnection: report_connection,
    c.ReportDevices: report_devices,
    c.ReportBlind: report_blind,
}
