"""Each route and each kind of asker. Written out, not derived: what changes here is a decision."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from tests.support.conferences import CONFERENCE, ZHEJIANG
from tests.support.web import Web

from podium.hall.access import AccountRole
from podium.web.app import check_routes
from podium.web.permissions import RULES

# Who by cookie (capital) and by API token (small): administrator, office, chair, operator,
# observer, liaison officer; s: station, w: wall, -: a stranger.
EVERYBODY = "AaOoCcPpBbLlsw-"
MATRIX: Mapping[tuple[str, str], str] = {
    ("GET", "/healthz"): EVERYBODY,
    ("GET", "/api/openapi.json"): EVERYBODY,
    ("GET", "/api/session"): "AOCPBL",
    ("DELETE", "/api/session"): "AOCPBL",
    ("GET", "/api/accounts"): "A",
    ("POST", "/api/accounts"): "A",
    ("PATCH", "/api/accounts/{account}"): "A",
    ("DELETE", "/api/accounts/{account}"): "A",
    ("GET", "/api/tokens"): "AOCPBL",
    ("POST", "/api/tokens"): "AOCPBL",
    ("DELETE", "/api/tokens/{token}"): "AOCPBL",
    ("GET", "/api/directory"): "AaOoCcPp",
    ("POST", "/api/directory/import"): "AaOo",
    ("GET", "/api/directory/export"): "AaOo",
    ("GET", "/api/templates"): "AaOo",
    ("GET", "/api/conferences"): "AaOoCcPpBb",
    ("POST", "/api/conferences"): "AaOo",
    ("GET", "/api/conferences/{conference}"): "AaOoCcPpBb",
    ("POST", "/api/conferences/{conference}/commands"): "AaOoCcPps",
    ("GET", "/api/conferences/{conference}/events"): "AaOoCcPpBb",
    ("GET", "/api/conferences/{conference}/record"): "AaOoCcPpBb",
    ("GET", "/api/conferences/{conference}/record/{file}"): "AaOoCcPpBb",
    ("GET", "/api/conferences/{conference}/recordings"): "AaOoCcPpBb",
    ("GET", "/api/conferences/{conference}/recordings/{file}"): "AaOoCcPpBb",
    ("GET", "/api/conferences/{conference}/communique"): "AaOoCcPpBb",
    ("POST", "/api/conferences/{conference}/communique"): "AaOoCc",
    ("POST", "/api/conferences/{conference}/documents"): "AaOoCcPp",
    ("GET", "/api/conferences/{conference}/documents/{document}"): "AaOoCcPpBb",
    ("GET", "/api/conferences/{conference}/links"): "AaOoPp",
    ("POST", "/api/conferences/{conference}/links"): "AaOoPp",
    ("DELETE", "/api/conferences/{conference}/links/{venue}"): "AaOoPp",
    ("POST", "/api/conferences/{conference}/pins"): "AaOoPp",
    ("DELETE", "/api/conferences/{conference}/pins"): "AaOoPp",
    ("DELETE", "/api/conferences/{conference}/pins/{venue}"): "AaOoPp",
    ("GET", "/api/conferences/{conference}/deployment"): "AaOoCcPpBb",
    ("POST", "/api/conferences/{conference}/deployment"): "AaOoCcPp",
    ("GET", "/api/conferences/{conference}/deployment/{programme}"): "AaOoCcPp",
    ("GET", "/api/station/work"): "s",
    ("POST", "/api/station/work/sign"): "s",
    ("GET", "/api/telephone"): "AaOoCcPp",
    ("DELETE", "/api/telephone/pin-lock"): "AaOoCcPp",
    ("GET", "/api/join"): "sw",
    ("GET", "/api/join/documents/{document}"): "s",
    ("GET", "/api/join/slides/{number}"): "s",
    ("GET", "/api/situation/series"): "AaOoCcPpBbLl",
    ("GET", "/api/situation/figures"): "AaOoCcPpBbLl",
    ("GET", "/api/situation/statistics/{series}"): "AaOoCcPpBbLl",
    ("GET", "/api/situation/briefing"): "AaOoCcPpBbLl",
    ("GET", "/api/situation/pages/{file}"): "AaOoCcPpBbLl",
    ("GET", "/api/situation/export"): "AaOoCcPpBbLl",
    ("GET", "/api/situation/imports"): "AaOo",
    ("POST", "/api/situation/import"): "AaOo",
    ("GET", "/situation"): EVERYBODY,
    ("GET", "/api/work/programmes"): "AaOoCcPpBbLl",
    ("POST", "/api/work/programmes"): "AaOo",
    ("GET", "/api/work/programmes/{programme}"): "AaOoCcPpBbLl",
    ("POST", "/api/work/programmes/{programme}/commands"): "AaOoLl",
    ("GET", "/api/work/programmes/{programme}/matrix"): "AaOoCcPpBbLl",
    ("GET", "/api/work/programmes/{programme}/roll-up"): "AaOoCcPpBb",
    ("GET", "/api/work/programmes/{programme}/summary"): "AaOoCcPpBb",
    ("GET", "/api/work/programmes/{programme}/opening"): "AaOoCcPpBb",
    ("GET", "/api/work/programmes/{programme}/outcomes"): "AaOoCcPpBbLl",
    ("GET", "/api/work/programmes/{programme}/calendar"): "AaOoCcPpBbLl",
    ("GET", "/api/work/programmes/{programme}/assignments"): "AaOoCcPpBbLl",
    ("GET", "/api/work/programmes/{programme}/assignments/{measure}/{organisation}"): (
        "AaOoCcPpBbLl"
    ),
    ("POST", "/api/work/programmes/{programme}/import"): "AaOoLl",
    ("GET", "/api/work/programmes/{programme}/export"): "AaOoCcPpBbLl",
    ("POST", "/api/work/programmes/{programme}/files"): "AaOoLl",
    ("GET", "/api/work/programmes/{programme}/files/{digest}"): "AaOoCcPpBbLl",
    ("POST", "/api/work/programmes/{programme}/feed"): "AOCPBL",
    ("GET", "/api/work/contacts"): "AaOo",
    ("PUT", "/api/work/contacts/{organisation}"): "AaOo",
    ("DELETE", "/api/work/contacts/{organisation}"): "AaOo",
    ("GET", "/feeds/{token}"): EVERYBODY,
    ("OPTIONS", "/whip"): EVERYBODY,
    ("OPTIONS", "/whep"): EVERYBODY,
    ("OPTIONS", "/whip/{session}"): EVERYBODY,
    ("OPTIONS", "/whep/{session}"): EVERYBODY,
    ("OPTIONS", "/whep/{session}/slots"): EVERYBODY,
    ("POST", "/whip"): "s",
    ("POST", "/whep"): "AaOoCcPpBbsw",
    ("PATCH", "/whip/{session}"): "s",
    ("DELETE", "/whip/{session}"): "s",
    ("PATCH", "/whep/{session}"): "AaOoCcPpBbsw",
    ("DELETE", "/whep/{session}"): "AaOoCcPpBbsw",
    ("PUT", "/whep/{session}/slots"): "AaOoCcPpBbw",
}
ROLES = {
    "a": AccountRole.ADMINISTRATOR,
    "o": AccountRole.OFFICE,
    "c": AccountRole.CHAIR,
    "p": AccountRole.OPERATOR,
    "b": AccountRole.OBSERVER,
    "l": AccountRole.LIAISON,
}
UNSAFE = {"POST", "PUT", "PATCH", "DELETE"}
ELSEWHERE = {
    ("GET", "/metrics"),  # by address: test_http
    ("POST", "/api/session"),  # signing in: test_http
}


def test_the_matrix_has_every_route_but_the_pages() -> None:
    pages = {
        "/work",
        "/work/{page:path}",
        "/",
        "/office",
        "/office/{page:path}",
        "/sign-in",
        "/station/{token}",
        "/console/{conference}",
        "/record/{conference}",
    }
    pages |= {"/wall/{token}", "/assets/{path:path}", "/{file}"}
    data = {key for key in RULES if key[1] not in pages}
    assert MATRIX.keys() | ELSEWHERE == data


async def headers_of(web: Web, letter: str) -> dict[str, str]:
    match letter:
        case "-":
            return {}
        case "s":
            return web.station()
        case "w":
            return {"Authorization": f"Bearer {web.wall}"}
        case _:
            person = await web.person(ROLES[letter.lower()])
            return person.browser if letter.isupper() else person.program


def path_of(template: str) -> str:
    """Nothing behind it exists but the conference, so that nothing is changed on the way."""
    names = {
        "series",
        "number",
        "file",
        "account",
        "token",
        "session",
        "programme",
        "measure",
        "organisation",
        "digest",
        "document",
    }
    values = {"conference": str(CONFERENCE), "venue": "no-such", **dict.fromkeys(names, "no-such")}
    return template.format(**values)


@dataclass(frozen=True, slots=True)
class Met:
    """How the gate answered: the code of the error, if it was the gate's."""

    status: int
    code: str | None


