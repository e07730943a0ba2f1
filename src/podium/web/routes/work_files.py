"""Plans and reports as files, evidence, calendar feeds, and where notices go."""

from __future__ import annotations

import asyncio
from typing import Annotated, Final, Literal
from urllib.parse import quote

from fastapi import APIRouter, Query, Request, Response

from podium.desk.ports import Contact
from podium.sheets.writing import CSV, XLSX
from podium.values.text import OrganisationId
from podium.web.errors import ApiError
from podium.web.routes.conferences import REFUSED, Asker
from podium.web.routes.directory import media_type
from podium.web.routes.links import base_url
from podium.web.routes.session import Person
from podium.web.services import Services
from podium.web.shapes import ImportFault
from podium.web.shapes_work import (
    ContactList,
    ContactShape,
    FeedShape,
    FileShape,
    PutContact,
    WorkChange,
    WorkImportReport,
)
from podium.web.working import (
    account_actor,
    actor_of,
    carry_out_work,
    may_see,
    open_board,
)
from podium.work.board import Board
from podium.work.commands import Actor
from podium.work.exchange.exports import (
    FileFormat,
    export_activities,
    export_assignments,
    export_measures,
)
from podium.work.exchange.imports import FileKind, ImportPlan, plan_import
from podium.work.ical import ical
from podium.work.lists import ListQuery, lines
from podium.work.policy import acts_for
from podium.work.state import Programme

_TYPES: Final = {FileFormat.CSV: CSV, FileFormat.XLSX: XLSX}
_BINARY: Final = {"type": "string", "format": "binary"}
_FILE_BODY = {
    "requestBody": {
        "required": True,
        "content": {kind: {"schema": _BINARY} for kind in (CSV, XLSX)},
    }
}
_ANY_BODY = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": _BINARY}},
    }
}


def router(services: Services) -> APIRouter:
    routes = APIRouter(prefix="/api/work", tags=["work"])
    _add_tables(routes, services)
    _add_evidence(routes, services)
    _add_contacts(routes, services)

    @routes.post("/programmes/{programme}/feed", responses=REFUSED)
    async def issue_feed(
        programme: str,
        request: Request,
        person: Person,
        organisation: Annotated[str | None, Query(max_length=64)] = None,
    ) -> FeedShape:
        """The address of a calendar feed: of the whole programme, or of one organisation."""
        lit = await open_board(services.ports.programmes, programme)
        whose = None if organisation is None else OrganisationId(organisation)
        if whose is not None and whose not in may_see(lit.state, account_actor(person.account)):
            raise ApiError("forbidden")
        secret = await services.ports.feeds.issue(person.account.id, lit.state.id, whose)
        return FeedShape(url=f"{base_url(services, request)}/feeds/{secret}")

    return routes


def feed_router(services: Services) -> APIRouter:
    """Calendar programs send no credential but the address itself."""
    routes = APIRouter(tags=["work"])

    @routes.get("/feeds/{token}", response_class=Response)
    async def read_feed(token: str, language: Literal["zh", "en"] = "zh") -> Response:
        """iCalendar (RFC 5545)."""
        found = await services.ports.feeds.find(token)
        if found is None:
            raise ApiError("not_found")
        account, programme, whose = found
        lit = await open_board(services.ports.programmes, programme)
        if whose is not None and whose not in may_see(lit.state, account_actor(account)):
            raise ApiError("not_found")
        text = ical(lit.state, services.ports.clock.now(), whose, language)
        headers = {"Cache-Control": "private, max-age=300"}
        return Response(text, media_type="text/calendar; charset=utf-8", headers=headers)

    return routes


# --- tables


