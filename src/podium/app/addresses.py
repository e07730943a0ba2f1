"""Sockets and addresses: where the web listens, and what the media port is called."""

from __future__ import annotations

import errno
import socket
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from typing import Final

from podium.app.errors import StartError
from podium.config import MediaSection

_NOWHERE: Final = {socket.AF_INET: ("192.0.2.1", 9), socket.AF_INET6: ("2001:db8::1", 9)}
"""Documentation addresses (RFC 5737, RFC 3849): asking for the route to them sends nothing."""


def listen(host: str, port: int) -> socket.socket:
    """The web's listening socket. Raises ``StartError``."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except OSError:
        raise StartError(
            f"the host {host!r} is not known here: give an address of this machine with --host"
        ) from None
    family, _, _, _, address = found[0]
    both = family is socket.AF_INET6 and ip_address(address[0]).is_unspecified
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family is socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0 if both else 1)
        listener.bind(address)
        # Listening already here: of two servers that start at once, one is told now.
        listener.listen(4096)
    except OSError as error:
        listener.close()
        raise StartError(_why_not(error, host, port)) from None
    listener.setblocking(False)
    return listener


def _why_not(error: OSError, host: str, port: int) -> str:
    match error.errno:
        case errno.EADDRINUSE:
            return (
                f"port {port} is in use by another program: stop that one, or choose another "
                "with --port"
            )
        case errno.EACCES:
            return (
                f"this user may not listen on port {port}: choose one above 1023 with --port, or "
                "run Podium behind a proxy"
            )
        case errno.EADDRNOTAVAIL:
            return f"{host} is no address of this machine: give one that is with --host"
        case _:
            return f"cannot listen on {host} port {port}: {error.strerror}"


@dataclass(frozen=True, slots=True)
class MediaAddresses:
    """As the engine wants them: "ip:port". ``phones``: the address and the first and last port of
    legs, if there are any."""

    listen: tuple[str, ...]
    public: tuple[str, ...]
    phones: tuple[str, tuple[int, int]] | None = None


def media_addresses(section: MediaSection, web: socket.socket) -> MediaAddresses:
    """By the settings, and where they are silent as the web listens. Raises ``StartError``."""
    web_host, web_port = web.getsockname()[:2]
    host = ip_address(section.host or web_host)
    port = web_port if section.port is None else section.port
    public = section.public_addresses
    if host.is_unspecified and not public:
        public = (
            own_address(socket.AF_INET6 if isinstance(host, IPv6Address) else socket.AF_INET),
        )
    name = f"[{host}]" if isinstance(host, IPv6Address) else str(host)
    return MediaAddresses((f"{name}:{port}",), public)


def own_address(family: socket.AddressFamily) -> str:
    """The address that this machine uses towards others."""
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect(_NOWHERE[family])
            return str(probe.getsockname()[0])
    except OSError:
        raise StartError(
            "this machine listens on every address but has none towards other networks: say with "
            "--public-address how venues reach it, and with telephone.public_address how "
            "telephones do"
        ) from None