def met(answer: httpx.Response) -> Met:
    body: Any = None
    if answer.content and answer.headers.get("content-type") == "application/json":
        body = answer.json()
    code = body.get("error", {}).get("code") if isinstance(body, dict) else None
    return Met(answer.status_code, code)


async def test_each_route_for_each_asker(web: Web) -> None:
    wrong = []
    for (method, template), allowed in MATRIX.items():
        if template == "/api/session" and method == "DELETE":
            continue  # it would end the session: its own test
        for letter in EVERYBODY:
            headers = {**await headers_of(web, letter), "Content-Type": "text/plain"}
            answer = met(await web.http.request(method, path_of(template), headers=headers))
            if letter in allowed:
                right = answer.status not in {401, 403}
            elif letter == "-":
                right = answer == Met(401, "unauthenticated")
            else:
                right = answer == Met(403, "forbidden")
            if not right:
                wrong.append((method, template, letter, answer))
    assert wrong == []


async def test_sign_out_is_for_browsers(web: Web) -> None:
    for letter in EVERYBODY:
        headers = await headers_of(web, letter)
        answer = await web.http.delete("/api/session", headers=headers)
        expected = 204 if letter in MATRIX["DELETE", "/api/session"] else 401
        expected = 403 if letter in "aocpblsw" else expected
        assert answer.status_code == expected, letter


