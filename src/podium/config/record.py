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


def _zone(value: Any) -> str:
    name = p.text(value)
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, OSError) as error:
        raise ValueError from error
    return name


RECORD_KEYS: Final[Sequence[Key]] = (
    Key("record", "zone", _zone, "a time zone by name, such as Asia/Shanghai"),
)
