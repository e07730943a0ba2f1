"""Where a URI leads without asking anybody (RFC 3263 section 4.1 and 4.2 for addresses)."""

from __future__ import annotations

from ipaddress import ip_address

from podium.telephone.sip.flow import Flow, Transport
from podium.telephone.sip.uri import Uri


class Unreachable(ValueError):
    """No request can be sent to this URI. ``args[0]`` says why."""


def asked_transport(uri: Uri) -> Transport | None:
    """The transport that the URI itself demands. Raises ``Unreachable`` for one that we do not
    have, and for a URI that is neither sip nor sips."""
    if not uri.is_sip:
        raise Unreachable("requests go to sip and sips URIs only")
    named = uri.transport
    if uri.scheme == "sips":
        if named not in (None, "tcp", "tls"):
            raise Unreachable("a sips URI is reached by TLS alone")
        return Transport.TLS
    if named is None:
        return None
    try:
        return Transport(named.upper())
    except ValueError:
        raise Unreachable("a transport that we do not have") from None


def literal(uri: Uri) -> Flow | None:
    """Where the URI leads if its host is an address; ``None`` if it is a name. Raises
    ``Unreachable``."""
    transport = asked_transport(uri)
    try:
        address = ip_address(uri.host)
    except ValueError:
        return None
    transport = transport or Transport.UDP
    return Flow(transport, str(address), uri.port or transport.port)
