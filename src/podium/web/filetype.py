"""What a file is by what it holds, whatever its name and its sender say."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from typing import Final
from zipfile import BadZipFile, ZipFile

from podium.conference.documents import FileKind

ENDINGS: Final[Mapping[FileKind, tuple[str, ...]]] = {
    FileKind.PDF: (".pdf",),
    FileKind.DOCX: (".docx",),
    FileKind.XLSX: (".xlsx",),
    FileKind.PPTX: (".pptx",),
    FileKind.PNG: (".png",),
    FileKind.JPEG: (".jpg", ".jpeg"),
}
"""What a name may end with, the usual ending first."""
MEDIA_TYPES: Final[Mapping[FileKind, str]] = {
    FileKind.PDF: "application/pdf",
    FileKind.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    FileKind.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    FileKind.PPTX: "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    FileKind.PNG: "image/png",
    FileKind.JPEG: "image/jpeg",
}
_BEGINNINGS: Final = {
    FileKind.PDF: b"%PDF-",
    FileKind.PNG: b"\x89PNG\r\n\x1a\n",
    FileKind.JPEG: b"\xff\xd8\xff",
}
_PACKAGE: Final = b"PK\x03\x04"
_TYPES_PART: Final = "[Content_Types].xml"
_MAIN_PARTS: Final = {
    "word/document.xml": FileKind.DOCX,
    "xl/workbook.xml": FileKind.XLSX,
    "ppt/presentation.xml": FileKind.PPTX,
}
"""Of Office Open XML packages (ECMA-376 part 1), as every word processor names them."""
_MACROS: Final = "vbaproject.bin"


def kind_of(content: bytes) -> FileKind | None:
    """``None`` for anything else; also for packages with macros."""
    for kind, beginning in _BEGINNINGS.items():
        if content.startswith(beginning):
            return kind
    return _package(content) if content.startswith(_PACKAGE) else None


def _package(content: bytes) -> FileKind | None:
    """Only the list of its parts is read; nothing is unpacked."""
    try:
        with ZipFile(BytesIO(content)) as package:
            parts = package.namelist()
    except (BadZipFile, ValueError, NotImplementedError):
        return None
    if _TYPES_PART not in parts or any(part.lower().endswith(_MACROS) for part in parts):
        return None
    return next((kind for part, kind in _MAIN_PARTS.items() if part in parts), None)
