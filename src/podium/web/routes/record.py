"""The record of a conference: read, exported; and its communique: drafted, edited, approved."""

from __future__ import annotations

import asyncio
import gzip
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import FileResponse
from pydantic_core import to_json

from podium.conference.state import ConferenceId
from podium.values.codec import CodecError
from podium.values.refusal import Refusal
from podium.web.commanding import open_hall
from podium.web.errors import ApiError, Refused
from podium.web.ports import Json
from podium.web.principal import AccountPrincipal, Principal, TokenPrincipal
from podium.web.routes.conferences import REFUSED, Asker
from podium.web.services import Services
from podium.web.shapes_record import (
    CommuniqueShape,
    ConferenceRecord,
    EditCommunique,
    RecordingList,
    RecordingShape,
)

JSON: Final = "application/json"
_SMALL: Final = 2_000
"""Bytes that fit in one packet or two are not worth compressing."""
_FILE: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {"application/octet-stream": {"schema": {"type": "string"}}}}
}
_PLAYED: Final = ("video/webm", "video/mp4")
_ASK_AGAIN: Final = {"Cache-Control": "no-cache"}
Locale = Literal["zh", "en"]


def router(services: Services) -> APIRouter:
    routes = APIRouter(prefix="/api/conferences/{conference}/record", tags=["record"])
    records = services.ports.records

    @routes.get("", response_model=ConferenceRecord, responses=REFUSED)
    async def read(conference: str, request: Request) -> Response:
        found = await records.read(await _known(services, conference))
        if found is None:
            raise ApiError("unknown_conference")
        # Checked against its shape by tests, not at every look at thousands of lines.
        return await _packed(request, found)

    @routes.get("/{file}", response_class=Response, responses=_FILE)
    async def export(
        conference: str, file: str, lang: Annotated[Locale, Query()] = "zh"
    ) -> Response:
        """``record.pdf``, ``record.docx``, ``record.json``, ``minutes.pdf``, ``minutes.docx``,
        and as CSV ``timeline``, ``attendance``, ``people``, ``agenda``, ``floor``, ``aired``,
        ``incidents``, ``documents``, ``measures``."""
        found = await records.export(await _known(services, conference), file, lang)
        if isinstance(found, Refusal):
            raise ApiError("export_unavailable", found.en)
        if found is None:
            raise ApiError("not_found")
        disposition = f'attachment; filename="{found.name}"'
        headers = {"Content-Disposition": disposition}
        return Response(found.content, media_type=found.media_type, headers=headers)

    return routes


def communique_router(services: Services) -> APIRouter:
    routes = APIRouter(prefix="/api/conferences/{conference}/communique", tags=["record"])
    records = services.ports.records

    @routes.get("", response_model=CommuniqueShape, responses=REFUSED)
    async def communique(conference: str) -> Response:
        found = await records.communique(await _known(services, conference))
        return Response(to_json(found), media_type=JSON)

    @routes.post("", response_model=CommuniqueShape, responses=REFUSED)
    async def edit(conference: str, asked: EditCommunique, asker: Asker) -> Response:
        of, (id_, name) = await _known(services, conference), _author(asker)
        if asked.edit == {"type": "redraft"}:
            outcome = await records.redraft(of, id_, name, asked.seen)
        else:
            try:
                outcome = await records.edit(of, to_json(asked.edit), id_, name, asked.seen)
            except CodecError as error:
                problems = [{"where": p.where, "what": p.what} for p in error.problems]
                raise ApiError("invalid", problems) from None
        return Response(to_json(_accepted(outcome)), media_type=JSON)

    return routes


def recordings_router(services: Services) -> APIRouter:
    routes = APIRouter(prefix="/api/conferences/{conference}/recordings", tags=["record"])
    recordings = services.ports.recordings

    @routes.get("", responses=REFUSED)
    async def list_recordings(conference: str) -> RecordingList:
        found = await recordings.list(await _known(services, conference))
        shapes = [RecordingShape.model_validate(r, from_attributes=True) for r in found]
        return RecordingList(recordings=shapes)

    @routes.get("/{file}", response_class=Response, responses=_FILE)
    async def play(conference: str, file: str) -> FileResponse:
        """Byte ranges are answered (RFC 9110, 14), so that a player can seek. ``program.mkv`` is
        everything in one file, to be kept."""
        found = await recordings.file(await _known(services, conference), file)
        if found is None:
            raise ApiError("not_found")
        path, media_type = found
        if not media_type.startswith(_PLAYED):
            kept = f"{conference}{path.suffix}"
            return FileResponse(path, media_type=media_type, filename=kept, headers=_ASK_AGAIN)
        headers = {"Cache-Control": "private, max-age=3600"}
        return FileResponse(path, media_type=media_type, headers=headers)

    return routes


async def _packed(request: Request, content: bytes) -> Response:
    """Compressed to a tenth where the client takes that: a large record is many megabytes."""
    headers = {"Vary": "Accept-Encoding"}
    if "gzip" in request.headers.get("accept-encoding", "") and len(content) > _SMALL:
        content = await asyncio.to_thread(gzip.compress, content, 1)
        headers["Content-Encoding"] = "gzip"
    return Response(content, media_type=JSON, headers=headers)


async def _known(services: Services, conference: str) -> ConferenceId:
    return (await open_hall(services.ports.halls, ConferenceId(conference))).conference


def _accepted(outcome: Json | Refusal) -> Json:
    """Raises ``Refused``."""
    if isinstance(outcome, Refusal):
        raise Refused(outcome)
    return outcome


def _author(principal: Principal) -> tuple[str, str]:
    assert isinstance(principal, AccountPrincipal | TokenPrincipal)
    return principal.account.id, principal.account.name
