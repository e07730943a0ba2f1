"""Whether SIP and sound reach this machine at the address that telephones are told, as far as that
can be tried without a second machine."""

from __future__ import annotations

import asyncio
import secrets
import socket
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, closing
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from struct import pack
from typing import Final

from podium.app.check.asking import Asker, asking, serving
from podium.app.check.findings import Finding, fault, good, note
from podium.app.check.machine import binding_fails, taken
from podium.app.errors import StartError
from podium.app.telephone import listening_of, sound_address, sound_listens
from podium.config.telephone import TelephoneSection
from podium.telephone.sip.door import House, Strangers
from podium.telephone.sip.flow import Flow, Transport
from podium.telephone.sip.message import Response

PATIENCE: Final = 2.0
"""Seconds for an answer of ourselves."""
_EVERYWHERE: Final = (ip_network("0.0.0.0/0"), ip_network("::/0"))


@dataclass(frozen=True, slots=True)
class _Told:
    """``address``: what telephones are told. ``ours``: it is this machine's own. ``running``:
    some program has the ports, Podium perhaps."""

    address: str
    ours: bool
    running: bool

    @property
    def asker(self) -> str:
        """Where to ask from: a Podium that runs answers strangers from this machine's loopback."""
        ipv6 = ":" in self.address
        if self.ours:
            return "::1" if ipv6 else "127.0.0.1"
        return "::" if ipv6 else "0.0.0.0"  # noqa: S104 - a client


async def check_reach(section: TelephoneSection) -> AsyncIterator[Finding]:
    try:
        address = sound_address(section)
    except StartError as error:
        yield fault(f"不知道该告知对方什么地址：{error}", str(error))
        return
    told = _Told(
        address,
        binding_fails(address, 0, socket.SOCK_DGRAM) is None,
        any(len(taken(host, section.port)) == 2 for host in section.hosts),
    )
    try:
        async for found in _sip(section, told):
            yield found
    except OSError as error:
        yield fault(
            f"无法在本机试连 SIP：{error.strerror}",
            f"SIP cannot be tried on this machine: {error.strerror}",
        )
    yield await _sound(section, told)
    yield _beyond(section, told)


# --- SIP


async def _sip(section: TelephoneSection, told: _Told) -> AsyncIterator[Finding]:
    """Where nothing listens yet, we do for the time being."""
    async with AsyncExitStack() as stack:
        port, tls_port = section.port, section.tls_port
        if not told.running:
            house = House({}, Strangers.DROP, phones=False, near=_EVERYWHERE)
            service = await stack.enter_async_context(serving(listening_of(section), house))
            port = service.addresses.port(Transport.UDP)
            tls_port = service.addresses.port(Transport.TLS) if section.tls_cert else tls_port
        asker = await stack.enter_async_context(asking((told.asker,)))
        for transport in (Transport.UDP, Transport.TCP):
            yield await _options(asker, Flow(transport, told.address, port), told)
        if section.tls_cert is not None:
            yield await _handshake(told, tls_port)


async def _options(asker: Asker, flow: Flow, told: _Told) -> Finding:
    where = f"{flow.host}:{flow.port}"
    answer = await asker.options(flow, PATIENCE)
    if isinstance(answer, Response):
        return good(
            f"SIP 经 {flow.transport} 可到达 {where}（从本机试过，应答 {answer.status}）",
            f"SIP by {flow.transport} reaches us at {where} (tried from this machine, answer "
            f"{answer.status})",
        )
    return _not_reached(f"SIP ({flow.transport})", where, told)


