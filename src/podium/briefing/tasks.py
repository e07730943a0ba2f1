"""What the workshop is given to do: plain functions of plain values."""

from __future__ import annotations

from datetime import date
from typing import Final, Literal

from podium.briefing.render import to_png, to_svg
from podium.situation.briefing import Briefing, compose
from podium.situation.charts.frame import Spec
from podium.situation.figures import Figures
from podium.situation.outlook import outlook
from podium.situation.statement import Language
from podium.situation.subject import Subject

Kind = Literal["png", "svg"]
LANGUAGES: Final[tuple[Language, ...]] = ("zh", "en")

Briefings = dict[Language, Briefing]


def briefings(figures: Figures, subject: Subject, day: date) -> Briefings | None:
    """In both languages; ``None`` where nothing was known on ``day``."""
    found = outlook(figures, subject, day)
    return None if found is None else {lang: compose(found, lang) for lang in LANGUAGES}


def picture(spec: Spec, kind: Kind) -> bytes:
    """A slide as PNG, or an SVG."""
    return to_png(spec) if kind == "png" else to_svg(spec).encode()
