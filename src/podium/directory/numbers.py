"""Telephone numbers as people write them, and as they are dialled."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from podium.values.fields import NUMBER_PATTERN

NO_NUMBERS: Final = "-"
"""In a cell: the venue has no telephone any more."""
_BETWEEN: Final = re.compile(r"[;,、/|]")
_DECORATION: Final = re.compile(r"[\s().·–—-]")
_NUMBER: Final = re.compile(NUMBER_PATTERN.removesuffix("$"))


def split_numbers(text: str) -> tuple[str, ...]:
    """``"+86 571-8770 5000；8001"`` is ``("+8657187705000", "8001")``. Full-width signs count as
    plain ones. What is no number comes out as it is: ask ``is_number``."""
    plain = unicodedata.normalize("NFKC", text)
    parts = (_DECORATION.sub("", part) for part in _BETWEEN.split(plain))
    return tuple(part for part in parts if part)


def is_number(text: str) -> bool:
    return _NUMBER.fullmatch(text) is not None


def join_numbers(numbers: tuple[str, ...]) -> str:
    return ";".join(numbers)
