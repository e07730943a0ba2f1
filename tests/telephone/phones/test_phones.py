"""Telephones that others have written, baresip, linphone and sipp, against our agent."""

from __future__ import annotations

import asyncio
import os
import re
from pathlib import Path

import pytest
from tests.support.phones import LOOPBACK, baresip, free_port, linphone, sipp, until_listening
from tests.support.sip_service import DISCARD, Answering, make_certificate, telephone

from podium.telephone.sip import events as e
from podium.telephone.sip.digest import Login
from podium.telephone.sip.flow import Transport
from podium.telephone.sip.line import Policy
from podium.telephone.sip.login import LoginSigner
from podium.telephone.sip.outgoing import Invitation
from podium.telephone.sip.uri import NameAddr, Uri
from podium.telephone.transports.settings import Limits

pytestmark = pytest.mark.phones
ACCOUNT = "<sip:alice@127.0.0.1>;regint=0;audio_codecs=PCMU,PCMA"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_certificate(tmp_path_factory.mktemp("tls"))


def here(phone: Answering) -> str:
    return f"{LOOPBACK}:{phone.port}"


async def over(phone: Answering, count: int) -> None:
    """All calls are over on our side too, and nothing is left of them."""
    await phone.until(e.Ended, count)
    assert len(phone.service.agent.calls) == 0


# --- baresip


@pytest.mark.parametrize("transport", list(Transport))
async def test_baresip_calls_holds_resumes_and_hangs_up(
    transport: Transport, certificate: Path, tmp_path: Path
) -> None:
    account = f"<sip:alice@127.0.0.1;transport={transport.lower()}>;regint=0;audio_codecs=PCMU"
    async with (
        telephone(certificate=certificate) as podium,
        baresip(tmp_path / "bs", account, authority=certificate) as phone,
    ):
        port = podium.service.addresses.port(transport)
        await phone.tell("dial", f"sip:9000@{LOOPBACK}:{port};transport={transport.lower()}")
        await phone.until("CALL_ESTABLISHED")
        await podium.until(e.Confirmed)
        (call,) = podium.of(e.IncomingCall)
        assert call.source.transport is transport
        assert call.request_uri.user == "9000"
        await phone.tell("hold")
        held = await podium.until(e.Reoffered)
        assert isinstance(held, e.Reoffered)
        assert b"a=sendonly" in (held.offer or b"")
        await phone.tell("resume")
        resumed = await podium.until(e.Reoffered, 2)
        assert isinstance(resumed, e.Reoffered)
        assert b"a=sendrecv" in (resumed.offer or b"")
        await phone.tell("hangup")
        assert await podium.until(e.Ended) == e.Ended(call.call, e.Why.HUNG_UP)


async def test_baresip_is_hung_up_by_us(tmp_path: Path) -> None:
    async with telephone() as podium, baresip(tmp_path / "bs", ACCOUNT) as phone:
        await phone.tell("dial", f"sip:9000@{here(podium)}")
        await podium.until(e.Confirmed)
        podium.service.hang_up(podium.calls()[0])
        await phone.until("CALL_CLOSED")
        await over(podium, 1)


async def test_baresip_registers_is_called_and_put_on_hold_by_us(tmp_path: Path) -> None:
    async with telephone(trusted=False, passwords={"8001": "long-enough"}) as podium:
        account = (
            f"<sip:8001@{here(podium)};transport=tcp>;regint=120;auth_pass=long-enough;"
            "answermode=auto;audio_codecs=PCMU"
        )
        async with baresip(tmp_path / "bs", account) as phone:
            await podium.until(e.Registered)
            (binding,) = podium.service.agent.registrar.bindings("8001")
            call = podium.service.invite(
                Invitation(
                    binding.contact,
                    DISCARD,
                    NameAddr(Uri.sip("podium", LOOPBACK)),
                    where=binding.where,
                )
            )
            answered = await podium.until(e.Answered)
            assert isinstance(answered, e.Answered)
            assert b"PCMU" in answered.answer
            podium.service.reoffer(call, DISCARD.replace(b"sendrecv", b"sendonly"))
            held = await podium.until(e.Answered, 2)
            assert isinstance(held, e.Answered)
            assert b"a=recvonly" in held.answer
            podium.service.hang_up(call)
            await phone.until("CALL_CLOSED")
        await podium.until(e.Unregistered)


