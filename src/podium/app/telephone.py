"""The telephone of an installation, made from its settings and opened."""

from __future__ import annotations

import logging
import secrets
import socket
import ssl
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Protocol

from podium.app.addresses import own_address
from podium.app.errors import StartError
from podium.app.telephone_parts import (
    OUR_NAME,
    Network,
    Passwords,
    manners_of,
    phones_of,
    prompts_of,
    rules_of,
    sources_of,
    trunk_of,
)
from podium.config.telephone import TelephoneSection
from podium.hall.ports import Clock
from podium.telephone.adapter import Caution, Fallback, TelephoneHouse
from podium.telephone.desk import Desk
from podium.telephone.dialplan import DialLedger
from podium.telephone.ports import Conferences, Legs, Notebook, Pins
from podium.telephone.sip.agreement import Capabilities
from podium.telephone.sip.door import House as SipHouse
from podium.telephone.sip.door import Strangers
from podium.telephone.sip.events import Event, Registered, TrunkState, Unregistered
from podium.telephone.sip.flow import Transport
from podium.telephone.sip.registrar import Binding
from podium.telephone.sip.registration import Trunk
from podium.telephone.sip.uri import Uri
from podium.telephone.sound import Terms
from podium.telephone.transports.service import Setup, SipService
from podium.telephone.transports.settings import Listening, Tls
from podium.telephone.ways import Ways

logger = logging.getLogger("podium.app")

_PTIMES = (20, 30, 40, 60)
"""Lengths of packets that the engine can send, in ms."""


class LegRoom(Legs, Protocol):
    def load_prompt(self, name: str, pcm: bytes) -> None:
        """Of 16 kHz, mono, s16le, for ``play``. Raises ``EngineDown``."""
        ...


@dataclass(frozen=True, slots=True)
class Around:
    """What the telephone is given of other rooms. ``found_after``: seconds that pass until media
    reports that a station is lost. ``disguise``: makes pseudonyms by the server's key."""

    legs: LegRoom
    conferences: Conferences
    pins: Pins
    notebook: Notebook
    disguise: Callable[[str], str]
    clock: Clock
    found_after: float


class _Lines:
    """What the user agent knows of telephones and trunks; it is made after those who ask."""

    service: SipService

    def bindings(self, account: str) -> Sequence[Binding]:
        return self.service.agent.registrar.bindings(account)

    def usable(self) -> Sequence[Trunk]:
        return self.service.agent.trunks.usable()


class TelephoneRoom:
    """The telephone, as halls direct it and as consoles are told of it. Made by
    ``make_telephone``; takes calls from ``start`` to ``stop``."""

    def __init__(
        self,
        section: TelephoneSection,
        sources: dict[str, Sequence[Network]],
        desk: Desk,
        house: TelephoneHouse,
        service: SipService,
    ) -> None:
        """``sources``: where trunks call from; filled in when it starts."""
        self._section = section
        self._sources = sources
        self._service = service
        self._house = house
        self.access_number = desk.access_number
        self.trunks = desk.trunks
        self.pin_lock = desk.pin_lock
        self.lift_pin_lock = house.lift_pin_lock
        self.pin_revoked = house.pin_revoked
        self.listen = desk.listen
        self.apply = house.apply
        self.follow = house.follow

    async def start(self) -> None:
        """Raises ``StartError``."""
        section = self._section
        self._sources.update(await sources_of(section.trunks))
        try:
            await self._house.start()
        except OSError as error:
            raise StartError(f"what the telephone has noted cannot be read: {error}") from None
        try:
            await self._service.start()
        except ssl.SSLError as error:
            raise StartError(
                f"telephone.tls_cert and telephone.tls_key do not work together ({error.reason}): "
                "give the certificate chain and its private key, both as PEM"
            ) from None
        except OSError as error:
            raise StartError(
                f"the telephone cannot listen on port {section.port} of "
                f"{', '.join(section.hosts)}: {error.strerror}. Set telephone.hosts to addresses "
                "of this machine, and telephone.port to one that no other program has"
            ) from None
        logger.info("taking calls on port %d", self.port)

    @property
    def port(self) -> int:
        """UDP and TCP, while it takes calls."""
        return self._service.addresses.port(Transport.UDP)

    async def stop(self) -> None:
        """Hangs up. For conferences, the calls that they placed still stand."""
        await self._house.close()
        await self._service.stop()


def make_telephone(section: TelephoneSection, around: Around) -> TelephoneRoom:
    """Raises ``StartError``."""
    prompts, phones = prompts_of(section), phones_of(section)
    for name, pcm in prompts.items():
        around.legs.load_prompt(name, pcm)
    address = sound_address(section)
    trunks = tuple(map(trunk_of, section.trunks))
    desk = Desk(section.access_numbers[0], {t.name: t.registers for t in trunks}, around.clock)
    sources: dict[str, Sequence[Network]] = {}
    lines = _Lines()
    house: TelephoneHouse

    def on_event(event: Event) -> None:
        match event:
            case TrunkState():
                desk.report(event)
                logger.info("trunk %s is %s", event.trunk, event.health)
            case Registered() | Unregistered():
                pass
            case _:
                house.sip(event)

    setup = Setup(
        listening=listening_of(section),
        house=SipHouse(
            trunks=sources,
            strangers=Strangers.DROP,
            phones=bool(phones),
            near=section.sources,
        ),
        accounts=Passwords(section.realm, phones),
        digest_key=secrets.token_bytes(32),
        realm=section.realm,
        trunks=trunks,
    )
    lines.service = service = SipService(setup, on_event)
    house = TelephoneHouse(
        agent=service,
        legs=around.legs,
        conferences=around.conferences,
        caution=Caution(around.pins, around.notebook, around.clock, around.disguise, desk.locked),
        ledger=DialLedger(rules_of(section, phones)),
        routes=_ways(section, lines, address),
        manners=manners_of(section, phones, frozenset(prompts)),
        terms=Terms(Capabilities(ptimes=_PTIMES), address),
        fallback=Fallback(
            max(0.0, section.fallback_after - around.found_after), section.fallback_grace
        ),
    )
    return TelephoneRoom(section, sources, desk, house, service)


def listening_of(section: TelephoneSection) -> Listening:
    tls = None
    if section.tls_cert is not None and section.tls_key is not None:
        tls = Tls(section.tls_port, section.tls_cert, section.tls_key)
    return Listening(section.hosts, section.port, tls, section.public_address)


def _ways(section: TelephoneSection, lines: _Lines, address: str) -> Ways:
    callers: Mapping[str, str] = {t.name: t.caller for t in section.trunks if t.caller}
    return Ways(lines, Uri("sip", OUR_NAME, address), callers, secrets.SystemRandom())


def sound_listens(section: TelephoneSection) -> str:
    """The address on which legs receive."""
    return section.rtp_host or section.hosts[0]


def sound_address(section: TelephoneSection) -> str:
    """How peers reach our legs. Raises ``StartError``."""
    if section.public_address is not None:
        return section.public_address
    listens = ip_address(sound_listens(section))
    if not listens.is_unspecified:
        return str(listens)
    return own_address(socket.AF_INET6 if listens.version == 6 else socket.AF_INET)
