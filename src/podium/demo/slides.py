"""The briefing on air: the main venue's synthetic station sends the page that is shown."""

from __future__ import annotations

import asyncio
import io
import time
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any, Final

import av
import httpx
import numpy as np
from aiortc import MediaStreamTrack
from numpy.typing import NDArray
from PIL import Image, ImageOps

from podium.demo import marker, peers
from podium.demo.marker import Luma, Marker
from podium.demo.tracks import VIDEO_CLOCK, Faucet

_WIDTH: Final = 640
_HEIGHT: Final = 360
_RATE: Final = 3
"""Pictures a second: enough for a still, and for a key picture soon after it is asked for."""
_FIRST: Final = 1000
"""Above every venue's number."""
_RETRY_SECONDS: Final = 0.5
_LOADING_SECONDS: Final = 60
"""A page that nobody has asked for yet is drawn first."""


def number_of(page: int) -> int:
    """What the strip of a page says. ``page`` counts from 1."""
    return _FIRST + page


def picture_of(png: bytes, page: int) -> NDArray[np.uint8]:
    """The page on white above its strip, which covers nothing of it: planes of yuv420p stacked as
    (height * 3 / 2, width)."""
    strip = marker.strip_height(_WIDTH)
    with Image.open(io.BytesIO(png)) as slide:
        shown = ImageOps.pad(slide.convert("RGB"), (_WIDTH, _HEIGHT - strip), color="white")
    image = Image.new("RGB", (_WIDTH, _HEIGHT), "white")
    image.paste(shown, (0, 0))
    frame = av.VideoFrame.from_ndarray(np.asarray(image), format="rgb24").reformat(format="yuv420p")
    planes = np.array(frame.to_ndarray(), dtype=np.uint8)
    marker.draw(_lower_edge(planes[:_HEIGHT]), Marker(number_of(page), 0))
    return planes


def read(luma: Luma) -> Marker | None:
    """The strip of a page in the luma plane (height, width) of a picture of any size."""
    return marker.read(_lower_edge(luma))


def _lower_edge(luma: Luma) -> Luma:
    return luma[luma.shape[0] - marker.strip_height(luma.shape[1]) :]


class SlideTrack(MediaStreamTrack):
    """A still picture again and again, while wanted and once there is one."""

    kind = "video"

    def __init__(self) -> None:
        super().__init__()
        self.wanted = Faucet()
        self._there = Faucet()
        self._planes: NDArray[np.uint8] = np.empty((0, 0), dtype=np.uint8)
        self._began = time.monotonic()

    def show(self, planes: NDArray[np.uint8]) -> None:
        self._planes = planes
        self._there.set(True)

    async def recv(self) -> av.VideoFrame:
        await asyncio.sleep(1 / _RATE)
        await self._there.wait()
        await self.wanted.wait()
        frame = av.VideoFrame.from_ndarray(self._planes, format="yuv420p")
        frame.pts = int((time.monotonic() - self._began) * VIDEO_CLOCK)
        frame.time_base = Fraction(1, VIDEO_CLOCK)
        return frame


class SlideFeed:
    """Publishes the page that is shown as long as slides are shown. ``http`` carries the station's
    token; ``trouble`` hears of what failed and is tried again."""

    def __init__(self, http: httpx.AsyncClient, trouble: Callable[[str], None]) -> None:
        self._http = http
        self._trouble = trouble
        self._slides: Mapping[str, Any] | None = None
        self._wanted = False
        self._track: SlideTrack | None = None
        self._shown = asyncio.Event()
        self._turned = asyncio.Event()
        self._renew = asyncio.Event()

    def show(self, slides: Mapping[str, Any] | None) -> None:
        """``slides`` as in the view; None: no more."""
        if slides == self._slides:
            return
        self._slides = slides
        if slides is None:
            self._shown.clear()
            self._renew.set()
        else:
            self._shown.set()
            self._turned.set()

    def want(self, wanted: bool) -> None:
        """Whether the server asks for it."""
        self._wanted = wanted
        if self._track is not None:
            self._track.wanted.set(wanted)

    def renew(self) -> None:
        """The server was away: its media session is gone."""
        self._renew.set()

    async def run(self) -> None:
        """For ever."""
        while True:
            await self._shown.wait()
            self._renew.clear()
            try:
                await self._send()
            except (httpx.HTTPError, peers.SessionRefused, TimeoutError, ConnectionError) as error:
                self._trouble(f"slides: {type(error).__name__}: {error}")
                await asyncio.sleep(_RETRY_SECONDS)

    async def _send(self) -> None:
        """Until the slides are hidden, or the session is lost."""
        track = SlideTrack()
        session = await peers.publish(self._http, track, source="content")
        ends: list[asyncio.Future[Any]] = []
        try:
            await session.connected()
            self._track = track
            track.wanted.set(self._wanted)
            self._turned.set()
            work = (session.lost(), self._turn_pages(track), self._renew.wait())
            ends = [asyncio.ensure_future(one) for one in work]
            done, _ = await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            for end in done:
                end.result()
        finally:
            self._track = None
            for end in ends:
                end.cancel()
            await session.close()

    async def _turn_pages(self, track: SlideTrack) -> None:
        while True:
            await self._turned.wait()
            self._turned.clear()
            if self._slides is not None:
                page = self._slides["page"]
                answer = await self._http.get(f"/api/join/slides/{page}", timeout=_LOADING_SECONDS)
                answer.raise_for_status()
                track.show(await asyncio.to_thread(picture_of, answer.content, page))
