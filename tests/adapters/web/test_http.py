"""The HTTP API on the whole server: what it answers, and what it does not let through."""

from __future__ import annotations

import logging
from dataclasses import replace
from ipaddress import ip_network
from pathlib import Path

import httpx
import pytest
from tests.support.conferences import CONFERENCE, HENAN, NOON, ZHEJIANG
from tests.support.web import PASSWORD, Web, open_web, opened

from podium.config import Settings
from podium.hall.access import AccountRole
from podium.web.errors import KINDS
from podium.web.limits import CSV_BYTES, SIGN_IN_BYTES
from podium.web.shapes_live import ConsoleView

CSV_HEADINGS = (
    "organisation_code,organisation_zh,organisation_en,parent_code,level,"
    "venue_code,venue_zh,venue_en,venue_kind,order\n"
)
CSV = CSV_HEADINGS + (
    "moc,商务部,Ministry of Commerce,,national,moc,北京主会场,Beijing,main,1\n"
    "zj,浙江省商务厅,Zhejiang,moc,province,zj,浙江,Zhejiang,branch,2\n"
)


async def administrator(web: Web) -> dict[str, str]:
    return (await web.person(AccountRole.ADMINISTRATOR)).browser


async def office(web: Web) -> dict[str, str]:
    return (await web.person(AccountRole.OFFICE)).program


def code(answer: httpx.Response) -> str:
    error = answer.json()["error"]
    assert error["zh"]
    assert error["en"]
    assert error["fault"] in {"client", "server", "peer"}
    return str(error["code"])


def test_every_error_is_said_in_both_languages() -> None:
    for name, kind in KINDS.items():
        assert kind.zh, name
        assert kind.en, name
        assert kind.zh != kind.en, name
        assert 400 <= kind.status < 600, name


# --- health and metrics


async def test_health_says_the_version(web: Web) -> None:
    answer = await web.http.get("/healthz")
    assert answer.status_code == 200
    assert answer.json()["status"] == "ok"


async def test_health_tells_of_an_engine_that_failed(web: Web) -> None:
    assert web.engine is not None
    web.engine.break_down()
    answer = await web.http.get("/healthz")
    for _ in range(100):  # the media room hears of it on the event loop
        if answer.status_code != 200:
            break
        answer = await web.http.get("/healthz")
    assert answer.status_code == 503
    assert code(answer) == "engine_down"


