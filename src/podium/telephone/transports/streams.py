"""TCP and TLS connections: those that peers make, and those that we make to send."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections import Counter
from collections.abc import Callable, Coroutine
from typing import Final, Protocol, cast

from podium.telephone.sip.flow import Flow, Transport
from podium.telephone.sip.message import Message, encode
from podium.telephone.sip.stream import PONG, Broken, Framer, Malformed, Ping, Pong
from podium.telephone.transports.settings import Limits
from podium.telephone.transports.sieve import Sieve, place

_BACKLOG: Final = 512


class StreamUser(Protocol):
    def arrived(self, message: Message, source: Flow) -> None: ...

    def gone(self, flow: Flow) -> None:
        """The connection is closed, or could not be made."""
        ...


class Connection(asyncio.Protocol):
    """One connection."""

    def __init__(self, streams: Streams, flow: Flow, *, trusted: bool) -> None:
        self.flow = flow
        self.trusted = trusted
        """We made it, or a call came by it: it may be idle for long."""
        self._streams = streams
        self._framer = Framer()
        self._wire: asyncio.Transport | None = None
        self._idle: asyncio.TimerHandle | None = None
        self._heard = 0.0
        self._loop = asyncio.get_running_loop()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._wire = cast("asyncio.Transport", transport)
        self._heard = self._loop.time()
        self._watch()
        self._streams.made(self)

    def data_received(self, data: bytes) -> None:
        for item in self._framer.feed(data):
            if self._wire is None or self._wire.is_closing():
                return
            match item:
                case Ping():
                    self.write(PONG)
                case Pong():
                    pass
                case Broken(error) | Malformed(error):
                    refusal = self._streams.sieve.refusal(error, self.flow)
                    if refusal is not None:
                        self.write(encode(refusal))
                    if isinstance(item, Broken) or refusal is None:
                        self._wire.close()
                case _:
                    self._message(item)

    def _message(self, message: Message) -> None:
        sieve = self._streams.sieve
        agent = message.headers.get("User-Agent") or ""
        if not sieve.admits(self.flow, self._loop.time()) or sieve.is_scanner(
            f"User-Agent: {agent}".encode("utf-8", "replace")
        ):
            self.abort()
            return
        self._heard = self._loop.time()
        self._streams.user.arrived(message, self.flow)

    def write(self, data: bytes) -> None:
        if self._wire is None or self._wire.is_closing():
            return
        if self._wire.get_write_buffer_size() > self._streams.limits.write_buffer:
            self.abort()
        else:
            self._wire.write(data)

    def abort(self) -> None:
        if self._wire is not None:
            self._wire.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._idle is not None:
            self._idle.cancel()
        self._streams.lost(self)

    def _watch(self) -> None:
        limits = self._streams.limits
        known = self.trusted or self._streams.sieve.knows(self.flow)
        ends = self._heard + (limits.idle_known if known else limits.idle_stranger)
        if ends <= self._loop.time():
            self.abort()
        else:
            soon = min(ends, self._loop.time() + limits.idle_stranger)
            self._idle = self._loop.call_at(soon, self._watch)


class Streams:
    """Every connection of the process, by its flow."""

    def __init__(
        self,
        user: StreamUser,
        sieve: Sieve,
        limits: Limits,
        client_tls: Callable[[], ssl.SSLContext],
    ) -> None:
        self.user = user
        self.sieve = sieve
        self.limits = limits
        self._client_tls = client_tls
        self._live: dict[Flow, Connection] = {}
        self._waiting: dict[Flow, list[bytes]] = {}
        self._names: dict[Flow, str] = {}
        self._accepted: Counter[str] = Counter()
        self._tasks: set[asyncio.Task[None]] = set()
        self._sockets: list[socket.socket] = []

    def __len__(self) -> int:
        return len(self._live)

    # --- theirs

    def listen(self, bound: socket.socket, kind: Transport, tls: ssl.SSLContext | None) -> None:
        bound.listen(_BACKLOG)
        bound.setblocking(False)
        self._sockets.append(bound)
        self._spawn(self._accept(bound, kind, tls))

    async def _accept(
        self, bound: socket.socket, kind: Transport, tls: ssl.SSLContext | None
    ) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                accepted, address = await loop.sock_accept(bound)
            except OSError:
                # Out of descriptors, or a peer that went away at once.
                await asyncio.sleep(0.05)
                continue
            flow = Flow(kind, plain(address[0]), address[1])
            if self._has_room(flow):
                self._spawn(self._take(accepted, flow, tls))
            else:
                accepted.close()

    def _has_room(self, flow: Flow) -> bool:
        if sum(self._accepted.values()) >= self.limits.connections:
            return False
        few = self._accepted[place(flow.host)] < self.limits.connections_of_stranger
        return few or self.sieve.knows(flow)

    async def _take(self, accepted: socket.socket, flow: Flow, tls: ssl.SSLContext | None) -> None:
        """The connection counts from before its handshake until it is closed."""
        loop = asyncio.get_running_loop()
        key = place(flow.host)
        self._accepted[key] += 1
        closed = loop.create_future()
        connection = Accepted(self, flow, closed)
        try:
            await loop.connect_accepted_socket(
                lambda: connection,
                accepted,
                ssl=tls,
                ssl_handshake_timeout=self.limits.handshake if tls else None,
            )
            await closed
        except (OSError, ssl.SSLError, asyncio.IncompleteReadError):
            pass
        finally:
            accepted.close()
            self._accepted[key] -= 1
            if self._accepted[key] <= 0:
                del self._accepted[key]

    # --- ours

    def name(self, flow: Flow, host: str) -> None:
        """Which name led to ``flow``: its certificate has to be for it (RFC 5922)."""
        if flow.transport is Transport.TLS:
            if len(self._names) > 10_000:
                self._names.clear()
            self._names[flow] = host

    def send(self, flow: Flow, data: bytes) -> None:
        """By the connection that there is, or by a new one."""
        live = self._live.get(flow)
        if live is not None:
            live.write(data)
            return
        waiting = self._waiting.get(flow)
        if waiting is None:
            self._waiting[flow] = [data]
            self._spawn(self._connect(flow))
        elif len(waiting) < self.limits.waiting:
            waiting.append(data)

    def trust(self, flow: Flow) -> None:
        live = self._live.get(flow)
        if live is not None:
            live.trusted = True

    async def _connect(self, flow: Flow) -> None:
        loop = asyncio.get_running_loop()
        tls = self._client_tls() if flow.transport is Transport.TLS else None
        name = self._names.get(flow, flow.host) if tls is not None else None
        try:
            async with asyncio.timeout(self.limits.connect):
                await loop.create_connection(
                    lambda: Connection(self, flow, trusted=True),
                    flow.host,
                    flow.port,
                    ssl=tls,
                    server_hostname=name,
                )
        except (OSError, TimeoutError):
            self._waiting.pop(flow, None)
            self.user.gone(flow)

    # --- both

    def made(self, connection: Connection) -> None:
        self._live[connection.flow] = connection
        for data in self._waiting.pop(connection.flow, ()):
            connection.write(data)

    def lost(self, connection: Connection) -> None:
        if self._live.get(connection.flow) is connection:
            del self._live[connection.flow]
            self.user.gone(connection.flow)

    async def close(self) -> None:
        for bound in self._sockets:
            bound.close()
        for connection in tuple(self._live.values()):
            connection.abort()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


class Accepted(Connection):
    """A connection that a peer made; ``closed`` is done when it is over."""

    def __init__(self, streams: Streams, flow: Flow, closed: asyncio.Future[None]) -> None:
        super().__init__(streams, flow, trusted=False)
        self._closed = closed

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        if not self._closed.done():
            self._closed.set_result(None)


def plain(host: str) -> str:
    """Without the scope of a link-local address, and IPv4 as IPv4."""
    host = host.partition("%")[0]
    return host.removeprefix("::ffff:") if "." in host else host