async def test_baresip_with_a_wrong_password_does_not_get_in(tmp_path: Path) -> None:
    async with telephone(trusted=False, passwords={"8001": "long-enough"}) as podium:
        account = f"<sip:8001@{here(podium)}>;regint=120;auth_pass=wrong-one"
        async with baresip(tmp_path / "bs", account) as phone:
            await phone.until_said("401 Unauthorized")
        assert podium.events == []


async def test_linphone_calls_and_hangs_up(tmp_path: Path) -> None:
    async with telephone() as podium, linphone(tmp_path / "lp") as phone:
        await phone.type(f"call sip:9000@{here(podium)}")
        await podium.until(e.Confirmed)
        (call,) = podium.of(e.IncomingCall)
        assert b"m=audio" in (call.offer or b"")
        await phone.type("terminate")
        assert await podium.until(e.Ended) == e.Ended(call.call, e.Why.HUNG_UP)


# --- sipp


@pytest.mark.parametrize("transport", ["u1", "t1"])
async def test_a_retransmitted_invite_is_one_call(transport: str, tmp_path: Path) -> None:
    async with telephone() as podium:
        podium.thinks = 0.3
        await sipp(
            "retransmitted", tmp_path, "-m", "20", "-r", "20", "-t", transport, target=here(podium)
        )
        await over(podium, 20)
        assert len(podium.calls()) == 20


async def test_a_cancel_while_it_rings(tmp_path: Path) -> None:
    async with telephone() as podium:
        podium.answers = False
        await sipp("cancel", tmp_path, "-m", "10", "-r", "20", target=here(podium))
        await over(podium, 10)
        assert {event.why for event in podium.of(e.Ended)} == {e.Why.CANCELLED}


async def test_a_cancel_that_comes_too_late(tmp_path: Path) -> None:
    async with telephone() as podium:
        await sipp("late_cancel", tmp_path, "-m", "10", "-r", "20", target=here(podium))
        await over(podium, 10)
        assert {event.why for event in podium.of(e.Ended)} == {e.Why.HUNG_UP}


async def test_a_late_offer(tmp_path: Path) -> None:
    async with telephone() as podium:
        await sipp("late_offer", tmp_path, "-m", "10", "-r", "20", target=here(podium))
        await over(podium, 10)
        assert [event.offer for event in podium.of(e.IncomingCall)] == [None] * 10
        assert all(b"m=audio" in event.answer for event in podium.of(e.Answered))
        assert len(podium.of(e.Answered)) == 10


async def test_hold_and_resume_by_reinvite(tmp_path: Path) -> None:
    async with telephone() as podium:
        await sipp("hold", tmp_path, "-m", "10", "-r", "20", target=here(podium))
        await over(podium, 10)
        assert len(podium.of(e.Reoffered)) == 20


@pytest.mark.parametrize("scenario", ["session_expires_small", "session_expires_bad"])
async def test_a_bad_session_expires_is_refused(scenario: str, tmp_path: Path) -> None:
    async with telephone() as podium:
        await sipp(scenario, tmp_path, "-m", "5", "-r", "20", target=here(podium))
        assert podium.events == []


async def test_a_key_by_info(tmp_path: Path) -> None:
    async with telephone() as podium:
        await sipp("keys", tmp_path, "-m", "1", target=here(podium))
        assert [event.digits for event in podium.of(e.Digits)] == ["#"]


