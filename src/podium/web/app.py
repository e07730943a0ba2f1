"""Puts the web together. ``create_app`` is all that the application needs of this room."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.routing import BaseRoute, Route
from starlette.websockets import WebSocket

from podium.web.auth import Authenticator
from podium.web.envelope import Envelope
from podium.web.errors import add_error_handlers
from podium.web.gate import Gate
from podium.web.ledgers import Ledgers
from podium.web.limits import Limits
from podium.web.live import Feeds
from podium.web.metrics import Metrics
from podium.web.openapi import add_openapi
from podium.web.permissions import RULES
from podium.web.routes import (
    accounts,
    conferences,
    deployment,
    directory,
    documents,
    health,
    links,
    media,
    pages,
    pins,
    record,
    session,
    situation,
    slides,
    work,
    work_files,
)
from podium.web.services import Ports, Services
from podium.web.settings import WebSettings
from podium.web.signings import Signings
from podium.web.ws import Doorkeeper


def create_app(ports: Ports, settings: WebSettings, limits: Limits | None = None) -> FastAPI:
    """The ASGI application. Its lifespan ends all WebSockets with 1012; halls, store and engine
    belong to the caller."""
    services = _services(ports, settings, limits or Limits())

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        services.feeds.close()

    app = FastAPI(
        title="Podium",
        version=settings.version,
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/openapi.json",
        lifespan=lifespan,
        redirect_slashes=False,
    )
    served = _add_routes(app, services)
    check_routes([*app.routes, *served])
    add_error_handlers(app)
    add_openapi(app)
    # The last one added is the outermost.
    app.add_middleware(Gate, authenticator=services.authenticator, limits=services.limits)
    app.add_middleware(Envelope, measured=services.metrics.measured)
    return app


def _services(ports: Ports, settings: WebSettings, limits: Limits) -> Services:
    ledgers = Ledgers(ports.programmes)
    signings = Signings(ports.programmes, ledgers)
    feeds = Feeds(ports.media, ports.telephone, signings, ports.clock)
    return Services(
        settings=settings,
        ports=ports,
        limits=limits,
        authenticator=Authenticator(ports.sessions, ports.tokens, ports.links, limits),
        feeds=feeds,
        ledgers=ledgers,
        metrics=Metrics(ports.halls, ports.engine, feeds.count),
    )


def _add_routes(app: FastAPI, services: Services) -> list[BaseRoute]:
    """The routes that were added."""
    routers = (
        health.router(services),
        session.router(services),
        accounts.router(services),
        accounts.token_router(services),
        directory.router(services),
        conferences.router(services),
        links.router(services),
        links.join_router(services),
        pins.router(services),
        pins.telephone_router(services),
        media.whip_router(services),
        media.whep_router(services),
        record.router(services),
        record.communique_router(services),
        documents.router(services),
        documents.station_router(services),
        deployment.router(services),
        deployment.station_router(services),
        record.recordings_router(services),
        situation.router(services),
        slides.router(services),
        work.router(services),
        work_files.router(services),
        work_files.feed_router(services),
    )
    for router in routers:
        app.include_router(router)
    doorkeeper = Doorkeeper(
        services.authenticator,
        services.limits,
        services.ports.halls,
        services.feeds,
        services.ports.clock,
    )

    async def live(socket: WebSocket) -> None:
        await doorkeeper.serve(socket)

    app.add_api_websocket_route("/api/ws", live)
    app.router.routes.extend(pages.routes(services.settings.pages))
    return [route for router in routers for route in router.routes]


def check_routes(routes: list[BaseRoute]) -> None:
    """Every route has a rule and every rule a route; anything else is a mistake of ours."""
    differing = set(_served(routes)) ^ RULES.keys()
    if differing:
        raise RuntimeError(f"routes and rules differ: {sorted(differing)}")


def _served(routes: list[BaseRoute]) -> Iterator[tuple[str, str]]:
    for route in routes:
        if isinstance(route, Route):
            for method in (route.methods or set()) - {"HEAD"}:
                yield method, route.path