async def test_health_tells_of_storage_that_failed(
    web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails() -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(type(web.house.store.database), "check", lambda _: fails())
    answer = await web.http.get("/healthz")
    assert answer.status_code == 503
    assert code(answer) == "store_down"


async def test_metrics_are_for_those_addresses_that_are_set(tmp_path: Path) -> None:
    async with open_web(tmp_path / "a") as web:
        assert (await web.http.get("/metrics")).status_code == 403

    def change(settings: Settings) -> Settings:
        section = replace(settings.web, metrics_from=(ip_network("192.0.2.0/24"),))
        return replace(settings, web=section)

    async with open_web(tmp_path / "b", change=change) as web:
        await web.http.get("/api/join", headers=web.station())
        await web.http.get(f"/station/{web.stations[ZHEJIANG]}")
        text = (await web.http.get("/metrics")).text
        assert 'podium_http_request_seconds_count{method="GET",route="/api/join",status="200"}' in (
            text
        )
        assert 'podium_conferences{phase="scheduled"} 1.0' in text
        assert 'podium_venues{connection="absent"} 4.0' in text
        assert "podium_engine_up 1.0" in text
        assert web.stations[ZHEJIANG] not in text


# --- signing in


async def test_signing_in_and_out(web: Web) -> None:
    person = await web.person(AccountRole.CHAIR)
    asked = {"name": person.account.name.upper(), "password": PASSWORD}
    answer = await web.http.post("/api/session", json=asked)
    assert answer.status_code == 200
    account = {"id": person.account.id, "name": person.account.name, "role": "chair"}
    assert answer.json()["account"] == {**account, "organisation": None}
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    again = await web.http.get("/api/session")
    assert again.json() == answer.json()
    headers = {"X-CSRF-Token": answer.json()["csrf"]}
    assert (await web.http.delete("/api/session", headers=headers)).status_code == 204
    assert (await web.http.get("/api/session")).status_code == 401


async def test_the_cookie_is_for_tls_alone_where_the_request_came_so(web: Web) -> None:
    person = await web.person(AccountRole.CHAIR)
    asked = {"name": person.account.name, "password": PASSWORD}
    answer = await web.http.post("https://podium.test/api/session", json=asked)
    assert "secure" in answer.headers["set-cookie"].lower()


@pytest.mark.parametrize("name", ["the chair", "nobody"])
async def test_a_wrong_password_tells_nothing(web: Web, name: str) -> None:
    await web.person(AccountRole.CHAIR)
    answer = await web.http.post("/api/session", json={"name": name, "password": "wrong"})
    assert (answer.status_code, code(answer)) == (401, "wrong_password")
    assert "set-cookie" not in answer.headers


async def test_guessing_is_slowed_down(web: Web) -> None:
    answers = [
        await web.http.post("/api/session", json={"name": "x", "password": "y"}) for _ in range(12)
    ]
    assert answers[0].status_code == 401
    assert (answers[-1].status_code, code(answers[-1])) == (429, "rate_limited")
    assert int(answers[-1].headers["retry-after"]) >= 1


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"{", "application/json"),
        (b"\xff\xfe", "application/json"),
        (b"[]", "application/json"),
        (b'{"name":1,"password":"x"}', "application/json"),
        (b'{"name":"a","password":"x","role":"administrator"}', "application/json"),
        (b"name=a&password=secret-word", "application/x-www-form-urlencoded"),
        (b'{"name":"a","password":"secret-word"}', "text/plain"),
    ],
)
async def test_a_malformed_sign_in_is_422_and_not_repeated(
    web: Web, content: bytes, kind: str
) -> None:
    answer = await web.http.post("/api/session", content=content, headers={"Content-Type": kind})
    assert (answer.status_code, code(answer)) == (422, "invalid")
    assert "secret-word" not in answer.text


# --- accounts and tokens


async def test_the_life_of_an_account(web: Web) -> None:
    headers = await administrator(web)
    asked = {"name": "李华", "password": PASSWORD, "role": "observer"}
    made = await web.http.post("/api/accounts", json=asked, headers=headers)
    assert made.status_code == 201
    path = f"/api/accounts/{made.json()['id']}"
    taken = await web.http.post("/api/accounts", json=asked, headers=headers)
    assert (taken.status_code, code(taken)) == (409, "name_taken")
    changed = await web.http.patch(path, json={"role": "chair"}, headers=headers)
    assert changed.json()["role"] == "chair"
    names = [
        a["name"] for a in (await web.http.get("/api/accounts", headers=headers)).json()["accounts"]
    ]
    assert "李华" in names
    assert (await web.http.delete(path, headers=headers)).status_code == 204
    gone = await web.http.delete(path, headers=headers)
    assert (gone.status_code, code(gone)) == (404, "unknown_account")


async def test_the_last_administrator_stays(web: Web) -> None:
    person = await web.person(AccountRole.ADMINISTRATOR)
    path = f"/api/accounts/{person.account.id}"
    for answer in (
        await web.http.delete(path, headers=person.browser),
        await web.http.patch(path, json={"role": "chair"}, headers=person.browser),
    ):
        assert (answer.status_code, code(answer)) == (409, "last_administrator")


@pytest.mark.parametrize(
    "change",
    [{"password": "short"}, {"name": ""}, {"name": "a\nb"}, {"name": " a"}, {"role": "king"}],
)
async def test_an_account_that_cannot_be(web: Web, change: dict[str, str]) -> None:
    asked = {"name": "Li", "password": PASSWORD, "role": "chair", **change}
    headers = await administrator(web)
    answer = await web.http.post("/api/accounts", json=asked, headers=headers)
    assert (answer.status_code, code(answer)) == (422, "invalid")
    assert asked["password"] not in answer.text


