"""Figures that were not found in a second place: found under a number, marked where they show."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from podium.situation.derived import Number, underneath
from podium.situation.figures import Figure
from podium.situation.series import Catalogue, Check
from podium.situation.statement import Said, Statement
from podium.values.text import Text

MARK: Final = "*"
NOTE: Final = Text(
    "带 * 的内容依据的公布数据中有 {count} 个未与发布稿核对。",
    "What has a * rests on figures not verified against the release ({count} of them).",
)


def unverified(numbers: Iterable[Number], catalogue: Catalogue) -> tuple[Figure, ...]:
    """The unverified figures under ``numbers``, each once."""
    return tuple(
        f for f in underneath(numbers) if catalogue.source(f.source).check is Check.UNVERIFIED
    )


def marked(statement: Statement, catalogue: Catalogue) -> Statement:
    """The sentence with a mark after every number that rests on unverified figures."""
    return Statement(tuple(_marked(part, catalogue) for part in statement.parts))


def _marked(part: str | Said, catalogue: Catalogue) -> str | Said:
    if isinstance(part, str) or not unverified([part.number], catalogue):
        return part
    return Said(part.text + MARK, part.number)
