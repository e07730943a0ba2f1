"""A venue behind a bad line: five per cent loss, then 300 kbit/s."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from playwright.async_api import Page
from tests.support import browsers
from tests.support.netlink import Conditions, Link, why_not
from tests.support.netlink.reach import reachable
from tests.support.pages import enter_station
from tests.support.stage import Stage, page_hears, page_shows, stage

pytestmark = [
    pytest.mark.browser,
    pytest.mark.network,
    pytest.mark.usefixtures("built"),
    pytest.mark.skipif(browsers.CHROMIUM is None, reason="Chromium is not installed"),
    pytest.mark.skipif(why_not() is not None, reason=why_not() or ""),
]

SPEAKER = 4
FAR = 5
OBSERVED_SECONDS = 6
LEAST_RATE = 5
"""Pictures a second that a venue must still get; cameras here make 12."""


async def pictures_in(page: Page, seconds: float) -> int:
    before = await page.evaluate("podiumTest.framesDecoded()")
    await asyncio.sleep(seconds)  # a rate is measured over time
    after: int = await page.evaluate("podiumTest.framesDecoded()")
    return after - int(before)


async def watches_well(page: Page) -> None:
    """Within some seconds for adaptation the picture runs, and it is the right one."""
    for _ in range(4):
        if await pictures_in(page, OBSERVED_SECONDS) >= LEAST_RATE * OBSERVED_SECONDS:
            await page_shows(page, SPEAKER)
            return
    raise AssertionError("the picture does not run")


async def speaks(made: Stage, page: Page) -> None:
    """A browser with simulcast is on air beside the main venue's sound."""
    await enter_station(page, made.station(SPEAKER))
    await made.connected(SPEAKER)
    await made.command("put_on_air", slot="main", venue=made.venue(SPEAKER).id)
    await made.perceived({"main": SPEAKER}, {1})


async def test_loss_and_a_thin_line(tmp_path: Path) -> None:
    with Link.up(seed=4) as link, reachable(link, "a") as near:
        async with stage(tmp_path, 2, host=near, within=link.within("a")) as made:
            origin = [f"--unsafely-treat-insecure-origin-as-secure={made.server.url}"]
            async with (
                browsers.chromium(tmp_path, SPEAKER, extra=origin) as speaker,
                browsers.chromium(tmp_path, FAR, within=link.within("b"), extra=origin) as far,
            ):
                await made.in_session()
                await speaks(made, speaker)
                await enter_station(far, made.station(FAR))
                await made.connected(FAR)
                await page_shows(far, SPEAKER)

                link.set(both=Conditions(delay=0.02, loss=0.05))
                await watches_well(far)
                await page_hears(far, {1}, among=[1, 2, 3])

                link.set(
                    a2b=Conditions(delay=0.02, rate=300_000, queue=0.3), b2a=Conditions(delay=0.02)
                )
                await watches_well(far)
                await page_hears(far, {1}, among=[1, 2, 3])
                assert link.counts()["a2b"].lost > 0  # the line was in the way
