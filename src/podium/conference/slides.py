"""The briefing as the main venue's content: pages that are turned for everybody at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Final, Literal

from annotated_types import Ge, Le, MaxLen, MinLen

from podium.values.fields import Identifier

SLIDES_MOST: Final = 60
"""Most pages of one briefing."""

SlideIds = Annotated[tuple[Identifier, ...], MinLen(1), MaxLen(SLIDES_MOST)]
SlideNumber = Annotated[int, Ge(1), Le(SLIDES_MOST)]
"""Counts from 1."""
SlideLanguage = Literal["zh", "en"]


@dataclass(frozen=True, slots=True)
class Slides:
    """``pages`` of the briefing as of ``day``, by identifier; ``page`` is the number of the one
    that is shown. They are what the main venue sends as its content, on air or not."""

    day: date
    language: SlideLanguage
    pages: SlideIds
    page: SlideNumber = 1