async def test_the_life_of_a_token(web: Web) -> None:
    person = await web.person(AccountRole.OFFICE)
    issued = await web.http.post("/api/tokens", json={"label": "report"}, headers=person.browser)
    assert issued.status_code == 201
    secret = {"Authorization": f"Bearer {issued.json()['token']}"}
    assert (await web.http.get("/api/conferences", headers=secret)).status_code == 200
    listed = await web.http.get("/api/tokens", headers=person.browser)
    assert issued.json()["token"] not in listed.text
    path = f"/api/tokens/{issued.json()['id']}"
    other = await web.person(AccountRole.CHAIR)
    foreign = await web.http.delete(path, headers=other.browser)
    assert (foreign.status_code, code(foreign)) == (404, "unknown_token")
    assert (await web.http.delete(path, headers=person.browser)).status_code == 204
    assert (await web.http.get("/api/conferences", headers=secret)).status_code == 401


# --- directory and conferences


async def import_csv(web: Web, text: str, apply: bool) -> httpx.Response:
    headers = {**await office(web), "Content-Type": "text/csv; charset=utf-8"}
    path = f"/api/directory/import?apply={str(apply).lower()}"
    return await web.http.post(path, content=text.encode(), headers=headers)


async def test_an_import_is_planned_then_done(web: Web) -> None:
    exported = (await web.http.get("/api/directory/export", headers=await office(web))).text
    plan = (await import_csv(web, CSV, apply=False)).json()
    assert plan["applied"] is False
    assert [(c["kind"], c["venue"]) for c in plan["changes"]] == [("add", "moc"), ("add", "zj")]
    assert plan["errors"] == []
    unchanged = (await web.http.get("/api/directory/export", headers=await office(web))).text
    assert unchanged == exported
    assert (await import_csv(web, CSV, apply=True)).json()["applied"] is True
    found = (await web.http.get("/api/directory", headers=await office(web))).json()
    assert [v["id"] for v in found["venues"]] == ["moc", "zj"]
    assert found["venues"][1]["pinyin"] == ["zhejiang", "zj"]


async def test_an_import_with_an_error_says_the_line_and_does_nothing(web: Web) -> None:
    wrong = CSV + "hn,河南,,moc,province,hn,河南,,branch,x\n"
    report = (await import_csv(web, wrong, apply=True)).json()
    assert report["applied"] is False
    assert {error["line"] for error in report["errors"]} == {4}
    assert (await web.http.get("/api/directory", headers=await office(web))).json()["venues"] == []


async def test_an_import_takes_csv_alone(web: Web) -> None:
    answer = await web.http.post("/api/directory/import", json={}, headers=await office(web))
    assert (answer.status_code, code(answer)) == (415, "content_type")


async def test_a_conference_from_a_template(web: Web) -> None:
    await import_csv(web, CSV, apply=True)
    headers = await office(web)
    templates = (await web.http.get("/api/templates", headers=headers)).json()["templates"]
    assert {"work", "short", "model"} <= {t["id"] for t in templates}
    title = {"zh": "促进消费会议", "en": "Consumption"}
    asked = {"title": title, "starts_at": "2023-03-01T21:00:00+08:00", "template": "work"}
    made = await web.http.post("/api/conferences", json=asked, headers=headers)
    assert made.status_code == 201, made.text
    found = await web.http.get(f"/api/conferences/{made.json()['id']}", headers=headers)
    view = found.json()["view"]
    ConsoleView.model_validate(view)
    assert view["starts_at"] == "2023-03-01T13:00:00.000Z"
    assert list(view["venues"]) == ["moc", "zj"]
    assert [item["kind"] for item in view["agenda"]][:2] == ["summary", "analysis"]
    listed = (await web.http.get("/api/conferences", headers=headers)).json()["conferences"]
    assert made.json()["id"] in {c["id"] for c in listed}


async def test_a_conference_with_its_own_agenda_and_some_venues(web: Web) -> None:
    await import_csv(web, CSV, apply=True)
    text = {"zh": "会", "en": "Meeting"}
    items = [{"kind": "speech", "title": text, "planned": 90}] * 2
    asked = {"title": text, "starts_at": "2023-03-01T13:00:00Z", "venues": ["moc"], "agenda": items}
    headers = await office(web)
    made = await web.http.post("/api/conferences", json=asked, headers=headers)
    view = (await web.http.get(f"/api/conferences/{made.json()['id']}", headers=headers)).json()
    assert list(view["view"]["venues"]) == ["moc"]
    assert [(i["id"], i["planned"]) for i in view["view"]["agenda"]] == [
        ("item-1", 90),
        ("item-2", 90),
    ]


