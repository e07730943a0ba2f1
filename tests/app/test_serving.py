"""``podium serve`` and ``podium account`` as programs: what they print, and how they end."""

from __future__ import annotations

import asyncio
import fcntl
import socket
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.support.servers import serving, signed_in

from podium import __version__
from podium.app.addresses import listen, media_addresses
from podium.app.clock import SystemClock
from podium.app.errors import StartError
from podium.app.house import native_engine, open_storage
from podium.cli import main
from podium.config import MediaSection, StoreSection

Said = Callable[..., str]


@pytest.fixture
def refused(capsys: pytest.CaptureFixture[str]) -> Said:
    """What a server says that does not start."""

    def run(data: Path, *flags: str, port: int = 0) -> str:
        assert main(["serve", "--data", str(data), "--port", str(port), *flags]) == 2
        return capsys.readouterr().err

    return run


async def test_the_first_start_makes_an_administrator_and_says_so_once(tmp_path: Path) -> None:
    async with serving(tmp_path) as server:
        async with signed_in(server, server.password) as browser:
            session = (await browser.get("/api/session")).json()
            assert session["account"]["role"] == "administrator"
            assert (await browser.get("/healthz")).json() == {
                "status": "ok",
                "version": __version__,
            }
        password = server.password
        assert await server.stop() == 0
    async with serving(tmp_path) as again:
        assert not any("password" in line for line in again.out)
        async with signed_in(again, password):
            pass
        assert await again.stop() == 0


def test_accounts_are_kept_from_the_command_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def podium(*arguments: str) -> tuple[int, str, str]:
        code = main(["account", *arguments, "--data", str(tmp_path)])
        out, err = capsys.readouterr()
        return code, out.strip(), err

    code, first, _ = podium("create", "王", "--role", "operator")
    assert code == 0
    assert podium("list") == (0, "operator       王", "")
    assert podium("create", "王")[0] == 2
    code, _, err = podium("reset-password", "李")
    assert code == 2
    assert "podium account list" in err
    code, second, _ = podium("reset-password", "王")
    assert code == 0

    async def works(password: str) -> bool:
        store = await open_storage(StoreSection(tmp_path), SystemClock())
        try:
            return await store.accounts.verify("王", password) is not None
        finally:
            await store.close()

    assert [asyncio.run(works(password)) for password in (first, second)] == [False, True]


def test_a_liaison_officer_is_made_for_an_organisation_of_the_directory(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def create(*arguments: str) -> tuple[int, str]:
        code = main(["account", "create", *arguments, "--data", str(tmp_path)])
        return code, capsys.readouterr().err

    async def organisations() -> list[str | None]:
        store = await open_storage(StoreSection(tmp_path), SystemClock())
        try:
            table = (
                "单位代码,单位名称,会场代码,会场名称,会场类型\nzj,浙江省商务厅,zj,浙江省,分会场\n"
            )
            await store.directory.import_csv(table.encode(), apply=True)
            return [account.organisation for account in await store.accounts.all()]
        finally:
            await store.close()

    code, err = create("王", "--role", "liaison")
    assert (code, "--organisation" in err) == (2, True)
    code, err = create("王", "--role", "liaison", "--organisation", "zj")
    assert (code, "import the directory" in err) == (2, True)
    code, err = create("王", "--role", "chair", "--organisation", "zj")
    assert (code, "--role liaison" in err) == (2, True)
    assert asyncio.run(organisations()) == []
    assert create("王", "--role", "liaison", "--organisation", "zj") == (0, "")
    assert asyncio.run(organisations()) == ["zj"]


def test_a_port_in_use_is_named(tmp_path: Path, refused: Said) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        err = refused(tmp_path, port=port)
    assert f"port {port} is in use" in err
    assert "--port" in err


def test_a_media_port_in_use_is_named(tmp_path: Path, refused: Said) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 0))
        port = other.getsockname()[1]
        err = refused(tmp_path, "--media-port", str(port))
    assert str(port) in err
    assert "--media-port" in err


def test_two_servers_do_not_share_their_data(tmp_path: Path, refused: Said) -> None:
    with (tmp_path / "podium.lock").open("w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        assert "another Podium is serving" in refused(tmp_path)


def test_a_damaged_database_is_named(tmp_path: Path, refused: Said) -> None:
    (tmp_path / "podium.db").write_text("this is no database, but a text of some length" * 99)
    assert "the store cannot be opened" in refused(tmp_path)


def test_data_that_cannot_be_kept_is_named(tmp_path: Path, refused: Said) -> None:
    file = tmp_path / "file"
    file.touch()
    assert "--data" in refused(file / "data")


def test_a_certificate_that_is_none_is_named(tmp_path: Path, refused: Said) -> None:
    for name in ("cert.pem", "key.pem"):
        (tmp_path / name).write_text("nonsense")
    flags = (
        *("--tls-cert", str(tmp_path / "cert.pem")),
        *("--tls-key", str(tmp_path / "key.pem")),
    )
    assert "web.tls_cert" in refused(tmp_path / "data", *flags)


def test_a_wrong_setting_is_named(tmp_path: Path, refused: Said) -> None:
    assert "web.port" in refused(tmp_path, "--port", "99999")


def test_a_missing_engine_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "podium.media.native", None)
    with listen("127.0.0.1", 0) as web:
        addresses = media_addresses(MediaSection(), web)
    with pytest.raises(StartError, match="make setup"):
        native_engine(MediaSection(), addresses)


def test_media_listens_as_the_web_does_unless_told() -> None:
    with listen("127.0.0.1", 0) as web:
        port = web.getsockname()[1]
        assert media_addresses(MediaSection(), web).listen == (f"127.0.0.1:{port}",)
        section = MediaSection(host="::1", port=7, public_addresses=("192.0.2.1",))
        told = media_addresses(section, web)
        assert (told.listen, told.public) == (("[::1]:7",), ("192.0.2.1",))


def test_every_address_needs_one_that_is_announced(monkeypatch: pytest.MonkeyPatch) -> None:
    with listen("0.0.0.0", 0) as web:
        section = MediaSection(public_addresses=("192.0.2.1:443",))
        assert media_addresses(section, web).public == ("192.0.2.1:443",)
        monkeypatch.setattr(
            "podium.app.addresses._NOWHERE", {socket.AF_INET: ("255.255.255.255", 9)}
        )
        with pytest.raises(StartError, match="--public-address"):
            media_addresses(MediaSection(), web)


@pytest.mark.parametrize("host", ["host.invalid", "192.0.2.77"])
def test_a_host_that_is_not_here_is_named(host: str) -> None:
    with pytest.raises(StartError, match="--host"):
        listen(host, 0)


def test_the_version_is_that_of_the_package(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["version"]) == 0
    assert capsys.readouterr().out == f"podium {__version__}\n"
    project = Path(__file__).parents[2] / "pyproject.toml"
    assert f'version = "{__version__}"' in project.read_text(encoding="utf-8")
