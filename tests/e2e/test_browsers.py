"""Chromium and Firefox as venues: they see, hear, ask, speak and are seen."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Page
from tests.support import browsers
from tests.support.pages import ask_for_floor, enter_station
from tests.support.stage import PATIENCE, Stage, assert_gcm, page_hears, page_shows, stage

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("built")]

CHROMIUM = 4


async def attends(stage: Stage, page: Page, number: int) -> None:
    """A browser's whole attendance, as venue ``number`` beside three synthetic ones."""
    among = [1, 2, 3, number]
    await enter_station(page, stage.station(number))
    await stage.connected(number)
    await page_shows(page, 1)
    await page_hears(page, {1}, among)

    await stage.command("put_on_air", slot="main", venue=stage.venue(2).id)
    await page_shows(page, 2)

    await ask_for_floor(page)
    asking = stage.venue(number).id
    await stage.console.until(
        lambda view: any(entry["venue"] == asking for entry in view["floor"]["queue"]), PATIENCE
    )
    await stage.command("grant_floor", venue=asking, slot="main")
    await stage.perceived({"main": number}, {1, number})
    await page_hears(page, {1}, among)  # itself it does not hear

    await stage.command("release_floor", venue=asking)
    await stage.command("cut_to_main")
    await stage.perceived({"main": 1}, {1})
    await page_shows(page, 1)


@pytest.mark.skipif(browsers.CHROMIUM is None, reason="Chromium is not installed")
async def test_chromium(tmp_path: Path) -> None:
    async with (
        stage(tmp_path, listens_for=[CHROMIUM]) as made,
        browsers.chromium(tmp_path, CHROMIUM) as page,
    ):
        await made.in_session()
        await attends(made, page, CHROMIUM)
        await assert_gcm(page)


@pytest.mark.skipif(browsers.FIREFOX is None, reason="Firefox ESR is not installed")
async def test_firefox(tmp_path: Path) -> None:
    number = browsers.FIREFOX_VOICE
    async with (
        stage(tmp_path, listens_for=[number]) as made,
        browsers.firefox(number) as page,
    ):
        await made.in_session()
        await attends(made, page, number)


@pytest.mark.skipif(browsers.CHROMIUM is None, reason="Chromium is not installed")
async def test_the_wall_shows_who_is_there(tmp_path: Path) -> None:
    async with stage(tmp_path, 4) as made, browsers.chromium(tmp_path, CHROMIUM) as wall:
        await made.in_session()
        await wall.goto(made.links.wall)
        for number in (2, 3, 4):
            await page_shows(wall, number)
        # A larger screen has room for more pictures than the session has slots.
        await wall.set_viewport_size({"width": 1920, "height": 1080})
        await wall.get_by_test_id(f"tile-{made.venue(25).id}").wait_for(timeout=PATIENCE * 1000)
        for number in (2, 3, 4):
            await page_shows(wall, number)


@pytest.mark.skipif(browsers.CHROMIUM is None, reason="Chromium is not installed")
async def test_a_second_station_on_the_same_link_takes_over(tmp_path: Path) -> None:
    async with (
        stage(tmp_path) as made,
        browsers.chromium(tmp_path, CHROMIUM) as older,
    ):
        await made.in_session()
        await enter_station(older, made.station(CHROMIUM))
        await page_shows(older, 1)
        newer = await older.context.new_page()
        await enter_station(newer, made.station(CHROMIUM))
        await page_shows(newer, 1)
        await older.get_by_test_id("station-superseded").wait_for(timeout=PATIENCE * 1000)
        await made.connected(CHROMIUM)
