"""Conferences: list, create, look, command, and read the log."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic_core import to_json

from podium.conference.codec import recorded_to_wire
from podium.conference.commands import AgendaPlan, ScheduleConference
from podium.conference.state import ConferenceId, ItemId, VenueId
from podium.directory.templates import TEMPLATES
from podium.directory.values import Directory
from podium.web.commanding import (
    accepted,
    actor_for,
    carry_out,
    hall_errors,
    open_hall,
    parse_command,
)
from podium.web.errors import ApiError
from podium.web.gate import principal_of
from podium.web.opened import Opened, with_opening
from podium.web.outcomes import read_outcomes
from podium.web.permissions import console_of
from podium.web.principal import AccountPrincipal, Principal, StationPrincipal, TokenPrincipal
from podium.web.services import Services
from podium.web.shapes import (
    ConferenceItem,
    ConferenceList,
    CreatedConference,
    Done,
    ErrorBody,
    EventList,
    NewAgendaItem,
    NewConference,
)
from podium.web.shapes_live import ConferenceState
from podium.web.view import Console, view
from podium.web.view_telephone import without_numbers
from podium.web.working import open_board
from podium.work.opening import opening

_COMMAND_BODY = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Command"}}},
    }
}
REFUSED: dict[int | str, dict[str, Any]] = {
    404: {"model": ErrorBody},
    409: {"model": ErrorBody},
}

Asker = Annotated[Principal, Depends(principal_of)]


def router(services: Services) -> APIRouter:
    routes = APIRouter(prefix="/api/conferences", tags=["conferences"])
    ports = services.ports

    @routes.get("")
    async def list_conferences() -> ConferenceList:
        found = await ports.index.all()
        items = [
            ConferenceItem(
                id=c.id, title=c.title, starts_at=c.starts_at, phase=c.phase, venues=c.venues
            )
            for c in found
        ]
        return ConferenceList(conferences=items)

    @routes.post("", status_code=201, responses=REFUSED)
    async def create(asked: NewConference, asker: Asker) -> CreatedConference:
        invited = _chosen(await ports.directory.read(), asked.venues)
        opened = await _opened(services, asked)
        command = ScheduleConference(
            conference=ConferenceId(ports.new_id()),
            title=asked.title,
            starts_at=asked.starts_at,
            agenda=opened.agenda,
            organisations=tuple(body.as_invited() for body in invited.organisations),
            venues=tuple(place.as_invited() for place in invited.venues),
            records=services.settings.records,
            notes=opened.notes,
        )
        with hall_errors():
            outcome = await ports.halls.create(command, actor_for(asker, command))
        return CreatedConference(id=command.conference, seq=accepted(outcome))

    @routes.get("/{conference}", response_model=ConferenceState, responses=REFUSED)
    async def look(conference: str, asker: Asker) -> Response:
        hall = await open_hall(ports.halls, ConferenceId(conference))
        assert hall.state is not None
        # The view is checked against its shape by tests, not at every look at 3,000 venues.
        value = {"seq": hall.seq, "view": view(hall.state, _console(asker))}
        return Response(to_json(value), media_type="application/json")

    @routes.post("/{conference}/commands", responses=REFUSED, openapi_extra=_COMMAND_BODY)
    async def command(conference: str, request: Request, asker: Asker) -> Done:
        if isinstance(asker, StationPrincipal) and asker.conference != conference:
            raise ApiError("forbidden")
        wanted = parse_command(await request.body())
        hall = await open_hall(ports.halls, ConferenceId(conference))
        return Done(seq=await carry_out(hall, wanted, asker))

    @routes.get("/{conference}/events", responses=REFUSED)
    async def events(
        conference: str,
        after: Annotated[int, Query(ge=0, le=2**31 - 1)] = 0,
        limit: Annotated[int, Query(ge=1, le=5000)] = 500,
        *,
        asker: Asker,
    ) -> EventList:
        hall = await open_hall(ports.halls, ConferenceId(conference))
        entries = await ports.log.read(hall.conference, after)
        numbers = _console(asker).numbers
        page = [recorded_to_wire(e if numbers else without_numbers(e)) for e in entries[:limit]]
        return EventList(events=page, more=len(entries) > limit)

    return routes


def _console(asker: Principal) -> Console:
    assert isinstance(asker, AccountPrincipal | TokenPrincipal)
    return console_of(asker.account)


def _chosen(directory: Directory, venues: str | Sequence[str]) -> Directory:
    """Raises ``unknown_venue`` with those that the directory lacks."""
    if venues == "all":
        return directory
    wanted = frozenset(VenueId(venue) for venue in venues)
    chosen = directory.selection(wanted)
    missing = sorted(wanted - {place.id for place in chosen.venues})
    if missing:
        raise ApiError("unknown_venue", missing[:20])
    return chosen


async def _opened(services: Services, asked: NewConference) -> Opened:
    """Raises ``unknown_template``, ``unknown_programme``."""
    agenda = _agenda(asked)
    if asked.programme is None:
        return Opened(agenda, ())
    lit = await open_board(services.ports.programmes, asked.programme)
    outcomes = await read_outcomes(services.ports.situation, lit)
    return with_opening(agenda, await asyncio.to_thread(opening, lit, outcomes))


def _agenda(asked: NewConference) -> tuple[AgendaPlan, ...]:
    if asked.agenda is not None:
        taken = {item.id for item in asked.agenda}
        return tuple(_item(item, place, taken) for place, item in enumerate(asked.agenda, 1))
    if asked.template is None:
        return ()
    template = TEMPLATES.get(asked.template)
    if template is None:
        raise ApiError("unknown_template")
    return template.agenda


def _item(item: NewAgendaItem, place: int, taken: set[str | None]) -> AgendaPlan:
    id = item.id or f"item-{place}"  # noqa: A001
    while item.id is None and id in taken:
        id += "x"  # noqa: A001
    speaker = None if item.speaker is None else VenueId(item.speaker)
    return AgendaPlan(ItemId(id), item.kind, item.title, timedelta(seconds=item.planned), speaker)
