"""The user agent on sockets and on the clock of one event loop."""

from __future__ import annotations

import asyncio
import contextlib
import random
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from podium.telephone.sip.agent import UserAgent
from podium.telephone.sip.core import KeepAlive, Resolve, Send
from podium.telephone.sip.digest import DigestServer
from podium.telephone.sip.door import Accounts, Door, House
from podium.telephone.sip.events import CallKey, Event, Failure, IncomingCall
from podium.telephone.sip.exchange import Draft, Exchange
from podium.telephone.sip.flow import Flow, Transport
from podium.telephone.sip.line import Policy
from podium.telephone.sip.message import Message, Response, encode
from podium.telephone.sip.outgoing import Invitation
from podium.telephone.sip.registration import Trunk
from podium.telephone.sip.stream import PING
from podium.telephone.sip.uri import Uri
from podium.telephone.transports.addresses import Addresses
from podium.telephone.transports.resolve import Dns, DnsPython, Resolver
from podium.telephone.transports.settings import Listening
from podium.telephone.transports.sieve import Dropped, Sieve
from podium.telephone.transports.streams import Streams
from podium.telephone.transports.udp import Datagrams, bind

_HEARTBEAT: Final = 0.25
_GOOD_BYE: Final = 1.0


@dataclass(frozen=True, slots=True)
class Setup:
    """What the telephone of a house is made of."""

    listening: Listening
    house: House
    accounts: Accounts
    digest_key: bytes = field(repr=False)
    """32 secret octets."""
    realm: str = "podium"
    trunks: tuple[Trunk, ...] = ()
    policy: Policy = field(default_factory=Policy)


