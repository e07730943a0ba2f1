"""Programmes: list, create, command, and every fold that pages show."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Request

from podium.desk.programmes import known_zone
from podium.directory.values import Directory
from podium.values.text import OrganisationId
from podium.web.errors import ApiError
from podium.web.outcomes import outcomes_shape, read_outcomes
from podium.web.routes.conferences import REFUSED, Asker
from podium.web.services import Services
from podium.web.shapes_work import (
    AssignmentShape,
    CalendarShape,
    CreatedProgramme,
    LineList,
    MatrixShape,
    NewProgramme,
    OpeningShape,
    OutcomeList,
    PageSize,
    Place,
    ProgrammeItem,
    ProgrammeItems,
    ProgrammeShape,
    RollUpShape,
    SummaryShape,
    WorkDone,
)
from podium.web.work_view import (
    assignment_shape,
    calendar_shape,
    lines_shape,
    matrix_shape,
    programme_shape,
    roll_up_shape,
    summary_shape,
)
from podium.web.working import (
    accepted,
    actor_of,
    carry_out_work,
    may_name,
    may_see,
    open_board,
    parse_work_command,
)
from podium.work.board import Board, roll_up
from podium.work.commands import Actor, CreateProgramme, FileReport
from podium.work.lights import Light
from podium.work.lists import ListQuery, opening_summary, page_of_lines
from podium.work.matrix import MatrixQuery, Page, matrix
from podium.work.opening import opening
from podium.work.policy import acts_for
from podium.work.state import Stage
from podium.work.timetable import calendar
from podium.work.values import AreaId, Body, Cell, MeasureId, ProgrammeId

_COMMAND_BODY = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/WorkCommand"}}},
    }
}
_LONGEST_VIEW = timedelta(days=3 * 366)
_ID = Query(max_length=64)


def router(services: Services) -> APIRouter:
    routes = APIRouter(prefix="/api/work", tags=["work"])
    ports = services.ports
    programmes = ports.programmes

    @routes.get("/programmes")
    async def list_programmes() -> ProgrammeItems:
        items = [
            ProgrammeItem(
                id=p.id, title=p.title, owner=p.owner, starts_on=p.starts_on, ends_on=p.ends_on
            )
            for p in await ports.programme_index.all()
        ]
        return ProgrammeItems(programmes=items)

    @routes.post("/programmes", status_code=201, responses=REFUSED)
    async def create(asked: NewProgramme, asker: Asker) -> CreatedProgramme:
        if not known_zone(asked.zone):
            raise ApiError("invalid", [{"where": "zone", "what": "no known time zone"}])
        command = CreateProgramme(
            programme=ProgrammeId(ports.new_id()),
            title=asked.title,
            about=asked.about,
            owner=OrganisationId(asked.owner),
            zone=asked.zone,
            starts_on=asked.starts_on,
            ends_on=asked.ends_on,
            bodies=_bodies(await ports.directory.read()),
        )
        done = accepted(await programmes.create(command, actor_of(asker)))
        return CreatedProgramme(id=command.programme, seq=done.seq)

    @routes.post("/programmes/{programme}/commands", responses=REFUSED, openapi_extra=_COMMAND_BODY)
    async def command(programme: str, request: Request, asker: Asker) -> WorkDone:
        wanted = parse_work_command(await request.body())
        if isinstance(wanted, FileReport) and wanted.evidence:
            missing = await ports.files.claim({file.digest for file in wanted.evidence})
            if missing:
                raise ApiError("file_missing", missing)
        done = await carry_out_work(programmes, programme, (wanted,), actor_of(asker))
        return WorkDone(seq=done.seq, changed=bool(done.entries))

    _add_folds(routes, services)
    _add_lists(routes, services)
    return routes


def _bodies(directory: Directory) -> tuple[Body, ...]:
    return tuple(
        Body(body.id, body.name, body.parent, body.level, body.order)
        for body in directory.organisations
    )


def _add_folds(routes: APIRouter, services: Services) -> None:
    programmes = services.ports.programmes

    @routes.get("/programmes/{programme}", responses=REFUSED)
    async def look(programme: str, asker: Asker) -> ProgrammeShape:
        lit = await open_board(programmes, programme)
        actor = actor_of(asker)
        seq = await programmes.seq(lit.state.id)
        here = acts_for(lit.state, actor)
        return programme_shape(lit, seq, here, may_name(lit.state, actor))

    @routes.get("/programmes/{programme}/matrix", responses=REFUSED)
    async def read_matrix(
        programme: str,
        asker: Asker,
        under: Annotated[str | None, _ID] = None,
        area: Annotated[str | None, _ID] = None,
        light: Annotated[list[Light] | None, Query(max_length=5)] = None,
        search: Annotated[str, Query(max_length=100)] = "",
        measures_from: Place = 0,
        measures_size: PageSize = 50,
        organisations_from: Place = 0,
        organisations_size: PageSize = 40,
    ) -> MatrixShape:
        """``under`` is whose subordinates make the columns; the owner's, where it is not given
        (a liaison officer's own organisation's)."""
        lit = await open_board(programmes, programme)
        query = MatrixQuery(
            under=_under(lit, actor_of(asker), under),
            area=None if area is None else AreaId(area),
            lights=frozenset(light or ()),
            search=search,
            measures=Page(measures_from, measures_size),
            organisations=Page(organisations_from, organisations_size),
        )
        return matrix_shape(lit, await asyncio.to_thread(matrix, lit, query))

    @routes.get("/programmes/{programme}/roll-up", responses=REFUSED)
    async def read_roll_up(programme: str) -> RollUpShape:
        """For those who follow the whole."""
        lit = await open_board(programmes, programme)
        return roll_up_shape(lit, await asyncio.to_thread(roll_up, lit))

    @routes.get("/programmes/{programme}/summary", responses=REFUSED)
    async def read_summary(programme: str) -> SummaryShape:
        """What the next conference opens with; for those who follow the whole."""
        lit = await open_board(programmes, programme)
        return summary_shape(await asyncio.to_thread(opening_summary, lit))

    @routes.get("/programmes/{programme}/opening", responses=REFUSED)
    async def read_opening(programme: str) -> OpeningShape:
        """The same in words, as the agenda of a conference created from this programme has it."""
        lit = await open_board(programmes, programme)
        outcomes = await read_outcomes(services.ports.situation, lit)
        drafted = await asyncio.to_thread(opening, lit, outcomes)
        return OpeningShape(summary=list(drafted.summary), referred=list(drafted.referred))

    @routes.get("/programmes/{programme}/outcomes", responses=REFUSED)
    async def list_outcomes(programme: str) -> OutcomeList:
        lit = await open_board(programmes, programme)
        return outcomes_shape(await read_outcomes(services.ports.situation, lit))

    @routes.get("/programmes/{programme}/calendar", responses=REFUSED)
    async def read_calendar(
        programme: str,
        asker: Asker,
        first: date,
        last: date,
        organisation: Annotated[str | None, _ID] = None,
    ) -> CalendarShape:
        if last < first or last - first > _LONGEST_VIEW:
            raise ApiError("invalid", [{"where": "last", "what": "0 to 1098 days after first"}])
        lit = await open_board(programmes, programme)
        whose = None if organisation is None else OrganisationId(organisation)
        if whose is not None and whose not in may_see(lit.state, actor_of(asker)):
            raise ApiError("forbidden")
        return calendar_shape(calendar(lit.state, first, last, whose))


def _add_lists(routes: APIRouter, services: Services) -> None:
    programmes = services.ports.programmes

    @routes.get("/programmes/{programme}/assignments", responses=REFUSED)
    async def list_assignments(
        programme: str,
        asker: Asker,
        under: Annotated[str | None, _ID] = None,
        measure: Annotated[str | None, _ID] = None,
        light: Annotated[list[Light] | None, Query(max_length=5)] = None,
        stage: Annotated[list[Stage] | None, Query(max_length=6)] = None,
        waiting: bool = False,
        start: Place = 0,
        size: PageSize = 50,
    ) -> LineList:
        """``waiting``: what the asker's organisation has issued and must verify or answer."""
        lit = await open_board(programmes, programme)
        actor = actor_of(asker)
        query = ListQuery(
            under=_under(lit, actor, under),
            measure=None if measure is None else MeasureId(measure),
            lights=frozenset(light or ()),
            stages=frozenset(stage or ()),
            issuer=acts_for(lit.state, actor) if waiting else None,
            waiting=waiting,
        )
        found, total = await asyncio.to_thread(page_of_lines, lit, query, start, size)
        return LineList(lines=lines_shape(found), total=total)

    @routes.get("/programmes/{programme}/assignments/{measure}/{organisation}", responses=REFUSED)
    async def read_assignment(
        programme: str, measure: str, organisation: str, asker: Asker
    ) -> AssignmentShape:
        lit = await open_board(programmes, programme)
        actor = actor_of(asker)
        cell = Cell(MeasureId(measure), OrganisationId(organisation))
        assignment = lit.state.assignment(cell)
        if cell.organisation not in may_see(lit.state, actor) or assignment is None:
            raise ApiError("unknown_assignment")
        history = await programmes.chosen(lit.state.id, assignment.history)
        return assignment_shape(lit, cell, assignment, history, acts_for(lit.state, actor))


def _under(lit: Board, actor: Actor, asked: str | None) -> OrganisationId | None:
    """Raises ``forbidden`` for what the actor may not see."""
    state = lit.state
    seen = may_see(state, actor)
    if asked is not None:
        if asked not in seen:
            raise ApiError("forbidden")
        return OrganisationId(asked)
    if seen is state.bodies:
        return state.owner if state.owner in state.bodies else None
    here = acts_for(state, actor)
    if here is None or here not in seen:
        raise ApiError("forbidden")
    return here
