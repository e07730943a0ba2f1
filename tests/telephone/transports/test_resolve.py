"""RFC 3263: from a URI to addresses in order; by a zone in memory and by DNS on the wire."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

import dns.asyncresolver
import dns.flags
import dns.message
import dns.rrset
import pytest

from podium.telephone.sip.flow import Flow, Transport
from podium.telephone.sip.uri import Uri
from podium.telephone.transports.resolve import DnsPython, Naptr, Resolver, Srv

UDP, TCP, TLS = Transport.UDP, Transport.TCP, Transport.TLS


@dataclass
class Zone:
    pointers: Mapping[str, Sequence[Naptr]] = field(default_factory=dict)
    services: Mapping[str, Sequence[Srv]] = field(default_factory=dict)
    hosts: Mapping[str, Sequence[str]] = field(default_factory=dict)

    async def naptr(self, name: str) -> Sequence[Naptr]:
        return self.pointers.get(name, ())

    async def srv(self, name: str) -> Sequence[Srv]:
        return self.services.get(name, ())

    async def addresses(self, host: str) -> Sequence[str]:
        return self.hosts.get(host, ())


HOSTS = {"a.example": ["192.0.2.1"], "b.example": ["192.0.2.2"], "example": ["192.0.2.9"]}
SERVICES = {
    "_sip._udp.example": [Srv(10, 0, 5070, "a.example"), Srv(20, 0, 5071, "b.example")],
    "_sip._tcp.example": [Srv(10, 0, 5072, "a.example")],
    "_sips._tcp.example": [Srv(10, 0, 5073, "b.example")],
}
POINTERS = {
    "example": [
        Naptr(20, 10, "SIP+D2U", "_sip._udp.example"),
        Naptr(10, 20, "SIP+D2T", "_sip._tcp.example"),
        Naptr(10, 10, "SIPS+D2T", "_sips._tcp.example"),
        Naptr(1, 1, "SIP+D2S", "_sip._sctp.example"),
    ]
}
ALL = Zone(POINTERS, SERVICES, HOSTS)


async def resolve(text: str, zone: Zone, *, ipv6: bool = False) -> list[Flow]:
    resolver = Resolver(zone, random.Random(1), lambda transport, six: ipv6 or not six)
    return list(await resolver.resolve(Uri.parse(text)))


@pytest.mark.parametrize(
    ("uri", "flows"),
    [
        ("sip:192.0.2.7", [Flow(UDP, "192.0.2.7", 5060)]),
        ("sip:192.0.2.7:5099;transport=tcp", [Flow(TCP, "192.0.2.7", 5099)]),
        ("sips:192.0.2.7", [Flow(TLS, "192.0.2.7", 5061)]),
        ("sip:[2001:DB8::1]:5080", [Flow(UDP, "2001:db8::1", 5080)]),
        ("sip:example:5099", [Flow(UDP, "192.0.2.9", 5099)]),
        ("sip:example;transport=udp", [Flow(UDP, "192.0.2.1", 5070), Flow(UDP, "192.0.2.2", 5071)]),
        ("sips:example", [Flow(TLS, "192.0.2.2", 5073)]),
        ("sip:a.example;transport=tls", [Flow(TLS, "192.0.2.1", 5061)]),
        ("sip:a.example", [Flow(UDP, "192.0.2.1", 5060)]),
        ("sip:nowhere.example", []),
        ("sip:example;transport=sctp", []),
        ("tel:+861012345678", []),
    ],
)
async def test_where_a_uri_leads(uri: str, flows: list[Flow]) -> None:
    assert await resolve(uri, ALL) == flows


async def test_pointers_say_which_transport_comes_first() -> None:
    assert await resolve("sip:example", ALL) == [
        Flow(TLS, "192.0.2.2", 5073),
        Flow(TCP, "192.0.2.1", 5072),
        Flow(UDP, "192.0.2.1", 5070),
        Flow(UDP, "192.0.2.2", 5071),
    ]


async def test_without_pointers_services_are_tried_by_transport() -> None:
    flows = await resolve("sip:example", Zone({}, SERVICES, HOSTS))
    assert [flow.transport for flow in flows] == [UDP, UDP, TCP, TLS]


async def test_addresses_that_we_cannot_send_to_are_left_out() -> None:
    zone = Zone(hosts={"x.example": ["2001:db8::1", "192.0.2.3"]})
    assert await resolve("sip:x.example", zone) == [Flow(UDP, "192.0.2.3", 5060)]
    assert len(await resolve("sip:x.example", zone, ipv6=True)) == 2


async def test_never_more_than_a_few_addresses() -> None:
    zone = Zone(hosts={"x.example": [f"192.0.2.{n}" for n in range(100)]})
    assert len(await resolve("sip:x.example", zone)) == 8


async def test_weights_decide_how_often_a_server_is_first() -> None:
    zone = Zone(
        services={"_sip._udp.w": [Srv(1, 30, 1, "a.example"), Srv(1, 10, 2, "b.example")]},
        hosts=HOSTS,
    )
    resolver = Resolver(zone, random.Random(7), lambda transport, six: True)
    uri = Uri.parse("sip:w;transport=udp")
    firsts = Counter([(await resolver.resolve(uri))[0].port for _ in range(2000)])
    assert 1400 < firsts[1] < 1600


# --- DNS itself


class Server(asyncio.DatagramProtocol):
    """A name server with a few records."""

    RECORDS = (
        'example. 60 IN NAPTR 10 10 "s" "SIP+D2T" "" _sip._tcp.example.',
        "_sip._tcp.example. 60 IN SRV 5 0 5088 host.example.",
        "host.example. 60 IN A 127.0.0.7",
        "host.example. 60 IN AAAA ::7",
    )

    def __init__(self) -> None:
        self.asked: list[str] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._wire = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        query = dns.message.from_wire(data)
        question = query.question[0]
        self.asked.append(f"{question.name} {question.rdtype.name}")
        answer = dns.message.make_response(query)
        answer.flags |= dns.flags.RA
        for record in self.RECORDS:
            name, ttl, _, kind, text = record.split(" ", 4)
            if name == str(question.name) and kind == question.rdtype.name:
                answer.answer.append(dns.rrset.from_text(name, int(ttl), "IN", kind, text))
        self._wire.sendto(answer.to_wire(), addr)


async def test_a_name_server_is_asked_and_its_answers_are_kept() -> None:
    loop = asyncio.get_running_loop()
    wire, server = await loop.create_datagram_endpoint(Server, local_addr=("127.0.0.1", 0))
    try:
        asking = dns.asyncresolver.Resolver(configure=False)
        asking.nameservers = ["127.0.0.1"]
        asking.port = wire.get_extra_info("sockname")[1]
        resolver = Resolver(DnsPython(asking), random.Random(1), lambda transport, six: True)
        uri = Uri.parse("sip:example")
        flows = await resolver.resolve(uri)
        assert flows == [Flow(TCP, "127.0.0.7", 5088), Flow(TCP, "::7", 5088)]
        asked = len(server.asked)
        assert await resolver.resolve(uri) == flows
        assert len(server.asked) == asked
    finally:
        wire.close()
