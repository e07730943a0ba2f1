"""The server dies in session and comes back: same state, every venue there without a touch."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from tests.support import browsers
from tests.support.pages import enter_station
from tests.support.stage import PATIENCE, page_hears, page_shows, stage

from podium.demo.signalling import View

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("built")]

WITHIN_SECONDS = 10.0


def standing(view: View) -> dict[str, Any]:
    """What must survive: everything but the connections themselves."""
    kept = {
        key: view[key]
        for key in ("title", "phase", "agenda", "current_item", "program", "preview", "floor")
    }
    microphones = {id: v["microphone"] for id, v in view["venues"].items()}  # noqa: A001
    return kept | {"microphones": microphones}


@pytest.mark.skipif(browsers.CHROMIUM is None, reason="Chromium is not installed")
async def test_kill_and_restart_in_session(tmp_path: Path) -> None:
    number = 4
    async with stage(tmp_path) as made, browsers.chromium(tmp_path, number) as page:
        await made.in_session()
        await enter_station(page, made.station(number))
        await made.connected(number)
        await made.command("start_item", item="item-1")
        await made.command("grant_floor", venue=made.venue(2).id, slot="main")
        await made.fleet.ask_for_floor(3)
        third = made.venue(3).id
        before = await made.console.until(
            lambda view: any(entry["venue"] == third for entry in view["floor"]["queue"]), PATIENCE
        )
        await made.perceived({"main": 2}, {1, 2})
        await page_shows(page, 2)

        await made.server.crash()
        began = time.monotonic()
        await made.restart()
        up_after = time.monotonic() - began
        left = WITHIN_SECONDS + up_after - (time.monotonic() - began)
        joined = await made.fleet.until(lambda venue: not venue.watching, left)
        assert joined == []  # each noticed that its session was gone
        await made.perceived({"main": 2}, {1, 2}, left)
        await page_shows(page, 2, max(0.1, began + up_after + WITHIN_SECONDS - time.monotonic()))
        await made.connected(1, 2, 3, number)
        assert time.monotonic() - began - up_after < WITHIN_SECONDS
        after = await made.console.until(lambda _: True, 1)
        assert standing(after) == standing(before)
        await page_hears(page, {1, 2}, among=[1, 2, 3])
