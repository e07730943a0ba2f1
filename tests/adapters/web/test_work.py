"""The work over HTTP: who sees what, who may do what, files there and back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import pytest
from openpyxl import load_workbook
from tests.support.programmes import (
    BODIES,
    CARS,
    CREATE,
    HANGZHOU,
    HENAN,
    HOMES,
    ISSUE,
    MINISTRY,
    NINGBO,
    OFFICE,
    PLAN,
    PROGRAMME,
    XIHU,
    ZHEJIANG,
    report,
)
from tests.support.web import Person, Web, open_web

from podium.desk.programmes import Accepted
from podium.hall.access import AccountRole
from podium.values.text import OrganisationId, Text
from podium.work import commands as c
from podium.work.codec import command_to_wire
from podium.work.commands import Command
from podium.work.values import Activity, ActivityId, ActivityKind

BASE = f"/api/work/programmes/{PROGRAMME}"


@dataclass
class Work:
    web: Web
    people: dict[str, Person]

    async def officer(self, organisation: OrganisationId) -> dict[str, str]:
        """Headers of the liaison officer's program."""
        if organisation not in self.people:
            store = self.web.house.store
            role = AccountRole.LIAISON
            account = await store.accounts.create(organisation, "long enough", role, organisation)
            token = await store.tokens.issue(account.id, "program")
            session = await store.login_sessions.open(account.id)
            self.people[organisation] = Person(account, session, token.secret)
        return self.people[organisation].program

    async def office(self) -> dict[str, str]:
        return (await self.web.person(AccountRole.OFFICE)).program

    async def get(self, headers: dict[str, str], path: str = "", **query: Any) -> httpx.Response:
        return await self.web.http.get(f"{BASE}{path}", params=query, headers=headers)

    async def ask(self, headers: dict[str, str], command: Command) -> httpx.Response:
        return await self.web.http.post(
            f"{BASE}/commands", json=command_to_wire(command), headers=headers
        )

    async def do(self, headers: dict[str, str], *commands: Command) -> None:
        for command in commands:
            answer = await self.ask(headers, command)
            assert answer.status_code == 200, (command, answer.text)


@pytest.fixture
async def work(tmp_path: Path) -> AsyncIterator[Work]:
    async with open_web(tmp_path) as web:
        programmes = web.house.programmes
        assert isinstance(await programmes.create(CREATE, OFFICE), Accepted)
        assert isinstance(await programmes.act(PROGRAMME, (PLAN, ISSUE), OFFICE), Accepted)
        yield Work(web, {})


async def test_from_issue_to_close(work: Work) -> None:
    office, zhejiang = await work.office(), await work.officer(ZHEJIANG)
    hangzhou = await work.officer(HANGZHOU)
    await work.do(zhejiang, c.Sign(ZHEJIANG, (CARS,)), c.BreakDown(ZHEJIANG, CARS, (HANGZHOU,)))
    await work.do(hangzhou, c.Sign(HANGZHOU, (CARS,)), report(HANGZHOU, completed=True))
    early = await work.ask(zhejiang, report(ZHEJIANG, completed=True))
    assert (early.status_code, early.json()["error"]["code"]) == (409, "open_below")
    await work.do(zhejiang, c.Verify(HANGZHOU, CARS), c.Close(HANGZHOU, CARS))
    await work.do(zhejiang, report(ZHEJIANG, completed=True))
    own = await work.ask(zhejiang, c.Verify(ZHEJIANG, CARS))
    assert (own.status_code, own.json()["error"]["code"]) == (409, "not_issuer")
    await work.do(office, c.Verify(ZHEJIANG, CARS), c.Close(ZHEJIANG, CARS))
    page = (await work.get(zhejiang, f"/assignments/{CARS}/{ZHEJIANG}")).json()
    assert page["line"]["light"] == "done"
    assert [step["type"] for step in page["history"]] == [
        "measures_issued",
        "signed",
        "report_filed",
        "verified",
        "closed",
    ]
    assert page["history"][0]["details"] == {
        "issuer": MINISTRY,
        "cycle": {"rhythm": "monthly", "due_day": 5},
        "on": "2023-03-01",
        "note": "",
        "conference": None,
        "item": None,
        "until": "2023-12-31",
    }
    assert page["history"][-1]["by"] == {"role": "office", "organisation": MINISTRY}
    assert [line["organisation"] for line in page["below"]] == [HANGZHOU]


