"""The standing directory, its import and export, and conference templates."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from podium.directory.csv_import import Change, ImportPlan
from podium.directory.templates import TEMPLATES, Template
from podium.directory.values import Body, Directory, Place
from podium.web.errors import ApiError
from podium.web.services import Services
from podium.web.shapes import (
    AgendaTemplate,
    DirectoryShape,
    DirectoryVenue,
    ErrorBody,
    ImportChange,
    ImportFault,
    ImportReport,
    OrganisationShape,
    TemplateList,
    TemplateShape,
)

CSV = "text/csv"
_CSV_BODY = {
    "requestBody": {"required": True, "content": {CSV: {"schema": {"type": "string"}}}},
}


def router(services: Services) -> APIRouter:
    routes = APIRouter(prefix="/api", tags=["directory"])
    book = services.ports.directory

    @routes.get("/directory")
    async def read() -> DirectoryShape:
        return _directory(await book.read())

    @routes.post(
        "/directory/import", responses={415: {"model": ErrorBody}}, openapi_extra=_CSV_BODY
    )
    async def import_csv(request: Request, apply: bool = False) -> ImportReport:
        """Plans, and with ``apply`` does it unless there is any error: see ``applied``."""
        if media_type(request) != CSV:
            raise ApiError("content_type", {"wanted": CSV})
        plan = await book.import_csv(await request.body(), apply=apply)
        return _report(plan, applied=apply and not plan.faults)

    @routes.get("/directory/export", response_class=Response)
    async def export_csv() -> Response:
        headers = {"Content-Disposition": 'attachment; filename="directory.csv"'}
        return Response(await book.export_csv(), media_type=CSV, headers=headers)

    @routes.get("/templates")
    async def templates() -> TemplateList:
        return TemplateList(templates=[_template(t) for t in TEMPLATES.values()])

    return routes


def media_type(request: Request) -> str:
    """Of the body, without parameters, lower case."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def _directory(directory: Directory) -> DirectoryShape:
    return DirectoryShape(
        organisations=[_organisation(body) for body in directory.organisations],
        venues=[_venue(place) for place in directory.venues],
    )


def _organisation(body: Body) -> OrganisationShape:
    return OrganisationShape(
        id=body.id, name=body.name, parent=body.parent, level=body.level, order=body.order
    )


def _venue(place: Place) -> DirectoryVenue:
    return DirectoryVenue(
        id=place.id,
        organisation=place.organisation,
        name=place.name,
        kind=place.kind,
        order=place.order,
        pinyin=list(place.pinyin),
        telephones=list(place.telephones),
    )


def _report(plan: ImportPlan, *, applied: bool) -> ImportReport:
    faults = [
        ImportFault(line=f.line, column=f.column, zh=f.text.zh, en=f.text.en) for f in plan.faults
    ]
    return ImportReport(
        applied=applied, changes=[_change(change) for change in plan.changes], errors=faults
    )


def _change(change: Change) -> ImportChange:
    venue = change.venue
    return ImportChange(
        kind=change.kind,
        line=change.line,
        organisation=change.organisation.id,
        venue=None if venue is None else venue.id,
        fields=list(change.fields),
        organisation_name=change.organisation.name,
        venue_name=None if venue is None else venue.name,
    )


def _template(template: Template) -> TemplateShape:
    agenda = [
        AgendaTemplate(
            id=item.id,
            kind=item.kind,
            title=item.title,
            planned=item.planned.total_seconds(),
            speaker=item.speaker,
        )
        for item in template.agenda
    ]
    return TemplateShape(id=template.id, name=template.name, title=template.title, agenda=agenda)
