"""A synthetic telephone's line: a SIP user agent on sockets of its own."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from ipaddress import ip_network
from typing import Final

from podium.demo.phone import Phone
from podium.telephone.sip.digest import Login
from podium.telephone.sip.digest_fields import Ha1s
from podium.telephone.sip.door import House, Strangers
from podium.telephone.sip.flow import Transport
from podium.telephone.sip.registration import Trunk
from podium.telephone.sip.uri import Uri
from podium.telephone.transports.service import Setup, SipService
from podium.telephone.transports.settings import Listening

HOST: Final = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Registrar:
    """Where a telephone registers, and the password of its number there."""

    port: int
    secret: str


class _NoAccounts:
    def ha1s(self, username: str) -> Ha1s | None:
        return None


@asynccontextmanager
async def phone(
    number: str,
    voice: int,
    voices: Sequence[int],
    *,
    answers: bool = True,
    at: Registrar | None = None,
) -> AsyncIterator[tuple[Phone, int]]:
    """A telephone, and the port on which it can be called."""
    made = await Phone.open(number, HOST, voice, voices, answers=answers)
    house = House({}, Strangers.DROP, phones=False, near=[ip_network("127.0.0.0/8")])
    trunks: tuple[Trunk, ...] = ()
    if at is not None:
        server, identity = Uri("sip", "", HOST, at.port), Uri("sip", number, HOST)
        trunks = (Trunk("podium", server, identity, Login(number, at.secret), registers=True),)
    setup = Setup(
        Listening((HOST,), 0), house, _NoAccounts(), secrets.token_bytes(32), trunks=trunks
    )
    service = SipService(setup, made.sip)
    made.use(service)
    await service.start()
    try:
        yield made, service.addresses.port(Transport.UDP)
    finally:
        await service.stop()
        await made.close()
