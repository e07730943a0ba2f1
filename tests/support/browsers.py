"""Real browsers with cameras and microphones that a test can recognise."""

from __future__ import annotations

import shutil
import stat
import wave
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import numpy as np
from playwright.async_api import Browser, Page, async_playwright

import podium.demo.marker
from podium.demo import tone
from podium.demo.picture import Picture

CHROMIUM: Final = shutil.which("chromium")
FIREFOX: Final = shutil.which("firefox-esr")
FIREFOX_VOICE: Final = 12
"""Firefox's fake microphone sounds at 1000 Hz, which is the pitch of this number."""
_LOOP_SECONDS: Final = 2
_RATE: Final = 12
_HOOKS: Final = Path(__file__).with_name("e2e.js")
_READER: Final = Path(podium.demo.marker.__file__).with_name("marker.js")

_CHROMIUM_ARGUMENTS: Final = (
    "--no-sandbox",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
    "--allow-loopback-in-peer-connection",
    "--autoplay-policy=no-user-gesture-required",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-renderer-backgrounding",
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--no-first-run",
)
_FIREFOX_PREFERENCES: Final[dict[str, str | float | bool]] = {
    "media.navigator.streams.fake": True,
    "media.navigator.permission.disabled": True,
    "media.peerconnection.ice.loopback": True,
    "media.peerconnection.ice.obfuscate_host_addresses": False,
    "media.autoplay.default": 0,
    "media.gmp-manager.updateEnabled": False,
}


def write_camera(path: Path, number: int, width: int = 1280, height: int = 720) -> Path:
    """A looping camera file for Chromium: the picture of a venue with its strip."""
    picture = Picture(number, "会场", f"Browser venue {number}", width, height)
    with path.open("wb") as file:
        file.write(f"YUV4MPEG2 W{width} H{height} F{_RATE}:1 Ip A1:1 C420jpeg\n".encode())
        for index in range(_LOOP_SECONDS * _RATE):
            frame = picture.frame(index * 1000 // _RATE)
            file.write(b"FRAME\n" + frame.to_ndarray().tobytes())
    return path


def write_voice(path: Path, number: int) -> Path:
    """A looping microphone file for Chromium: the voice of a venue."""
    samples = tone.speak(number, 0, _LOOP_SECONDS * tone.SAMPLE_RATE)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(tone.SAMPLE_RATE)
        file.writeframes(samples.astype(np.int16).tobytes())
    return path


@asynccontextmanager
async def chromium(
    scratch: Path, number: int, *, within: Sequence[str] = (), extra: Sequence[str] = ()
) -> AsyncIterator[Page]:
    """A page of Chromium whose camera and microphone are those of a venue's number."""
    assert CHROMIUM is not None
    camera = write_camera(scratch / f"camera-{number}.y4m", number)
    voice = write_voice(scratch / f"voice-{number}.wav", number)
    arguments = [
        *_CHROMIUM_ARGUMENTS,
        f"--use-file-for-fake-video-capture={camera}",
        f"--use-file-for-fake-audio-capture={voice}",
        *extra,
    ]
    program = _wrapped(scratch / f"chromium-{number}.sh", CHROMIUM, within)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=arguments)
        async with _page(browser) as page:
            yield page


@asynccontextmanager
async def firefox(number: int = FIREFOX_VOICE) -> AsyncIterator[Page]:
    """A page of Firefox whose camera's picture carries ``number``."""
    assert FIREFOX is not None
    async with async_playwright() as playwright:
        browser = await playwright.firefox.launch(
            executable_path=FIREFOX,
            channel="moz-firefox",
            firefox_user_prefs=_FIREFOX_PREFERENCES,
        )
        async with _page(browser, f"globalThis.podiumCamera = {number};") as page:
            yield page


@asynccontextmanager
async def _page(browser: Browser, first: str = "") -> AsyncIterator[Page]:
    try:
        context = await browser.new_context(viewport={"width": 1366, "height": 768}, locale="en-GB")
        hooks = f"{first}\n{_READER.read_text()}\n{_HOOKS.read_text()}"
        await context.add_init_script(hooks)
        yield await context.new_page()
    finally:
        await browser.close()


def _wrapped(path: Path, program: str, within: Sequence[str]) -> str:
    """A program that starts ``program`` in another place of this machine."""
    if not within:
        return program
    path.write_text(f'#!/bin/sh\nexec {" ".join(within)} {program} "$@"\n')
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)