async def test_pages_offer_what_one_may_do(work: Work) -> None:
    office, zhejiang = await work.office(), await work.officer(ZHEJIANG)
    path = f"/assignments/{CARS}/{ZHEJIANG}"
    assert (await work.get(zhejiang, path)).json()["may"] == ["sign", "ask_extension"]
    assert (await work.get(office, path)).json()["may"] == ["withdraw"]
    await work.do(zhejiang, c.Sign(ZHEJIANG, (CARS,)))
    may = (await work.get(zhejiang, path)).json()["may"]
    assert may == ["file_report", "break_down", "ask_extension"]
    await work.do(zhejiang, c.BreakDown(ZHEJIANG, CARS, (HANGZHOU, NINGBO)))
    page = (await work.get(zhejiang, path)).json()
    assert [line["organisation"] for line in page["below"]] == [HANGZHOU, NINGBO]
    assert page["below_total"] == 2
    observer = (await work.web.person(AccountRole.OBSERVER)).program
    assert (await work.get(observer, path)).json()["may"] == []


async def test_whom_the_plan_names_everybody_may_name(work: Work) -> None:
    """Pages show names there, not codes; what the others have to do stays their own."""
    office, zhejiang = await work.office(), await work.officer(ZHEJIANG)
    week = Activity(ActivityId("week"), ActivityKind.WEEK, Text("周", "Week"), lead=(HENAN,))
    await work.do(office, c.Plan(activities=(week,)))
    assert HENAN in {b["id"] for b in (await work.get(zhejiang)).json()["bodies"]}
    assert (await work.get(zhejiang, "/matrix", under=HENAN)).status_code == 403


async def test_a_liaison_officer_sees_what_is_below(work: Work) -> None:
    zhejiang = await work.officer(ZHEJIANG)
    look = (await work.get(zhejiang)).json()
    assert look["you"] == {"organisation": ZHEJIANG, "owns": False}
    assert {b["id"] for b in look["bodies"]} == {MINISTRY, ZHEJIANG, HANGZHOU, XIHU, NINGBO}
    grid = (await work.get(zhejiang, "/matrix")).json()
    assert [o["id"] for o in grid["organisations"]] == [ZHEJIANG]
    assert (await work.get(zhejiang, "/matrix", under=HENAN)).status_code == 403
    assert (await work.get(zhejiang, "/assignments", under=MINISTRY)).status_code == 403
    listed = (await work.get(zhejiang, "/assignments")).json()
    assert {line["organisation"] for line in listed["lines"]} == {ZHEJIANG}
    hidden = await work.get(zhejiang, f"/assignments/{CARS}/{HENAN}")
    assert hidden.json()["error"]["code"] == "unknown_assignment"
    for path in ("/roll-up", "/summary"):
        assert (await work.get(zhejiang, path)).status_code == 403
    dates = {"first": "2023-01-01", "last": "2023-12-31"}
    assert (await work.get(zhejiang, "/calendar", organisation=HENAN, **dates)).status_code == 403
    export = await work.get(zhejiang, "/export", kind="assignments")
    assert "zhejiang" in export.text
    assert "henan" not in export.text


async def test_the_issuing_department_is_its_liaison_officer(work: Work) -> None:
    ministry = await work.officer(MINISTRY)
    assert (await work.get(ministry)).json()["you"] == {"organisation": MINISTRY, "owns": True}
    await work.do(ministry, c.IssueMeasures((HOMES,), (XIHU,)))
    henan = await work.officer(HENAN)
    answer = await work.ask(henan, c.IssueMeasures((HOMES,), (NINGBO,)))
    assert answer.json()["error"]["code"] == "not_owner"


async def test_an_officer_of_nobody_sees_nothing(work: Work) -> None:
    nobody = await work.officer(OrganisationId("nobody"))
    assert (await work.get(nobody)).json()["bodies"] == []
    for path in ("/matrix", "/assignments"):
        assert (await work.get(nobody, path)).status_code == 403
    export = await work.get(nobody, "/export", kind="assignments")
    assert len(export.text.splitlines()) == 1  # the headings


