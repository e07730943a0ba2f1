"""A venue's connection, from its page and its media, with time by hand."""

from __future__ import annotations

from podium.conference.state import Connection
from podium.media.presence import GOOD_AFTER, GRACE, SLOW_AFTER, Presence, Verdict

CONNECTING = Verdict(Connection.CONNECTING)
CONNECTED = Verdict(Connection.CONNECTED)
SLOW = Verdict(Connection.DEGRADED, "slow")


def lost(reason: str) -> Verdict:
    return Verdict(Connection.LOST, reason)


def connected() -> Presence:
    presence = Presence()
    presence.page(True)
    assert presence.settle(0) == CONNECTING
    presence.watching()
    assert presence.settle(1) == CONNECTED
    return presence


def gone(presence: Presence, now: float = 10) -> Verdict | None:
    """After the grace, in which nothing is reported."""
    assert presence.settle(now) is None
    assert presence.deadline == now + GRACE
    assert presence.settle(now + GRACE - 0.1) is None
    return presence.settle(now + GRACE)


def test_nothing_is_reported_of_a_venue_that_never_came() -> None:
    presence = Presence()
    assert presence.settle(0) is None
    presence.page(False)
    assert presence.settle(100) is None
    assert presence.forgettable


def test_the_same_is_not_reported_twice() -> None:
    presence = connected()
    presence.sending()
    assert presence.settle(2) is None
    assert presence.deadline is None


def test_a_page_that_reloads_is_not_a_loss() -> None:
    presence = connected()
    presence.page(False)
    presence.watching_ended("peer_closed")
    assert presence.settle(2) is None
    presence.page(True)
    assert presence.settle(3) is None
    presence.watching()
    assert presence.settle(4) is None
    assert presence.deadline is None
    presence.watching_ended("peer_closed")
    assert gone(presence, 20) == CONNECTING


def test_the_grace_counts_from_the_first_moment() -> None:
    presence = connected()
    presence.page(False)
    assert presence.settle(10) is None
    presence.watching_ended("consent_expired")
    assert presence.settle(14) is None
    assert presence.deadline == 15
    assert presence.settle(15) == lost("network")


def test_reasons() -> None:
    for ended, reason in {
        "peer_closed": "left",
        "deleted": "left",
        "consent_expired": "network",
        "closed": "withdrawn",
    }.items():
        presence = connected()
        presence.page(False)
        presence.watching_ended(ended)
        assert gone(presence) == lost(reason)
        assert presence.forgettable


def test_a_page_whose_network_died_is_lost_while_its_media_lingers() -> None:
    presence = connected()
    presence.page(False)
    assert gone(presence) == lost("network")
    assert not presence.forgettable
    presence.page(True)
    assert presence.settle(30) == CONNECTED


def test_media_that_never_connects_is_named() -> None:
    presence = Presence()
    presence.page(True)
    presence.settle(0)
    presence.never_connected("dtls_failed")
    assert presence.settle(1) == Verdict(Connection.CONNECTING, "media")
    presence.page(False)
    assert gone(presence) == lost("media")


def test_a_device_without_a_page_is_connected() -> None:
    for came, ended in (
        (Presence.watching, Presence.watching_ended),
        (Presence.sending, Presence.sending_ended),
    ):
        presence = Presence()
        came(presence)
        assert presence.settle(0) == CONNECTED
        ended(presence, "peer_closed")
        assert gone(presence) == lost("left")


def test_a_device_may_follow_a_page() -> None:
    presence = connected()
    presence.page(False)
    presence.watching_ended("peer_closed")
    assert gone(presence) == lost("left")
    presence.watching()
    assert presence.settle(40) == CONNECTED


def test_a_page_that_only_sends_is_still_connecting() -> None:
    presence = Presence()
    presence.page(True)
    presence.settle(0)
    presence.sending()
    assert presence.settle(1) is None
    presence.watching()
    assert presence.settle(2) == CONNECTED


def test_a_slow_network_counts_when_it_lasts() -> None:
    presence = connected()
    presence.measured(0.2, 10)
    presence.measured(0.01, 12)
    presence.measured(0.2, 14)
    presence.measured(0.2, 14 + SLOW_AFTER - 0.1)
    assert presence.settle(18) is None
    presence.measured(0.2, 14 + SLOW_AFTER)
    assert presence.settle(18) == SLOW
    presence.measured(0.07, 20)
    presence.measured(0.0, 22)
    presence.measured(0.0, 22 + GOOD_AFTER - 0.1)
    assert presence.settle(28) is None
    presence.measured(0.0, 22 + GOOD_AFTER)
    assert presence.settle(28) == CONNECTED


def test_slowness_ends_with_the_media() -> None:
    presence = connected()
    for now in (10, 20):
        presence.measured(0.5, now)
    assert presence.settle(20) == SLOW
    presence.watching_ended("peer_closed")
    presence.watching()
    assert presence.settle(21) == CONNECTED
