"""How peers reach us: the address that we send from, or the one that the administrator names."""

from __future__ import annotations

import socket
from ipaddress import ip_address

from podium.telephone.sip.flow import Flow, Transport


class Addresses:
    """Filled in as the sockets are bound; an implementation of ``LocalAddresses``."""

    def __init__(self, public: str | None) -> None:
        self._public = public
        self._bound: dict[tuple[Transport, bool], tuple[str, int]] = {}
        self._found: dict[str, str] = {}

    def bind(self, transport: Transport, host: str, port: int) -> None:
        self._bound[transport, ":" in host] = (host, port)

    def port(self, transport: Transport) -> int:
        """Raises ``KeyError`` where nothing listens."""
        for (kind, _), (_, port) in self._bound.items():
            if kind is transport:
                return port
        raise KeyError(transport)

    def has(self, transport: Transport, *, ipv6: bool) -> bool:
        return (transport, ipv6) in self._bound

    def towards(self, flow: Flow) -> tuple[str, int]:
        ipv6 = ":" in flow.host
        kinds = (flow.transport, Transport.TCP, Transport.UDP)
        host, port = next(
            (self._bound[kind, ipv6] for kind in kinds if (kind, ipv6) in self._bound),
            (flow.host, flow.transport.port),
        )
        if self._public is not None and not ip_address(flow.host).is_loopback:
            return self._public, port
        if ip_address(host).is_unspecified:
            host = self._source(flow.host)
        return host, port

    def _source(self, peer: str) -> str:
        """The address that the kernel would send from; asking it sends nothing."""
        known = self._found.get(peer)
        if known is not None:
            return known
        family = socket.AF_INET6 if ":" in peer else socket.AF_INET
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            try:
                probe.connect((peer, 9))
                found = str(probe.getsockname()[0])
            except OSError:
                found = "::1" if family == socket.AF_INET6 else "127.0.0.1"
        if len(self._found) > 10_000:
            self._found.clear()
        self._found[peer] = found
        return found