@pytest.mark.parametrize(
    ("change", "status", "expected"),
    [
        ({"template": "no-such"}, 404, "unknown_template"),
        ({"venues": ["no-such"]}, 404, "unknown_venue"),
        ({"starts_at": "2023-03-01T13:00:00"}, 422, "invalid"),
        ({"starts_at": "tomorrow"}, 422, "invalid"),
        ({"title": {"zh": "x" * 500, "en": "x"}}, 422, "invalid"),
        ({"title": {"zh": "会"}}, 422, "invalid"),
        ({"color": "red"}, 422, "invalid"),
        ({"starts_at": "1999-01-01T00:00:00Z"}, 409, "bad_time"),
    ],
)
async def test_a_conference_that_cannot_be(
    web: Web, change: dict[str, object], status: int, expected: str
) -> None:
    asked = {"title": {"zh": "会", "en": "M"}, "starts_at": NOON.isoformat(), **change}
    answer = await web.http.post("/api/conferences", json=asked, headers=await office(web))
    assert (answer.status_code, code(answer)) == (status, expected)


async def test_commands_by_http(web: Web) -> None:
    chair = (await web.person(AccountRole.CHAIR)).program
    path = f"/api/conferences/{CONFERENCE}/commands"
    done = await web.http.post(path, json={"type": "open_conference"}, headers=chair)
    assert done.json() == {"seq": 2}
    again = await web.http.post(path, json={"type": "adjourn"}, headers=chair)
    assert (again.status_code, code(again)) == (409, "nothing_to_adjourn")
    unknown = await web.http.post(path, json={"type": "fly"}, headers=chair)
    assert (unknown.status_code, code(unknown)) == (422, "invalid")
    broken = await web.http.post(path, content=b"\xff{", headers=chair)
    assert (broken.status_code, code(broken)) == (422, "invalid")
    nowhere = await web.http.post(
        "/api/conferences/no-such/commands", json={"type": "take"}, headers=chair
    )
    assert (nowhere.status_code, code(nowhere)) == (404, "unknown_conference")


async def test_nobody_speaks_for_podiums_own_parts(web: Web) -> None:
    command = {"type": "report_connection", "venue": ZHEJIANG, "connection": "connected"}
    path = f"/api/conferences/{CONFERENCE}/commands"
    for role in (AccountRole.ADMINISTRATOR, AccountRole.OPERATOR, AccountRole.OFFICE):
        headers = (await web.person(role)).program
        answer = await web.http.post(path, json=command, headers=headers)
        assert (answer.status_code, code(answer)) == (409, "not_allowed")
    answer = await web.http.post(path, json=command, headers=web.station())
    assert (answer.status_code, code(answer)) == (409, "not_allowed")


async def test_an_administrator_acts_as_office_and_as_operator(web: Web) -> None:
    headers = (await web.person(AccountRole.ADMINISTRATOR)).program
    path = f"/api/conferences/{CONFERENCE}/commands"
    title = {"zh": "新", "en": "New"}
    for command in (
        {"type": "reschedule", "title": title, "starts_at": "2023-03-01T13:00:00Z"},
        {"type": "open_conference"},
        {"type": "cut_to_main"},
    ):
        answer = await web.http.post(path, json=command, headers=headers)
        assert answer.status_code in {200, 409}, answer.text
        if answer.status_code == 409:
            assert code(answer) != "not_allowed"


async def test_the_log_page_by_page(web: Web) -> None:
    await opened(web)
    headers = await office(web)
    path = f"/api/conferences/{CONFERENCE}/events"
    first = (await web.http.get(f"{path}?limit=1", headers=headers)).json()
    assert [e["event"]["type"] for e in first["events"]] == ["conference_scheduled"]
    assert first["more"] is True
    rest = (await web.http.get(f"{path}?after=1", headers=headers)).json()
    assert [e["seq"] for e in rest["events"]] == [2]
    assert rest["more"] is False
    for query in ("after=-1", "limit=0", "limit=999999", "after=x"):
        assert (await web.http.get(f"{path}?{query}", headers=headers)).status_code == 422


# --- links


