"""What is on paper, before it is PDF or DOCX: headings, paragraphs, lists and tables. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Locale(StrEnum):
    ZH = "zh"
    EN = "en"


@dataclass(frozen=True, slots=True)
class Paragraph:
    """``lead`` is set apart before the text, as in "Present: ..."."""

    text: str
    lead: str = ""


@dataclass(frozen=True, slots=True)
class Heading:
    text: str


@dataclass(frozen=True, slots=True)
class Grid:
    """``widths``: parts of the page's width, one for each column."""

    headings: Sequence[str]
    widths: Sequence[int]
    rows: Sequence[Sequence[str]]


Block = Paragraph | Heading | Grid


@dataclass(frozen=True, slots=True)
class Paper:
    """``mark``: what stands over it where it is not final. ``foot``: the proof, at the end."""

    locale: Locale
    title: str
    subtitle: str
    mark: str
    blocks: Sequence[Block]
    foot: Sequence[str]
    official: bool
    """Laid out as minutes by GB/T 9704-2012; else as a report."""
