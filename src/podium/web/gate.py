"""The one way in: finds the route, who asks, whether they may, and reads the body within limits.

Runs before the framework, so that it parses nothing for those who may not ask.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from fastapi import Request
from starlette.datastructures import Headers
from starlette.routing import compile_path
from starlette.types import ASGIApp, Receive, Scope, Send

from podium.web.auth import Authenticator, WrongCredential, check_csrf, same_origin
from podium.web.errors import ApiError, error_response
from podium.web.limits import BODY_BYTES, JSON_BYTES, Limits, peer_of, read_body, replay
from podium.web.permissions import RULES, Rule
from podium.web.principal import Principal, Stranger, owner_of

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
MEDIA = ("/whip", "/whep")
ROUTE_KEY = "podium.route"
PRINCIPAL_KEY = "podium.principal"


@dataclass(frozen=True, slots=True)
class _Path:
    template: str
    pattern: re.Pattern[str]
    rules: dict[str, Rule]


def _table() -> tuple[_Path, ...]:
    paths: dict[str, _Path] = {}
    for (method, template), rule in RULES.items():
        path = paths.get(template)
        if path is None:
            path = paths[template] = _Path(template, compile_path(template)[0], {})
        path.rules[method] = rule
    return tuple(paths.values())


_PATHS = _table()


def find_route(method: str, path: str) -> tuple[str, Rule]:
    """The route's template and rule. Raises ``not_found``, or ``method`` with ``Allow``."""
    for candidate in _PATHS:
        if candidate.pattern.fullmatch(path):
            rule = candidate.rules.get("GET" if method == "HEAD" else method)
            if rule is None:
                raise ApiError("method", headers={"Allow": ", ".join(sorted(candidate.rules))})
            return candidate.template, rule
    raise ApiError("not_found")


class Gate:
    """ASGI middleware. WebSockets pass: they say who they are in their first message."""

    def __init__(self, app: ASGIApp, authenticator: Authenticator, limits: Limits) -> None:
        self._app = app
        self._authenticator = authenticator
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            inner = await self._admit(scope, receive)
        except ApiError as error:
            await error_response(error)(scope, receive, send)
            return
        await self._app(scope, inner, send)

    async def _admit(self, scope: Scope, receive: Receive) -> Receive:
        method: str = scope["method"]
        template, rule = find_route(method, scope["path"])
        scope[ROUTE_KEY] = template
        principal = await self._principal(scope, rule)
        scope[PRINCIPAL_KEY] = principal
        if not rule.admits(principal):
            stranger = isinstance(principal, Stranger)
            raise ApiError("unauthenticated" if stranger else "forbidden")
        if not isinstance(principal, Stranger):
            self._limits.requests.check(owner_of(principal))
        if method in SAFE:
            return receive
        self._check_meant(scope, template, principal)
        body = await read_body(scope, receive, BODY_BYTES.get((method, template), JSON_BYTES))
        return replay(body, receive)

    async def _principal(self, scope: Scope, rule: Rule) -> Principal:
        if rule.public:
            return Stranger()
        principal = await self._authenticator.request(scope)
        if isinstance(principal, WrongCredential):
            raise self._authenticator.failed(scope)
        return principal

    def _check_meant(self, scope: Scope, template: str, principal: Principal) -> None:
        headers = Headers(scope=scope)
        if template == "/api/session":
            self._limits.sign_ins.check(f"at {peer_of(scope)}")
        if not template.startswith(MEDIA) and not same_origin(headers):
            raise ApiError("origin")
        check_csrf(principal, headers)


def principal_of(request: Request) -> Principal:
    """Who asks; the gate has let them in. A dependency."""
    principal: Principal = request.scope[PRINCIPAL_KEY]
    return principal
