"""Every store test runs on SQLite and on a real PostgreSQL that the tests start themselves."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest

from podium.bench.postgres import PostgresServer, binaries, running_postgres
from podium.store.opening import Store, open_store

_NUMBERS = count(1)


@dataclass
class HandClock:
    """Moves when a test says so."""

    at: datetime = field(default_factory=lambda: datetime(2023, 3, 1, 1, 0, tzinfo=UTC))

    def now(self) -> datetime:
        return self.at

    def advance(self, by: timedelta) -> None:
        self.at += by


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    programs = binaries()
    if programs is None:
        pytest.skip("PostgreSQL is not installed (apt-get install postgresql)")
    with running_postgres(programs, fsync=False) as server:
        yield server


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
