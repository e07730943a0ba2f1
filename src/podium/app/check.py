"""``podium check``: whether the telephone would work, in words, with what to do where it would not.

Nothing is changed anywhere: trunks are asked with OPTIONS, and with a REGISTER that names no
contact and so only looks (RFC 3261 10.3).
"""

from __future__ import annotations

import asyncio
import errno
import secrets
import socket
import ssl
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import ip_address
from typing import Final

from podium.app.errors import StartError
from podium.app.telephone import sound_listens
from podium.app.telephone_parts import OUR_NAME, Passwords, phones_of, prompts_of, trunk_of
from podium.config.telephone import TelephoneSection
from podium.telephone.sip.agreement import Capabilities
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
from podium.telephone.sip.sdp import parse_sdp
from podium.telephone.sip.sdp_formats import formats_of
from podium.telephone.sip.syntax import SipSyntaxError
from podium.telephone.sip.uri import NameAddr, Uri
from podium.telephone.transports.service import Setup, SipService
from podium.telephone.transports.settings import Listening

_PATIENCE: Final = 8.0
"""Seconds for an answer of a trunk."""


class Mark(StrEnum):
    GOOD = "ok"
    NOTE = "note"
    FAULT = "FAULT"


@dataclass(frozen=True, slots=True)
class Finding:
    """``text`` says what is, and for what is not good also what to do."""

    mark: Mark
    text: str


async def check_telephone(section: TelephoneSection) -> AsyncIterator[Finding]:
    if not section.enabled:
        yield Finding(
            Mark.NOTE,
            "there is no telephone: set telephone.hosts in the file of settings (docs/phones.md)",
        )
        return
    for found in (*_files(section), *_ports(section), *_dialling(section)):
        yield found
    async for found in _trunks(section):
        yield found


# --- what this machine has


def _files(section: TelephoneSection) -> Iterator[Finding]:
    try:
        count = len(phones_of(section))
        yield Finding(Mark.GOOD, f"{count} telephones may register here")
    except StartError as error:
        yield Finding(Mark.FAULT, str(error))
    try:
        yield Finding(Mark.GOOD, f"{len(prompts_of(section))} recordings are there")
    except StartError as error:
        yield Finding(Mark.FAULT, str(error))
    if section.tls_cert is None or section.tls_key is None:
        return
    try:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(section.tls_cert, section.tls_key)
        yield Finding(Mark.GOOD, "certificate and key for TLS work together")
    except (ssl.SSLError, OSError) as error:
        yield Finding(
            Mark.FAULT,
            f"telephone.tls_cert and telephone.tls_key do not work together ({error}): give the "
            "certificate chain and its private key, both as PEM",
        )


def _ports(section: TelephoneSection) -> Iterator[Finding]:
    for host in section.hosts:
        yield _bound(host, section.port, socket.SOCK_DGRAM, "UDP", "telephone.port")
        yield _bound(host, section.port, socket.SOCK_STREAM, "TCP", "telephone.port")
        if section.tls_cert is not None:
            yield _bound(host, section.tls_port, socket.SOCK_STREAM, "TLS", "telephone.tls_port")
    yield _sound_ports(section)
    yield _address(section)


def _bound(host: str, port: int, kind: socket.SocketKind, name: str, setting: str) -> Finding:
    error = _binding_fails(host, port, kind)
    match error:
        case None:
            return Finding(Mark.GOOD, f"{name} port {port} of {host} can be listened on")
        case errno.EADDRINUSE:
            return Finding(
                Mark.NOTE,
                f"{name} port {port} of {host} is in use: by Podium, if it runs now; else stop the "
                f"other program, or set {setting}",
            )
        case errno.EADDRNOTAVAIL:
            return Finding(
                Mark.FAULT, f"{host} is no address of this machine: correct telephone.hosts"
            )
        case _:
            return Finding(
                Mark.FAULT,
                f"{name} port {port} of {host} cannot be listened on ({errno.errorcode[error]}): "
                f"set {setting} to one above 1023, or run Podium with the right to it",
            )


def _binding_fails(host: str, port: int, kind: socket.SocketKind) -> int | None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, kind) as tried:
        if kind is socket.SOCK_STREAM:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind((host, port))
        except OSError as error:
            return error.errno or errno.EINVAL
    return None


