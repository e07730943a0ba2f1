"""The situation's page in Chromium: of which day it is, and what is marked on it."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import expect
from tests.support import browsers
from tests.support.pages import sign_in
from tests.support.stage import PATIENCE, free_port

from podium.demo.server import Server, prepare

pytestmark = [
    pytest.mark.browser,
    pytest.mark.usefixtures("built"),
    pytest.mark.skipif(browsers.CHROMIUM is None, reason="Chromium is not installed"),
]

NEWEST = "2024-01-31"
GUANGDONG = "指标,时期,绝对量,增速\nretail.region.440000,2022,44882.9,1.6\n"


async def test_the_day_of_the_page_and_its_marks(tmp_path: Path) -> None:
    account = await prepare(tmp_path)
    server = await Server.start(free_port(), tmp_path)
    try:
        async with browsers.chromium(tmp_path, 4) as page:
            page.set_default_timeout(PATIENCE * 1000)
            expect.set_options(timeout=PATIENCE * 1000)
            await sign_in(page, f"{server.url}/situation", account.name, account.password)

            # Plainly it is of today, says how old its figures are, and leads to the last release.
            await expect(page.get_by_test_id("situation-age")).to_contain_text(NEWEST)
            await page.get_by_test_id("situation-newest").click()
            briefing = page.get_by_test_id("briefing")
            await expect(briefing).to_have_attribute("data-day", NEWEST)
            assert page.url.endswith(f"?day={NEWEST}")
            await expect(page.get_by_test_id("situation-newest")).to_have_count(0)

            # Of a conference's day it is as its link says.
            await page.goto(f"{server.url}/situation?day=2023-03-01")
            await expect(briefing).to_have_attribute("data-day", "2023-03-01")
            await expect(page.get_by_test_id("situation-age")).to_have_count(0)

            # What was not verified is marked, until the office imports what was released.
            doubt = page.get_by_test_id("not-verified")
            await expect(doubt).to_contain_text("36")
            await doubt.get_by_role("button").click()
            await expect(page.get_by_test_id("check-unverified")).to_have_count(36)
            await page.get_by_test_id("situation-import").click()
            file = {"name": "g.csv", "mimeType": "text/csv", "buffer": GUANGDONG.encode()}
            await page.get_by_test_id("figures-file").set_input_files(file)  # type: ignore[arg-type]
            await page.locator("#figures-day").fill("2023-02-28")
            await page.get_by_test_id("figures-source").select_option("provinces")
            await page.get_by_test_id("figures-look").click()
            await page.get_by_test_id("figures-apply").click()
            await expect(doubt).to_contain_text("35")
    finally:
        await server.stop()
