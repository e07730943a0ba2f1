"""A conference's deployment: what its agenda issues, and what its venues sign for."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query

from podium.conference.state import Conference, ConferenceId, ItemKind
from podium.hall.registry import Halls
from podium.web.commanding import open_hall
from podium.web.deployment_view import (
    OrganisationPage,
    bodies_below,
    deployment_shapes,
    invited_bodies,
    offer_shape,
    station_programme,
)
from podium.web.errors import ApiError
from podium.web.principal import (
    AccountPrincipal,
    Principal,
    StationPrincipal,
    TokenPrincipal,
)
from podium.web.routes.conferences import REFUSED, Asker
from podium.web.services import Services
from podium.web.shapes_work import (
    Deploy,
    DeployDone,
    DeploymentList,
    OfferShape,
    PageSize,
    Place,
    SignHere,
    StationWork,
    WorkDone,
)
from podium.web.working import carry_out_work, open_board
from podium.work.commands import Actor, IssueMeasures, Role, Sign
from podium.work.values import MeasureId


def router(services: Services) -> APIRouter:
    routes = APIRouter(prefix="/api/conferences/{conference}/deployment", tags=["work"])
    ports = services.ports

    @routes.get("", responses=REFUSED)
    async def look(
        conference: str,
        item: Annotated[str | None, Query(max_length=64)] = None,
        programme: Annotated[str | None, Query(max_length=64)] = None,
        unsigned: bool = False,
        start: Place = 0,
        size: PageSize = 50,
    ) -> DeploymentList:
        """``start``, ``size`` and ``unsigned`` are of the organisations of each deployment."""
        await _conference(ports.halls, conference)
        kept = await services.ledgers.all(conference)
        page = OrganisationPage(start, size, unsigned)
        found = await asyncio.to_thread(
            lambda: [
                shape
                for one in kept
                if programme in (None, one.state.id)
                for shape in deployment_shapes(one, conference, item, page)
            ]
        )
        return DeploymentList(deployments=found)

    @routes.get("/{programme}", responses=REFUSED)
    async def offer(conference: str, programme: str) -> OfferShape:
        held = await _conference(ports.halls, conference)
        lit = await open_board(ports.programmes, programme)
        return await asyncio.to_thread(offer_shape, lit, held)

    @routes.post("", responses=REFUSED)
    async def deploy(conference: str, asked: Deploy, asker: Asker) -> DeployDone:
        held = await _conference(ports.halls, conference)
        _check_item(held, asked.item)
        state = (await open_board(ports.programmes, asked.programme)).state
        recipients = invited_bodies(state, held) if asked.to == "invited" else bodies_below(state)
        if not recipients:
            raise ApiError("nobody_to_issue_to")
        command = IssueMeasures(
            measures=tuple(MeasureId(m) for m in asked.measures),
            lead=recipients,
            due=asked.due,
            conference=conference,
            item=asked.item,
        )
        actor = Actor(Role.CONSOLE, _account(asker), conference=conference)
        done = await carry_out_work(ports.programmes, asked.programme, (command,), actor)
        return DeployDone(seq=done.seq, changed=bool(done.entries), organisations=len(recipients))

    return routes


def station_router(services: Services) -> APIRouter:
    routes = APIRouter(prefix="/api/station/work", tags=["work"])
    ports = services.ports

    @routes.get("", responses=REFUSED)
    async def look(asker: Asker) -> StationWork:
        actor, station = await _station(ports.halls, asker)
        whose = actor.organisation
        if whose is None:
            return StationWork(organisation=None, programmes=[])
        found = [
            station_programme(kept.state, station.conference, station.venue, whose)
            for kept in await services.ledgers.all(station.conference)
        ]
        return StationWork(organisation=whose, programmes=[p for p in found if p.measures])

    @routes.post("/sign", responses=REFUSED)
    async def sign(asked: SignHere, asker: Asker) -> WorkDone:
        actor, _ = await _station(ports.halls, asker)
        if actor.organisation is None:
            raise ApiError("forbidden")
        command = Sign(actor.organisation, tuple(MeasureId(m) for m in asked.measures))
        done = await carry_out_work(ports.programmes, asked.programme, (command,), actor)
        return WorkDone(seq=done.seq, changed=bool(done.entries))

    return routes


async def _conference(halls: Halls, conference: str) -> Conference:
    """Raises ``unknown_conference``."""
    hall = await open_hall(halls, ConferenceId(conference))
    assert hall.state is not None
    return hall.state


def _check_item(held: Conference, wanted: str) -> None:
    """Raises ``not_a_deployment``, ``item_not_started``."""
    item = next((i for i in held.agenda if i.id == wanted), None)
    if item is None or item.kind is not ItemKind.DEPLOYMENT:
        raise ApiError("not_a_deployment")
    if item.started_at is None:
        raise ApiError("item_not_started")


async def _station(halls: Halls, asker: Principal) -> tuple[Actor, StationPrincipal]:
    """Whom the venue speaks for. Raises ``forbidden`` where it is no longer invited."""
    assert isinstance(asker, StationPrincipal)  # the rules let no others in
    held = await _conference(halls, asker.conference)
    venue = held.venues.get(asker.venue)
    if venue is None:
        raise ApiError("forbidden")
    actor = Actor(Role.STATION, asker.venue, venue.organisation, asker.conference)
    return actor, asker


def _account(asker: Principal) -> str:
    assert isinstance(asker, AccountPrincipal | TokenPrincipal)
    return asker.account.id
