"""Where a SIP URI leads (RFC 3263): NAPTR, then SRV, then addresses."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

import dns.asyncresolver
import dns.exception
import dns.name
import dns.rdatatype
import dns.resolver

from podium.telephone.sip.core import Chance
from podium.telephone.sip.flow import Flow, Transport
from podium.telephone.sip.locate import Unreachable, asked_transport, literal
from podium.telephone.sip.uri import Uri

_MOST: Final = 8
"""Addresses that are tried."""
_SECONDS: Final = 5.0
_SERVICES: Final = {
    "sip+d2u": Transport.UDP,
    "sip+d2t": Transport.TCP,
    "sips+d2t": Transport.TLS,
}
_PREFIXES: Final = {
    Transport.UDP: "_sip._udp",
    Transport.TCP: "_sip._tcp",
    Transport.TLS: "_sips._tcp",
}


@dataclass(frozen=True, slots=True)
class Naptr:
    order: int
    preference: int
    service: str
    replacement: str


@dataclass(frozen=True, slots=True)
class Srv:
    priority: int
    weight: int
    port: int
    target: str


class Dns(Protocol):
    """Each gives nothing for a name that is not there, and where DNS fails."""

    async def naptr(self, name: str) -> Sequence[Naptr]: ...

    async def srv(self, name: str) -> Sequence[Srv]: ...

    async def addresses(self, host: str) -> Sequence[str]:
        """IPv4 before IPv6."""
        ...


class DnsPython:
    """The system's resolver, or the one that is given, with its cache."""

    def __init__(self, resolver: dns.asyncresolver.Resolver | None = None) -> None:
        self._resolver = resolver or dns.asyncresolver.Resolver()
        self._resolver.cache = dns.resolver.LRUCache(1000)
        self._resolver.lifetime = _SECONDS

    async def naptr(self, name: str) -> Sequence[Naptr]:
        return [
            Naptr(r.order, r.preference, r.service.decode("ascii", "replace"), str(r.replacement))
            for r in await self._ask(name, dns.rdatatype.NAPTR)
            if r.flags.lower() == b"s"
        ]

    async def srv(self, name: str) -> Sequence[Srv]:
        return [
            Srv(r.priority, r.weight, r.port, str(r.target))
            for r in await self._ask(name, dns.rdatatype.SRV)
            if r.target != dns.name.root
        ]

    async def addresses(self, host: str) -> Sequence[str]:
        four, six = await asyncio.gather(
            self._ask(host, dns.rdatatype.A), self._ask(host, dns.rdatatype.AAAA)
        )
        return [record.address for record in (*four, *six)]

    async def _ask(self, name: str, kind: dns.rdatatype.RdataType) -> Iterable[Any]:
        try:
            return await self._resolver.resolve(name, kind, search=True)
        except (dns.exception.DNSException, OSError, ValueError):
            return ()


class Resolver:
    """``usable``: whether we can send by this transport to IPv4 (``False``) or IPv6 (``True``)."""

    def __init__(self, dns: Dns, chance: Chance, usable: Callable[[Transport, bool], bool]) -> None:
        self._dns = dns
        self._chance = chance
        self._usable = usable

    async def resolve(self, uri: Uri) -> Sequence[Flow]:
        """In order of preference; nothing where the URI leads nowhere. Takes at most 5 s for
        each step."""
        try:
            flow = literal(uri)
            asked = asked_transport(uri)
        except Unreachable:
            return ()
        if flow is not None:
            return (flow,)
        flows: list[Flow] = []
        async for transport, host, port in self._places(uri, asked):
            for address in await self._dns.addresses(host):
                flow = Flow(transport, address, port)
                if self._usable(transport, ":" in address) and flow not in flows:
                    flows.append(flow)
            if len(flows) >= _MOST:
                break
        return flows[:_MOST]

    async def _places(
        self, uri: Uri, asked: Transport | None
    ) -> AsyncIterator[tuple[Transport, str, int]]:
        """Section 4.1 and 4.2: transports, hosts and ports in order."""
        if uri.port is not None:
            yield asked or Transport.UDP, uri.host, uri.port
            return
        found = False
        for transport, name in await self._services(uri, asked):
            for srv in self._sorted(await self._dns.srv(name)):
                found = True
                yield transport, srv.target, srv.port
        if not found:
            transport = asked or Transport.UDP
            yield transport, uri.host, transport.port

    async def _services(self, uri: Uri, asked: Transport | None) -> list[tuple[Transport, str]]:
        """The names of SRV records, by transport."""
        if asked is not None:
            return [(asked, f"{_PREFIXES[asked]}.{uri.host}")]
        pointers = sorted(
            (
                pointer
                for pointer in await self._dns.naptr(uri.host)
                if pointer.service.lower() in _SERVICES
            ),
            key=lambda pointer: (pointer.order, pointer.preference),
        )
        if pointers:
            return [(_SERVICES[p.service.lower()], p.replacement) for p in pointers]
        return [(transport, f"{prefix}.{uri.host}") for transport, prefix in _PREFIXES.items()]

    def _sorted(self, records: Sequence[Srv]) -> list[Srv]:
        """By priority; within one by chance, by weight (RFC 2782)."""
        left = list(records)
        ordered: list[Srv] = []
        while left:
            first = min(record.priority for record in left)
            group = [record for record in left if record.priority == first]
            drawn = self._chance.uniform(0, sum(record.weight for record in group))
            for record in sorted(group, key=lambda record: record.weight != 0):
                drawn -= record.weight
                chosen = record
                if drawn <= 0:
                    break
            left.remove(chosen)
            ordered.append(chosen)
        return ordered