async def test_issuing_links(web: Web) -> None:
    headers = await office(web)
    path = f"/api/conferences/{CONFERENCE}/links"
    await web.house.store.links.revoke(CONFERENCE, HENAN)
    listed = (await web.http.get(path, headers=headers)).json()["links"]
    assert [link["venue"] for link in listed if link["issued_at"] is None] == [HENAN]
    asked = {"venues": "missing", "wall": True}
    issued = (await web.http.post(path, json=asked, headers=headers)).json()
    assert [link["venue"] for link in issued["links"]] == [HENAN]
    assert issued["links"][0]["url"] == f"http://podium.test/station/{issued['links'][0]['token']}"
    assert issued["wall"]["url"].startswith("http://podium.test/wall/pdw_")
    joined = await web.http.get(
        "/api/join", headers={"Authorization": f"Bearer {issued['links'][0]['token']}"}
    )
    assert joined.json()["kind"] == "station"
    assert joined.json()["venue"]["id"] == HENAN
    old_wall = await web.http.get("/api/join", headers={"Authorization": f"Bearer {web.wall}"})
    assert old_wall.status_code == 401
    wrong = await web.http.post(path, json={"venues": ["no-such"]}, headers=headers)
    assert (wrong.status_code, code(wrong)) == (404, "unknown_venue")
    assert (await web.http.delete(f"{path}/{HENAN}", headers=headers)).status_code == 204
    gone = await web.http.delete(f"{path}/{HENAN}", headers=headers)
    assert (gone.status_code, code(gone)) == (404, "unknown_link")


# --- what a stranger may send


async def test_too_much_is_refused_by_its_announced_and_by_its_real_length(web: Web) -> None:
    async def endless() -> object:
        while True:
            yield b"x" * 65536

    headers = {**await office(web), "Content-Type": "text/csv"}
    announced = await web.http.post(
        "/api/directory/import", content=b"x" * (CSV_BYTES + 1), headers=headers
    )
    assert (announced.status_code, code(announced)) == (413, "too_large")
    streamed = await web.http.post(
        "/api/directory/import",
        content=endless(),  # type: ignore[arg-type]
        headers=headers,
    )
    assert (streamed.status_code, code(streamed)) == (413, "too_large")
    sign_in = await web.http.post("/api/session", content=b"x" * (SIGN_IN_BYTES + 1))
    assert (sign_in.status_code, code(sign_in)) == (413, "too_large")


async def test_who_may_not_ask_is_not_read(web: Web) -> None:
    async def unread() -> object:
        pytest.fail("the body was read")
        yield b""

    answer = await web.http.post(
        "/api/directory/import",
        content=unread(),  # type: ignore[arg-type]
        headers={"Content-Type": "text/csv"},
    )
    assert answer.status_code == 401


@pytest.mark.parametrize("path", ["/api/no-such", "/api", "/api/", "/whip/", "/.env", "/a/b"])
async def test_unknown_paths(web: Web, path: str) -> None:
    answer = await web.http.get(path)
    assert answer.status_code in {404, 405}
    assert code(answer) in {"not_found", "method"}


async def test_unknown_methods(web: Web) -> None:
    answer = await web.http.request("BREW", "/api/conferences", headers=await office(web))
    assert (answer.status_code, code(answer)) == (405, "method")
    assert answer.headers["allow"] == "GET, POST"


async def test_a_fault_of_ours_is_500_and_logged_without_the_path(
    web: Web, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(_: Path) -> None:
        raise RuntimeError("a mistake")

    monkeypatch.setattr(Path, "is_file", fails)
    with caplog.at_level(logging.DEBUG):
        caplog.set_level(logging.WARNING, "httpx")  # the client, which is not ours
        answer = await web.http.get(f"/station/{web.stations[ZHEJIANG]}")
    assert (answer.status_code, code(answer)) == (500, "internal")
    assert answer.headers["x-frame-options"] == "DENY"
    assert "GET /station/{token} failed" in caplog.text
    assert web.stations[ZHEJIANG] not in caplog.text


async def test_a_storage_fault_is_503(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fails(*_: object) -> None:
        raise OSError("the disk is full")

    headers = await office(web)
    monkeypatch.setattr(type(web.house.store.conferences), "all", fails)
    answer = await web.http.get("/api/conferences", headers=headers)
    assert (answer.status_code, code(answer)) == (503, "store_down")
    assert "disk" not in answer.text