async def test_every_unsafe_request_of_a_browser_needs_the_csrf_token(web: Web) -> None:
    person = await web.person(AccountRole.ADMINISTRATOR)
    other = await web.person(AccountRole.OFFICE)
    for (method, template), allowed in MATRIX.items():
        if method not in UNSAFE or "A" not in allowed:
            continue
        for token in (None, "", "wrong", other.browser["X-CSRF-Token"], "\u00ff"):
            headers = {**person.browser}
            del headers["X-CSRF-Token"]
            if token is not None:
                headers["X-CSRF-Token"] = token
            encoded = [(k.encode(), v.encode("latin-1")) for k, v in headers.items()]
            answer = met(await web.http.request(method, path_of(template), headers=encoded))
            assert answer == Met(403, "csrf"), (method, template, token)


async def test_another_sites_page_cannot_ask(web: Web) -> None:
    person = await web.person(AccountRole.OFFICE)
    for origin in ("https://evil.test", "null", "http://podium.test:81", "http://["):
        headers = {**person.browser, "Origin": origin}
        answer = met(await web.http.post("/api/conferences", json={}, headers=headers))
        assert answer == Met(403, "origin")


async def test_a_station_commands_its_own_conference_alone(web: Web) -> None:
    path = "/api/conferences/another/commands"
    command = {"type": "request_floor", "venue": ZHEJIANG}
    answer = met(await web.http.post(path, json=command, headers=web.station()))
    assert answer == Met(403, "forbidden")


async def test_wrong_credentials_are_401(web: Web) -> None:
    for value in (
        "Bearer pds_wrong",
        "Bearer pdw_wrong",
        "Bearer pdt_wrong",
        "Bearer",
        "Bearer " + "x" * 1000,
        "Basic YTpi",
        "nonsense",
        web.stations[ZHEJIANG],
    ):
        answer = await web.http.get("/api/join", headers={"Authorization": value})
        assert met(answer) == Met(401, "unauthenticated"), value
        assert answer.headers["www-authenticate"] == "Bearer"


async def test_a_revoked_token_is_401(web: Web) -> None:
    await web.house.store.links.revoke(CONFERENCE, ZHEJIANG)
    answer = await web.http.get("/api/join", headers=web.station())
    assert met(answer) == Met(401, "unauthenticated")


async def test_a_stranger_with_a_stale_cookie_may_sign_in(web: Web) -> None:
    headers = {"Cookie": "podium_session=stale"}
    assert (await web.http.get("/healthz", headers=headers)).status_code == 200
    assert (await web.http.get("/api/session", headers=headers)).status_code == 401


def test_a_route_without_a_rule_is_a_mistake_at_start(web: Web) -> None:
    web.app.add_api_route("/api/secret", lambda: None)
    with pytest.raises(RuntimeError, match="/api/secret"):
        check_routes(list(web.app.routes))
