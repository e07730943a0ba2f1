"""What happened to a communique, and what people ask of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final, Literal

from annotated_types import Ge, MaxLen
from pydantic import Field, TypeAdapter

from podium.record.communique.values import Piece, Pieces, Prose, Sentence
from podium.values.codec import parsed
from podium.values.fields import Identifier, Moment

Sha256 = Annotated[str, MaxLen(64)]


@dataclass(frozen=True, slots=True)
class Author:
    """An account; ``name`` as it was then, so that the history reads without the accounts."""

    id: Identifier
    name: Annotated[str, MaxLen(200)]


@dataclass(frozen=True, slots=True)
class Drafted:
    """Written anew from the record. ``seq`` and ``head``: the newest entry of the conference's log
    that the draft knows, and its hash."""

    pieces: Pieces
    seq: Annotated[int, Ge(0)]
    head: Sha256
    type: Literal["drafted"] = "drafted"


@dataclass(frozen=True, slots=True)
class Rewritten:
    """The piece says this now; a gap that is filled becomes a sentence."""

    piece: Identifier
    zh: Prose
    en: Prose
    type: Literal["rewritten"] = "rewritten"


@dataclass(frozen=True, slots=True)
class Inserted:
    """A sentence of a person's own, after the piece ``after``; at the beginning without it."""

    piece: Sentence
    after: Identifier | None
    type: Literal["inserted"] = "inserted"


@dataclass(frozen=True, slots=True)
class Removed:
    piece: Identifier
    type: Literal["removed"] = "removed"


@dataclass(frozen=True, slots=True)
class Approved:
    """The text is final; ``hash`` is that of ``document.final_text``."""

    hash: Sha256
    type: Literal["approved"] = "approved"


Event = Drafted | Rewritten | Inserted | Removed | Approved


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the communique's own stream. ``seq`` counts from 1 without gaps."""

    seq: int
    at: Moment
    by: Author
    event: Annotated[Event, Field(discriminator="type")]


@dataclass(frozen=True, slots=True)
class Rewrite:
    piece: Identifier
    zh: Prose
    en: Prose
    type: Literal["rewrite"] = "rewrite"


@dataclass(frozen=True, slots=True)
class Insert:
    zh: Prose
    en: Prose
    after: Identifier | None = None
    type: Literal["insert"] = "insert"


@dataclass(frozen=True, slots=True)
class Remove:
    piece: Identifier
    type: Literal["remove"] = "remove"


@dataclass(frozen=True, slots=True)
class Approve:
    type: Literal["approve"] = "approve"


@dataclass(frozen=True, slots=True)
class Redraft:
    """Begins, or begins anew, from the record; ``pieces`` are drafted by the record room."""

    pieces: tuple[Piece, ...]
    seq: int
    head: str
    type: Literal["redraft"] = "redraft"


Edit = Rewrite | Insert | Remove | Approve
"""What people may ask."""
Command = Edit | Redraft

ENTRY: Final[TypeAdapter[Entry]] = TypeAdapter(Entry)
EDIT: Final[TypeAdapter[Edit]] = TypeAdapter(Annotated[Edit, Field(discriminator="type")])


def entry_from_json(text: str | bytes) -> Entry:
    """Raises ``CodecError``."""
    return parsed(ENTRY, text)


def entry_to_json(entry: Entry) -> str:
    return ENTRY.dump_json(entry).decode()


def edit_from_json(text: str | bytes) -> Edit:
    """Raises ``CodecError``."""
    return parsed(EDIT, text)
