"""What a synthetic venue sends: aiortc tracks that fall silent when nobody wants them."""

from __future__ import annotations

import asyncio
import time
from fractions import Fraction
from typing import Final

import av
from aiortc import MediaStreamTrack

from podium.demo import tone
from podium.demo.picture import RATE, Picture

VIDEO_CLOCK: Final = 90_000
"""Hz, of video in RTP."""
_SOUND_STEP: Final = tone.SAMPLE_RATE // 50
"""20 ms."""


def now_ms() -> int:
    """Wall clock in milliseconds."""
    return time.time_ns() // 1_000_000


class Faucet:
    """Open or shut; a track waits at it before every frame."""

    def __init__(self) -> None:
        self._open = asyncio.Event()

    def set(self, wanted: bool) -> None:
        if wanted:
            self._open.set()
        else:
            self._open.clear()

    async def wait(self) -> bool:
        """True if it had to wait."""
        waited = not self._open.is_set()
        await self._open.wait()
        return waited


class PictureTrack(MediaStreamTrack):
    """``RATE`` pictures a second while wanted. Timestamps follow the clock through pauses."""

    kind = "video"

    def __init__(self, picture: Picture) -> None:
        super().__init__()
        self.wanted = Faucet()
        self._picture = picture
        self._next = self._began = time.monotonic()

    async def recv(self) -> av.VideoFrame:
        await self.wanted.wait()
        now = time.monotonic()
        self._next = max(self._next + 1 / RATE, now - 1 / RATE)
        await asyncio.sleep(max(0.0, self._next - now))
        frame = self._picture.frame(now_ms())
        frame.pts = int((time.monotonic() - self._began) * VIDEO_CLOCK)
        frame.time_base = Fraction(1, VIDEO_CLOCK)
        return frame


class VoiceTrack(MediaStreamTrack):
    """The venue's voice in steps of 20 ms while wanted."""

    kind = "audio"

    def __init__(self, number: int) -> None:
        super().__init__()
        self.wanted = Faucet()
        self._number = number
        self._began = time.monotonic()
        self._position = 0

    async def recv(self) -> av.AudioFrame:
        elapsed = (time.monotonic() - self._began) * tone.SAMPLE_RATE
        if await self.wanted.wait() or elapsed - self._position > tone.SAMPLE_RATE / 2:
            elapsed = (time.monotonic() - self._began) * tone.SAMPLE_RATE
            self._position = int(elapsed) // _SOUND_STEP * _SOUND_STEP
        due = self._began + self._position / tone.SAMPLE_RATE
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        samples = tone.speak(self._number, self._position, _SOUND_STEP).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(samples, format="s16", layout="mono")
        frame.sample_rate = tone.SAMPLE_RATE
        frame.pts = self._position
        frame.time_base = Fraction(1, tone.SAMPLE_RATE)
        self._position += _SOUND_STEP
        return frame
