"""The pages as they are served, and the headers around every answer."""

from __future__ import annotations

from pathlib import Path

import httpx
from fastapi import FastAPI
from tests.support.web import Web

from podium.web.errors import add_error_handlers
from podium.web.routes import pages


async def test_security_headers_are_on_every_answer(web: Web) -> None:
    for path in ("/", "/api/conferences", "/healthz", "/no/such", "/api/join"):
        headers = (await web.http.get(path)).headers
        policy = headers["content-security-policy"]
        assert "default-src 'self'" in policy
        assert "http" not in policy
        assert "'unsafe-inline'" not in policy.replace("style-src-attr 'unsafe-inline'", "")
        assert "frame-ancestors 'none'" in policy
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["x-content-type-options"] == "nosniff"
        assert "no-" in headers["cache-control"]


async def test_pages_and_their_files(tmp_path: Path) -> None:
    built = tmp_path / "pages"
    (built / "assets").mkdir(parents=True)
    (built / "index.html").write_text("<!doctype html>")
    (built / "icon.svg").write_text("<svg/>")
    (built / "assets" / "a-1.js").write_text("1")
    (tmp_path / "secret").write_text("secret")
    async with _serving(built) as http:
        for path in (
            "/",
            "/office",
            "/office/new",
            "/office/conference/1",
            "/sign-in",
            "/station/pds_x",
            "/console/1",
            "/wall/pdw_x",
        ):
            answer = await http.get(path)
            assert answer.text == "<!doctype html>"
            assert answer.headers["cache-control"] == "no-cache"
        asset = await http.get("/assets/a-1.js")
        assert asset.headers["cache-control"] == "max-age=31536000, immutable"
        assert asset.headers["content-type"].startswith("text/javascript")
        assert (await http.get("/icon.svg")).headers["content-type"] == "image/svg+xml"
        for path in (
            "/assets/..%2f..%2fsecret",
            "/assets/../../secret",
            "/assets/%2e%2e/index.html",
            "/..%2fsecret",
            "/assets",
            "/assets/",
            "/assets/none.js",
            "/none",
        ):
            answer = await http.get(path)
            assert answer.status_code == 404, path
            assert "secret" not in answer.text


def _serving(built: Path) -> httpx.AsyncClient:
    app = FastAPI(openapi_url=None)
    app.router.routes.extend(pages.routes(built))
    add_error_handlers(app)
    transport = httpx.ASGITransport(app=app)
    return httpx.AsyncClient(transport=transport, base_url="http://podium.test")


async def test_pages_that_are_not_built(tmp_path: Path) -> None:
    async with _serving(tmp_path) as http:
        answer = await http.get("/")
        assert answer.status_code == 503
        assert answer.json()["error"]["code"] == "pages_missing"
