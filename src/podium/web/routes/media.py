"""WHIP (RFC 9725) and WHEP: media sessions over HTTP."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request, Response

from podium.conference.state import ConferenceId, VenueId
from podium.hall.sessions import (
    Answer,
    MediaSessionId,
    Publishing,
    SessionInfo,
    Source,
    View,
    Viewing,
)
from podium.web.commanding import open_hall
from podium.web.errors import ApiError
from podium.web.principal import (
    Principal,
    StationPrincipal,
    WallPrincipal,
    owner_of,
    role_of,
)
from podium.web.routes.conferences import Asker
from podium.web.routes.directory import media_type
from podium.web.services import Services
from podium.web.shapes import SetSlots

SDP: Final = "application/sdp"
FRAGMENT: Final = "application/trickle-ice-sdpfrag"
_ACCEPTED: Final = frozenset({SDP, "application/*", "*/*"})


def _text_body(kind: str) -> dict[str, object]:
    content = {kind: {"schema": {"type": "string"}}}
    return {"requestBody": {"required": True, "content": content}}


_ANSWER: dict[int | str, dict[str, object]] = {
    201: {"content": {SDP: {"schema": {"type": "string"}}}, "description": "The answer"}
}


def whip_router(services: Services) -> APIRouter:
    routes = APIRouter(prefix="/whip", tags=["media"])
    media = services.ports.media
    publishers = _Publishers(services)

    @routes.post(
        "",
        status_code=201,
        openapi_extra=_text_body(SDP),
        responses=_ANSWER,
        response_class=Response,
    )
    async def publish(request: Request, asker: Asker, source: Source = Source.CAMERA) -> Response:
        """Publishes a venue's camera and microphone, or its shared screen."""
        assert isinstance(asker, StationPrincipal)
        offer = await _offer(request)
        services.limits.media.check(owner_of(asker))
        await _check_invited(services, asker)
        by_page = "origin" in request.headers
        answer = await publishers.publish(asker, source, offer, by_page=by_page)
        return _created("/whip", answer)

    _add_session_routes(routes, services, Publishing)
    _add_options(routes)

    @routes.delete("/{session}", response_class=Response)
    async def end(session: str, asker: Asker) -> Response:
        await media.delete(_own(services, session, asker, Publishing).id)
        return Response()

    return routes


def whep_router(services: Services) -> APIRouter:
    routes = APIRouter(prefix="/whep", tags=["media"])
    media = services.ports.media

    @routes.post(
        "",
        status_code=201,
        openapi_extra=_text_body(SDP),
        responses=_ANSWER,
        response_class=Response,
    )
    async def watch(
        request: Request,
        asker: Asker,
        view: View = View.PROGRAM,
        conference: Annotated[str | None, Query(max_length=64)] = None,
    ) -> Response:
        """Watches the program, the preview, or as a wall. Accounts name the conference."""
        offer = await _offer(request)
        services.limits.media.check(owner_of(asker))
        seat = _seat(asker, view, conference)
        if isinstance(asker, StationPrincipal):
            await _check_invited(services, asker)
        else:
            await open_hall(services.ports.halls, seat.conference)
        answer = await media.view(
            seat.conference, view, offer, owner=owner_of(asker), venue=seat.venue
        )
        return _created("/whep", answer)

    _add_session_routes(routes, services, Viewing)
    _add_options(routes)

    @routes.delete("/{session}", response_class=Response)
    async def end(session: str, asker: Asker) -> Response:
        await media.delete(_own(services, session, asker, Viewing).id)
        return Response()

    @routes.put("/{session}/slots", status_code=204)
    async def set_slots(session: str, asked: SetSlots, asker: Asker) -> None:
        """What the private slots of a wall show."""
        info = _own(services, session, asker, Viewing)
        if info.kind != Viewing(View.WALL):
            raise ApiError("forbidden", "only a session with view=wall chooses its pictures")
        venues = [None if venue is None else VenueId(venue) for venue in asked.venues]
        await media.set_slots(info.id, venues, asked.size)

    @routes.options("/{session}/slots", include_in_schema=False)
    async def slots_options() -> Response:
        return Response(status_code=204, headers={"Allow": "PUT, OPTIONS"})

    return routes


# --- sessions that exist


