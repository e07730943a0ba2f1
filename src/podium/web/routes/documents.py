"""Documents of a conference: attached by consoles, downloaded by them and by the venues."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any, Final
from urllib.parse import quote

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import FileResponse

from podium.conference.commands import AttachDocument
from podium.conference.documents import Document, DocumentId, FileKind
from podium.conference.state import Conference, ConferenceId
from podium.hall.loop import Hall
from podium.values.fields import ID_LENGTH, TEXT_LENGTH
from podium.web.commanding import carry_out, open_hall
from podium.web.errors import ApiError
from podium.web.filetype import ENDINGS, MEDIA_TYPES, kind_of
from podium.web.principal import StationPrincipal
from podium.web.routes.conferences import REFUSED, Asker
from podium.web.services import Services
from podium.web.shapes import AttachedDocument

_BODY: Final = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}
_FILE: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {"application/octet-stream": {"schema": {"type": "string"}}}}
}


def router(services: Services) -> APIRouter:
    routes = APIRouter(prefix="/api/conferences/{conference}/documents", tags=["conferences"])
    ports = services.ports

    @routes.post("", status_code=201, responses=REFUSED, openapi_extra=_BODY)
    async def attach(
        conference: str,
        request: Request,
        asker: Asker,
        name: Annotated[str, Query(min_length=1, max_length=TEXT_LENGTH)],
        item: Annotated[str | None, Query(max_length=ID_LENGTH)] = None,
        shared: bool = False,
    ) -> AttachedDocument:
        """A file as it is: PDF, DOCX, XLSX, PPTX, PNG or JPEG by its content. ``shared``: the
        venues may have it."""
        hall = await open_hall(ports.halls, ConferenceId(conference))
        content = await request.body()
        kind = await asyncio.to_thread(kind_of, content)
        _check(name, kind)
        assert kind is not None
        document = Document(
            DocumentId(ports.new_id()),
            name,
            kind,
            await ports.documents.put(content),
            len(content),
            item,
            shared,
        )
        seq = await carry_out(hall, AttachDocument(document), asker)
        return AttachedDocument(id=document.id, seq=seq, digest=document.digest)

    @routes.get("/{document}", response_class=Response, responses=REFUSED | _FILE)
    async def download(conference: str, document: str) -> FileResponse:
        """Always as a download."""
        hall = await open_hall(ports.halls, ConferenceId(conference))
        return await _sent(services, _found(_state(hall), document))

    return routes


def station_router(services: Services) -> APIRouter:
    routes = APIRouter(prefix="/api/join/documents", tags=["conferences"])

    @routes.get("/{document}", response_class=Response, responses=REFUSED | _FILE)
    async def download(document: str, asker: Asker) -> FileResponse:
        """What is shared with the venues, for an invited one."""
        assert isinstance(asker, StationPrincipal)  # the rules let no others in
        state = _state(await open_hall(services.ports.halls, asker.conference))
        if asker.venue not in state.venues:
            raise ApiError("forbidden")
        found = _found(state, document)
        if not found.shared:
            raise ApiError("not_found")
        return await _sent(services, found)

    return routes


def _check(name: str, kind: FileKind | None) -> None:
    """Raises ``document_type``, ``document_name``."""
    if kind is None:
        raise ApiError("document_type")
    if not name.lower().endswith(ENDINGS[kind]):
        raise ApiError("document_name", {"endings": list(ENDINGS[kind])})


def _state(hall: Hall) -> Conference:
    assert hall.state is not None
    return hall.state


def _found(state: Conference, wanted: str) -> Document:
    """Raises ``not_found``."""
    found = next((d for d in state.documents if d.id == wanted), None)
    if found is None:
        raise ApiError("not_found")
    return found


async def _sent(services: Services, document: Document) -> FileResponse:
    """Raises ``not_found`` where the file is gone from the disk."""
    path = await services.ports.documents.path(document.digest)
    if path is None:
        raise ApiError("not_found")
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(document.name, safe='')}",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-cache",
    }
    return FileResponse(path, media_type=MEDIA_TYPES[document.kind], headers=headers)
