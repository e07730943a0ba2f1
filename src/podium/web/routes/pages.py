"""The pages, as the build left them: one document, and files named by their content."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from podium.web.errors import ApiError

_FILE = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}")
_DOCUMENTS = (
    "/",
    "/sign-in",
    "/office",
    "/office/{page:path}",
    "/work",
    "/work/{page:path}",
    "/situation",
    "/console/{conference}",
    "/record/{conference}",
    "/station/{token}",
    "/wall/{token}",
)

Endpoint = Callable[[Request], Awaitable[Response]]


def routes(pages: Path) -> list[Route]:
    async def document(_: Request) -> Response:
        if not await run_in_threadpool((pages / "index.html").is_file):
            raise ApiError("pages_missing")
        # Always asked for again: it names the assets of the newest build.
        return FileResponse(pages / "index.html", headers={"Cache-Control": "no-cache"})

    async def asset(request: Request) -> Response:
        return await _file(
            pages / "assets", request.path_params["path"], "max-age=31536000, immutable"
        )

    async def file(request: Request) -> Response:
        return await _file(pages, request.path_params["file"], "max-age=3600")

    documents = (Route(path, document) for path in _DOCUMENTS)
    return [*documents, Route("/assets/{path:path}", asset), Route("/{file}", file)]


async def _file(folder: Path, name: str, caching: str) -> Response:
    """Plain names in one folder only: nothing to climb out with."""
    path = folder / name
    if not _FILE.fullmatch(name) or not await run_in_threadpool(path.is_file):
        raise ApiError("not_found")
    return FileResponse(path, headers={"Cache-Control": caching})
