"""What a communique is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final, Literal

from annotated_types import Ge, MaxLen, MinLen

from podium.values.fields import PROSE_LENGTH, Identifier

SENTENCES_MOST: Final = 500
ENTRIES_MOST: Final = 200_000

Prose = Annotated[str, MinLen(1), MaxLen(PROSE_LENGTH)]
Entries = Annotated[tuple[Annotated[int, Ge(1)], ...], MaxLen(ENTRIES_MOST)]


@dataclass(frozen=True, slots=True)
class Sentence:
    """``entries``: what of the conference's log it rests on; none for one that a person wrote."""

    id: Identifier
    zh: Prose
    en: Prose
    entries: Entries
    type: Literal["sentence"] = "sentence"


@dataclass(frozen=True, slots=True)
class Gap:
    """A fact that belongs here and that the record does not hold; the words say which."""

    id: Identifier
    zh: Prose
    en: Prose
    type: Literal["gap"] = "gap"


Piece = Sentence | Gap
Pieces = Annotated[tuple[Piece, ...], MaxLen(SENTENCES_MOST)]