def _sound_ports(section: TelephoneSection) -> Finding:
    first, last = section.rtp_ports
    host = sound_listens(section)
    some = range(first, last + 1, max(1, (last - first) // 50))
    free = sum(_binding_fails(host, port, socket.SOCK_DGRAM) is None for port in some)
    calls = (last - first + 1) // 2
    if free == 0:
        return Finding(
            Mark.FAULT,
            f"no UDP port for sound is free on {host} from {first} to {last}: correct "
            "telephone.rtp_host, or choose other telephone.rtp_ports",
        )
    mark = Mark.GOOD if free == len(some) else Mark.NOTE
    return Finding(
        mark,
        f"UDP ports {first} to {last} of {host} for sound: {free} of {len(some)} that were tried "
        f"are free; there is room for {calls} calls. Open them in the firewall",
    )


def _address(section: TelephoneSection) -> Finding:
    listens = ip_address(sound_listens(section))
    if section.public_address is not None:
        return Finding(
            Mark.NOTE,
            f"telephones are told to reach us at {section.public_address}: forward "
            f"{section.port} (UDP, TCP) and {section.rtp_ports[0]}-{section.rtp_ports[1]} (UDP) "
            "from there to this machine, if it is not its own address",
        )
    if listens.is_loopback:
        return Finding(Mark.NOTE, "only this machine can call: set telephone.hosts to reach others")
    if listens.is_private:
        return Finding(
            Mark.NOTE,
            "telephones outside of this network cannot reach us: set telephone.public_address "
            "where they should",
        )
    return Finding(Mark.GOOD, "telephones are told an address that others can reach")


def _dialling(section: TelephoneSection) -> Iterator[Finding]:
    if not section.trunks:
        yield Finding(Mark.NOTE, "there is no trunk: only telephones that register are dialled")
    elif not section.allowed_prefixes:
        yield Finding(
            Mark.NOTE, "nothing may be dialled by trunk: list it in telephone.allowed_prefixes"
        )
    else:
        allowed = ", ".join(section.allowed_prefixes)
        yield Finding(Mark.GOOD, f"numbers that begin with {allowed} may be dialled")


# --- what trunks say


async def _trunks(section: TelephoneSection) -> AsyncIterator[Finding]:
    if not section.trunks:
        return
    house = House({}, Strangers.DROP, phones=False)
    hosts = tuple(section.hosts)
    listening = Listening(hosts, 0, public=section.public_address)
    setup = Setup(listening, house, Passwords(section.realm, {}), secrets.token_bytes(32))
    service = SipService(setup, lambda _: None)
    try:
        await service.start()
    except OSError as error:
        yield Finding(Mark.FAULT, f"trunks cannot be asked: {error.strerror}")
        return
    try:
        for trunk_section in section.trunks:
            try:
                trunk = trunk_of(trunk_section)
            except StartError as error:
                yield Finding(Mark.FAULT, str(error))
                continue
            async for found in _trunk(service, trunk):
                yield found
    finally:
        await service.stop()


async def _trunk(service: SipService, trunk: Trunk) -> AsyncIterator[Finding]:
    name = f"trunk {trunk.name!r}"
    pinged = await _ask(service, trunk, "OPTIONS")
    if isinstance(pinged, Failure):
        why = {
            Failure.UNRESOLVED: "its host is not known: correct host, or mend this machine's DNS",
            Failure.TRANSPORT: "nothing takes its connection: correct host, port and transport",
            Failure.TIMEOUT: "it does not answer: correct host, port and transport, open the "
            "firewall, and ask the company whether it knows this machine's address",
        }[pinged]
        yield Finding(Mark.FAULT, f"{name}: {why}")
        return
    yield Finding(Mark.GOOD, f"{name}: it answers ({pinged.status})")
    yield _codecs(name, pinged)
    if trunk.registers:
        yield _registration(name, await _ask(service, trunk, "REGISTER"))


def _registration(name: str, answer: Response | Failure) -> Finding:
    match answer:
        case Failure():
            return Finding(Mark.FAULT, f"{name}: it does not answer a registration")
        case Response(status=status) if 200 <= status < 300:
            here = len(answer.contacts)
            return Finding(
                Mark.GOOD, f"{name}: user and password are right; {here} registered at present"
            )
        case Response(status=401 | 403 | 407 as status):
            return Finding(
                Mark.FAULT,
                f"{name}: user or password is wrong ({status}): correct user and secret_file",
            )
        case Response(status=status):
            return Finding(
                Mark.FAULT, f"{name}: it does not take registrations ({status}): ask the company"
            )


def _codecs(name: str, answer: Response) -> Finding:
    ours = Capabilities().codecs
    try:
        audio = [m for m in parse_sdp(answer.body).media if m.kind == "audio"]
        theirs = {found.codec for media in audio for found in formats_of(media)} - {None}
    except SipSyntaxError:
        theirs = set()
    if not theirs:
        return Finding(
            Mark.NOTE,
            f"{name}: it does not say which codecs it has; every telephone company has PCMA or "
            f"PCMU, and we have {', '.join(ours)}",
        )
    common = [codec for codec in ours if codec in theirs]
    if common:
        return Finding(Mark.GOOD, f"{name}: codecs in common are {', '.join(common)}")
    return Finding(
        Mark.FAULT, f"{name}: no codec in common: ask the company to allow PCMA (G.711 A-law)"
    )


async def _ask(service: SipService, trunk: Trunk, method: str) -> Response | Failure:
    """``REGISTER`` without a contact only looks."""
    identity = NameAddr(trunk.identity)
    target = Uri(trunk.server.scheme, "", trunk.identity.host)
    numbers = iter(range(1, 100))
    call, tag = secrets.token_hex(8), secrets.token_hex(8)

    def compose(flow: Flow, number: int) -> Request:
        ours = (ACCEPT, contact(service.agent.core, flow, OUR_NAME))
        headers = [
            MAX_FORWARDS,
            ("From", str(identity.with_tag(tag))),
            ("To", str(identity if method == "REGISTER" else NameAddr(target))),
            ("Call-ID", call),
            ("CSeq", f"{number} {method}"),
            *(ours if method == "OPTIONS" else ()),
        ]
        return Request(method, target, Headers(headers))

    signer = LoginSigner(trunk.login, secrets.SystemRandom()) if trunk.login else None
    draft = Draft(compose, lambda: next(numbers), (trunk.server,), signer)
    try:
        async with asyncio.timeout(_PATIENCE):
            return await service.ask(draft)
    except TimeoutError:
        return Failure.TIMEOUT