async def test_liaison_officers_have_no_conferences(work: Work) -> None:
    zhejiang = await work.officer(ZHEJIANG)
    answer = await work.web.http.get("/api/conferences", headers=zhejiang)
    assert answer.status_code == 403
    socket = await work.web.socket().open()
    await socket.say(type="hello", token=work.people[ZHEJIANG].token, conference="conference-1")
    assert await socket.closed() == 4403


async def test_matrix_lists_and_summary(work: Work) -> None:
    office = await work.office()
    work.web.clock.advance(timedelta(days=60))
    grid = (await work.get(office, "/matrix", light="red")).json()
    assert [o["id"] for o in grid["organisations"]] == [ZHEJIANG, HENAN]
    assert grid["measures"][0]["counts"]["red"] == 2
    cell = grid["cells"][0]
    assert (cell["own"]["light"], cell["own"]["rule"]) == ("red", "report_missing")
    listed = (await work.get(office, "/assignments", light="red", size=3)).json()
    assert (len(listed["lines"]), listed["total"]) == (3, 4)
    summary = (await work.get(office, "/summary")).json()
    assert summary["total"] == {"done": 0, "running": 0, "overdue": 4}
    up = (await work.get(office, "/roll-up")).json()
    assert up["levels"] == [
        {"level": "province", "counts": {"red": 4, "amber": 0, "green": 0, "done": 0, "none": 0}}
    ]


async def test_importing_and_exporting(work: Work) -> None:
    office = await work.office()
    csv = {**office, "Content-Type": "text/csv"}
    text = "code,title_zh,area_code,due\nnight,夜间经济,bulk,2023-10-31\n".encode()
    url = f"{BASE}/import?kind=measures"
    preview = (await work.web.http.post(url, content=text, headers=csv)).json()
    assert (preview["applied"], preview["changes"][0]["kind"]) == (False, "add")
    done = (await work.web.http.post(f"{url}&apply=true", content=text, headers=csv)).json()
    assert done["applied"]
    wrong = await work.web.http.post(
        f"{url}&apply=true", content=text.replace(b"10-31", b"10-32"), headers=csv
    )
    assert wrong.json()["applied"] is False
    assert [(e["line"], e["column"]) for e in wrong.json()["errors"]] == [(2, "due")]
    sheet = await work.get(office, "/export", kind="measures", format="xlsx")
    assert load_workbook(BytesIO(sheet.content)).worksheets[0].max_row == 4
    again = await work.web.http.post(
        f"{url}&apply=true",
        content=sheet.content,
        headers={**office, "Content-Type": sheet.headers["content-type"]},
    )
    assert {change["kind"] for change in again.json()["changes"]} == {"same"}
    zhejiang = {**(await work.officer(ZHEJIANG)), "Content-Type": "text/csv"}
    theirs = await work.web.http.post(f"{url}&apply=true", content=text, headers=zhejiang)
    assert theirs.json()["error"]["code"] == "not_owner"


async def test_evidence_is_for_those_who_see_the_report(work: Work) -> None:
    zhejiang, henan = await work.officer(ZHEJIANG), await work.officer(HENAN)
    put = await work.web.http.post(
        f"{BASE}/files?name=证明.pdf", content=b"%PDF evidence", headers=zhejiang
    )
    assert put.status_code == 201
    file = put.json()
    link = f"/files/{file['digest']}"
    assert (await work.get(zhejiang, link)).status_code == 404  # no report refers to it yet
    gone = file | {"digest": "0" * 64}
    wire = command_to_wire(report(ZHEJIANG)) | {"evidence": [file, gone]}
    refused = await work.web.http.post(f"{BASE}/commands", json=wire, headers=zhejiang)
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "file_missing")
    wire = command_to_wire(report(ZHEJIANG)) | {"evidence": [file]}
    await work.do(zhejiang, c.Sign(ZHEJIANG, (CARS,)))
    answer = await work.web.http.post(f"{BASE}/commands", json=wire, headers=zhejiang)
    assert answer.status_code == 200, answer.text
    got = await work.get(zhejiang, link)
    assert got.content == b"%PDF evidence"
    assert got.headers["content-disposition"].startswith("attachment;")
    assert (await work.get(henan, link)).status_code == 404
    assert (await work.get(zhejiang, "/files/..%2f..%2fpodium.db")).status_code == 404