class SipService:
    """Everything runs on the loop that ``start`` is called on. ``on_event`` is called there too,
    in order, and may give commands. Commands are those of :class:`UserAgent` without the time."""

    def __init__(
        self, setup: Setup, on_event: Callable[[Event], None], dns: Dns | None = None
    ) -> None:
        chance = random.SystemRandom()
        listening = setup.listening
        self.addresses = Addresses(listening.public)
        door = Door(
            setup.house,
            DigestServer(setup.realm, setup.digest_key),
            setup.accounts,
            chance,
            lambda flow: self.agent.registrar.account_at(flow),
        )
        self.agent = UserAgent(chance, self.addresses, door, setup.policy, trunks=setup.trunks)
        self._listening = listening
        self._on_event = on_event
        self._dns = dns
        self._chance = chance
        self._sieve = Sieve(listening.limits, door.knows)
        self._streams = Streams(self, self._sieve, listening.limits, self._client_tls)
        self._datagrams: dict[bool, Datagrams] = {}
        self._resolver: Resolver | None = None
        self._lookups: set[asyncio.Task[None]] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._timer_at = float("inf")
        self._heart: asyncio.TimerHandle | None = None
        self._pumping = False
        self._quiet = asyncio.Event()
        """Set whenever something has happened, for ``stop``."""
        self._context: ssl.SSLContext | None = None

    async def start(self) -> None:
        """Listens, and begins to register with the trunks. Raises ``OSError`` where an address is
        taken and ``ssl.SSLError`` for a certificate that cannot be used."""
        self._loop = asyncio.get_running_loop()
        self._resolver = Resolver(
            self._dns or DnsPython(),
            self._chance,
            lambda transport, ipv6: any(
                self.addresses.has(kind, ipv6=ipv6) for kind in (transport, Transport.TCP)
            ),
        )
        for host in self._listening.hosts:
            self._listen(host)
        self._beat(self._loop.time())
        self.agent.start(self._loop.time())
        self._pump()

    async def stop(self) -> None:
        """Says good-bye to calls and trunks, and waits a moment for their answers."""
        self.agent.stop(self._loop.time())
        self._pump()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_GOOD_BYE):
                while self.agent.transactions.unanswered:
                    self._quiet.clear()
                    await self._quiet.wait()
        for handle in (self._timer, self._heart):
            if handle is not None:
                handle.cancel()
        for task in self._lookups:
            task.cancel()
        await asyncio.gather(*self._lookups, return_exceptions=True)
        await self._streams.close()
        for datagrams in self._datagrams.values():
            datagrams.close()

    @property
    def dropped(self) -> Dropped:
        return self._sieve.dropped

    @property
    def connections(self) -> int:
        """By TCP and TLS, that stand."""
        return len(self._streams)

    # --- commands

    def invite(self, invitation: Invitation) -> CallKey:
        key = self.agent.invite(invitation, self._loop.time())
        self._pump()
        return key

    def ring(self, call: CallKey, status: int = 180) -> None:
        self.agent.ring(call, self._loop.time(), status)
        self._pump()

    def accept(self, call: CallKey, sdp: bytes) -> None:
        self.agent.accept(call, sdp, self._loop.time())
        self._pump()

    def reject(
        self,
        call: CallKey,
        status: int,
        reason: str | None = None,
        retry_after: int | None = None,
    ) -> None:
        self.agent.reject(call, status, self._loop.time(), reason, retry_after)
        self._pump()

    def reoffer(self, call: CallKey, sdp: bytes) -> None:
        self.agent.reoffer(call, sdp, self._loop.time())
        self._pump()

    def answer_reoffer(self, call: CallKey, sdp: bytes) -> None:
        self.agent.answer_reoffer(call, sdp, self._loop.time())
        self._pump()

    def refuse_reoffer(self, call: CallKey, status: int = 488) -> None:
        self.agent.refuse_reoffer(call, self._loop.time(), status)
        self._pump()

    def hang_up(self, call: CallKey) -> None:
        self.agent.hang_up(call, self._loop.time())
        self._pump()

    async def ask(self, draft: Draft) -> Response | Failure:
        """The final response to a request of ours that belongs to no call."""
        answer: asyncio.Future[Response | Failure] = self._loop.create_future()
        self.agent.tick(self._loop.time())
        Exchange(self.agent.core, self.agent.transactions, draft, _Asked(answer)).start()
        self._pump()
        return await answer

    # --- what the transports bring

    def arrived(self, message: Message, source: Flow) -> None:
        self.agent.receive(message, source, self._loop.time())
        self._pump()

    def gone(self, flow: Flow) -> None:
        self.agent.broken(flow, self._loop.time())
        self._pump()

    # --- carrying out

    def _pump(self) -> None:
        """Carries out all that the agent wants. A command out of ``on_event`` only adds to it."""
        if self._pumping:
            return
        self._pumping = True
        try:
            while outputs := self.agent.take():
                for output in outputs:
                    match output:
                        case Send(flow, message):
                            self._send(flow, encode(message))
                        case KeepAlive(flow):
                            self._send(flow, PING)
                        case Resolve(uri):
                            self._look_up(uri)
                        case _:
                            if isinstance(output, IncomingCall):
                                self._streams.trust(output.source)
                            self._on_event(output)
        finally:
            self._pumping = False
        self._quiet.set()
        self._set_timer()

    def _send(self, flow: Flow, data: bytes) -> None:
        if flow.reliable:
            self._streams.send(flow, data)
        elif (datagrams := self._datagrams.get(":" in flow.host)) is not None:
            datagrams.send(flow, data)

    def _set_timer(self) -> None:
        due = self.agent.deadline
        at = float("inf") if due is None else due
        if self._timer is not None and self._timer_at <= at:
            return  # It rings early, finds nothing to do, and is set anew.
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if due is not None:
            self._timer_at = at
            self._timer = self._loop.call_at(at, self._tick)

    def _tick(self) -> None:
        self._timer = None
        self.agent.tick(self._loop.time())
        self._pump()

    def _beat(self, expected: float) -> None:
        """Finds out whether the loop falls behind."""
        late = self._loop.time() - expected
        self.agent.lagging = late > self._listening.limits.lag
        expected = self._loop.time() + _HEARTBEAT
        self._heart = self._loop.call_at(expected, self._beat, expected)

    def _look_up(self, uri: Uri) -> None:
        task = self._loop.create_task(self._resolve(uri))
        self._lookups.add(task)
        task.add_done_callback(self._lookups.discard)

    async def _resolve(self, uri: Uri) -> None:
        assert self._resolver is not None
        flows = await self._resolver.resolve(uri)
        for flow in flows:
            self._streams.name(flow, uri.host)
        self.agent.resolved(uri, flows, self._loop.time())
        self._pump()

    # --- sockets

    def _listen(self, host: str) -> None:
        """UDP and TCP on one port, TLS on its own."""
        datagram, stream = _pair(host, self._listening.port)
        port = datagram.getsockname()[1]
        self._datagrams[":" in host] = Datagrams(datagram, self, self._sieve)
        self._streams.listen(stream, Transport.TCP, None)
        for transport in (Transport.UDP, Transport.TCP):
            self.addresses.bind(transport, host, port)
        tls = self._listening.tls
        if tls is not None:
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            context.load_cert_chain(tls.certificate, tls.key)
            secure = bind(host, tls.port, socket.SOCK_STREAM)
            self._streams.listen(secure, Transport.TLS, context)
            self.addresses.bind(Transport.TLS, host, secure.getsockname()[1])

    def _client_tls(self) -> ssl.SSLContext:
        if self._context is None:
            self._context = ssl.create_default_context(cafile=self._listening.authorities)
        return self._context


@dataclass(frozen=True, slots=True)
class _Asked:
    """Only what is final counts."""

    answer: asyncio.Future[Response | Failure]

    def responded(self, response: Response) -> None:
        if not response.is_provisional and not self.answer.done():
            self.answer.set_result(response)

    def failed(self, failure: Failure) -> None:
        if not self.answer.done():
            self.answer.set_result(failure)


def _pair(host: str, port: int) -> tuple[socket.socket, socket.socket]:
    """Both on one port, also where any free one will do. Raises ``OSError``."""
    for attempt in range(16):
        datagram = bind(host, port, socket.SOCK_DGRAM)
        try:
            return datagram, bind(host, datagram.getsockname()[1], socket.SOCK_STREAM)
        except OSError:
            datagram.close()
            if port or attempt == 15:
                raise
    raise AssertionError("unreachable")