def _add_session_routes(
    routes: APIRouter, services: Services, kind: type[Publishing] | type[Viewing]
) -> None:
    media = services.ports.media

    @routes.patch(
        "/{session}",
        openapi_extra=_text_body(FRAGMENT),
        response_class=Response,
        status_code=204,
        responses={200: {"description": "ICE restarted"}},
    )
    async def patch(session: str, request: Request, asker: Asker) -> Response:
        """Candidates with ``If-Match`` the ETag; an ICE restart with ``If-Match: *``
        (RFC 9725, 4.3)."""
        info = _own(services, session, asker, kind)
        if media_type(request) != FRAGMENT:
            raise ApiError("content_type", headers={"Accept-Patch": FRAGMENT})
        fragment = _utf8(await request.body(), "fragment_malformed")
        condition = request.headers.get("if-match")
        if condition is None:
            raise ApiError("etag_missing")
        if condition.strip() == "*":
            restarted = await media.restart(info.id, fragment)
            return Response(
                restarted.fragment, media_type=FRAGMENT, headers={"ETag": _quoted(restarted.etag)}
            )
        if _quoted(info.etag) not in [tag.strip() for tag in condition.split(",")]:
            raise ApiError("etag_mismatch", headers={"ETag": _quoted(info.etag)})
        await media.trickle(info.id, fragment)
        return Response(status_code=204, headers={"ETag": _quoted(info.etag)})


def _add_options(routes: APIRouter) -> None:
    @routes.options("", include_in_schema=False)
    async def endpoint_options() -> Response:
        headers = {"Accept-Post": SDP, "Allow": "POST, OPTIONS"}
        return Response(status_code=204, headers=headers)

    @routes.options("/{session}", include_in_schema=False)
    async def session_options() -> Response:
        headers = {"Accept-Patch": FRAGMENT, "Allow": "PATCH, DELETE, OPTIONS"}
        return Response(status_code=204, headers=headers)


def _own(
    services: Services,
    session: str,
    asker: Principal,
    kind: type[Publishing] | type[Viewing],
) -> SessionInfo:
    """Raises ``unknown_session``, ``forbidden``."""
    info = services.ports.media.find(MediaSessionId(session))
    if info is None or not isinstance(info.kind, kind):
        raise ApiError("unknown_session")
    if info.owner != owner_of(asker):
        raise ApiError("forbidden")
    return info


# --- new sessions


class _Publishers:
    """Knows which venues publish from a page, and stops the page when a device takes over.

    Otherwise both would go on replacing each other's session for ever.
    """

    def __init__(self, services: Services) -> None:
        self._media = services.ports.media
        self._feeds = services.feeds
        self._pages: dict[StationPrincipal, MediaSessionId] = {}

    async def publish(
        self, station: StationPrincipal, source: Source, offer: str, *, by_page: bool
    ) -> Answer:
        older = self._pages.get(station)
        page_publishes = older is not None and self._media.find(older) is not None
        answer = await self._media.publish(
            station.conference, station.venue, source, offer, owner=owner_of(station)
        )
        if source is not Source.CAMERA:
            return answer
        if by_page:
            self._pages[station] = answer.session.id
        else:
            self._pages.pop(station, None)
            if page_publishes:
                self._feeds.supersede(station.conference, station.venue)
        return answer


@dataclass(frozen=True, slots=True)
class _Seat:
    conference: ConferenceId
    venue: VenueId | None


def _seat(asker: Principal, view: View, conference: str | None) -> _Seat:
    """Where the viewer sits. Raises ``forbidden``, ``bad_request``."""
    match asker:
        case StationPrincipal(own, venue):
            allowed, seat = view is View.PROGRAM, _Seat(own, venue)
        case WallPrincipal(own):
            allowed, seat = view is not View.PREVIEW, _Seat(own, None)
        case _:
            if conference is None:
                raise ApiError("bad_request", "?conference= is missing")
            return _Seat(ConferenceId(conference), None)
    assert role_of(asker) is None
    if not allowed or conference not in (None, seat.conference):
        raise ApiError("forbidden")
    return seat


async def _check_invited(services: Services, station: StationPrincipal) -> None:
    """Raises ``unknown_conference``, ``withdrawn``."""
    hall = await open_hall(services.ports.halls, station.conference)
    if hall.state is None or station.venue not in hall.state.venues:
        raise ApiError("withdrawn")


async def _offer(request: Request) -> str:
    """Raises ``content_type``, ``not_acceptable``, ``offer_malformed``."""
    if media_type(request) != SDP:
        raise ApiError("content_type", headers={"Accept-Post": SDP})
    accept = request.headers.get("accept")
    if accept and not _ACCEPTED & {a.partition(";")[0].strip().lower() for a in accept.split(",")}:
        raise ApiError("not_acceptable")
    offer = _utf8(await request.body(), "offer_malformed")
    if not offer.startswith("v=0"):
        raise ApiError("offer_malformed", "the body does not begin with v=0")
    return offer


def _utf8(body: bytes, error: str) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError:
        raise ApiError(error, "the body is not UTF-8") from None


def _created(endpoint: str, answer: Answer) -> Response:
    headers = {
        "Location": f"{endpoint}/{answer.session.id}",
        "ETag": _quoted(answer.session.etag),
        "Accept-Patch": FRAGMENT,
    }
    return Response(answer.sdp, 201, headers, media_type=SDP)


def _quoted(etag: str) -> str:
    return f'"{etag}"'
