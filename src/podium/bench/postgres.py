"""A PostgreSQL of our own on a Unix socket in its own directory, for as long as it is needed."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote

import asyncpg  # type: ignore[import-untyped]

_INSTALLED: Final = Path("/usr/lib/postgresql")


@dataclass(frozen=True, slots=True)
class PostgresServer:
    """Listens on a Unix socket in its own directory alone."""

    socket: Path

    def address(self, database: str) -> str:
        return f"postgresql://podium@/{database}?host={quote(str(self.socket))}"

    async def create(self, database: str) -> str:
        """The address of a new, empty database."""
        connection = await asyncpg.connect(
            host=str(self.socket), user="podium", database="postgres"
        )
        try:
            await connection.execute(f'CREATE DATABASE "{database}"')
        finally:
            await connection.close()
        return self.address(database)


def binaries() -> Path | None:
    """Where ``initdb`` is; the newest version that is installed."""
    found = sorted(_INSTALLED.glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    return Path(on_path).resolve().parent if on_path else None


@contextmanager
def running_postgres(programs: Path, *, fsync: bool) -> Iterator[PostgresServer]:
    """``fsync`` off is for tests, whose data may go."""
    # PostgreSQL refuses to run as root; Debian's package brings the account.
    owner = "postgres" if os.geteuid() == 0 else None
    home = Path(tempfile.mkdtemp(prefix="podium-pg-"))
    data = home / "data"
    if owner is not None:
        shutil.chown(home, owner)

    def run(*command: str) -> None:
        subprocess.run(  # noqa: S603 - PostgreSQL's own programs
            command, check=True, user=owner, cwd=home, stdout=subprocess.DEVNULL, timeout=60
        )

    initdb = [str(programs / "initdb"), "-D", str(data), "-U", "podium", "-A", "trust"]
    run(*initdb, "-E", "UTF8", "--locale=C", "--no-sync")
    options = (
        f"-c listen_addresses='' -c unix_socket_directories='{home}' "
        f"-c fsync={'on' if fsync else 'off'}"
    )
    control = [str(programs / "pg_ctl"), "-D", str(data), "-w"]
    try:
        run(*control, "-l", str(home / "log"), "-o", options, "start")
        try:
            yield PostgresServer(home)
        finally:
            run(*control, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(home)
