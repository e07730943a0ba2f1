"""The documents of the conference: what was attached when, shared with the venues, taken back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from podium.conference import events as e
from podium.conference.documents import Document, DocumentId
from podium.conference.events import Recorded


@dataclass(frozen=True, slots=True)
class Attached:
    """``shared_at``: since when the venues may have it; ``None`` where they may not.
    ``removed_at``: since when it is no longer handed out."""

    document: Document
    at: datetime
    shared_at: datetime | None
    removed_at: datetime | None
    entries: tuple[int, ...]


def attached(entries: Iterable[Recorded]) -> tuple[Attached, ...]:
    """In the order in which they were attached; those that were removed among them."""
    found: dict[DocumentId, Attached] = {}
    for entry in entries:
        match entry.event:
            case e.DocumentAttached(document=document):
                shared_at = entry.at if document.shared else None
                found[document.id] = Attached(document, entry.at, shared_at, None, (entry.seq,))
            case e.DocumentShared(id=id_, shared=shared) if id_ in found:
                was = found[id_]
                found[id_] = replace(
                    was,
                    document=replace(was.document, shared=shared),
                    shared_at=entry.at if shared else None,
                    entries=(*was.entries, entry.seq),
                )
            case e.DocumentRemoved(id=id_) if id_ in found:
                was = found[id_]
                rests = (*was.entries, entry.seq)
                found[id_] = replace(was, removed_at=entry.at, entries=rests)
            case _:
                pass
    return tuple(found.values())
