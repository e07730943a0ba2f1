"""``podium verify`` on a store that was tampered with."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

import pytest
from tests.support.conferences import CONFERENCE, opened

from podium.app.clock import SystemClock
from podium.cli import main
from podium.store.opening import open_store


@pytest.fixture
def data(tmp_path: Path) -> Path:
    async def fill() -> None:
        store = await open_store(f"sqlite:///{tmp_path / 'podium.db'}", SystemClock())
        await store.log.append(CONFERENCE, opened().entries)
        await store.close()

    asyncio.run(fill())
    return tmp_path


def test_an_intact_log_is_intact(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", "--data", str(data)]) == 0
    said = capsys.readouterr().out
    assert f"{CONFERENCE}: {len(opened().entries)} entries, intact" in said
    head = said.split()[-1]
    assert main(["verify", "--data", str(data), "--conference", CONFERENCE, "--hash", head]) == 0


def test_a_tampered_entry_is_named(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with sqlite3.connect(data / "podium.db") as connection:
        connection.execute("UPDATE conference_event SET body = body || ' ' WHERE seq = 3")
    connection.close()
    assert main(["verify", "--data", str(data)]) == 1
    assert "entry 条目 3: this entry or its hash was changed" in capsys.readouterr().out


@pytest.mark.parametrize(
    "flags",
    [["--conference", "no-such"], ["--hash", "0" * 64], ["--conference", "a", "--hash", "short"]],
)
def test_what_cannot_be_verified_is_said(
    data: Path, flags: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verify", "--data", str(data), *flags]) == 2
    assert "podium verify:" in capsys.readouterr().err
