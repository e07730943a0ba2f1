"""Datagrams."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from typing import Final

from podium.telephone.sip.flow import Flow, Transport
from podium.telephone.sip.message import encode
from podium.telephone.transports.sieve import Refusal, Sieve
from podium.telephone.transports.streams import StreamUser, plain

BUFFER: Final = 4 * 1_048_576
"""Bytes that the kernel keeps for us while we are busy: some thousand messages."""
_SO_SNDBUFFORCE: Final = 32
_SO_RCVBUFFORCE: Final = 33
"""Of Linux, for root; Python has no names for them."""
_AT_ONCE: Final = 64
"""Datagrams that are read before others get their turn."""


class Datagrams:
    """One socket, read in batches. Nothing waits in this process: what the kernel has no room for
    is dropped, as a full network would."""

    def __init__(self, bound: socket.socket, user: StreamUser, sieve: Sieve) -> None:
        self._socket = bound
        self._user = user
        self._sieve = sieve
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(bound, self._read)

    def _read(self) -> None:
        now = self._loop.time()
        for _ in range(_AT_ONCE):
            try:
                data, address = self._socket.recvfrom(65_536)
            except BlockingIOError:
                return
            except OSError:
                continue  # A port that is closed, somewhere: timers find out whose.
            source = Flow(Transport.UDP, plain(address[0]), address[1])
            message = self._sieve.message(data, source, now)
            if isinstance(message, Refusal):
                self.send(source, encode(message.response))
            elif message is not None:
                self._user.arrived(message, source)

    def send(self, flow: Flow, data: bytes) -> None:
        with contextlib.suppress(OSError):
            self._socket.sendto(data, (flow.host, flow.port))

    def close(self) -> None:
        self._loop.remove_reader(self._socket)
        self._socket.close()


def bind(host: str, port: int, kind: socket.SocketKind) -> socket.socket:
    """Raises ``OSError``."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, kind)
    try:
        if family == socket.AF_INET6:
            bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        if kind == socket.SOCK_STREAM:
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        else:
            _enlarge(bound)
        bound.setblocking(False)
        bound.bind((host, port))
    except OSError:
        bound.close()
        raise
    return bound


def _enlarge(bound: socket.socket) -> None:
    """Beyond the limit of the system where we may: what comes while we are busy is kept."""
    for usual, forced in ((socket.SO_RCVBUF, _SO_RCVBUFFORCE), (socket.SO_SNDBUF, _SO_SNDBUFFORCE)):
        try:
            bound.setsockopt(socket.SOL_SOCKET, forced, BUFFER)
        except OSError:
            bound.setsockopt(socket.SOL_SOCKET, usual, BUFFER)
