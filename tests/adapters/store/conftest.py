"""Every store test runs on SQLite and on a real PostgreSQL that the tests start themselves."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from urllib.parse import quote

import asyncpg  # type: ignore[import-untyped]
import pytest

from podium.store.opening import Store, open_store

_INSTALLED = Path("/usr/lib/postgresql")
_NUMBERS = count(1)


@dataclass
class HandClock:
    """Moves when a test says so."""

    at: datetime = field(default_factory=lambda: datetime(2023, 3, 1, 1, 0, tzinfo=UTC))

    def now(self) -> datetime:
        return self.at

    def advance(self, by: timedelta) -> None:
        self.at += by


@dataclass(frozen=True)
class PostgresServer:
    """Listens on a Unix socket in its own directory alone."""

    socket: Path

    def address(self, database: str) -> str:
        return f"postgresql://podium@/{database}?host={quote(str(self.socket))}"

    async def create(self, database: str) -> str:
        connection = await asyncpg.connect(
            host=str(self.socket), user="podium", database="postgres"
        )
        try:
            await connection.execute(f'CREATE DATABASE "{database}"')
        finally:
            await connection.close()
        return self.address(database)


def _binaries() -> Path | None:
    found = sorted(_INSTALLED.glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    return Path(on_path).resolve().parent if on_path else None


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    binaries = _binaries()
    if binaries is None:
        pytest.skip("PostgreSQL is not installed (apt-get install postgresql)")
    # PostgreSQL refuses to run as root; Debian's package brings the account.
    owner = "postgres" if os.geteuid() == 0 else None
    home = Path(tempfile.mkdtemp(prefix="podium-pg-"))
    data = home / "data"
    if owner is not None:
        shutil.chown(home, owner)

    def run(*command: str) -> None:
        subprocess.run(
            command, check=True, user=owner, cwd=home, stdout=subprocess.DEVNULL, timeout=60
        )

    initdb = [str(binaries / "initdb"), "-D", str(data), "-U", "podium", "-A", "trust"]
    run(*initdb, "-E", "UTF8", "--locale=C", "--no-sync")
    options = f"-c listen_addresses='' -c unix_socket_directories='{home}' -c fsync=off"
    control = [str(binaries / "pg_ctl"), "-D", str(data), "-w"]
    try:
        run(*control, "-l", str(home / "log"), "-o", options, "start")
        try:
            yield PostgresServer(home)
        finally:
            run(*control, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(home)


@pytest.fixture(params=["sqlite", "postgresql"])
async def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'podium.db'}"
    server: PostgresServer = request.getfixturevalue("postgres")
    return await server.create(f"test{next(_NUMBERS)}")


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
async def store(address: str, clock: HandClock) -> AsyncIterator[Store]:
    opened = await open_store(address, clock)
    yield opened
    await opened.close()
