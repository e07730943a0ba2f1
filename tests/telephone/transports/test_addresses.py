"""What we call ourselves towards a peer."""

from __future__ import annotations

import pytest

from podium.telephone.sip.flow import Flow, Transport
from podium.telephone.transports.addresses import Addresses

NEAR = Flow(Transport.UDP, "127.0.0.1", 5060)
FAR = Flow(Transport.TCP, "198.51.100.7", 5060)


def bound(public: str | None = None, host: str = "192.0.2.1") -> Addresses:
    addresses = Addresses(public)
    addresses.bind(Transport.UDP, host, 5060)
    addresses.bind(Transport.TCP, host, 5061)
    return addresses


def test_the_address_that_we_listen_on_and_the_port_of_the_transport() -> None:
    assert bound().towards(FAR) == ("192.0.2.1", 5061)
    assert bound().port(Transport.UDP) == 5060
    with pytest.raises(KeyError):
        bound().port(Transport.TLS)


def test_on_every_address_the_one_that_the_kernel_would_send_from() -> None:
    assert bound(host="0.0.0.0").towards(NEAR) == ("127.0.0.1", 5060)


def test_behind_a_nat_the_public_one_but_not_towards_this_machine() -> None:
    assert bound("203.0.113.1").towards(FAR) == ("203.0.113.1", 5061)
    assert bound("203.0.113.1", "0.0.0.0").towards(NEAR) == ("127.0.0.1", 5060)


def test_without_tls_of_our_own_a_trunk_by_tls_can_call_us_by_tcp() -> None:
    assert bound().towards(Flow(Transport.TLS, "198.51.100.7", 5061)) == ("192.0.2.1", 5061)
