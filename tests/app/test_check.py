"""``podium check``: what is wrong is said, with what to do; nothing is changed anywhere."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from ipaddress import ip_network
from pathlib import Path

import pytest
from tests.support.served_telephone import serving
from tests.support.sip_phones import HOST
from tests.support.sip_service import make_certificate

from podium.app.check import Finding, Mark, check_telephone
from podium.app.telephone_parts import Passwords
from podium.cli import main
from podium.config.telephone import TelephoneSection, TrunkSection
from podium.telephone.phones import Phone
from podium.telephone.sip.door import House, Strangers
from podium.telephone.sip.flow import Transport
from podium.telephone.transports.service import Setup, SipService
from podium.telephone.transports.settings import Listening

SECTION = TelephoneSection(hosts=(HOST,), port=0, rtp_ports=(41000, 41099))


@asynccontextmanager
async def company() -> AsyncIterator[SipService]:
    """A telephone company that knows the user podium."""
    known = {"podium": Phone("podium", "a right secret", None, (), "MD5")}
    house = House({}, Strangers.DROP, phones=True, near=[ip_network("127.0.0.0/8")])
    setup = Setup(Listening((HOST,), 0), house, Passwords("podium", known), b"k" * 32)
    service = SipService(setup, lambda _: None)
    await service.start()
    yield service
    await service.stop()


async def findings(section: TelephoneSection) -> list[Finding]:
    return [found async for found in check_telephone(section)]


def faults(found: list[Finding]) -> list[str]:
    return [f.text.en for f in found if f.mark is Mark.FAULT]


def texts(found: list[Finding]) -> str:
    return "\n".join(f"{f.mark} {f.text.en}" for f in found)


def with_trunk(trunk: TrunkSection) -> TelephoneSection:
    return replace(SECTION, trunks=(trunk,), allowed_prefixes=("+86",))


def secret(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "secret"
    file.write_text(text)
    return file


async def test_a_trunk_that_knows_us(tmp_path: Path) -> None:
    async with company() as service:
        port = service.addresses.port(Transport.UDP)
        file = secret(tmp_path, "a right secret\n")
        trunk = TrunkSection("company", HOST, port, "udp", "podium", file, True)
        found = await findings(with_trunk(trunk))
        assert faults(found) == []
        said = texts(found)
        assert "'company': it answers (200)" in said
        assert "user and password are right; 0 registered" in said
        assert "it does not say which codecs it has" in said
        assert service.agent.registrar.bindings("podium") == ()


async def test_a_wrong_password_is_told(tmp_path: Path) -> None:
    async with company() as service:
        port = service.addresses.port(Transport.UDP)
        file = secret(tmp_path, "a wrong secret")
        trunk = TrunkSection("company", HOST, port, "tcp", "podium", file, True)
        (fault,) = faults(await findings(with_trunk(trunk)))
        assert "user or password is wrong" in fault
        assert "correct user and secret_file" in fault


async def test_a_trunk_whose_port_is_closed_is_told() -> None:
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        trunk = TrunkSection("company", HOST, taken.getsockname()[1], "tcp")
        (fault,) = faults(await findings(with_trunk(trunk)))
    assert "correct host, port and transport" in fault


async def test_a_silent_trunk_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("podium.app.check.asking.PATIENCE", 0.2)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind((HOST, 0))
        trunk = TrunkSection("company", HOST, silent.getsockname()[1])
        (fault,) = faults(await findings(with_trunk(trunk)))
    assert "open the firewall" in fault


async def test_an_address_that_is_not_here_and_ports_that_are_taken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("podium.app.check.reach.PATIENCE", 0.2)
    found = await findings(replace(SECTION, hosts=("192.0.2.7",)))
    first, second, third, *_ = faults(found)
    assert first == second == "192.0.2.7 is no address of this machine: correct telephone.hosts"
    assert "no UDP port for sound is free" in third
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one,
        socket.socket(socket.AF_INET, socket.SOCK_STREAM) as other,
    ):
        one.bind((HOST, 0))
        port = one.getsockname()[1]
        found = await findings(replace(SECTION, port=port))
        assert f"note UDP port {port} of {HOST} is in use" in texts(found)
        assert f"port {port} of {HOST} is another program's" in faults(found)[0]
        other.bind((HOST, port))
        other.listen()
        found = await findings(replace(SECTION, port=port))
    assert "a program has the port and gave this machine no answer" in texts(found)
    assert faults(found) == []


async def test_sip_and_sound_reach_us_at_the_address_that_telephones_are_told(
    tmp_path: Path,
) -> None:
    certificate = make_certificate(tmp_path)
    key = certificate.with_suffix(".key")
    section = replace(SECTION, tls_cert=certificate, tls_key=key, tls_port=0)
    found = await findings(section)
    assert faults(found) == []
    for transport in Transport:
        assert f"good SIP by {transport} reaches us at {HOST}:" in texts(found)
    assert f"good sound (RTP) goes to and fro at {HOST}" in texts(found)
    assert found[-1].text.en.startswith("telephones are told this machine's loopback")


async def test_a_podium_that_runs_is_asked_itself() -> None:
    async with serving() as served:
        found = await findings(replace(SECTION, port=served.room.port))
        assert f"note UDP port {served.room.port} of {HOST} is in use" in texts(found)
        for transport in ("UDP", "TCP"):
            at = f"{HOST}:{served.room.port}"
            assert f"good SIP by {transport} reaches us at {at}" in texts(found)


async def test_an_address_of_ours_on_which_nothing_listens_is_a_fault(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("podium.app.check.reach.PATIENCE", 0.2)
    sip, _, sound = faults(await findings(replace(SECTION, public_address="127.0.0.2")))
    assert sip.startswith("SIP (UDP) does not reach us at 127.0.0.2:")
    assert "let telephone.hosts contain that address" in sip
    assert sound.startswith("RTP does not reach us at 127.0.0.2, UDP 41000, 41049, 41079")


async def test_what_cannot_be_tried_from_here_is_said_and_no_fault(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("podium.app.check.reach.PATIENCE", 0.2)
    section = replace(SECTION, hosts=("0.0.0.0",), public_address="192.0.2.7")
    found = await findings(section)
    assert faults(found) == []
    for what in ("SIP (UDP)", "SIP (TCP)", "RTP"):
        assert f"note {what} at 192.0.2.7" in texts(found)
    assert "cannot be tried from here: whether firewalls let others in to 192.0.2.7" in texts(found)
    assert "Call 9000 from a telephone outside" in texts(found)


async def test_everything_is_said_in_both_languages(tmp_path: Path) -> None:
    async with company() as service:
        port = service.addresses.port(Transport.UDP)
        file = secret(tmp_path, "a right secret")
        trunk = TrunkSection("company", HOST, port, "udp", "podium", file, True)
        found = await findings(with_trunk(trunk))
    assert len(found) > 10
    for one in found:
        assert any("一" <= letter <= "龥" for letter in one.text.zh), one
        assert one.text.en.isascii()


async def test_wrong_files_are_told(tmp_path: Path) -> None:
    section = replace(SECTION, accounts=tmp_path / "none", prompts=tmp_path / "none")
    accounts, prompts = faults(await findings(section))
    assert accounts.startswith("telephone.accounts:")
    assert prompts.startswith("telephone.prompts:")


@pytest.mark.parametrize(("text", "code"), [("", 0), ('hosts = ["192.0.2.7"]', 1)])
def test_the_command_prints_findings_and_exits_with_1_for_faults(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, code: int
) -> None:
    file = tmp_path / "podium.toml"
    file.write_text(f"[telephone]\n{text}\n")
    assert main(["check", "--config", str(file)]) == code
    assert ("FAULT" in capsys.readouterr().out) is (code == 1)


@pytest.mark.parametrize(
    ("variables", "flags", "expected"),
    [
        ({"LANG": "zh_CN.UTF-8"}, (), "提示  没有电话接入"),
        ({"LC_ALL": "C", "LANG": "zh_CN.UTF-8"}, (), "note   there is no telephone"),
        ({"LANG": "en_GB.UTF-8"}, ("--language", "zh"), "提示  没有电话接入"),
        ({}, (), "note   there is no telephone"),
    ],
)
def test_it_speaks_the_language_of_the_system_or_the_one_that_is_asked_for(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    variables: dict[str, str],
    flags: tuple[str, ...],
    expected: str,
) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert main(["check", *flags]) == 0
    assert expected in capsys.readouterr().out


async def test_a_certificate_that_is_none_is_told_and_the_rest_still_tried(tmp_path: Path) -> None:
    for name in ("cert.pem", "key.pem"):
        (tmp_path / name).write_text("nonsense")
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    found = await findings(replace(SECTION, tls_cert=certificate, tls_key=key))
    assert "do not work together" in faults(found)[0]
    assert "good sound (RTP) goes to and fro" in texts(found)
