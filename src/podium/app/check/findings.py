"""What ``podium check`` has to say: each thing in both languages, with what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from podium.values.text import Text


class Mark(StrEnum):
    GOOD = "good"
    NOTE = "note"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class Finding:
    """``text`` says what is, and for what is not good also what to do."""

    mark: Mark
    text: Text


def good(zh: str, en: str) -> Finding:
    return Finding(Mark.GOOD, Text(zh, en))


def note(zh: str, en: str) -> Finding:
    return Finding(Mark.NOTE, Text(zh, en))


def fault(zh: str, en: str) -> Finding:
    return Finding(Mark.FAULT, Text(zh, en))
