"""The server that is measured: the real one, in a process of its own, with data of its own."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import httpx

from podium.hall.access import AccountRole
from podium.store.opening import open_store

_READY_SECONDS: Final = 30


class BenchFailed(Exception):
    """Nothing was measured; ``args[0]`` says why and where to look."""


@dataclass(frozen=True, slots=True)
class Server:
    """A running ``podium serve``. ``token`` acts for an administrator."""

    url: str
    pid: int
    token: str


class _Clock:
    def now(self) -> datetime:
        return datetime.now(UTC)


async def _issue_token(data: Path) -> str:
    store = await open_store(f"sqlite:///{data / 'podium.db'}", _Clock())
    try:
        password = os.urandom(16).hex()
        account = await store.accounts.create("bench", password, AccountRole.ADMINISTRATOR)
        return (await store.tokens.issue(account.id, "podium bench")).secret
    finally:
        await store.close()


def free_port() -> int:
    """A TCP port of the loopback address that nobody has at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def serving(data: Path, settings: Mapping[str, str]) -> Iterator[Server]:
    """Runs a server with its data in ``data`` and ``settings`` in its environment.

    Raises ``BenchFailed`` if it does not come up.
    """
    token = asyncio.run(_issue_token(data))
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    log = data / "server.log"
    with log.open("ab") as out:
        process = subprocess.Popen(  # noqa: S603 - our own program
            [
                *(sys.executable, "-m", "podium", "serve"),
                *("--host", "127.0.0.1", "--port", str(port), "--data", str(data)),
            ],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            env={**os.environ, **settings},
        )
    try:
        _wait_healthy(url, process, log)
        yield Server(url, process.pid, token)
    finally:
        process.terminate()
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_healthy(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + _READY_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            if httpx.get(f"{url}/healthz", timeout=2, trust_env=False).status_code == 200:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.05)
    tail = "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-15:])
    raise BenchFailed(f"the server did not come up; it says:\n{tail}")
