"""The slides' pictures for the station that sends them: those that are shown, and no others."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Response

from podium.conference.slides import SLIDES_MOST
from podium.web.commanding import open_hall
from podium.web.errors import ApiError
from podium.web.principal import StationPrincipal
from podium.web.routes.conferences import REFUSED, Asker
from podium.web.routes.situation import PICTURE, there
from podium.web.services import Services


def router(services: Services) -> APIRouter:
    routes = APIRouter(tags=["situation"])

    @routes.get("/api/join/slides/{number}", response_class=Response, responses=REFUSED | PICTURE)
    async def slide(number: Annotated[int, Path(ge=1, le=SLIDES_MOST)], asker: Asker) -> Response:
        """A page of the briefing that the main venue shows, as PNG; for the main venue alone."""
        assert isinstance(asker, StationPrincipal)
        hall = await open_hall(services.ports.halls, asker.conference)
        state = hall.state
        slides = None if state is None or state.main_venue != asker.venue else state.slides
        if slides is None or number > len(slides.pages):
            raise ApiError("no_such_page")
        page = slides.pages[number - 1]
        found = await services.ports.situation.page(slides.day, slides.language, page, "png")
        return Response(there(found, "no_such_page"), media_type="image/png")

    return routes
