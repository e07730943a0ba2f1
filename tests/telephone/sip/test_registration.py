"""Trunks: registration with digest, refresh, back-off, health (RFC 3261 10.2, 11)."""

from __future__ import annotations

import random

from tests.support.sip import PHONE, PODIUM, At, OpenGate, Peer, answer_to, distinct, requests

from podium.telephone.sip import events as e
from podium.telephone.sip.agent import UserAgent
from podium.telephone.sip.digest import DigestServer, Login
from podium.telephone.sip.events import TrunkHealth, TrunkState
from podium.telephone.sip.message import Request
from podium.telephone.sip.registration import Trunk
from podium.telephone.sip.uri import Uri

SERVER = Uri.sip("", PHONE.host, PHONE.port)
SECOND = Uri.sip("", "198.51.100.8", 5060)
IDENTITY = Uri.sip("4001234", "telecom.example")
SERVER_SIDE = DigestServer("telecom", b"k" * 32)


def begin(*trunks: Trunk) -> tuple[Peer, list[Request]]:
    ua = UserAgent(random.Random(4), At(PODIUM), OpenGate(), trunks=trunks)
    peer = Peer(ua)
    ua.start(peer.now)
    return peer, requests(peer.collect())


def registering() -> tuple[Peer, Request]:
    peer, (register,) = begin(
        Trunk("telecom", SERVER, IDENTITY, Login("podium", "secret"), registers=True)
    )
    return peer, register


def attend(peer: Peer, seconds: int) -> list[Request]:
    """Answers our OPTIONS while time passes; all that we sent."""
    sent: list[Request] = []
    for _ in range(seconds):
        asked = distinct(peer.wait(1))
        sent += asked
        for ping in distinct(asked, "OPTIONS"):
            peer.hear(answer_to(ping, 200))
    return sent


def health(peer: Peer) -> list[TrunkHealth]:
    return [event.health for event in peer.events if isinstance(event, TrunkState)]


def accepted(register: Request, seconds: int) -> list[tuple[str, str]]:
    assert register.contact is not None
    return [("Contact", f"{register.contact};expires={seconds}")]


def test_we_register_with_digest_and_refresh_in_time() -> None:
    peer, register = registering()
    assert register.method == "REGISTER"
    assert register.to.uri == IDENTITY
    assert register.expires == 600
    challenge = [("WWW-Authenticate", v) for v in SERVER_SIDE.challenges(0, b"s" * 8)]
    (proved,) = requests(peer.hear(answer_to(register, 401, lines=challenge)))
    assert SERVER_SIDE.credentials(proved) is not None
    assert proved.call_id == register.call_id
    assert proved.cseq.number > register.cseq.number
    ok = answer_to(proved, 200, lines=accepted(proved, 300))
    peer.hear(ok)
    assert peer.last() == TrunkState("telecom", TrunkHealth.UP, 200)
    assert distinct(attend(peer, 239), "REGISTER") == []
    assert len(distinct(peer.wait(2), "REGISTER")) == 1


def test_a_wrong_password_is_told_and_tried_again_ever_later() -> None:
    peer, register = registering()
    peer.hear(answer_to(register, 403))
    assert peer.last() == TrunkState("telecom", TrunkHealth.REFUSED, 403)
    pauses = []
    for _ in range(5):
        started = peer.now
        sent: list[Request] = []
        while not sent:
            assert peer.now < started + 700
            sent = distinct(attend(peer, 1), "REGISTER")
        pauses.append(peer.now - started)
        peer.hear(answer_to(sent[0], 403))
    assert pauses[-1] > 4 * pauses[0]
    assert health(peer) == [TrunkHealth.REFUSED], "told when it changes, not each time"


def test_a_trunk_that_does_not_answer_is_down_and_comes_back_at_once() -> None:
    peer, _ = registering()
    peer.wait(33)
    assert health(peer) == [TrunkHealth.DOWN]
    attend(peer, 30)
    register = requests(peer.sent, "REGISTER")[-1]
    peer.hear(answer_to(register, 200, lines=accepted(register, 600)))
    assert health(peer) == [TrunkHealth.DOWN, TrunkHealth.UP]


def test_silence_to_options_leads_to_a_registration_that_decides() -> None:
    peer, register = registering()
    peer.hear(answer_to(register, 200, lines=accepted(register, 3600)))
    again = distinct(peer.wait(30 + 33), "REGISTER")[-1]
    assert health(peer) == [TrunkHealth.UP], "some never answer OPTIONS"
    peer.wait(33)
    assert health(peer) == [TrunkHealth.UP, TrunkHealth.DOWN]
    assert again.call_id == register.call_id


def test_an_interval_too_brief_is_prolonged() -> None:
    peer, register = registering()
    (longer,) = requests(peer.hear(answer_to(register, 423, lines=[("Min-Expires", "1800")])))
    assert longer.expires == 1800


def test_a_trunk_by_address_alone_is_up_when_it_answers() -> None:
    peer, (ping,) = begin(Trunk("lan", SERVER, IDENTITY))
    peer.hear(answer_to(ping, 200))
    assert peer.events == [TrunkState("lan", TrunkHealth.UP, 200)]
    ping = distinct(peer.wait(31), "OPTIONS")[-1]
    peer.hear(answer_to(ping, 503))
    assert peer.last() == TrunkState("lan", TrunkHealth.DOWN, 503)


def test_trunks_are_used_in_their_order_but_those_that_are_down_last() -> None:
    peer, pings = begin(Trunk("first", SERVER, IDENTITY), Trunk("second", SECOND, IDENTITY))
    names = [trunk.name for trunk in peer.ua.trunks.usable()]
    assert names == ["first", "second"]
    peer.hear(answer_to(pings[1], 200))
    assert [trunk.name for trunk in peer.ua.trunks.usable()] == ["second", "first"]
    peer.hear(answer_to(pings[0], 200))
    assert [trunk.name for trunk in peer.ua.trunks.usable()] == ["first", "second"]
    assert peer.ua.trunks.health("first") is TrunkHealth.UP


def test_stopping_takes_the_registration_back_and_asks_no_more() -> None:
    peer, register = registering()
    peer.hear(answer_to(register, 200, lines=accepted(register, 600)))
    peer.ua.stop(peer.now)
    (gone,) = requests(peer.collect(), "REGISTER")
    assert gone.expires == 0
    peer.hear(answer_to(gone, 200))
    assert requests(peer.wait(1000), "REGISTER") == []
    assert peer.ua.deadline is None
    assert isinstance(peer.last(), e.TrunkState)
