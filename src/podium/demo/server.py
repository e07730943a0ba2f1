"""The server of the demo: the real one, in a process of its own, with data of its own."""

from __future__ import annotations

import asyncio
import os
import secrets
import socket
import sys
from asyncio.subprocess import Process
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx

from podium.app.clock import SystemClock
from podium.app.house import open_storage
from podium.config import StoreSection
from podium.demo.work import lay_out
from podium.hall.access import AccountChange, AccountRole

ACCOUNT: Final = "demo"
_READY_SECONDS: Final = 30
_ELSEWHERE: Final = ("192.0.2.1", 9)
"""A documentation address (RFC 5737): asking for the route to it sends nothing."""


class ServerFailed(Exception):
    """It did not come up; ``args[0]`` says where to read why."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """The account that people sign in with, and a token for the demo itself."""

    name: str
    password: str
    token: str


async def prepare(data: Path) -> Credentials:
    """Makes the demo's account in ``data``, or gives it a new password; the server is not up."""
    password = secrets.token_urlsafe(9)
    store = await open_storage(StoreSection(data=data), SystemClock())
    try:
        known = {account.name: account for account in await store.accounts.all()}
        if ACCOUNT in known:
            account = await store.accounts.change(
                known[ACCOUNT].id, AccountChange(password=password)
            )
        else:
            account = await store.accounts.create(ACCOUNT, password, AccountRole.ADMINISTRATOR)
        issued = await store.tokens.issue(account.id, "podium demo")
        await lay_out(store, SystemClock().now())
    finally:
        await store.close()
    return Credentials(ACCOUNT, password, issued.secret)


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _media_flags(host: str) -> list[str]:
    """Firefox speaks to no peer on loopback, so a server there gets another address for media."""
    if host != "127.0.0.1":
        return []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(_ELSEWHERE)
        except OSError:
            return []  # a machine without a network: Chromium still works
        own = probe.getsockname()[0]
    everywhere = "0.0.0.0"  # noqa: S104 - answers only who knows a session's secrets
    return ["--media-host", everywhere, "--public-address", host, "--public-address", own]


@dataclass(slots=True)
class Server:
    """A running ``podium serve``."""

    url: str
    process: Process

    @classmethod
    async def start(
        cls,
        port: int,
        data: Path,
        *,
        host: str = "127.0.0.1",
        within: Sequence[str] = (),
        settings: Mapping[str, str] | None = None,
    ) -> Server:
        """Returns when it is healthy. ``within``: the beginning of the command line, to run it in
        another place of this machine. ``settings``: its environment beside ours. Raises
        ``ServerFailed``."""
        if not within and not is_free(port):
            raise ServerFailed(f"port {port} is taken; choose another with --port")
        log = data / "server.log"
        with log.open("ab") as out:
            process = await asyncio.create_subprocess_exec(
                *within,
                *(sys.executable, "-m", "podium", "serve"),
                *("--host", host, "--port", str(port), "--data", str(data)),
                *_media_flags(host),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                env={**os.environ, **(settings or {})},
                start_new_session=True,  # Ctrl-C is for us; we end it in order
            )
        server = cls(f"http://{host}:{port}", process)
        try:
            async with asyncio.timeout(_READY_SECONDS):
                await server._healthy()
        except (TimeoutError, ServerFailed):
            await server.stop()
            raise ServerFailed(f"the server did not come up; see {log}") from None
        return server

    async def _healthy(self) -> None:
        async with httpx.AsyncClient(base_url=self.url, trust_env=False) as http:
            while self.process.returncode is None:
                with suppress(httpx.HTTPError):
                    if (await http.get("/healthz")).status_code == 200:
                        return
                await asyncio.sleep(0.05)
        raise ServerFailed

    async def crash(self) -> None:
        """Kills it as a fault would, without a chance to say goodbye."""
        with suppress(ProcessLookupError):
            self.process.kill()
        await self.process.wait()

    async def stop(self) -> None:
        if self.process.returncode is None:
            with suppress(ProcessLookupError):
                self.process.terminate()
            with suppress(TimeoutError):
                async with asyncio.timeout(10):
                    await self.process.wait()
        if self.process.returncode is None:
            await self.crash()
