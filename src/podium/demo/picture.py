"""The picture of a synthetic venue: its name, something that moves, and the marker strip."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import av
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from podium.demo import marker
from podium.demo.marker import Luma, Marker

WIDTH: Final = 320
HEIGHT: Final = 180
"""Small on purpose: a dozen venues must fit on two cores beside the server."""
RATE: Final = 12
"""Pictures a second."""
_FONTS: Final = (
    Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"),
    Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Bold.ttc"),
    Path("/usr/share/fonts/truetype/wqy/wqy-microhei.ttc"),
    Path("/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc"),
)


@dataclass(slots=True)
class Picture:
    """Pictures of one venue. ``number`` goes into the strip; the size is in pixels, even."""

    number: int
    zh: str
    en: str
    width: int = WIDTH
    height: int = HEIGHT
    _still: NDArray[np.uint8] = field(init=False)

    def __post_init__(self) -> None:
        self._still = _still(self)

    def frame(self, clock_ms: int) -> av.VideoFrame:
        """The picture at a time of the wall clock, in milliseconds; yuv420p, without a ``pts``."""
        planes = self._still.copy()
        luma = planes[: self.height]
        _move(luma, clock_ms)
        marker.draw(luma, Marker(self.number, clock_ms % marker.CLOCK_PERIOD_MS))
        return av.VideoFrame.from_ndarray(planes, format="yuv420p")


def luma_of(frame: av.VideoFrame) -> Luma:
    """The luma plane (height, width) of a planar YUV picture, without a conversion or copy."""
    plane = frame.planes[0]
    rows = np.frombuffer(memoryview(plane), dtype=np.uint8).reshape(-1, plane.line_size)
    luma: Luma = rows[: frame.height, : frame.width]
    return luma


def _still(picture: Picture) -> NDArray[np.uint8]:
    """What does not move: planes of yuv420p stacked as (height * 3 / 2, width)."""
    width, height = picture.width, picture.height
    image = Image.new("L", (width, height), 70)
    draw = ImageDraw.Draw(image)
    lines = _lines(picture)
    top = height * 0.32
    for line, font in lines:
        draw.text((width / 2, top), line, fill=235, font=font, anchor="ma")
        top += height * 0.28
    planes = np.empty((height * 3 // 2, width), dtype=np.uint8)
    planes[:height] = np.asarray(image)
    # A hue for each number, a golden angle apart, so that neighbours differ.
    angle = picture.number * 2.39996
    chroma = planes[height:].reshape(2, -1)
    chroma[0] = int(128 + 28 * np.cos(angle))
    chroma[1] = int(128 + 28 * np.sin(angle))
    return planes


def _lines(picture: Picture) -> list[tuple[str, ImageFont.FreeTypeFont | ImageFont.ImageFont]]:
    """The name in both languages, or in English alone where the machine cannot write Chinese."""
    font = next((str(path) for path in _FONTS if path.exists()), None)
    if font is None:
        return [(picture.en, ImageFont.load_default(picture.width // 18))]
    return [
        (picture.zh, ImageFont.truetype(font, picture.width // 9)),
        (picture.en, ImageFont.truetype(font, picture.width // 18)),
    ]


def _move(luma: Luma, clock_ms: int) -> None:
    """A light bar crosses the lower edge in four seconds: a frozen picture is seen at once."""
    height, width = luma.shape
    bar = width // 10
    left = (clock_ms % 4_000) * (width - bar) // 4_000
    luma[height - height // 10 : height - height // 30, left : left + bar] = 200
