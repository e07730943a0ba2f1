"""A telephone that answers every call, without media, on real sockets."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from ipaddress import ip_network
from pathlib import Path
from typing import TypeVar

from podium.telephone.sip import events as e
from podium.telephone.sip.digest_fields import Algorithm, Ha1s, ha1
from podium.telephone.sip.door import House, Strangers
from podium.telephone.sip.events import CallKey, Event
from podium.telephone.sip.flow import Transport
from podium.telephone.sip.line import Policy
from podium.telephone.sip.registration import Trunk
from podium.telephone.transports.resolve import Dns
from podium.telephone.transports.service import Setup, SipService
from podium.telephone.transports.settings import Limits, Listening, Tls

T = TypeVar("T")
LOOPBACK = "127.0.0.1"
DISCARD = (
    b"v=0\r\no=podium 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    b"m=audio 9 RTP/AVP 0 101\r\na=rtpmap:0 PCMU/8000\r\n"
    b"a=rtpmap:101 telephone-event/8000\r\na=sendrecv\r\n"
)
"""Takes any call whose codec is G.711 and throws the sound away."""


class Accounts:
    def __init__(self, passwords: Mapping[str, str]) -> None:
        self._passwords = passwords

    def ha1s(self, username: str) -> Ha1s | None:
        password = self._passwords.get(username)
        if password is None:
            return None
        return {kind: ha1(kind, username, "podium", password) for kind in Algorithm}


@dataclass
class Answering:
    """Answers by itself; ``events`` is all that happened."""

    service: SipService
    thinks: float | None = None
    """Seconds until it answers, without a word before; ``None``: at once."""
    answers: bool = True
    events: list[Event] = field(default_factory=list)
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    def heard(self, event: Event) -> None:
        self.events.append(event)
        self._changed.set()
        match event:
            case e.IncomingCall(call=call) if not self.answers:
                self.service.ring(call)
            case e.IncomingCall(call=call) if self.thinks is None:
                self.service.accept(call, DISCARD)
            case e.IncomingCall(call=call):
                loop = asyncio.get_running_loop()
                loop.call_later(self.thinks or 0.0, self.service.accept, call, DISCARD)
            case e.Reoffered(call=call):
                self.service.answer_reoffer(call, DISCARD)
            case _:
                pass

    def of(self, kind: type[T]) -> list[T]:
        return [event for event in self.events if isinstance(event, kind)]

    async def until(self, kind: type[Event], count: int = 1, seconds: float = 15.0) -> Event:
        """The latest of ``count`` events of this kind."""
        async with asyncio.timeout(seconds):
            while len(self.of(kind)) < count:
                self._changed.clear()
                await self._changed.wait()
        return self.of(kind)[-1]

    @property
    def port(self) -> int:
        return self.service.addresses.port(Transport.UDP)

    @property
    def tls_port(self) -> int:
        return self.service.addresses.port(Transport.TLS)

    def calls(self) -> list[CallKey]:
        return [event.call for event in self.of(e.IncomingCall)]


@asynccontextmanager
async def telephone(
    *,
    trusted: bool = True,
    strangers: Strangers = Strangers.DROP,
    passwords: Mapping[str, str] | None = None,
    certificate: Path | None = None,
    trunks: Sequence[Trunk] = (),
    limits: Limits | None = None,
    policy: Policy | None = None,
    dns: Dns | None = None,
    host: str = LOOPBACK,
) -> AsyncIterator[Answering]:
    """``trusted``: all of this machine is a trunk. ``certificate``: of ``make_certificate``."""
    tls = None
    if certificate is not None:
        tls = Tls(0, certificate, certificate.with_suffix(".key"))
    setup = Setup(
        Listening((host,), 0, tls, authorities=certificate, limits=limits or Limits()),
        House(
            {"loop": [ip_network("127.0.0.0/8"), ip_network("::1/128")]} if trusted else {},
            strangers,
            phones=passwords is not None,
        ),
        Accounts(passwords or {}),
        b"k" * 32,
        trunks=tuple(trunks),
        policy=policy or Policy(),
    )
    heard: list[Answering] = []
    service = SipService(setup, lambda event: heard[0].heard(event), dns)
    heard.append(Answering(service))
    await service.start()
    try:
        yield heard[0]
    finally:
        await service.stop()


def make_certificate(folder: Path) -> Path:
    """Self-signed, for 127.0.0.1 and localhost; the key is beside it."""
    certificate = folder / "sip.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
            *("-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"),
            *("-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost"),
            *("-keyout", str(certificate.with_suffix(".key")), "-out", str(certificate)),
        ],
        check=True,
        capture_output=True,
    )
    return certificate
