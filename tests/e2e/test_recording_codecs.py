"""What a real browser sends in each codec is recorded, and is its picture."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import av
import numpy as np
import pytest
from playwright.async_api import Page
from tests.record.test_recording import until_written
from tests.support import browsers
from tests.support.pages import enter_station
from tests.support.stage import Stage, stage

from podium.demo import marker
from podium.record.recording.naming import PART

pytestmark = [
    pytest.mark.browser,
    pytest.mark.usefixtures("built"),
    pytest.mark.skipif(browsers.CHROMIUM is None, reason="Chromium is not installed"),
]

MAIN: Final = 1
CAMERA: Final = 60
CODECS: Final = {"H264": "h264", "AV1": "av1", "VP9": "vp9"}
_ONLY: Final = """
(() => {
  const set = RTCRtpTransceiver.prototype.setCodecPreferences;
  RTCRtpTransceiver.prototype.setCodecPreferences = function (codecs) {
    const wanted = new RegExp(`/(${podiumCodec}|rtx)$`, "i");
    set.call(this, codecs.filter(codec => wanted.test(codec.mimeType)));
  };
})();
"""


async def sends(first: Page, made: Stage, codec: str) -> Page:
    """A page that is the main venue's station, and that knows this codec alone."""
    page = await first.context.new_page()
    await page.add_init_script(f"globalThis.podiumCodec = '{codec}';\n{_ONLY}")
    await enter_station(page, made.station(MAIN))
    await made.connected(MAIN)
    return page


def recorded(folder: Path, known: Sequence[Path]) -> Path:
    """A new file with seconds of the main picture in it."""
    waiting = threading.Event()
    for _ in range(600):
        found = [path for path in folder.glob(f"*.main.*{PART}") if path not in known]
        if found:
            until_written(found[0], 3.0)
            return found[0]
        waiting.wait(0.1)
    raise AssertionError("nothing new is recorded")


def until_there(paths: Sequence[Path]) -> None:
    waiting = threading.Event()
    for _ in range(200):
        if all(path.exists() for path in paths):
            return
        waiting.wait(0.1)
    raise AssertionError("the recordings are not finished")


async def test_every_codec_of_a_browser_is_recorded(tmp_path: Path) -> None:
    async with stage(tmp_path, 0) as made, browsers.chromium(tmp_path, CAMERA) as page:
        kept = tmp_path / "recordings" / str(made.console.conference)
        await made.command("open_conference")
        known: list[Path] = []
        for codec in CODECS:
            sending = await sends(page, made, codec)
            if not known:
                await made.command("start_session")
            known.append(await asyncio.to_thread(recorded, kept, known))
            await sending.close()
        await made.command("close_conference")
        finished = [part.with_suffix("") for part in known]
        await asyncio.to_thread(until_there, finished)
    for path, name in zip(finished, CODECS.values(), strict=True):
        looked_at(path, name)


def looked_at(path: Path, name: str) -> None:
    """The file is of that codec, and of the venue's camera."""
    with av.open(str(path)) as source:
        assert source.streams.video[0].codec_context.codec.canonical_name == name
        strips = [
            marker.read(f.to_ndarray(format="gray").astype(np.uint8))
            for f in source.decode(video=0)
        ]
    seen = [strip.venue for strip in strips if strip is not None]
    assert len(seen) >= 10
    assert set(seen) == {CAMERA}
