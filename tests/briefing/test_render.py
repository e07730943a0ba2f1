"""Charts as pictures: real ones, of the right size, with Chinese text in them."""

from __future__ import annotations

import io
from datetime import date

import numpy as np
import pytest
from PIL import Image

from podium.briefing.official import official_figures
from podium.briefing.render import RenderFailed, to_png, to_svg
from podium.situation.briefing import Briefing, compose
from podium.situation.outlook import outlook
from podium.situation.subject import RETAIL


@pytest.fixture(scope="module")
def briefing() -> Briefing:
    found = outlook(official_figures(), RETAIL, date(2023, 3, 1))
    assert found is not None
    return compose(found, "zh")


def test_a_slide_is_full_hd_and_not_empty(briefing: Briefing) -> None:
    picture = Image.open(io.BytesIO(to_png(briefing.pages[1].chart.spec)))
    assert picture.size == (1920, 1080)
    pixels = np.asarray(picture.convert("L"))
    inked = (pixels < 200).mean()
    assert 0.01 < inked < 0.5


def test_pages_can_be_drawn_and_carry_their_words(briefing: Briefing) -> None:
    for page in briefing.pages[2:]:
        drawn = to_svg(page.chart.spec)
        assert drawn.startswith("<svg")
        assert page.chart.title in drawn
        assert "截至 2023-03-01 已公布的数据" in drawn, page.id


def test_a_wrong_specification_is_our_fault() -> None:
    with pytest.raises(RenderFailed):
        to_png({"mark": "no such mark", "encoding": {"x": {"datum": 0}}})
