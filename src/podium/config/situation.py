"""Settings of the situation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from podium.config import parsing as p
from podium.config.parsing import Key


@dataclass(frozen=True, slots=True)
class SituationSection:
    x13: Path | None = None
    """The program of X-13ARIMA-SEATS, which then adjusts for the season; STL does where it is not
    set."""


SITUATION_KEYS: Final[Sequence[Key]] = (
    Key("situation", "x13", p.file, "a file that exists (the program of X-13ARIMA-SEATS)"),
)
