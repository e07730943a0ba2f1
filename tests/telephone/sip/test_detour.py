"""Requests that are too large for UDP go by TCP, and by UDP where that is refused: RFC 3261
18.1.1."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.support.sip import (
    ANSWER,
    OFFER,
    PHONE,
    Peer,
    answer_to,
    invitation,
    requests,
    uri,
)

from podium.telephone.sip import events as e
from podium.telephone.sip.detour import LARGEST, REMEMBERED, REMEMBERED_FOR, Detours
from podium.telephone.sip.events import CallKey
from podium.telephone.sip.flow import Flow, Transport
from podium.telephone.sip.message import Request, encode

THERE = uri("200", PHONE)
BY_TCP = replace(PHONE, transport=Transport.TCP)


def padded(size: int) -> bytes:
    """An offer of so many octets."""
    rest = OFFER + b"a=x:"
    return rest + b"x" * (size - len(rest) - 2) + b"\r\n"


def of_size(size: int) -> bytes:
    """An offer that makes the INVITE by UDP so many octets long."""
    peer = Peer()
    peer.ua.invite(replace(invitation(THERE), offer=padded(500)), peer.now)
    (small,) = requests(peer.collect(), "INVITE")
    head = len(encode(small)) - 500
    return padded(size - head)


def call(peer: Peer, size: int) -> tuple[CallKey, Request]:
    key = peer.ua.invite(replace(invitation(THERE), offer=of_size(size)), peer.now)
    return key, requests(peer.collect(), "INVITE")[-1]


@pytest.mark.parametrize(("size", "flow"), [(LARGEST, PHONE), (LARGEST + 1, BY_TCP)])
def test_1300_octets_are_the_border(size: int, flow: Flow) -> None:
    peer = Peer()
    _, invite = call(peer, size)
    assert peer.flows == [flow]
    assert invite.top_via.transport == flow.transport.value
    assert invite.contact is not None
    assert (invite.contact.uri.transport == "tcp") is (flow == BY_TCP)


def test_the_whole_call_goes_by_tcp_then() -> None:
    peer = Peer()
    key, invite = call(peer, 2000)
    peer.hear(answer_to(invite, 200, body=ANSWER), BY_TCP)
    peer.ua.hang_up(key, peer.now)
    peer.collect()
    assert [m.method for m in requests(peer.sent)] == ["INVITE", "ACK", "BYE"]
    assert set(peer.flows) == {BY_TCP}


def test_a_peer_without_tcp_gets_it_by_udp_and_is_not_asked_again_for_a_while() -> None:
    peer = Peer()
    key, first = call(peer, 2000)
    peer.ua.broken(BY_TCP, peer.now)
    (again,) = requests(peer.collect(), "INVITE")
    assert peer.flows == [BY_TCP, PHONE]
    assert again.top_via.transport == "UDP"
    assert again.top_via.branch != first.top_via.branch
    assert (again.call_id, again.cseq) == (first.call_id, first.cseq)
    peer.hear(answer_to(again, 200, body=ANSWER))
    assert peer.last() == e.Answered(key, ANSWER)
    peer.flows.clear()
    call(peer, 2000)
    assert peer.flows == [PHONE]
    peer.wait(REMEMBERED_FOR + 1)
    peer.flows.clear()
    call(peer, 2000)
    assert peer.flows == [BY_TCP]


def test_a_call_that_is_cancelled_meanwhile_is_not_sent_by_udp() -> None:
    peer = Peer()
    key, _ = call(peer, 2000)
    peer.ua.hang_up(key, peer.now)
    peer.ua.broken(BY_TCP, peer.now)
    assert requests(peer.collect(), "INVITE") == []


def test_its_memory_is_bounded() -> None:
    detours = Detours()
    for n in range(REMEMBERED + 10):
        detours.refused(Flow(Transport.UDP, "192.0.2.1", n), 0.0)
    assert detours.way(Flow(Transport.UDP, "192.0.2.1", 0), 2000, 0.0).reliable
    assert not detours.way(Flow(Transport.UDP, "192.0.2.1", REMEMBERED), 2000, 0.0).reliable
