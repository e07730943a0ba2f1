"""What tests do on the pages, by the names that the pages give their parts (``web/README.md``)."""

from __future__ import annotations

from typing import Final

from playwright.async_api import Page

_JOIN_MS: Final = 20_000


async def enter_station(page: Page, address: str) -> None:
    """Opens a station's link, lets the device check pass, and goes in."""
    await page.goto(address)
    good = page.locator('[data-testid="check-camera"][data-state="good"]')
    await good.wait_for(timeout=_JOIN_MS)
    await page.get_by_test_id("station-start").click(timeout=_JOIN_MS)


async def ask_for_floor(page: Page) -> None:
    await page.get_by_test_id("station-ask").click()


async def sign_in(page: Page, address: str, name: str, password: str) -> None:
    """Opens a page that asks who one is first, and returns when it is there."""
    await page.goto(address)
    await page.get_by_test_id("sign-in-name").fill(name)
    await page.get_by_test_id("sign-in-password").fill(password)
    await page.get_by_test_id("sign-in").click()
    await page.wait_for_url(address)
