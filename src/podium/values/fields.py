"""Field types that commands and events share: their limits, and how JSON spells them.

Everything that a stranger may send is bounded here, so that a value which exists is a value
that fits. To the type checker they are the plain types.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final

from annotated_types import Ge, Le, MaxLen, MinLen
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BeforeValidator,
    PlainSerializer,
    StringConstraints,
    WithJsonSchema,
)

ID_LENGTH: Final = 64
"""Longest identifier, in characters."""
TEXT_LENGTH: Final = 200
"""Longest name or title, in characters, per language."""
PROSE_LENGTH: Final = 4_000
"""Longest running text, in characters."""
LONGEST_ITEM: Final = timedelta(hours=24)
"""Longest planned length of an agenda item."""
NUMBERS_MOST: Final = 5
"""Most telephone numbers of one venue."""
NUMBER_PATTERN: Final = r"^\+?[0-9]{2,20}$"
"""A telephone number as it is dialled: E.164 with its plus sign, or internal digits."""

Identifier = Annotated[str, MinLen(1), MaxLen(ID_LENGTH)]
Words = Annotated[str, MinLen(1), MaxLen(TEXT_LENGTH)]
Prose = Annotated[str, MaxLen(PROSE_LENGTH)]
"""Running text of one language, which may be empty and have lines."""
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
"""SHA-256, lower-case hexadecimal."""
Code = Annotated[str, MinLen(1), MaxLen(32)]
LAST_ORDER: Final = 2**31 - 1
Order = Annotated[int, Ge(0), Le(LAST_ORDER)]
TelephoneNumber = Annotated[str, StringConstraints(pattern=NUMBER_PATTERN)]
TelephoneNumbers = Annotated[tuple[TelephoneNumber, ...], MaxLen(NUMBERS_MOST)]
"""First to last, as they are to be dialled."""


def _from_seconds(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    if not math.isfinite(value) or not 0 <= value <= LONGEST_ITEM.total_seconds():
        raise ValueError(f"must be 0 to {LONGEST_ITEM.total_seconds():.0f} seconds")
    return timedelta(seconds=value)


def _to_seconds(value: timedelta) -> float:
    return value.total_seconds()


def _to_utc(value: datetime) -> datetime:
    return value.astimezone(UTC)


Seconds = Annotated[
    timedelta,
    BeforeValidator(_from_seconds),
    PlainSerializer(_to_seconds, return_type=float),
    WithJsonSchema({"type": "number", "minimum": 0, "maximum": int(LONGEST_ITEM.total_seconds())}),
]
"""A length of time; a number of seconds in JSON."""

Moment = Annotated[AwareDatetime, AfterValidator(_to_utc)]
"""A point in time in UTC; ISO 8601 with an offset in JSON."""