async def _handshake(told: _Told, port: int) -> Finding:
    """Whose certificate it is was looked at before."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    where = f"{told.address}:{port}"
    try:
        async with asyncio.timeout(PATIENCE):
            _, writer = await asyncio.open_connection(told.address, port, ssl=context)
    except (OSError, TimeoutError):
        return _not_reached("SIP (TLS)", where, told)
    writer.close()
    return good(
        f"SIP 经 TLS 可到达 {where}（从本机试过）",
        f"SIP by TLS reaches us at {where} (tried from this machine)",
    )


def _not_reached(what: str, where: str, told: _Told) -> Finding:
    if not told.ours:
        return note(
            f"{what} 到 {where}：从本机试连没有应答，无法判断。许多路由器不把内网发往公网地址的包"
            "送回内网；请从外部试连",
            f"{what} at {where}: no answer when tried from this machine, which proves nothing, for "
            "many routers do not send packets back in; try it from outside",
        )
    if told.running:
        return note(
            f"{what} 到 {where}：端口已被占用，且没有应答本机。若是 Podium，请停止后再检查一次",
            f"{what} at {where}: a program has the port and gave this machine no answer; if it is "
            "Podium, stop it and check again",
        )
    return fault(
        f"{what} 不能到达 {where}：请在 telephone.hosts 中加入该地址，或检查本机防火墙",
        f"{what} does not reach us at {where}: let telephone.hosts contain that address, and look "
        "at this machine's firewall",
    )


# --- sound


async def _sound(section: TelephoneSection, told: _Told) -> Finding:
    """An RTP packet to some of the ports, and one back."""
    loop = asyncio.get_running_loop()
    there: list[int] = []
    missing: list[int] = []
    for receiver in _receivers(section):
        with closing(receiver):
            port = receiver.getsockname()[1]
            heard = await _heard(loop, receiver, (told.address, port))
            (there if heard else missing).append(port)
    if not there and not missing:
        return fault(
            "没有空闲的声音端口可供试验", "no port for sound is free, so none could be tried"
        )
    tried = ", ".join(map(str, there or missing))
    if not missing:
        return good(
            f"声音（RTP）在 {told.address} 可往返（从本机试过端口 {tried}）",
            f"sound (RTP) goes to and fro at {told.address} (tried from this machine at ports "
            f"{tried})",
        )
    where = f"{told.address}, UDP {', '.join(map(str, missing))}"
    return _not_reached("RTP", where, _Told(told.address, told.ours, running=False))


def _receivers(section: TelephoneSection) -> Iterator[socket.socket]:
    """On free ports at the beginning, in the middle and at the end."""
    first, last = section.rtp_ports
    host = sound_listens(section)
    for start in (first, (first + last) // 2, max(first, last - 20)):
        for port in range(start, min(last, start + 20) + 1):
            receiver = _socket(host)
            try:
                receiver.bind((host, port))
            except OSError:
                receiver.close()
                continue
            yield receiver
            break


async def _heard(
    loop: asyncio.AbstractEventLoop, receiver: socket.socket, to: tuple[str, int]
) -> bool:
    number = secrets.randbits(16)
    packet = pack("!BBHII", 0x80, 8, number, 0, secrets.randbits(32)) + b"\xd5" * 160
    with closing(_socket(to[0])) as sender:
        try:
            async with asyncio.timeout(PATIENCE):
                await loop.sock_sendto(sender, packet, to)
                came, source = await loop.sock_recvfrom(receiver, 2048)
                await loop.sock_sendto(receiver, came, source)
                back = await loop.sock_recv(sender, 2048)
        except (OSError, TimeoutError):
            return False
    return came == back == packet


def _socket(host: str) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    made = socket.socket(family, socket.SOCK_DGRAM)
    made.setblocking(False)
    return made


# --- what remains


def _beyond(section: TelephoneSection, told: _Told) -> Finding:
    if ip_address(told.address).is_loopback:
        return note(
            "对方被告知的是本机回环地址，因此没有外部可试",
            "telephones are told this machine's loopback, so there is nothing outside to be tried",
        )
    number = section.access_numbers[0]
    return note(
        f"从本机无法试验：外部能否穿过防火墙到达 {told.address}，运营商的来电能否到达，"
        f"以及双向声音。请用外部电话拨打 {number}，应能听到欢迎语，会场也应能听到您",
        f"cannot be tried from here: whether firewalls let others in to {told.address}, whether "
        f"the company's calls come in, and sound both ways. Call {number} from a telephone "
        "outside: you must hear the welcome, and the conference must hear you",
    )
