"""The links of stations and walls, and what a link is for."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter, Request

from podium.conference.state import Conference, ConferenceId, VenueId
from podium.hall.pins import Pins
from podium.web.commanding import open_hall
from podium.web.errors import ApiError
from podium.web.invited import chosen, invited_venues
from podium.web.principal import (
    Principal,
    StationPrincipal,
    WallPrincipal,
    station_owner,
    wall_owner,
)
from podium.web.routes.conferences import Asker
from podium.web.services import Services
from podium.web.shapes import (
    IssuedAccess,
    IssuedLink,
    IssuedLinks,
    IssuedWall,
    IssueLinks,
    JoinConference,
    JoinStation,
    JoinTelephone,
    JoinVenue,
    JoinWall,
    LinkList,
    LinkShape,
)


def router(services: Services) -> APIRouter:
    routes = APIRouter(prefix="/api/conferences/{conference}/links", tags=["links"])
    ports = services.ports

    async def state_of(conference: str) -> Conference:
        hall = await open_hall(ports.halls, ConferenceId(conference))
        assert hall.state is not None
        return hall.state

    @routes.get("")
    async def list_links(conference: str) -> LinkList:
        state = await state_of(conference)
        links = {link.venue: link for link in await ports.links.states(state.id)}
        shapes = [
            LinkShape(venue=v, issued_at=links[v].issued_at, last_used_at=links[v].last_used_at)
            if v in links
            else LinkShape(venue=v, issued_at=None, last_used_at=None)
            for v in invited_venues(state)
        ]
        return LinkList(links=shapes)

    @routes.post("", status_code=201)
    async def issue(conference: str, asked: IssueLinks, request: Request) -> IssuedLinks:
        state = await state_of(conference)
        base = base_url(services, request)
        linked = {link.venue for link in await ports.links.states(state.id)}
        venues = _chosen(state, asked.venues, linked)
        secrets = await ports.links.issue(state.id, venues)
        await _end_stations(services, state.id, [v for v in venues if v in linked])
        number = ports.telephone.access_number()
        pins = Pins({})
        if number is not None:
            pins = await ports.pins.issue(state.id, venues, general=asked.general_pin)
        links = [
            IssuedLink(
                venue=v,
                url=f"{base}/station/{secrets[v]}",
                token=secrets[v],
                pin=pins.venues.get(v),
            )
            for v in venues
        ]
        wall = None
        if asked.wall:
            secret = await ports.links.issue_wall(state.id)
            await _end_wall(services, state.id)
            wall = IssuedWall(url=f"{base}/wall/{secret}", token=secret)
        telephone = None if number is None else IssuedAccess(number=number, general=pins.general)
        return IssuedLinks(links=links, wall=wall, telephone=telephone)

    @routes.delete("/{venue}", status_code=204)
    async def revoke(conference: str, venue: str) -> None:
        state = await state_of(conference)
        await ports.links.revoke(state.id, VenueId(venue))
        await ports.pins.revoke(state.id, VenueId(venue))
        ports.telephone.pin_revoked(state.id, VenueId(venue))
        await _end_stations(services, state.id, [VenueId(venue)])

    return routes


def base_url(services: Services, request: Request) -> str:
    """What addresses that we give out begin with."""
    return services.settings.public_url or str(request.base_url).rstrip("/")


def join_router(services: Services) -> APIRouter:
    routes = APIRouter(tags=["links"])

    @routes.get("/api/join")
    async def join(asker: Asker) -> JoinStation | JoinWall:
        assert isinstance(asker, StationPrincipal | WallPrincipal)
        hall = await open_hall(services.ports.halls, asker.conference)
        state = hall.state
        assert state is not None
        conference = JoinConference(
            id=state.id, title=state.title, starts_at=state.starts_at, phase=state.phase
        )
        if isinstance(asker, WallPrincipal):
            return JoinWall(kind="wall", conference=conference)
        venue = state.venues.get(asker.venue)
        if venue is None:
            raise ApiError("withdrawn")
        shape = JoinVenue(id=venue.id, name=venue.name, kind=venue.kind)
        return JoinStation(
            kind="station",
            conference=conference,
            venue=shape,
            telephone=await _own_access(services, asker),
        )

    return routes


async def _own_access(services: Services, station: StationPrincipal) -> JoinTelephone | None:
    """What the venue dials when its link fails: its own PIN, and nobody else's."""
    number = services.ports.telephone.access_number()
    if number is None:
        return None
    pin = await services.ports.pins.of(station.conference, station.venue)
    return JoinTelephone(number=number, pin=pin)


def _chosen(state: Conference, asked: str | Sequence[str], linked: set[VenueId]) -> list[VenueId]:
    """In protocol order. Raises ``unknown_venue``."""
    invited = invited_venues(state)
    if asked == "all":
        return invited
    if asked == "missing":
        return [v for v in invited if v not in linked]
    return chosen(invited, asked)


async def _end_stations(
    services: Services, conference: ConferenceId, venues: Sequence[VenueId]
) -> None:
    """Whoever attends by a revoked link no longer does."""
    ended = frozenset(StationPrincipal(conference, venue) for venue in venues)

    def is_ended(principal: Principal) -> bool:
        return isinstance(principal, StationPrincipal) and principal in ended

    services.feeds.expel(is_ended)
    for venue in venues:
        await services.ports.media.end_all_of(station_owner(conference, venue))


async def _end_wall(services: Services, conference: ConferenceId) -> None:
    services.feeds.expel(lambda principal: principal == WallPrincipal(conference))
    await services.ports.media.end_all_of(wall_owner(conference))
