"""What is reported about venues."""

from __future__ import annotations

import pytest
from tests.support.conferences import (
    CHAIR,
    HENAN,
    SYSTEM,
    XINJIANG,
    ZHEJIANG,
    in_session,
    opened,
    scheduled,
    venue_actor,
)

from podium.conference import commands as c
from podium.conference import events as e
from podium.conference import refusals as r
from podium.conference.state import Connection, Device, FloorHolder, Program, Slot, VenueId

LOST = c.ReportConnection(HENAN, Connection.LOST, "network")


def test_a_venue_comes_and_goes() -> None:
    coming = c.ReportConnection(XINJIANG, Connection.CONNECTING)
    story = opened().do(SYSTEM, coming)
    assert story.conference.venues[XINJIANG].connection is Connection.CONNECTING
    assert story.conference.venues[XINJIANG].since == opened().now
    assert story.ask(coming, SYSTEM) == ()


def test_a_lost_venue_keeps_its_place_picture_floor_and_microphone() -> None:
    story = in_session().do(CHAIR, c.GrantFloor(HENAN, Slot.SECOND))
    before = story.conference
    after = story.do(SYSTEM, LOST).conference
    assert after.venues[HENAN].connection is Connection.LOST
    assert after.venues[HENAN].reason == "network"
    assert after.venues[HENAN].microphone == before.venues[HENAN].microphone
    assert after.venues[HENAN].microphone.live
    assert after.floor == before.floor
    assert after.program == before.program
    assert list(after.venues) == list(before.venues)


def test_a_venue_that_never_came_is_not_lost() -> None:
    gone = c.ReportConnection(XINJIANG, Connection.LOST, "left")
    assert opened().ask(gone, SYSTEM) == ()


def test_a_lost_venue_keeps_its_first_reason() -> None:
    story = opened().do(SYSTEM, LOST)
    again = c.ReportConnection(HENAN, Connection.LOST, "left")
    assert story.ask(again, SYSTEM) == ()


def test_a_degraded_venue_may_be_so_for_a_new_reason() -> None:
    slow = c.ReportConnection(HENAN, Connection.DEGRADED, "slow")
    story = opened().do(SYSTEM, slow)
    since = story.conference.venues[HENAN].since
    assert story.ask(slow, SYSTEM) == ()
    after = story.do(SYSTEM, c.ReportConnection(HENAN, Connection.DEGRADED, "media")).conference
    assert after.venues[HENAN].reason == "media"
    assert after.venues[HENAN].since == since


def test_who_leaves_before_the_conference_opens_has_not_come() -> None:
    story = scheduled().do(SYSTEM, c.ReportConnection(HENAN, Connection.CONNECTING))
    assert story.ask(LOST, SYSTEM) == (e.VenueConnectionChanged(HENAN, Connection.ABSENT),)


def test_absence_cannot_be_reported() -> None:
    absent = c.ReportConnection(HENAN, Connection.ABSENT)
    assert opened().ask(absent, SYSTEM) is r.NOT_REPORTABLE


def test_devices() -> None:
    report = c.ReportDevices(HENAN, Device.WORKING, Device.DENIED)
    story = opened().do(venue_actor(HENAN), report)
    venue = story.conference.venues[HENAN]
    assert (venue.camera, venue.microphone_device) == (Device.WORKING, Device.DENIED)
    assert story.ask(report, venue_actor(HENAN)) == ()


def test_blindness_is_noted_and_ends_with_the_connection() -> None:
    report = c.ReportBlind(HENAN, frozenset({Slot.MAIN}))
    story = in_session().do(SYSTEM, report)
    assert story.conference.venues[HENAN].blind == {Slot.MAIN}
    assert story.ask(report, SYSTEM) == ()
    assert story.do(SYSTEM, LOST).conference.venues[HENAN].blind == frozenset()


@pytest.mark.parametrize(
    "command",
    [
        c.ReportConnection(VenueId("nobody"), Connection.CONNECTED),
        c.ReportDevices(VenueId("nobody"), Device.WORKING, Device.WORKING),
        c.ReportBlind(VenueId("nobody"), frozenset()),
    ],
)
def test_strangers_are_unknown(
    command: c.ReportConnection | c.ReportDevices | c.ReportBlind,
) -> None:
    assert opened().ask(command, SYSTEM) is r.UNKNOWN_VENUE


def test_the_floor_outlives_the_connection() -> None:
    story = in_session().do(CHAIR, c.GrantFloor(ZHEJIANG), c.CutToMain())
    granted = story.conference.floor.holders
    gone = c.ReportConnection(ZHEJIANG, Connection.LOST, "server")
    back = c.ReportConnection(ZHEJIANG, Connection.CONNECTED)
    after = story.do(SYSTEM, gone, back).conference
    assert after.floor.holders == granted == (FloorHolder(ZHEJIANG, granted[0].at),)
    assert after.venues[ZHEJIANG].reason is None
    assert after.program == Program(main=VenueId("beijing"))
