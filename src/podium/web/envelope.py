"""Around every answer: security headers, measuring, and a last catch for our own faults."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from podium.web.errors import ApiError, error_response
from podium.web.gate import MEDIA, ROUTE_KEY

log = logging.getLogger(__name__)

_POLICY = {
    "default-src": "'self'",
    "script-src": "'self'",
    "style-src": "'self'",
    "style-src-attr": "'unsafe-inline'",
    "img-src": "'self' data: blob:",
    "media-src": "'self' blob:",
    "worker-src": "'self' blob:",
    "connect-src": "'self'",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}
CONTENT_SECURITY_POLICY = "; ".join(f"{name} {value}" for name, value in _POLICY.items())

SECURITY_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": (
        "camera=(self), microphone=(self), display-capture=(self), geolocation=()"
    ),
}

CORS_HEADERS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "POST, PATCH, PUT, DELETE, OPTIONS",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, If-Match",
    "Access-Control-Expose-Headers": "Location, ETag, Link, Accept-Patch, Accept-Post",
    "Access-Control-Max-Age": "86400",
}
"""For WHIP and WHEP: ``*`` never lets a browser send cookies along, so only bearers come in."""

Measured = Callable[[str, str, int, float], None]
"""Method, route template, status, seconds."""


class Envelope:
    """ASGI middleware, the outermost of ours. ``measured`` is told of every HTTP request."""

    def __init__(self, app: ASGIApp, measured: Measured) -> None:
        self._app = app
        self._measured = measured

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        answer = _Answer(scope, send)
        try:
            await self._app(scope, receive, answer.send)
        except Exception as error:
            # The path may hold a token; the template does not.
            log.exception("%s %s failed", scope["method"], route_template(scope))
            if not answer.status:
                await error_response(_our_fault(error))(scope, receive, answer.send)
        elapsed = time.perf_counter() - began
        self._measured(scope["method"], route_template(scope), answer.status, elapsed)


class _Answer:
    """Adds headers to the answer, and remembers its status (0: none yet)."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self.status = 0
        self._scope = scope
        self._send = send

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self._add_headers(MutableHeaders(scope=message))
        await self._send(message)

    def _add_headers(self, headers: MutableHeaders) -> None:
        for name, value in SECURITY_HEADERS.items():
            headers.setdefault(name, value)
        path: str = self._scope["path"]
        if not path.startswith("/assets/"):
            headers.setdefault("Cache-Control", "no-store")
        if path.startswith(MEDIA):
            for name, value in CORS_HEADERS.items():
                headers.setdefault(name, value)


def _our_fault(error: Exception) -> ApiError:
    if isinstance(error, OSError):
        return ApiError("store_down", headers={"Retry-After": "2"})
    return ApiError("internal")


def route_template(scope: Scope) -> str:
    return str(scope.get(ROUTE_KEY, "(no route)"))
