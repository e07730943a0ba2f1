"""The record's page plays what was recorded: every codec, every track by one time, in real
browsers. The pictures' strips hold the time that each of them is of."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Final

import av
import pytest
from playwright.async_api import Page
from tests.record import recording_kit as kit
from tests.record.test_recording import MORNING, Taken
from tests.support import browsers
from tests.support.pages import sign_in
from tests.support.stage import PATIENCE, Stage, stage

from podium.record.recording.finishing import finish
from podium.record.recording.naming import began_of

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("built")]

CODECS: Final = ("vp8", "h264", "vp9", "av1")
SECONDS: Final = 5
ON_AIR: Final = (1.0, 4.0)
NEAR_MS: Final = 100

_APART: Final = """
async milliseconds => {
  const video = id => document.querySelector(`[data-testid="record-${id}"]`);
  const apart = [];
  const until = performance.now() + milliseconds;
  while (performance.now() < until) {
    await new Promise(requestAnimationFrame);
    const [main, content] = [video("video"), video("content")].map(v => podiumMarker.read(v));
    if (main?.venue !== 3 || content?.venue !== 700) continue;
    const off = (content.clock - main.clock + 4096) % 4096;
    apart.push(Math.min(off, 4096 - off));
  }
  return apart.sort((a, b) => a - b);
}
"""
_TOGETHER: Final = """
([at, near]) => {
  const read = id => podiumMarker.read(document.querySelector(`[data-testid="record-${id}"]`));
  const [main, content] = [read("video"), read("content")];
  const off = marker => Math.abs(marker.clock - (at * 1000) % 4096);
  return main?.venue === 3 && content?.venue === 700 && off(main) <= near && off(content) <= near;
}
"""


@asynccontextmanager
async def recorded(folder: Path) -> AsyncIterator[Stage]:
    """A conference of which there are some seconds in each codec, one after the other."""
    async with stage(folder, 0) as made:
        kept = folder / "recordings" / str(made.console.conference)
        kept.mkdir(parents=True)
        for number, codec in enumerate(CODECS):
            await asyncio.to_thread(record, kept, codec, number)
        yield made


def record(kept: Path, codec: str, number: int) -> None:
    pieces = kit.program(codec, SECONDS * kit.RATE, content=ON_AIR, step=40)
    at = MORNING + timedelta(seconds=number * SECONDS)
    for part in Taken(kept, pieces, timedelta(hours=1), at=at).finished:
        began = began_of(part.name)
        assert began is not None
        assert finish(part, began, []) is not None


async def seek(page: Page, at: float) -> None:
    await page.get_by_test_id("record-position").evaluate(
        "(e, at) => { e.value = at; e.dispatchEvent(new Event('input', { bubbles: true })); }", at
    )


async def screen(page: Page, name: str) -> None:
    place = page.locator(f'[data-testid="record-screen"][data-screen="{name}"]')
    await place.wait_for(timeout=PATIENCE * 1000)


async def together(page: Page, at: float) -> None:
    """Both pictures are of that second of their file, which stands still."""
    await page.wait_for_function(_TOGETHER, arg=[at, NEAR_MS], timeout=PATIENCE * 1000)


async def plays_together(page: Page) -> None:
    """Both pictures run, and stay together."""
    apart = await page.evaluate(_APART, 1200)
    assert len(apart) >= 10
    assert apart[len(apart) * 9 // 10] <= NEAR_MS, apart


async def watch(page: Page, made: Stage) -> None:
    account = made.credentials
    address = f"{made.server.url}/record/{made.console.conference}"
    await sign_in(page, address, account.name, account.password)
    await screen(page, "one")
    play = page.get_by_test_id("record-play")
    for number, codec in enumerate(CODECS):
        start = number * SECONDS
        await seek(page, start + 2.5)
        await screen(page, "seen-one")
        await together(page, 2.5)
        await seek(page, start + 1.2)
        await together(page, 1.2)
        await play.click()
        await plays_together(page)
        await play.click()
        await seek(page, start + 4.5)
        await screen(page, "one")
        assert await page.get_by_test_id("record-failed").count() == 0, codec
    await seek(page, SECONDS - 0.5)
    await play.click()
    await page.wait_for_function(
        "at => document.querySelector('[data-testid=\"record-position\"]').value > at",
        arg=SECONDS + 1.5,
        timeout=PATIENCE * 1000,
    )
    await screen(page, "seen-one")
    await page.get_by_test_id("record-layout-content").click()
    await screen(page, "content-one")
    await plays_together(page)


async def kept(page: Page, scratch: Path) -> None:
    """One file with everything comes to whoever asks for it."""
    async with page.expect_download(timeout=PATIENCE * 1000) as coming:
        await page.get_by_test_id("record-download").click()
    path = scratch / "kept.mkv"
    await (await coming.value).save_as(path)
    with av.open(str(path)) as source:
        assert source.duration is not None
        assert source.duration / 1e6 == pytest.approx(SECONDS * len(CODECS), abs=0.5)
        assert len(source.streams.video) == 2 * len(CODECS)
        assert len(source.streams.audio) == 1


@pytest.mark.skipif(browsers.CHROMIUM is None, reason="Chromium is not installed")
async def test_chromium_plays_every_track_in_time(tmp_path: Path) -> None:
    await plays(tmp_path, browsers.chromium(tmp_path, 60))


@pytest.mark.skipif(browsers.FIREFOX is None, reason="Firefox is not installed")
async def test_firefox_plays_every_track_in_time(tmp_path: Path) -> None:
    await plays(tmp_path, browsers.firefox())


async def plays(folder: Path, browser: AbstractAsyncContextManager[Page]) -> None:
    async with recorded(folder) as made, browser as page:
        await watch(page, made)
        await kept(page, folder)
