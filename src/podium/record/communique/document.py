"""The communique as its events leave it, with what was changed and by whom."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256

from podium.record.communique.events import (
    Approved,
    Author,
    Drafted,
    Entry,
    Inserted,
    Removed,
    Rewritten,
)
from podium.record.communique.values import Gap, Piece, Sentence


@dataclass(frozen=True, slots=True)
class Change:
    """Who changed a piece when."""

    by: Author
    at: datetime


@dataclass(frozen=True, slots=True)
class Tracked:
    """A piece as it stands. ``drafted``: as the draft had it, ``None`` for one that a person
    wrote. A removed piece stays, to be shown as removed."""

    piece: Piece
    drafted: Piece | None
    changes: tuple[Change, ...] = ()
    removed: bool = False


@dataclass(frozen=True, slots=True)
class Approval:
    by: Author
    at: datetime
    hash: str


@dataclass(frozen=True, slots=True)
class Document:
    """``seq``: of its own stream. ``record_seq`` and ``record_head``: the newest entry of the
    conference's log that the draft knows, and its hash."""

    seq: int = 0
    pieces: tuple[Tracked, ...] = ()
    record_seq: int = 0
    record_head: str = ""
    drafted: Change | None = None
    approval: Approval | None = None

    @property
    def standing(self) -> tuple[Piece, ...]:
        """What the text consists of now."""
        return tuple(t.piece for t in self.pieces if not t.removed)

    @property
    def gaps(self) -> tuple[Gap, ...]:
        return tuple(piece for piece in self.standing if isinstance(piece, Gap))

    def find(self, id_: str) -> Tracked | None:
        return next((t for t in self.pieces if t.piece.id == id_ and not t.removed), None)


def document(entries: Iterable[Entry]) -> Document:
    """Total: what an entry says about a piece that is not there is passed over."""
    found = Document()
    for entry in entries:
        found = replace(_after(found, entry), seq=entry.seq)
    return found


def _after(doc: Document, entry: Entry) -> Document:
    change = Change(entry.by, entry.at)
    match entry.event:
        case Drafted(pieces=pieces, seq=seq, head=head):
            tracked = tuple(Tracked(piece, piece) for piece in pieces)
            return Document(doc.seq, tracked, seq, head, change)
        case Rewritten(piece=id_, zh=zh, en=en):
            return _changed(
                doc, id_, lambda t: replace(t, piece=_rewritten(t.piece, zh, en)), change
            )
        case Removed(piece=id_):
            return _changed(doc, id_, lambda t: replace(t, removed=True), change)
        case Inserted(piece=piece, after=after):
            place = next((n for n, t in enumerate(doc.pieces, 1) if t.piece.id == after), 0)
            new = Tracked(piece, None, (change,))
            return replace(doc, pieces=(*doc.pieces[:place], new, *doc.pieces[place:]))
        case Approved(hash=hash_):
            return replace(doc, approval=Approval(entry.by, entry.at, hash_))


def _rewritten(piece: Piece, zh: str, en: str) -> Sentence:
    entries = piece.entries if isinstance(piece, Sentence) else ()
    return Sentence(piece.id, zh, en, entries)


def _changed(doc: Document, id_: str, change: Callable[[Tracked], Tracked], by: Change) -> Document:
    pieces = tuple(
        replace(change(t), changes=(*t.changes, by)) if t.piece.id == id_ and not t.removed else t
        for t in doc.pieces
    )
    return replace(doc, pieces=pieces)


def final_text(doc: Document) -> str:
    """What is hashed: every standing piece, Chinese and then English, one a line."""
    lines = [f"{piece.zh}\n{piece.en}\n" for piece in doc.standing]
    return "".join(lines)


def text_hash(doc: Document) -> str:
    """SHA-256 of ``final_text`` in UTF-8, lower-case hexadecimal."""
    return sha256(final_text(doc).encode()).hexdigest()
