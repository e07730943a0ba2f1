"""The situation as of a day: series, figures, briefing, pictures; and imports."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Final, TypeVar

from fastapi import APIRouter, Query, Request, Response
from pydantic_core import to_json

from podium.sheets.writing import CSV, XLSX
from podium.values.refusal import Refusal
from podium.values.text import Text
from podium.web.errors import ApiError
from podium.web.ports import Json, Language
from podium.web.principal import AccountPrincipal, TokenPrincipal
from podium.web.routes.conferences import REFUSED, Asker
from podium.web.routes.directory import media_type
from podium.web.services import Services
from podium.web.shapes_situation import (
    BatchList,
    BriefingShape,
    KnownFigures,
    SituationImport,
    SituationSeries,
    StatisticShape,
)

T = TypeVar("T")
JSON: Final = "application/json"
KINDS: Final = {"png": "image/png", "svg": "image/svg+xml", "json": JSON}
_BINARY: Final = {"type": "string", "format": "binary"}
_FILE_BODY: Final = {
    "requestBody": {
        "required": True,
        "content": {kind: {"schema": _BINARY} for kind in (CSV, XLSX)},
    }
}
PICTURE: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {kind: {"schema": _BINARY} for kind in KINDS.values()}}
}
SERIES_MOST: Final = 50


def router(services: Services) -> APIRouter:
    routes = APIRouter(prefix="/api/situation", tags=["situation"])
    situation = services.ports.situation

    @routes.get("/series", response_model=SituationSeries)
    async def list_series() -> Response:
        return _json(await situation.series())

    @routes.get("/figures", response_model=KnownFigures, responses=REFUSED)
    async def figures(
        day: date, series: Annotated[list[str], Query(min_length=1, max_length=SERIES_MOST)]
    ) -> Response:
        """Each in the last vintage published by ``day``."""
        return _json(there(await situation.figures(day, series), "unknown_series"))

    @routes.get("/statistics/{series}", response_model=StatisticShape, responses=REFUSED)
    async def statistic(series: str, day: date) -> Response:
        return _json(there(await situation.statistic(series, day), "unknown_series"))

    @routes.get("/briefing", response_model=BriefingShape, responses=REFUSED)
    async def briefing(day: date, lang: Language = "zh") -> Response:
        """The first one after a start takes some seconds."""
        return _json(there(await situation.briefing(day, lang), "nothing_known"))

    @routes.get("/pages/{file}", response_class=Response, responses=PICTURE)
    async def page(file: str, day: date, lang: Language = "zh") -> Response:
        """``<page>.png`` (1920 by 1080), ``<page>.svg``, or ``<page>.json``, which is the chart as
        a Vega-Lite specification."""
        name, _, kind = file.rpartition(".")
        found = there(await situation.page(day, lang, name, kind), "no_such_page")
        return Response(found, media_type=KINDS[kind])

    _add_files(routes, services)
    return routes


def _add_files(routes: APIRouter, services: Services) -> None:
    situation = services.ports.situation

    @routes.get("/export", response_class=Response)
    async def export() -> Response:
        """Every vintage, in the layout that an import reads back without a change."""
        headers = {"Content-Disposition": 'attachment; filename="figures.csv"'}
        return Response(await situation.export(), media_type=CSV, headers=headers)

    @routes.get("/imports", response_model=BatchList)
    async def imports() -> Response:
        """What came in and when, the newest first."""
        return _json(await situation.batches())

    @routes.post(
        "/import", response_model=SituationImport, responses=REFUSED, openapi_extra=_FILE_BODY
    )
    async def bring_in(
        request: Request,
        asker: Asker,
        day: date,
        source: Annotated[str | None, Query(max_length=64)] = None,
        source_zh: Annotated[str | None, Query(min_length=1, max_length=200)] = None,
        source_en: Annotated[str | None, Query(min_length=1, max_length=200)] = None,
        name: Annotated[str, Query(max_length=200)] = "",
        apply: bool = False,
    ) -> Response:
        """Plans, and with ``apply`` does it unless there is any error: see ``applied``. ``day``
        (of publication) and the source hold for what the file does not say itself; the source is
        one of the list, or ``source_zh`` and ``source_en`` name a new one."""
        if media_type(request) not in (CSV, XLSX, "application/octet-stream"):
            raise ApiError("content_type", {"wanted": [CSV, XLSX]})
        if not name.isprintable():
            raise ApiError("bad_request")
        whose = _source(source, source_zh, source_en)
        assert isinstance(asker, AccountPrincipal | TokenPrincipal)
        data = await request.body()
        who = asker.account.name
        done = await situation.bring_in(data, name, day, whose, who, apply=apply)
        return _json(there(done, "unknown_source"))


def there(found: T | Refusal | None, code: str) -> T:
    """Raises ``code`` where there is none, ``briefing_unavailable`` where it cannot be made."""
    if isinstance(found, Refusal):
        raise ApiError("briefing_unavailable", {"zh": found.zh, "en": found.en})
    if found is None:
        raise ApiError(code)
    return found


def _source(known: str | None, zh: str | None, en: str | None) -> str | Text:
    if known is not None:
        return known
    named = (zh or en or "").strip()
    if not named or not named.isprintable():
        raise ApiError("unknown_source")
    return Text((zh or named).strip(), (en or named).strip())


def _json(found: Json) -> Response:
    # Checked against its shape by tests, not at every look at hundreds of figures.
    return Response(to_json(found), media_type=JSON)
