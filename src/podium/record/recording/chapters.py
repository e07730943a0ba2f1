"""Chapters of a file: the agenda items that ran while it was recorded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any, Final

_MILLISECONDS: Final = Fraction(1, 1_000)


@dataclass(frozen=True, slots=True)
class Chapter:
    """An agenda item that ran; ``ended`` is ``None`` while it does."""

    title: str
    began: datetime
    ended: datetime | None


@dataclass(frozen=True, slots=True)
class Mark:
    """A chapter in a file, in seconds from its beginning."""

    title: str
    start: float
    end: float


def marks(began: datetime, length: float, chapters: Sequence[Chapter]) -> Sequence[Mark]:
    """The parts of them that lie within a file that began then and is so many seconds long."""
    found = []
    for chapter in chapters:
        start = max(0.0, (chapter.began - began).total_seconds())
        end = length
        if chapter.ended is not None:
            end = min(end, (chapter.ended - began).total_seconds())
        if start < end:
            found.append(Mark(chapter.title, start, end))
    return found


def set_chapters(target: Any, found: Sequence[Mark]) -> None:
    """Before the target's first packet."""
    if found:
        target.set_chapters(
            [
                {
                    "id": number,
                    "start": round(mark.start * 1_000),
                    "end": round(mark.end * 1_000),
                    "time_base": _MILLISECONDS,
                    "metadata": {"title": mark.title},
                }
                for number, mark in enumerate(found, 1)
            ]
        )
