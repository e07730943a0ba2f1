"""Documents in Chromium: the office attaches one before the conference, the console lets the venues
have it, and a station downloads it by its link alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import FilePayload, expect
from tests.support import browsers
from tests.support.pages import enter_station, sign_in
from tests.support.stage import PATIENCE, free_port

from podium.demo.console import Console
from podium.demo.invitation import invite
from podium.demo.server import Server, prepare

pytestmark = [
    pytest.mark.browser,
    pytest.mark.usefixtures("built"),
    pytest.mark.skipif(browsers.CHROMIUM is None, reason="Chromium is not installed"),
]
PAPER = FilePayload(
    name="会议材料.pdf", mimeType="application/pdf", buffer=b"%PDF-1.7\n%papers\n%%EOF\n"
)
NO_PAPER = FilePayload(name="programme.pdf", mimeType="application/pdf", buffer=b"MZ\x90\x00")


async def test_from_the_office_to_the_console_to_a_station(tmp_path: Path) -> None:
    account = await prepare(tmp_path)
    server = await Server.start(free_port(), tmp_path)
    console = Console(server.url, account.token)
    expect.set_options(timeout=PATIENCE * 1000)
    try:
        venues, links = await invite(console)
        await console.follow()
        branch = venues[1]
        await console.command("open_conference")
        async with browsers.chromium(tmp_path, branch.number) as page:
            page.set_default_timeout(PATIENCE * 1000)
            station = await page.context.new_page()
            await enter_station(station, f"{server.url}/station/{links.tokens[branch.id]}")
            await expect(station.get_by_test_id("station-state")).to_have_attribute(
                "data-link", "online"
            )
            await expect(station.get_by_test_id("station-documents")).to_have_count(0)

            await page.bring_to_front()
            office = f"{server.url}/office/conference/{console.conference}"
            await sign_in(page, office, account.name, account.password)
            await page.get_by_test_id("document-files").set_input_files([NO_PAPER])
            await page.get_by_test_id("document-attach").click()
            refused = page.get_by_test_id("document-refused")
            await expect(refused).to_contain_text("programme.pdf")
            await expect(refused).to_contain_text("PPTX")
            await page.get_by_test_id("document-files").set_input_files([PAPER])
            await page.get_by_test_id("document-item").select_option("item-2")
            await page.get_by_test_id("document-attach").click()
            (attached,) = (await console.until(lambda view: view["documents"], PATIENCE))[
                "documents"
            ]
            one = f"document-{attached['id']}"
            await expect(page.get_by_test_id(one)).to_contain_text("会议材料.pdf")
            await expect(page.get_by_test_id(one)).to_have_attribute("data-shared", "false")

            await page.goto(f"{server.url}/console/{console.conference}")
            await page.get_by_test_id("console-documents").click()
            await page.get_by_test_id(f"document-share-{attached['id']}").check()
            await expect(page.get_by_test_id(one)).to_have_attribute("data-shared", "true")

            await station.bring_to_front()
            await station.get_by_test_id("station-documents").click()
            async with station.expect_download() as downloading:
                await station.get_by_test_id(f"document-save-{attached['id']}").click()
            download = await downloading.value
            assert download.suggested_filename == "会议材料.pdf"
            assert (await download.path()).read_bytes() == PAPER["buffer"]

            await page.bring_to_front()
            await page.get_by_test_id(f"document-remove-{attached['id']}").click()
            await page.get_by_test_id("dialog-confirm").last.click()
            await expect(page.get_by_test_id(one)).to_have_count(0)
            await station.bring_to_front()
            await expect(station.get_by_test_id(one)).to_have_count(0)
    finally:
        await console.close()
        await server.stop()
