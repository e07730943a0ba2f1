"""baresip as a venue, by the lines of the README: it dials in, types its PIN on its keys, hears the
main venue, asks for the floor with a key, and is heard by the stations."""

from __future__ import annotations

import asyncio
import wave
from pathlib import Path

import numpy as np
import pytest
from tests.e2e.test_telephone import MAIN, joined, pins, telephones
from tests.support.phones import Baresip, baresip
from tests.support.stage import PATIENCE

from podium.demo.tone import SAMPLE_RATE, Listener, pitch

pytestmark = [pytest.mark.phones, pytest.mark.usefixtures("built")]

NUMBER = 3
KEY_SECONDS = 0.4
"""baresip lets go of a key by itself, after 250 ms; another one sooner would only lengthen it."""


async def press(phone: Baresip, keys: str) -> None:
    for key in keys:
        await phone.tell("sndcode", key)
        await asyncio.sleep(KEY_SECONDS)


def voices(recording: Path) -> list[frozenset[int]]:
    """Who was heard in each 200 ms."""
    with wave.open(str(recording)) as file:
        rate, channels = file.getframerate(), file.getnchannels()
        samples = np.frombuffer(file.readframes(file.getnframes()), np.int16)[::channels]
    sound = np.repeat(samples.astype(np.float64), SAMPLE_RATE // rate)
    return Listener([MAIN, NUMBER]).feed(sound)


@pytest.mark.parametrize("account", ["audio_codecs=PCMA", "audio_codecs=PCMU;mediaenc=srtp-mand"])
async def test_it_hears_and_is_heard(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, account: str
) -> None:
    async with telephones(tmp_path, monkeypatch, NUMBER) as (made, address):
        pin = (await pins(made))[made.venue(NUMBER).id]
        line = f"<sip:me@127.0.0.1>;regint=0;{account}"
        async with baresip(tmp_path / "phone", line, tone=pitch(NUMBER)) as phone:
            await phone.tell("dial", f"sip:9000@{address}")
            await phone.until("CALL_ESTABLISHED")
            await press(phone, pin + "#")
            await joined(made, NUMBER)
            third = made.venue(NUMBER).id
            await press(phone, "1")
            await made.console.until(
                lambda view: any(e["venue"] == third for e in view["floor"]["queue"]), PATIENCE
            )
            await made.command("grant_floor", venue=third)
            await made.perceived({"main": MAIN}, {MAIN, NUMBER})
            await made.command("release_floor", venue=third)
            await made.perceived({"main": MAIN}, {MAIN})
            await phone.tell("hangup")
            await made.console.until(
                lambda view: view["venues"][third]["call"]["stage"] == "ended", PATIENCE
            )
        heard = voices(phone.recording())
        assert heard.count(frozenset({MAIN})) >= 5  # a second, beside what the menu says
        assert not any(NUMBER in found for found in heard[-5:])  # never itself