async def test_a_feed_needs_no_sign_in_but_its_secret(work: Work) -> None:
    await work.officer(ZHEJIANG)
    browser = work.people[ZHEJIANG].browser
    made = await work.web.http.post(f"{BASE}/feed?organisation={ZHEJIANG}", headers=browser)
    url = made.json()["url"]
    feed = await work.web.http.get(url)
    assert feed.headers["content-type"] == "text/calendar; charset=utf-8"
    assert feed.text.count("BEGIN:VEVENT") == 4
    assert (await work.web.http.get(f"{url[:-1]}_")).status_code == 404
    other = await work.web.http.post(f"{BASE}/feed?organisation={HENAN}", headers=browser)
    assert other.status_code == 403
    await work.web.house.store.accounts.remove(work.people[ZHEJIANG].account.id)
    assert (await work.web.http.get(url)).status_code == 404


async def test_creating_takes_the_bodies_of_the_directory(work: Work) -> None:
    office = await work.office()
    lines = ["organisation_code,organisation_zh,parent_code"]
    lines += [f"{b.id},{b.name.zh},{b.parent or ''}" for b in BODIES]
    csv = {**office, "Content-Type": "text/csv"}
    url = "/api/directory/import?apply=true"
    text = "\n".join(lines).encode()
    assert (await work.web.http.post(url, content=text, headers=csv)).json()["applied"]
    asked = {
        "title": {"zh": "新方案", "en": "New"},
        "owner": "ministry",
        "starts_on": "2023-01-01",
        "ends_on": "2023-12-31",
    }
    made = await work.web.http.post("/api/work/programmes", json=asked, headers=office)
    assert made.status_code == 201
    listed = (await work.web.http.get("/api/work/programmes", headers=office)).json()
    titles = {p["title"]["en"] for p in listed["programmes"]}
    assert titles == {"2023 Consumption Boost Year", "New"}
    for change, code in (({"zone": "Mars/Base"}, "invalid"), ({"owner": "x"}, "unknown_body")):
        answer = await work.web.http.post(
            "/api/work/programmes", json=asked | change, headers=office
        )
        assert answer.json()["error"]["code"] == code


async def test_contacts(work: Work) -> None:
    office = await work.office()
    url = "/api/work/contacts/zhejiang"
    none = await work.web.http.put(url, json={"email": "a@b.cn"}, headers=office)
    assert none.json()["error"]["code"] == "no_such_organisation"
    csv = {**office, "Content-Type": "text/csv"}
    text = "organisation_code,organisation_zh\nzhejiang,浙江\n".encode()
    await work.web.http.post("/api/directory/import?apply=true", content=text, headers=csv)
    for wrong in ("no address", "a@b\r\nBcc: x@y", "A <a@b.cn>"):
        answer = await work.web.http.put(url, json={"email": wrong}, headers=office)
        assert answer.status_code == 422
    put = await work.web.http.put(url, json={"email": "a@b.cn"}, headers=office)
    assert put.status_code == 204
    listed = (await work.web.http.get("/api/work/contacts", headers=office)).json()
    assert listed["contacts"] == [{"organisation": "zhejiang", "email": "a@b.cn", "language": "zh"}]
    assert (await work.web.http.delete(url, headers=office)).status_code == 204


@pytest.mark.parametrize(
    "body", [b"", b"{}", b'{"type":"sign"}', b'{"type":"escalate","x":1}', b"[1]", b"\xff"]
)
async def test_commands_that_are_none(work: Work, body: bytes) -> None:
    headers = await work.officer(ZHEJIANG)
    answer = await work.web.http.post(f"{BASE}/commands", content=body, headers=headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "invalid")


async def test_accounts_of_liaison_officers(work: Work) -> None:
    admin = (await work.web.person(AccountRole.ADMINISTRATOR)).browser
    asked = {"name": "li", "password": "long enough", "role": "liaison"}
    without = await work.web.http.post("/api/accounts", json=asked, headers=admin)
    assert without.json()["error"]["code"] == "organisation_needed"
    made = await work.web.http.post(
        "/api/accounts", json=asked | {"organisation": "henan"}, headers=admin
    )
    assert made.json()["organisation"] == "henan"
    moved = await work.web.http.patch(
        f"/api/accounts/{made.json()['id']}", json={"organisation": "ningbo"}, headers=admin
    )
    assert moved.json()["organisation"] == "ningbo"
