"""Dialogs (RFC 3261 section 12): who speaks with whom, by which way, at which number."""

from __future__ import annotations

from dataclasses import dataclass, replace
from ipaddress import ip_address
from typing import Final

from podium.telephone.sip.core import Core
from podium.telephone.sip.flow import Flow, Transport
from podium.telephone.sip.headers import Headers
from podium.telephone.sip.message import Request, Response
from podium.telephone.sip.uri import NameAddr, Uri

MAX_FORWARDS: Final = ("Max-Forwards", "70")


@dataclass(slots=True)
class Dialog:
    call_id: str
    local: NameAddr
    """With its tag, as ``remote``, which has none where the peer speaks RFC 2543."""
    remote: NameAddr
    target: Uri
    """The peer's Contact."""
    routes: tuple[NameAddr, ...]
    flow: Flow
    """Where the peer was last heard."""
    direct: bool
    """Whether nobody is known to stand between."""
    number: int
    """CSeq of our last request."""
    remote_number: int | None = None

    @classmethod
    def answering(cls, request: Request, tag: str, source: Flow, number: int) -> Dialog:
        """Of an INVITE with a Contact that we answer under ``tag`` (12.1.1)."""
        contact = request.contact
        return cls(
            request.call_id,
            request.to.with_tag(tag),
            request.from_,
            contact.uri if contact else request.from_.uri,
            request.record_routes,
            source,
            len(request.via) == 1,
            number,
            request.cseq.number,
        )

    @classmethod
    def answered(cls, request: Request, response: Response, flow: Flow, *, direct: bool) -> Dialog:
        """Of our INVITE and an answer to it with a To tag (12.1.2)."""
        contact = response.contact
        return cls(
            request.call_id,
            request.from_,
            response.to,
            contact.uri if contact else request.uri,
            response.record_routes[::-1],
            flow,
            direct,
            request.cseq.number,
        )

    def next_number(self) -> int:
        self.number += 1
        return self.number

    def is_new(self, number: int) -> bool:
        """Whether a request of the peer with this CSeq is in order; if it is, it counts
        (12.2.2)."""
        if self.remote_number is not None and number <= self.remote_number:
            return False
        self.remote_number = number
        return True

    def refresh_target(self, message: Request | Response) -> None:
        """Of a target refresh request or its answer."""
        contact = message.contact
        if contact is not None and contact.uri.is_sip:
            self.target = contact.uri

    def where(self) -> tuple[Flow | Uri, ...]:
        """Where requests go: the connection that the peer is heard on, else where the route or
        the target says, but to the peer's own address where its Contact is behind a NAT."""
        way = self.routes[0].uri if self.routes else self.target
        if self.flow.reliable:
            return (self.flow, way)
        return (self.flow,) if self._behind_nat() else (way,)

    def _behind_nat(self) -> bool:
        if self.routes or self.flow.transport is not Transport.UDP:
            return False
        try:
            contact, seen = ip_address(self.target.host), ip_address(self.flow.host)
        except ValueError:
            return self.direct
        if contact == seen:
            return False
        return self.direct or (contact.is_private and not seen.is_private)

    def request(
        self, method: str, number: int, headers: Headers | None = None, body: bytes = b""
    ) -> Request:
        """12.2.1.1, loose and strict routes. Without Via; ``headers`` follow."""
        target = replace(self.target, headers="")
        routes = self.routes
        uri = target
        if routes and not routes[0].uri.is_loose_router:
            uri = replace(routes[0].uri, headers="")
            routes = (*routes[1:], NameAddr(target))
        lines = [
            MAX_FORWARDS,
            *(("Route", str(route)) for route in routes),
            ("From", str(self.local)),
            ("To", str(self.remote)),
            ("Call-ID", self.call_id),
            ("CSeq", f"{number} {method}"),
            *(headers or ()),
        ]
        return Request(method, uri, Headers(lines), body)


def contact(core: Core, flow: Flow, user: str) -> tuple[str, str]:
    """The header field that names us to the peer of ``flow``."""
    host, port = core.local.towards(flow)
    uri = Uri("sip", user, host, port)
    if flow.transport is not Transport.UDP:
        uri = uri.with_param("transport", flow.transport.lower())
    return ("Contact", str(NameAddr(uri)))
