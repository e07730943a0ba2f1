"""Charts as pictures, by vl-convert: no browser and no network.

Text is set in the fonts that the machine has; ``scripts/packages.sh`` brings Noto Sans CJK.
"""

from __future__ import annotations

import json
from typing import Final

import vl_convert

from podium.situation.charts.frame import WIDTH, Spec

SLIDE_WIDTH: Final = 1920


class RenderFailed(Exception):
    """The specification could not be drawn: ours to mend."""


def to_png(spec: Spec, width: int = SLIDE_WIDTH) -> bytes:
    """A 16:9 picture ``width`` pixels wide. Takes part of a second: not for an event loop.

    Raises ``RenderFailed``.
    """
    try:
        return vl_convert.vegalite_to_png(json.dumps(spec), scale=width / WIDTH, ppi=72)
    except ValueError as error:
        raise RenderFailed(str(error)) from error


def to_svg(spec: Spec) -> str:
    """For print. Raises ``RenderFailed``."""
    try:
        return vl_convert.vegalite_to_svg(json.dumps(spec))
    except ValueError as error:
        raise RenderFailed(str(error)) from error
