"""Settings of the record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from podium.config import parsing as p
from podium.config.parsing import Key


@dataclass(frozen=True, slots=True)
class RecordSection:
    zone: str = "Asia/Shanghai"
    """Whose days and hours papers mean; a name of the IANA time zone database."""
    automatic: bool = True
    """Recording begins by itself with the session; set when the conference is created."""
    segment_minutes: int = 30
    """A recording is cut into files of this length."""
    keep_days: int = 0
    """Recordings are removed after so many days; 0 keeps them."""


def _zone(value: Any) -> str:
    name = p.text(value)
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, OSError) as error:
        raise ValueError from error
    return name


RECORD_KEYS: Final[Sequence[Key]] = (
    Key("record", "automatic", p.switch, "on or off"),
    Key("record", "segment_minutes", p.number(1, 24 * 60), "a number from 1 to 1440"),
    Key("record", "keep_days", p.number(0, 36_500), "a number from 0 (for ever) to 36500"),
    Key("record", "zone", _zone, "a time zone by name, such as Asia/Shanghai"),
)
