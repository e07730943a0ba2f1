"""A real ``podium serve`` in a process of its own, with the real engine."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import httpx

PATIENCE: Final = 90.0
"""Seconds; a start takes two, and much longer where compilers run beside the tests."""


@dataclass
class Served:
    """A server that prints where it is. ``out`` is what it has printed so far."""

    process: Process
    url: str
    out: list[str] = field(default_factory=list)

    @property
    def port(self) -> int:
        return int(self.url.rsplit(":", 1)[1])

    @property
    def password(self) -> str:
        """Of the first administrator; only on the very first start."""
        found = re.search(r"password\s+密码\s+(\S+)", "".join(self.out))
        assert found, self.out
        return found[1]

    async def crash(self) -> None:
        self.process.kill()
        await self.process.wait()

    async def stop(self) -> int:
        """SIGTERM; the exit code."""
        if self.process.returncode is None:
            self.process.terminate()
        async with asyncio.timeout(PATIENCE):
            return await self.process.wait()


async def start(data: Path, *flags: str, port: int = 0) -> Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "podium", "serve", "--host", "127.0.0.1"),
        *("--port", str(port), "--data", str(data), *flags),
        stdin=DEVNULL,
        stdout=PIPE,
        stderr=PIPE,
        env={k: v for k, v in os.environ.items() if not k.startswith("PODIUM_")},
    )


@contextlib.asynccontextmanager
async def serving(data: Path, *flags: str, port: int = 0) -> AsyncIterator[Served]:
    process = await start(data, *flags, port=port)
    assert process.stdout is not None
    out: list[str] = []
    try:
        async with asyncio.timeout(PATIENCE):
            while not (line := (await process.stdout.readline()).decode()).startswith("Podium "):
                if not line:
                    _, err = await process.communicate()
                    raise AssertionError(f"the server did not start: {err.decode()}")
                out.append(line)
        found = re.search(r"(https?://\S+)/office", line)
        assert found, line
        yield Served(process, found[1], out)
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


@contextlib.asynccontextmanager
async def signed_in(server: Served, password: str) -> AsyncIterator[httpx.AsyncClient]:
    """The first administrator's browser."""
    async with httpx.AsyncClient(base_url=server.url, trust_env=False) as client:
        answer = await client.post("/api/session", json={"name": "admin", "password": password})
        answer.raise_for_status()
        client.headers["X-CSRF-Token"] = answer.json()["csrf"]
        yield client
