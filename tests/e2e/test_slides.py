"""The briefing on air: one browser is the main venue and sends it, another one sees it."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Final

import httpx
import pytest
from PIL import Image
from playwright.async_api import Page
from tests.support import browsers
from tests.support.pages import enter_station
from tests.support.stage import PATIENCE, Stage, stage

pytestmark = [
    pytest.mark.browser,
    pytest.mark.usefixtures("built"),
    pytest.mark.skipif(browsers.CHROMIUM is None, reason="Chromium is not installed"),
]

MAIN, BRANCH = 1, 2
DAY: Final = "2023-03-01"
PAGES: Final = ["map", "contribution_type"]
COLUMNS, ROWS = 16, 9
NEAR: Final = 6.0
"""Mean difference of the blocks' colours, of 255: coding blurs, another page is further off."""

_DIFFERENCE = """
({ expected, columns, rows }) => {
  const video = document.querySelector('video[data-slot="content"]');
  if (video === null || video.videoWidth === 0) return null;
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [columns * 16, rows * 16];
  const context = canvas.getContext("2d");
  context.drawImage(video, 0, 0, canvas.width, canvas.height);
  const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
  const sums = expected.map(() => 0);
  for (let at = 0; at < data.length; at += 4) {
    const x = (at / 4) % canvas.width;
    const y = Math.floor(at / 4 / canvas.width);
    const block = (Math.floor(y / 16) * columns + Math.floor(x / 16)) * 3;
    for (let c = 0; c < 3; c += 1) sums[block + c] += data[at + c] / 256;
  }
  return sums.reduce((all, sum, i) => all + Math.abs(sum - expected[i]), 0) / sums.length;
}
"""
_NEAR = f"given => {{ const d = ({_DIFFERENCE})(given); return d !== null && d < given.near; }}"


def blocks(png: bytes) -> list[float]:
    """Average colours of a picture's blocks, row by row."""
    small = Image.open(io.BytesIO(png)).convert("RGB").resize((COLUMNS, ROWS), Image.Resampling.BOX)
    return [float(value) for value in small.tobytes()]


async def slide(made: Stage, page: str) -> list[float]:
    address = f"{made.server.url}/api/situation/pages/{page}.png"
    headers = {"Authorization": f"Bearer {made.credentials.token}"}
    async with httpx.AsyncClient(timeout=60) as client:
        answer = await client.get(address, params={"day": DAY}, headers=headers)
    assert answer.status_code == 200, answer.text
    return blocks(answer.content)


async def sees(page: Page, expected: list[float], near: float = NEAR) -> None:
    """Returns when the page's content picture is alive and looks like that slide."""
    given = {"expected": expected, "columns": COLUMNS, "rows": ROWS, "near": near}
    live = page.locator('[data-slot="content"][data-live="true"]')
    await live.wait_for(timeout=PATIENCE * 1000)
    await page.wait_for_function(_NEAR, arg=given, timeout=PATIENCE * 1000)


async def test_every_venue_sees_the_briefing_and_its_pages_turn(tmp_path: Path) -> None:
    async with stage(tmp_path, 0) as made, browsers.chromium(tmp_path, 60) as main:
        first, second = await slide(made, PAGES[0]), await slide(made, PAGES[1])
        apart = sum(abs(a - b) for a, b in zip(first, second, strict=True)) / len(first)
        assert apart > 2 * NEAR
        await made.command("open_conference")
        branch = await main.context.new_page()
        await enter_station(main, made.station(MAIN))
        await enter_station(branch, made.station(BRANCH))
        await made.connected(MAIN, BRANCH)
        await made.command("start_session")

        await made.command("show_slides", day=DAY, pages=PAGES, language="zh")
        await sees(branch, first)
        await main.get_by_test_id("station-slides").wait_for(timeout=PATIENCE * 1000)
        await made.command("turn_slide", page=2)
        await sees(branch, second)

        await made.server.crash()
        await made.restart()
        await made.connected(MAIN, BRANCH)
        await made.command("turn_slide", page=1)
        await sees(branch, first)

        await made.command("hide_slides")
        await branch.wait_for_function(
            "() => document.querySelector('[data-slot=\"content\"]')?.offsetParent === null",
            timeout=PATIENCE * 1000,
        )
