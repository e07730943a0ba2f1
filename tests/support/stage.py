"""A running server with the model conference and some synthetic venues, for end-to-end tests."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from playwright.async_api import Page

from podium.demo import tone
from podium.demo.console import Console, Links
from podium.demo.fleet import Fleet
from podium.demo.invitation import invite
from podium.demo.messages import VenueSpec
from podium.demo.script import Expected
from podium.demo.server import Credentials, Server, prepare

PATIENCE: Final = 20.0
"""Seconds that a test waits for something that should take one or two."""


@dataclass(slots=True)
class Stage:
    """``venues`` are all that are invited, in protocol order; number n is ``venues[n - 1]``."""

    server: Server
    data: Path
    port: int
    credentials: Credentials
    console: Console
    venues: list[VenueSpec]
    links: Links
    fleet: Fleet

    def venue(self, number: int) -> VenueSpec:
        return self.venues[number - 1]

    def station(self, number: int) -> str:
        """The address that the venue's technician opens."""
        token = self.links.tokens[self.venue(number).id]
        return f"{self.server.url}/station/{token}"

    async def command(self, kind: str, **fields: Any) -> None:
        await self.console.command(kind, **fields)

    async def in_session(self) -> None:
        """Everybody synthetic is there and the main venue speaks."""
        await self.command("open_conference")
        assert await self.fleet.until(lambda venue: venue.watching, PATIENCE) == []
        await self.connected(*self.fleet.venues)
        await self.command("start_session")
        await self.perceived({"main": 1}, {1})

    async def connected(self, *numbers: int) -> None:
        """Returns when the console shows these venues as connected."""
        wanted = [self.venue(number).id for number in numbers]
        await self.console.until(
            lambda view: all(
                view["venues"][venue]["connection"] in {"connected", "degraded"} for venue in wanted
            ),
            PATIENCE,
        )

    async def perceived(
        self, shown: dict[str, int], heard: set[int], seconds: float = PATIENCE
    ) -> None:
        """Every synthetic venue sees these numbers in the slots and hears just those."""
        expected = Expected(shown, frozenset(heard))
        late = await self.fleet.until(expected.perceived_by, seconds)
        assert [(v.spec.number, v.shown, v.heard, v.troubles) for v in late] == []

    async def restart(self) -> None:
        """After ``server.crash()``: the same server again, on the same data."""
        self.server = await Server.start(self.port, self.data)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@asynccontextmanager
async def stage(
    data: Path,
    synthetic: int = 3,
    *,
    listens_for: Sequence[int] = (),
    host: str = "127.0.0.1",
    within: Sequence[str] = (),
) -> AsyncIterator[Stage]:
    """The first ``synthetic`` venues join by themselves once the conference is open.
    ``listens_for``: numbers of others that will speak."""
    port = free_port()
    credentials = await prepare(data)
    server = await Server.start(port, data, host=host, within=within)
    console = Console(server.url, credentials.token)
    made: Stage | None = None
    try:
        venues, links = await invite(console)
        await console.follow()
        fleet = await Fleet.start(server.url, venues[:synthetic], data, listens_for)
        made = Stage(server, data, port, credentials, console, venues, links, fleet)
        yield made
    finally:
        if made is not None:
            await made.fleet.kill()
        await console.close()
        await (made.server if made is not None else server).stop()


# --- what a page shows and sounds like


async def page_shows(page: Page, number: int, seconds: float = PATIENCE) -> None:
    """Returns when some picture of the page carries the strip of ``number``."""
    await page.wait_for_function(
        "number => podiumTest.shown().includes(number)", arg=number, timeout=seconds * 1000
    )


async def page_hears(page: Page, numbers: set[int], among: Sequence[int]) -> None:
    """The page's sound has just the pitches of ``numbers``, of those of ``among``."""
    pitches = [tone.pitch(number) for number in among]
    await page.wait_for_function("() => podiumTest.hasSound()", timeout=PATIENCE * 1000)
    heard: set[int] = set()
    for _ in range(6):
        levels = await page.evaluate("pitches => podiumTest.tones(pitches)", pitches)
        heard = {number for number, level in zip(among, levels or (), strict=False) if level > 0.01}
        if heard == numbers:
            return
    raise AssertionError(f"hears {heard}, not {numbers}")


async def assert_gcm(page: Page) -> None:
    """Every connected peer of the page is protected by AES-GCM."""
    ciphers = await page.evaluate("podiumTest.ciphers()")
    assert ciphers
    assert all("GCM" in cipher for cipher in ciphers), ciphers
