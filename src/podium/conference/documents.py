"""Papers of the conference: files that the office attaches, as a whole or to an agenda item."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Final, NewType

from annotated_types import Ge

from podium.values.fields import Digest, Identifier, Words

DOCUMENTS_MOST: Final = 100
"""Most documents of one conference."""

DocumentId = NewType("DocumentId", Identifier)


class FileKind(StrEnum):
    """What a file holds, by its content; the value is the usual ending of its name."""

    PDF = "pdf"
    DOCX = "docx"
    XLSX = "xlsx"
    PPTX = "pptx"
    PNG = "png"
    JPEG = "jpg"


@dataclass(frozen=True, slots=True)
class Document:
    """``digest``: SHA-256 of the content, under which it is kept; ``size`` in bytes. ``item``: an
    agenda item by its identifier, or the whole conference. Branch and main venues may have it
    where it is ``shared``; consoles always."""

    id: DocumentId
    name: Words
    kind: FileKind
    digest: Digest
    size: Annotated[int, Ge(1)]
    item: Identifier | None = None
    shared: bool = False
