"""A page of the briefing as a picture: the page is whole, and its number can be read."""

from __future__ import annotations

import io

import av
import numpy as np
from PIL import Image

from podium.demo import marker
from podium.demo.picture import luma_of
from podium.demo.slides import number_of, picture_of, read


def _png() -> bytes:
    page = Image.new("RGB", (1920, 1080), "red")
    page.paste("white", (10, 10, 1910, 1070))
    kept = io.BytesIO()
    page.save(kept, "png")
    return kept.getvalue()


def test_each_page_says_its_number_and_no_venue() -> None:
    for page in (1, 2, 60):
        frame = av.VideoFrame.from_ndarray(picture_of(_png(), page), format="yuv420p")
        found = read(luma_of(frame))
        assert found is not None
        assert found.venue == number_of(page)
        assert marker.read(luma_of(frame)) is None


def test_the_number_survives_another_size() -> None:
    frame = av.VideoFrame.from_ndarray(picture_of(_png(), 2), format="yuv420p")
    small = frame.reformat(width=frame.width // 2, height=frame.height // 2)
    found = read(luma_of(small))
    assert found is not None
    assert found.venue == number_of(2)


def test_the_strip_covers_nothing_of_the_page() -> None:
    planes = picture_of(_png(), 1)
    height, width = planes.shape[0] * 2 // 3, planes.shape[1]
    shown = height - marker.strip_height(width)
    red_difference = planes[height:].reshape(2, height // 2, width // 2)[1]
    red = np.argwhere(red_difference > 150)
    # Chroma has half the picture's resolution.
    assert red[:, 0].min() <= 1
    assert shown // 2 - 3 <= red[:, 0].max() < shown // 2


def test_a_picture_without_a_strip_says_nothing() -> None:
    assert read(np.full((180, 320), 70, dtype=np.uint8)) is None
