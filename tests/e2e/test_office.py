"""The conference office in Chromium: from an empty server to a station that a link opens."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Page, expect
from tests.support import browsers
from tests.support.pages import sign_in
from tests.support.stage import PATIENCE, free_port

from podium.demo.server import Server, prepare

pytestmark = [
    pytest.mark.browser,
    pytest.mark.usefixtures("built"),
    pytest.mark.skipif(browsers.CHROMIUM is None, reason="Chromium is not installed"),
]

GOOD = """单位代码,单位名称,会场代码,会场名称,会场类型
moc,商务部,main,北京主会场,主会场
zj,浙江省商务厅,zj,浙江省,分会场
"""
WRONG = GOOD + "zj,浙江省商务厅,zj,浙江省重复,分会场\n"


async def choose(page: Page, text: str) -> None:
    file = {"name": "venues.csv", "mimeType": "text/csv", "buffer": text.encode()}
    await page.get_by_test_id("import-file").set_input_files(file)  # type: ignore[arg-type]


async def test_from_an_empty_directory_to_an_open_station(tmp_path: Path) -> None:
    account = await prepare(tmp_path)
    server = await Server.start(free_port(), tmp_path)
    try:
        async with browsers.chromium(tmp_path, 4) as page:
            page.set_default_timeout(PATIENCE * 1000)
            expect.set_options(timeout=PATIENCE * 1000)
            await sign_in(page, f"{server.url}/office", account.name, account.password)

            await page.locator('a[href="/office/directory"]').click()
            await page.get_by_test_id("directory-import").click()
            await choose(page, WRONG)
            # Line 4 repeats line 3's venue, and nothing of the file is taken.
            await expect(page.get_by_test_id("import-errors")).to_be_visible()
            await expect(page.locator("td.number", has_text="4")).to_be_visible()
            await choose(page, GOOD)
            await expect(page.get_by_test_id("import-preview")).to_contain_text("2")
            await page.get_by_test_id("import-apply").click()
            await expect(page.get_by_test_id("import-done")).to_be_visible()
            await page.reload()
            await expect(page.get_by_test_id("directory-table")).to_contain_text("浙江省")

            await page.goto(f"{server.url}/office")
            await page.get_by_test_id("office-new").click()
            await page.get_by_test_id("new-title-zh").fill("促进消费工作会议")
            await page.get_by_test_id("new-create").click()
            await page.get_by_test_id("links-issue-missing").click()
            address = await page.get_by_test_id("link-zj").get_attribute("href")
            assert address is not None
            # What goes on paper is drawn when someone prints.
            await page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
            await expect(page.get_by_test_id("print-sheet")).to_contain_text(address)

            await page.goto(address)
            await expect(page.get_by_test_id("station-start")).to_be_visible()
            await expect(page.locator("h1")).to_contain_text("浙江省")
    finally:
        await server.stop()