def _add_tables(routes: APIRouter, services: Services) -> None:
    programmes = services.ports.programmes

    @routes.post("/programmes/{programme}/import", responses=REFUSED, openapi_extra=_FILE_BODY)
    async def import_file(
        programme: str, request: Request, asker: Asker, kind: FileKind, apply: bool = False
    ) -> WorkImportReport:
        """Plans, and with ``apply`` does it unless there is any error: see ``applied``."""
        if media_type(request) not in (CSV, XLSX, "application/octet-stream"):
            raise ApiError("content_type", {"wanted": [CSV, XLSX]})
        lit = await open_board(programmes, programme)
        data = await request.body()
        plan = await asyncio.to_thread(plan_import, kind, data, lit.state)
        applied = apply and not plan.faults and bool(plan.commands)
        if applied:
            await carry_out_work(programmes, programme, plan.commands, actor_of(asker))
        return _report(plan, applied=applied)

    @routes.get("/programmes/{programme}/export", response_class=Response)
    async def export_file(
        programme: str,
        asker: Asker,
        kind: Literal["measures", "activities", "assignments"],
        format: FileFormat = FileFormat.CSV,  # noqa: A002
        language: Literal["zh", "en"] = "zh",
    ) -> Response:
        lit = await open_board(programmes, programme)
        actor = actor_of(asker)
        everything = may_see(lit.state, actor) is lit.state.bodies
        under = None if everything else acts_for(lit.state, actor)
        if not everything and under is None:
            raise ApiError("forbidden")
        data = await asyncio.to_thread(_exported, lit, kind, format, language, under)
        headers = {"Content-Disposition": f'attachment; filename="{kind}.{format.value}"'}
        return Response(data, media_type=_TYPES[format], headers=headers)


def _exported(
    lit: Board, kind: str, format_: FileFormat, language: str, under: OrganisationId | None
) -> bytes:
    match kind:
        case "measures":
            return export_measures(lit.state, format_)
        case "activities":
            return export_activities(lit.state, format_)
        case _:
            return export_assignments(lit, lines(lit, ListQuery(under=under)), format_, language)


def _report(plan: ImportPlan, *, applied: bool) -> WorkImportReport:
    return WorkImportReport(
        applied=applied,
        changes=[
            WorkChange(kind=x.kind, line=x.line, id=x.id, title=x.title, fields=list(x.fields))
            for x in plan.changes
        ],
        errors=[
            ImportFault(line=f.line, column=f.column, zh=f.text.zh, en=f.text.en)
            for f in plan.faults
        ],
    )


# --- evidence


def _add_evidence(routes: APIRouter, services: Services) -> None:
    programmes = services.ports.programmes

    @routes.post(
        "/programmes/{programme}/files",
        status_code=201,
        responses=REFUSED,
        openapi_extra=_ANY_BODY,
    )
    async def put_file(
        programme: str,
        request: Request,
        name: Annotated[str, Query(min_length=1, max_length=200)],
    ) -> FileShape:
        """A file that a report will refer to, as ``{name, digest, size}``."""
        await open_board(programmes, programme)
        content = await request.body()
        if not content or not name.isprintable():
            raise ApiError("bad_request")
        digest = await services.ports.files.put(content)
        return FileShape(name=name, digest=digest, size=len(content))

    @routes.get("/programmes/{programme}/files/{digest}", response_class=Response)
    async def get_file(programme: str, digest: str, asker: Asker) -> Response:
        """Only what a report that the asker may see refers to; always as a download."""
        lit = await open_board(programmes, programme)
        name = await asyncio.to_thread(_evidence_name, lit.state, actor_of(asker), digest)
        content = None if name is None else await services.ports.files.get(digest)
        if name is None or content is None:
            raise ApiError("not_found")
        headers = {
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}",
            "X-Content-Type-Options": "nosniff",
        }
        return Response(content, media_type="application/octet-stream", headers=headers)


def _evidence_name(state: Programme, actor: Actor, digest: str) -> str | None:
    seen = may_see(state, actor)
    files = (
        file
        for organisation, row in state.rows.items()
        if organisation in seen
        for assignment in row.values()
        for file in assignment.files
    )
    return next((file.name for file in files if file.digest == digest), None)


# --- contacts


def _add_contacts(routes: APIRouter, services: Services) -> None:
    contacts = services.ports.contacts

    @routes.get("/contacts")
    async def list_contacts() -> ContactList:
        found = await contacts.all()
        return ContactList(
            contacts=[
                ContactShape.model_validate(
                    {"organisation": x.organisation, "email": x.email, "language": x.language}
                )
                for x in found
            ]
        )

    @routes.put("/contacts/{organisation}", status_code=204)
    async def put_contact(organisation: str, asked: PutContact) -> None:
        known = await services.ports.directory.read()
        body = known.body(organisation)
        if body is None:
            raise ApiError("no_such_organisation")
        await contacts.put(Contact(body.id, asked.email, asked.language))

    @routes.delete("/contacts/{organisation}", status_code=204)
    async def remove_contact(organisation: str) -> None:
        await contacts.remove(OrganisationId(organisation))
