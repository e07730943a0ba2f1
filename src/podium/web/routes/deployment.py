"""A conference's deployment: what its agenda issues, and what its venues sign for."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter

from podium.conference.state import Conference, ConferenceId, ItemKind
from podium.hall.registry import Halls
from podium.web.commanding import open_hall
from podium.web.deployment_view import (
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
    SignHere,
    StationWork,
    WorkDone,
)
from podium.web.working import carry_out_work, open_board
from podium.work.commands import Actor, IssueMeasures, Role, Sign
from podium.work.state import Programme
from podium.work.values import MeasureId


def router(services: Services) -> APIRouter:
    routes = APIRouter(prefix="/api/conferences/{conference}/deployment", tags=["work"])
    ports = services.ports

    @routes.get("", responses=REFUSED)
    async def look(conference: str) -> DeploymentList:
        await _conference(ports.halls, conference)
        states = await _deploying(services, conference)
        found = await asyncio.to_thread(
            lambda: [shape for state in states for shape in deployment_shapes(state, conference)]
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
            station_programme(state, station.conference, station.venue, whose)
            for state in await _deploying(services, station.conference)
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


async def _deploying(services: Services, conference: str) -> list[Programme]:
    """The programmes of which the conference issued something."""
    found: list[Programme] = []
    for programme in await services.ports.programmes.ids():
        state = await services.ports.programmes.look(programme)
        if state is not None and any(d.conference == conference for d in state.deployments):
            found.append(state)
    return found


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
