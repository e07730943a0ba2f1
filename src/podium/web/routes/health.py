"""``/healthz`` and ``/metrics``."""

from __future__ import annotations

from ipaddress import ip_address

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST

from podium.hall.sessions import EngineDown
from podium.web.errors import ApiError
from podium.web.services import Services
from podium.web.shapes import ErrorBody, Health


def router(services: Services) -> APIRouter:
    routes = APIRouter(tags=["health"])
    settings = services.settings

    @routes.get("/healthz", responses={503: {"model": ErrorBody}})
    async def health() -> Health:
        try:
            await services.ports.storage.check()
        except OSError as error:
            raise ApiError("store_down", str(error)) from error
        try:
            services.ports.engine.figures()
        except EngineDown as error:
            raise ApiError("engine_down", str(error)) from error
        return Health(status="ok", version=settings.version)

    @routes.get("/metrics", response_class=Response)
    async def metrics(request: Request) -> Response:
        if not _allowed(request, services):
            raise ApiError("forbidden")
        return Response(services.metrics.text(), media_type=CONTENT_TYPE_LATEST)

    return routes


def _allowed(request: Request, services: Services) -> bool:
    if request.client is None:
        return False
    try:
        address = ip_address(request.client.host)
    except ValueError:
        return False
    return any(address in network for network in services.settings.metrics_from)
