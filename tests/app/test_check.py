"""``podium check``: what is wrong is said, with what to do; nothing is changed anywhere."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from ipaddress import ip_network
from pathlib import Path

import pytest
from tests.support.sip_phones import HOST

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
    return [f.text for f in found if f.mark is Mark.FAULT]


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
        texts = "\n".join(f.text for f in found)
        assert "'company': it answers (200)" in texts
        assert "user and password are right; 0 registered" in texts
        assert "it does not say which codecs it has" in texts
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
    monkeypatch.setattr("podium.app.check._PATIENCE", 0.2)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind((HOST, 0))
        trunk = TrunkSection("company", HOST, silent.getsockname()[1])
        (fault,) = faults(await findings(with_trunk(trunk)))
    assert "open the firewall" in fault


async def test_an_address_that_is_not_here_and_ports_that_are_taken() -> None:
    (first, second, third) = faults(await findings(replace(SECTION, hosts=("192.0.2.7",))))
    assert first == second == "192.0.2.7 is no address of this machine: correct telephone.hosts"
    assert "no UDP port for sound is free" in third
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind((HOST, 0))
        port = taken.getsockname()[1]
        found = await findings(replace(SECTION, port=port))
    assert any(f.mark is Mark.NOTE and f"port {port} of {HOST} is in use" in f.text for f in found)


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