@pytest.mark.parametrize(("password", "kind"), [("trunkpw", e.Answered), ("wrong", e.Rejected)])
async def test_we_call_by_a_trunk_that_wants_a_password(
    password: str, kind: type[e.Event], tmp_path: Path
) -> None:
    port = free_port()
    async with telephone() as podium:
        company = asyncio.create_task(
            sipp("trunk", tmp_path, "-m", "1", "-p", str(port), target=None)
        )
        signer = LoginSigner(Login("trunk", password), podium.service.agent.core.chance)
        target = Uri.sip("01088886666", LOOPBACK, port)
        me = NameAddr(Uri.sip("trunk", LOOPBACK))
        call = podium.service.invite(Invitation(target, DISCARD, me, signer=signer))
        await podium.until(kind)
        podium.service.hang_up(call)
        await company


@pytest.mark.parametrize("transport", ["t1", "u1"])
async def test_an_invitation_too_large_for_udp_reaches_who_has_tcp_and_who_has_not(
    transport: str, tmp_path: Path
) -> None:
    """sipp listens on one of them alone."""
    port = free_port()
    async with telephone() as podium:
        arguments = ("-m", "1", "-p", str(port), "-t", transport)
        company = asyncio.create_task(sipp("trunk", tmp_path, *arguments, target=None))
        if transport == "t1":
            await until_listening(port)
        signer = LoginSigner(Login("trunk", "trunkpw"), podium.service.agent.core.chance)
        target = Uri.sip("01088886666", LOOPBACK, port)
        me = NameAddr(Uri.sip("trunk", LOOPBACK))
        large = DISCARD + b"a=x:" + b"x" * 1300 + b"\r\n"
        call = podium.service.invite(Invitation(target, large, me, signer=signer))
        await podium.until(e.Answered)
        podium.service.hang_up(call)
        await company


@pytest.mark.parametrize("both", [True, False])
async def test_baresip_that_registered_by_udp_takes_a_large_invitation(
    both: bool, tmp_path: Path
) -> None:
    """By TCP where it listens on both by one port, else by UDP."""
    listen = free_port() if both else 0
    async with telephone(trusted=False, passwords={"8001": "long-enough"}) as podium:
        account = (
            f"<sip:8001@{here(podium)}>;regint=120;auth_pass=long-enough;answermode=auto;"
            "audio_codecs=PCMU"
        )
        async with baresip(tmp_path / "bs", account, listen=listen) as phone:
            await podium.until(e.Registered)
            (binding,) = podium.service.agent.registrar.bindings("8001")
            assert binding.flow.transport is Transport.UDP
            large = DISCARD + b"a=x:" + b"x" * 1300 + b"\r\n"
            me = NameAddr(Uri.sip("podium", LOOPBACK))
            call = podium.service.invite(
                Invitation(binding.contact, large, me, where=binding.where)
            )
            await podium.until(e.Answered)
            assert podium.service.connections == both
            podium.service.hang_up(call)
            await phone.until("CALL_CLOSED")
            await podium.until(e.Ended)


async def test_two_hundred_calls_a_second_are_answered_and_none_is_lost(tmp_path: Path) -> None:
    load, processors = os.getloadavg()[0], os.cpu_count() or 1
    if load > 2 * processors:
        pytest.skip(f"{processors} processors with a load of {load:.0f} say nothing about a rate")
    # Not what this machine has left for us at the moment, but whether any call gets lost.
    patient = telephone(policy=Policy(calls_per_second=5000), limits=Limits(lag=60))
    async with patient as podium:
        said = await sipp(
            *("call", tmp_path, "-r", "200", "-m", "2000", "-l", "1000"),
            target=here(podium),
            seconds=60,
        )
        await podium.until(e.Ended, 2000)
        assert len(podium.calls()) == 2000
        assert {event.why for event in podium.of(e.Ended)} == {e.Why.HUNG_UP}
        failed = re.search(r"Failed call\s*\|\s*\d+\s*\|\s*(\d+)", said)
        assert failed is not None
        assert failed[1] == "0"
