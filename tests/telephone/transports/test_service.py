"""The user agent on real sockets of this machine."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from tests.support.sip import OFFER, request, uri
from tests.support.sip_service import DISCARD, LOOPBACK, Answering, make_certificate, telephone

from podium.rates import Rate
from podium.telephone.sip import events as e
from podium.telephone.sip.digest import Login
from podium.telephone.sip.door import Strangers
from podium.telephone.sip.events import Failure, TrunkHealth
from podium.telephone.sip.flow import Flow, Transport
from podium.telephone.sip.headers import Headers
from podium.telephone.sip.login import LoginSigner
from podium.telephone.sip.message import Request, encode
from podium.telephone.sip.outgoing import Invitation
from podium.telephone.sip.registration import Trunk
from podium.telephone.sip.uri import NameAddr, Uri
from podium.telephone.transports.settings import Limits

ME = NameAddr(Uri.sip("podium", LOOPBACK))


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_certificate(tmp_path_factory.mktemp("tls"))


def at(there: Answering, transport: Transport = Transport.UDP) -> Uri:
    port = there.service.addresses.port(transport)
    target = Uri.sip("9000", LOOPBACK, port)
    return target.with_param("transport", transport.lower())


@pytest.mark.parametrize("transport", list(Transport))
async def test_two_services_call_each_other(transport: Transport, certificate: Path) -> None:
    async with (
        telephone(certificate=certificate) as here,
        telephone(certificate=certificate) as there,
    ):
        call = here.service.invite(Invitation(at(there, transport), OFFER, ME))
        assert await here.until(e.Answered) == e.Answered(call, DISCARD)
        await there.until(e.Confirmed)
        here.service.reoffer(call, OFFER)
        await here.until(e.Answered, 2)
        (other,) = there.calls()
        there.service.hang_up(other)
        assert await here.until(e.Ended) == e.Ended(call, e.Why.HUNG_UP)
        assert len(here.service.agent.calls) == len(there.service.agent.calls) == 0


async def test_a_certificate_that_nobody_vouches_for_is_not_spoken_to(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    mine, theirs = make_certificate(tmp_path / "a"), make_certificate(tmp_path / "b")
    async with telephone(certificate=mine) as here, telephone(certificate=theirs) as there:
        call = here.service.invite(Invitation(at(there, Transport.TLS), OFFER, ME))
        assert await here.until(e.Unreachable) == e.Unreachable(call, Failure.TRANSPORT)
        assert there.events == []


async def test_a_closed_port_is_told_at_once_over_tcp() -> None:
    with socket.create_server((LOOPBACK, 0)) as taken:
        port = taken.getsockname()[1]
    async with telephone() as here:
        target = Uri.sip("1", LOOPBACK, port).with_param("transport", "tcp")
        call = here.service.invite(Invitation(target, OFFER, ME))
        assert await here.until(e.Unreachable) == e.Unreachable(call, Failure.TRANSPORT)


async def test_ipv6_works_alike() -> None:
    async with telephone(host="::1") as here, telephone(host="::1") as there:
        target = Uri.sip("9000", "::1", there.port)
        here.service.invite(Invitation(target, OFFER, ME))
        await here.until(e.Answered)
        await there.until(e.Confirmed)


async def test_we_register_with_a_house_like_ours_and_it_calls_us_back() -> None:
    async with telephone(trusted=False, passwords={"8001": "long enough"}) as house:
        trunk = Trunk(
            "house",
            Uri.sip("", LOOPBACK, house.port).with_param("transport", "tcp"),
            Uri.sip("8001", LOOPBACK),
            Login("8001", "long enough"),
            registers=True,
        )
        async with telephone(trunks=[trunk]) as phone:
            state = await phone.until(e.TrunkState)
            assert state == e.TrunkState("house", TrunkHealth.UP, 200)
            await house.until(e.Registered)
            (binding,) = house.service.agent.registrar.bindings("8001")
            invitation = Invitation(binding.contact, OFFER, ME, where=binding.where)
            house.service.invite(invitation)
            await house.until(e.Answered)
            assert len(phone.calls()) == 1
        await house.until(e.Unregistered)


async def test_a_wrong_password_keeps_us_out_and_a_right_one_lets_a_call_in() -> None:
    async with (
        telephone(trusted=False, passwords={"8001": "long enough"}) as house,
        telephone() as phone,
    ):
        chance = phone.service.agent.core.chance
        for password, kind in (("wrong", e.Rejected), ("long enough", e.Answered)):
            signer = LoginSigner(Login("8001", password), chance)
            phone.service.invite(Invitation(at(house), OFFER, ME, signer=signer))
            await phone.until(kind)
        assert [event.status for event in phone.of(e.Rejected)] == [401]
        assert [event.by for event in house.of(e.IncomingCall)] == ["8001"]


async def eventually(holds: Callable[[], bool]) -> None:
    """Lets the loop go on until it does; nothing tells when a datagram is thrown away."""
    loop = asyncio.get_running_loop()
    ends = loop.time() + 5
    while not holds():
        assert loop.time() < ends
        await asyncio.sleep(0.001)


# --- strangers


class Raw:
    """A datagram socket that says anything."""

    def __init__(self, port: int) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._socket.connect((LOOPBACK, port))

    def send(self, data: bytes) -> None:
        self._socket.send(data)

    async def receive(self, seconds: float = 5.0) -> bytes:
        async with asyncio.timeout(seconds):
            return await asyncio.get_running_loop().sock_recv(self._socket, 65_536)

    def close(self) -> None:
        self._socket.close()


def options(number: int = 0, agent: str = "Phone/1.0") -> bytes:
    asked = request("OPTIONS", branch=f"z9hG4bKo{number}", call_id=f"o{number}")
    via = f"SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bKo{number};rport"
    headers = asked.headers.set("Via", via).add("User-Agent", agent)
    return encode(Request("OPTIONS", uri(), headers, b""))


async def test_scanners_and_nonsense_get_no_answer_and_leave_nothing() -> None:
    async with telephone() as here, telephone(trusted=False, passwords={}) as shut:
        known, stranger = Raw(here.port), Raw(shut.port)
        try:
            known.send(options(1, "friendly-scanner/1.8"))
            known.send(b"\r\n\r\n")
            stranger.send(options(2))
            stranger.send(b"INVITE sip:x SIP/2.0\r\nVia: nonsense\r\n\r\n")
            stranger.send(b"\x01" * 400)
            known.send(options(3))
            assert (await known.receive()).startswith(b"SIP/2.0 200"), "in order: the scan got none"
            proof = request("REGISTER", branch="z9hG4bKr", call_id="r")
            via = "SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bKr;rport"
            stranger.send(encode(replace(proof, headers=proof.headers.set("Via", via))))
            assert (await stranger.receive()).startswith(b"SIP/2.0 401"), "and the nonsense neither"
            assert here.service.dropped.scanner == 1
            assert shut.service.dropped.malformed == 2
        finally:
            known.close()
            stranger.close()


async def test_who_is_known_is_told_what_is_wrong_with_a_message() -> None:
    async with telephone() as here:
        known = Raw(here.port)
        try:
            known.send(options(1).replace(b"CSeq: 1 OPTIONS", b"CSeq: x OPTIONS"))
            assert (await known.receive()).startswith(b"SIP/2.0 400")
        finally:
            known.close()


async def test_a_flood_of_a_stranger_is_cut_before_it_is_parsed_and_others_go_on() -> None:
    limits = Limits(strangers=Rate(10, 0.001))
    async with telephone(trusted=False, strangers=Strangers.ADMIT, limits=limits) as here:
        raw = Raw(here.port)
        try:
            for number in range(30):
                raw.send(options(number))
            for _ in range(10):
                assert (await raw.receive()).startswith(b"SIP/2.0 200")
            await eventually(lambda: here.service.dropped.flood == 20)
        finally:
            raw.close()


# --- connections


async def test_keep_alives_on_a_connection_are_answered() -> None:
    async with telephone() as here:
        reader, writer = await asyncio.open_connection(LOOPBACK, here.port)
        writer.write(b"\r\n\r\n")
        assert await asyncio.wait_for(reader.readexactly(2), 5) == b"\r\n"
        writer.close()
        await writer.wait_closed()


async def test_an_idle_stranger_and_one_who_talks_nonsense_are_closed() -> None:
    limits = Limits(idle_stranger=0.1)
    async with telephone(trusted=False, passwords={}, limits=limits) as here:
        reader, writer = await asyncio.open_connection(LOOPBACK, here.port)
        assert await asyncio.wait_for(reader.read(), 5) == b""
        writer.close()
    async with telephone(trusted=False, passwords={}) as here:
        reader, writer = await asyncio.open_connection(LOOPBACK, here.port)
        writer.write(b"GET / HTTP/1.1\r\n\r\n")
        assert await asyncio.wait_for(reader.read(), 5) == b""
        writer.close()


async def test_a_connection_that_a_call_came_by_may_be_silent_for_long() -> None:
    async with (
        telephone(trusted=False, strangers=Strangers.ADMIT) as house,
        telephone() as caller,
    ):
        caller.service.invite(Invitation(at(house, Transport.TCP), OFFER, ME))
        await house.until(e.Confirmed)
        (connection,) = house.service._streams._live.values()
        assert connection.trusted
        house.service.hang_up(house.calls()[0])
        await caller.until(e.Ended)


async def test_a_stranger_has_few_connections() -> None:
    limits = Limits(connections_of_stranger=3)
    async with telephone(trusted=False, passwords={}, limits=limits) as here:
        open_ = [await asyncio.open_connection(LOOPBACK, here.port) for _ in range(4)]
        reader, _ = open_[-1]
        assert await asyncio.wait_for(reader.read(), 5) == b"", "one too many"
        assert len(here.service._streams) == 3
        open_[0][1].close()
        await open_[0][1].wait_closed()
        await eventually(lambda: len(here.service._streams) == 2)
        again = await asyncio.open_connection(LOOPBACK, here.port)
        again[1].write(b"\r\n\r\n")
        assert await asyncio.wait_for(again[0].readexactly(2), 5) == b"\r\n"
        for _, writer in (*open_, again):
            writer.close()


async def test_a_peer_that_never_reads_is_closed_when_too_much_waits_for_it() -> None:
    limits = Limits(write_buffer=65_536)
    async with telephone(limits=limits) as here:
        reader, writer = await asyncio.open_connection(LOOPBACK, here.port, limit=1024)
        writer.write(b"\r\n\r\n")
        await reader.readexactly(2)
        host, port = writer.get_extra_info("sockname")
        flow = Flow(Transport.TCP, host, port)
        for _ in range(500):
            here.service._streams.send(flow, b"x" * 60_000)
            await asyncio.sleep(0)
            if flow not in here.service._streams._live:
                break
        assert flow not in here.service._streams._live
        writer.close()


async def test_no_address_and_no_number_gets_into_a_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(0)
    async with telephone() as here, telephone() as there:
        secret = Uri.sip("98765432", LOOPBACK, there.port)
        here.service.invite(Invitation(secret, OFFER, ME))
        await there.until(e.Confirmed)
        event = there.events[0]
        assert "98765432" not in repr(event)
        assert LOOPBACK not in repr(event)
        assert "98765432" not in repr(Headers([("To", str(secret))]))
    assert "98765432" not in caplog.text
    assert LOOPBACK not in caplog.text
