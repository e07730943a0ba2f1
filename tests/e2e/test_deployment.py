"""A deployment in Chromium: the console issues at its item, a venue's station sees it at once and
signs, and the console sees that it did."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import expect
from tests.support import browsers
from tests.support.pages import enter_station, sign_in
from tests.support.stage import PATIENCE, free_port

from podium.demo.console import Console
from podium.demo.invitation import invite
from podium.demo.server import Server, prepare
from podium.demo.work import HELD

pytestmark = [
    pytest.mark.browser,
    pytest.mark.usefixtures("built"),
    pytest.mark.skipif(browsers.CHROMIUM is None, reason="Chromium is not installed"),
]
ITEM = "item-3"
VENUE = 1
"""The first branch venue."""


async def test_issued_at_the_console_and_signed_for_at_the_station(tmp_path: Path) -> None:
    account = await prepare(tmp_path)
    server = await Server.start(free_port(), tmp_path)
    console = Console(server.url, account.token)
    expect.set_options(timeout=PATIENCE * 1000)
    try:
        venues, links = await invite(console)
        await console.follow()
        branch = venues[VENUE]
        for command in ("open_conference", "start_session"):
            await console.command(command)
        await console.command("start_item", item=ITEM)
        async with browsers.chromium(tmp_path, branch.number) as page:
            page.set_default_timeout(PATIENCE * 1000)
            station = await page.context.new_page()
            await enter_station(station, f"{server.url}/station/{links.tokens[branch.id]}")
            work = station.get_by_test_id("station-work")
            await expect(station.get_by_test_id("station-state")).to_have_attribute(
                "data-link", "online"
            )
            await expect(work).to_have_count(0)

            address = f"{server.url}/console/{console.conference}"
            await page.bring_to_front()
            await sign_in(page, address, account.name, account.password)
            await page.get_by_test_id(f"deploy-open-{ITEM}").click()
            for measure in HELD:
                await page.get_by_test_id(f"deploy-{measure}").check()
            await page.get_by_test_id("deploy-due").fill("2099-12-31")
            await page.get_by_test_id("dialog-confirm").click()
            # The main venue's organisation is the owner, which is issued nothing.
            await expect(page.get_by_test_id("deploy-count")).to_contain_text(str(len(HELD)))
            await page.get_by_test_id("dialog-confirm").click()
            issued = page.get_by_test_id(f"deployed-item-{ITEM}")
            await expect(issued).to_have_attribute("data-complete", "0")

            await station.bring_to_front()
            await expect(work).to_have_attribute("data-unsigned", str(len(HELD)))
            await work.click()
            await station.get_by_test_id(f"work-sign-{HELD[0]}").click()
            row = station.get_by_test_id(f"work-{HELD[0]}")
            await expect(row).to_have_attribute("data-stage", "signed")
            await expect(work).to_have_attribute("data-unsigned", "1")
            await station.get_by_test_id(f"work-sign-{HELD[1]}").click()
            await expect(work).to_have_attribute("data-unsigned", "0")

            await page.bring_to_front()
            await expect(issued).to_have_attribute("data-complete", "1")
            await issued.click()
            view = await console.until(lambda _: True, PATIENCE)
            body = view["venues"][branch.id]["organisation"]
            there = page.get_by_test_id(f"deployed-{body}")
            await expect(there).to_have_attribute("data-signed", str(len(HELD)))
            await expect(there).to_contain_text(branch.en)
    finally:
        await console.close()
        await server.stop()
