"""Synthetic telephones on sockets of their own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from ipaddress import ip_network

from podium.demo.phone import Phone
from podium.telephone.sip.digest_fields import Ha1s
from podium.telephone.sip.door import House, Strangers
from podium.telephone.sip.flow import Transport
from podium.telephone.transports.service import Setup, SipService
from podium.telephone.transports.settings import Listening

HOST = "127.0.0.1"
VOICES = tuple(range(6))


class NoAccounts:
    def ha1s(self, username: str) -> Ha1s | None:
        return None


@asynccontextmanager
async def phone(name: str, voice: int, *, answers: bool = True) -> AsyncIterator[tuple[Phone, int]]:
    """A telephone, and the port on which it can be called."""
    made = await Phone.open(name, HOST, voice, VOICES, answers=answers)
    house = House({}, Strangers.DROP, phones=False, near=[ip_network("127.0.0.0/8")])
    service = SipService(Setup(Listening((HOST,), 0), house, NoAccounts(), b"k" * 32), made.sip)
    made.use(service)
    await service.start()
    try:
        yield made, service.addresses.port(Transport.UDP)
    finally:
        await service.stop()
        await made.close()
