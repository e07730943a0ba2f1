"""PINs of telephones, and what the console is told of the telephone itself."""

from __future__ import annotations

from fastapi import APIRouter

from podium.conference.state import ConferenceId, VenueId
from podium.web.commanding import open_hall
from podium.web.errors import ApiError
from podium.web.frames import telephone_value
from podium.web.invited import chosen, invited_venues
from podium.web.services import Services
from podium.web.shapes import IssuedPins, IssuePins, TelephoneShape, VenuePin


def router(services: Services) -> APIRouter:
    routes = APIRouter(prefix="/api/conferences/{conference}", tags=["telephone"])
    ports = services.ports

    @routes.post("/pins", status_code=201)
    async def issue(conference: str, asked: IssuePins) -> IssuedPins:
        hall = await open_hall(ports.halls, ConferenceId(conference))
        assert hall.state is not None
        number = ports.telephone.access_number()
        if number is None:
            raise ApiError("telephone_not_configured")
        invited = invited_venues(hall.state)
        venues = invited if asked.venues == "all" else chosen(invited, asked.venues)
        issued = await ports.pins.issue(hall.conference, venues, general=asked.general)
        pins = [VenuePin(venue=v, pin=issued.venues[v]) for v in venues]
        return IssuedPins(number=number, general=issued.general, venues=pins)

    @routes.delete("/pins", status_code=204)
    async def revoke_general(conference: str) -> None:
        hall = await open_hall(ports.halls, ConferenceId(conference))
        await ports.pins.revoke(hall.conference, None)
        ports.telephone.pin_revoked(hall.conference, None)

    @routes.delete("/pins/{venue}", status_code=204)
    async def revoke(conference: str, venue: str) -> None:
        hall = await open_hall(ports.halls, ConferenceId(conference))
        await ports.pins.revoke(hall.conference, VenueId(venue))
        ports.telephone.pin_revoked(hall.conference, VenueId(venue))

    return routes


def telephone_router(services: Services) -> APIRouter:
    routes = APIRouter(tags=["telephone"])
    desk = services.ports.telephone

    @routes.get("/api/telephone")
    async def telephone() -> TelephoneShape:
        return TelephoneShape.model_validate(telephone_value(desk))

    @routes.delete("/api/telephone/pin-lock", status_code=204)
    async def lift_pin_lock() -> None:
        desk.lift_pin_lock()

    return routes
