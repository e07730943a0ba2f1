"""A user agent that only asks: OPTIONS, and REGISTER without a contact, which only looks
(RFC 3261 10.3)."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final, Literal

from podium.app.telephone_parts import OUR_NAME, Passwords
from podium.telephone.sip.dialog import MAX_FORWARDS, contact
from podium.telephone.sip.door import House, Strangers
from podium.telephone.sip.events import Failure
from podium.telephone.sip.exchange import Draft
from podium.telephone.sip.flow import Flow
from podium.telephone.sip.headers import Headers
from podium.telephone.sip.line import ACCEPT
from podium.telephone.sip.login import LoginSigner
from podium.telephone.sip.message import Request, Response
from podium.telephone.sip.registration import Trunk
from podium.telephone.sip.uri import NameAddr, Uri
from podium.telephone.transports.service import Setup, SipService
from podium.telephone.transports.settings import Listening

PATIENCE: Final = 8.0
"""Seconds for an answer of somebody else."""

Answer = Response | Failure


@dataclass(frozen=True, slots=True)
class Asker:
    service: SipService

    async def options(self, flow: Flow, patience: float) -> Answer:
        """Of whoever is there."""
        target = Uri("sip", "", flow.host, flow.port)
        return await self._ask(
            "OPTIONS", target, NameAddr(Uri("sip", OUR_NAME, flow.host)), flow, patience
        )

    async def trunk(self, trunk: Trunk, method: Literal["OPTIONS", "REGISTER"]) -> Answer:
        target = Uri(trunk.server.scheme, "", trunk.identity.host)
        signer = LoginSigner(trunk.login, secrets.SystemRandom()) if trunk.login else None
        identity = NameAddr(trunk.identity)
        return await self._ask(method, target, identity, trunk.server, PATIENCE, signer)

    async def _ask(
        self,
        method: str,
        target: Uri,
        identity: NameAddr,
        where: Flow | Uri,
        patience: float,
        signer: LoginSigner | None = None,
    ) -> Answer:
        numbers = iter(range(1, 100))
        call, tag = secrets.token_hex(8), secrets.token_hex(8)

        def compose(flow: Flow, number: int) -> Request:
            ours = (ACCEPT, contact(self.service.agent.core, flow, OUR_NAME))
            headers = [
                MAX_FORWARDS,
                ("From", str(identity.with_tag(tag))),
                ("To", str(identity if method == "REGISTER" else NameAddr(target))),
                ("Call-ID", call),
                ("CSeq", f"{number} {method}"),
                *(ours if method == "OPTIONS" else ()),
            ]
            return Request(method, target, Headers(headers))

        draft = Draft(compose, lambda: next(numbers), (where,), signer)
        try:
            async with asyncio.timeout(patience):
                return await self.service.ask(draft)
        except TimeoutError:
            return Failure.TIMEOUT


@asynccontextmanager
async def asking(hosts: Sequence[str], public: str | None = None) -> AsyncIterator[Asker]:
    """On free ports. Raises ``OSError`` where ``hosts`` are not of this machine."""
    async with serving(
        Listening(tuple(hosts), 0, public=public), House({}, Strangers.DROP, phones=False)
    ) as service:
        yield Asker(service)


@asynccontextmanager
async def serving(listening: Listening, house: House) -> AsyncIterator[SipService]:
    """Raises ``OSError``."""
    setup = Setup(listening, house, Passwords("podium", {}), secrets.token_bytes(32))
    service = SipService(setup, lambda _: None)
    try:
        await service.start()
        yield service
    finally:
        await service.stop()
