"""A synthetic venue's picture says whose it is, and moves."""

from __future__ import annotations

from podium.demo import marker
from podium.demo.marker import Marker
from podium.demo.picture import Picture, luma_of


def test_it_carries_the_strip() -> None:
    picture = Picture(number=12, zh="浙江分会场", en="Zhejiang branch venue")
    assert marker.read(luma_of(picture.frame(5_000))) == Marker(12, 5_000 - 4_096)


def test_it_moves_and_venues_differ() -> None:
    first = Picture(number=1, zh="北京主会场", en="Beijing main venue")
    second = Picture(number=2, zh="天津分会场", en="Tianjin branch venue")
    below = marker.strip_height(first.width)
    assert (luma_of(first.frame(0))[below:] != luma_of(first.frame(500))[below:]).any()
    assert (luma_of(first.frame(0))[below:] != luma_of(second.frame(0))[below:]).any()


def test_other_sizes() -> None:
    picture = Picture(number=3, zh="海南", en="Hainan", width=640, height=360)
    frame = picture.frame(1)
    assert (frame.width, frame.height) == (640, 360)
    assert marker.read(luma_of(frame)) == Marker(3, 1)
