"""What the workshop is given to do: plain functions of plain values."""

from __future__ import annotations

import importlib
from datetime import date
from pathlib import Path
from typing import Final, Literal

from podium.briefing.render import to_png, to_svg
from podium.briefing.x13 import x13_or_stl
from podium.situation.briefing import Briefing, compose
from podium.situation.charts.frame import Spec
from podium.situation.figures import Figures
from podium.situation.outlook import outlook
from podium.situation.statement import Language
from podium.situation.subject import Subject

Kind = Literal["png", "svg"]
LANGUAGES: Final[tuple[Language, ...]] = ("zh", "en")

Briefings = dict[Language, Briefing]


def load() -> None:
    """Loads what the others need, which takes some seconds: the statistics library and the one that
    draws."""
    for name in ("tsa.seasonal", "tsa.statespace.dynamic_factor_mq"):
        importlib.import_module(f"statsmodels.{name}")
    to_svg({"data": {"values": [{}]}, "mark": "point"})


def briefings(
    figures: Figures, subject: Subject, day: date, x13: Path | None = None
) -> Briefings | None:
    """In both languages; ``None`` where nothing was known on ``day``. ``x13``: the program."""
    found = outlook(figures, subject, day, x13_or_stl(x13))
    return None if found is None else {lang: compose(found, lang) for lang in LANGUAGES}


def picture(spec: Spec, kind: Kind) -> bytes:
    """A slide as PNG, or an SVG."""
    return to_png(spec) if kind == "png" else to_svg(spec).encode()
