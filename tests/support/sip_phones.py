"""Synthetic telephones on sockets of their own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from ipaddress import ip_network

from podium.demo.phone import Phone
from podium.telephone.sip.digest import Login
from podium.telephone.sip.digest_fields import Ha1s
from podium.telephone.sip.door import House, Strangers
from podium.telephone.sip.flow import Transport
from podium.telephone.sip.registration import Trunk
from podium.telephone.sip.uri import Uri
from podium.telephone.transports.service import Setup, SipService
from podium.telephone.transports.settings import Listening

HOST = "127.0.0.1"
VOICES = tuple(range(10))


class NoAccounts:
    def ha1s(self, username: str) -> Ha1s | None:
        return None


@asynccontextmanager
async def phone(
    name: str, voice: int, *, answers: bool = True, at: tuple[int, str] | None = None
) -> AsyncIterator[tuple[Phone, int]]:
    """A telephone, and the port on which it can be called. ``at``: the port of a registrar, and
    the password by which it registers there."""
    made = await Phone.open(name, HOST, voice, VOICES, answers=answers)
    house = House({}, Strangers.DROP, phones=False, near=[ip_network("127.0.0.0/8")])
    trunks: tuple[Trunk, ...] = ()
    if at is not None:
        server, identity = Uri("sip", "", HOST, at[0]), Uri("sip", name, HOST)
        trunks = (Trunk("podium", server, identity, Login(name, at[1]), registers=True),)
    setup = Setup(Listening((HOST,), 0), house, NoAccounts(), b"k" * 32, trunks=trunks)
    service = SipService(setup, made.sip)
    made.use(service)
    await service.start()
    try:
        yield made, service.addresses.port(Transport.UDP)
    finally:
        await service.stop()
        await made.close()
