"""A deployment over HTTP and the WebSocket: issued at the item, signed for at the venues; and the
next conference, which opens with what came of it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.support.conferences import (
    BRANCHES,
    CONFERENCE,
    DEPLOYMENT,
    MINISTRY,
    NOON,
    SUMMARY,
    XINJIANG,
    ZHEJIANG,
)
from tests.support.programmes import CARS, CREATE, DUE, HOMES, OFFICE, PLAN, PROGRAMME
from tests.support.web import Web, open_web

from podium.conference.commands import OpenConference, StartItem, StartSession, WithdrawVenue
from podium.conference.events import Recorded
from podium.conference.evolve import replay
from podium.conference.state import ConferenceId
from podium.desk.programmes import Accepted
from podium.hall.access import AccountRole
from podium.values.level import Level
from podium.values.text import OrganisationId, Text
from podium.web.shapes_live import SERVER
from podium.work import commands as c
from podium.work.values import Body, Statistic

BASE = f"/api/conferences/{CONFERENCE}/deployment"
HERE = "/api/station/work"
DEPARTMENTS = tuple(OrganisationId(f"{venue}-department") for venue in BRANCHES)
ASIDE = OrganisationId("aside")
"""Below the ministry, and at none of the venues."""
BODIES = (
    Body(MINISTRY, Text("商务部", "Ministry"), None, Level.NATIONAL, 0),
    *(Body(d, Text(d, d), MINISTRY, Level.PROVINCE, n) for n, d in enumerate(DEPARTMENTS, 1)),
    Body(ASIDE, Text("旁", "Aside"), MINISTRY, Level.PROVINCE, 9),
)
DEPLOY = {"programme": PROGRAMME, "item": DEPLOYMENT, "measures": [CARS, HOMES], "to": "invited"}


@pytest.fixture
async def web(tmp_path: Path) -> AsyncIterator[Web]:
    """The deployment item has begun, and nothing is issued yet."""
    async with open_web(tmp_path) as made:
        create = replace(CREATE, bodies=BODIES)
        assert isinstance(await made.house.programmes.create(create, OFFICE), Accepted)
        await work(made, PLAN)
        await made.do(OpenConference(), StartSession(), StartItem(DEPLOYMENT))
        yield made


async def work(web: Web, *commands: c.Command) -> None:
    assert isinstance(await web.house.programmes.act(PROGRAMME, commands, OFFICE), Accepted)


async def chair(web: Web, role: AccountRole = AccountRole.CHAIR) -> dict[str, str]:
    return (await web.person(role)).program


async def deploy(web: Web, headers: dict[str, str], **change: Any) -> httpx.Response:
    return await web.http.post(BASE, json={**DEPLOY, **change}, headers=headers)


async def sign(web: Web, venue: Any, *measures: str) -> httpx.Response:
    body = {"programme": PROGRAMME, "measures": list(measures)}
    return await web.http.post(f"{HERE}/sign", json=body, headers=web.station(venue))


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


async def test_one_action_issues_and_the_venues_sign(web: Web) -> None:
    headers = await chair(web)
    offer = (await web.http.get(f"{BASE}/{PROGRAMME}", headers=headers)).json()
    assert (offer["invited"], offer["below"], offer["today"]) == (3, 4, "2023-03-01")
    assert [(m["id"], m["organisations"]) for m in offer["measures"]] == [(CARS, 0), (HOMES, 0)]
    done = (await deploy(web, headers)).json()
    assert (done["changed"], done["organisations"]) == (True, 3)
    again = (await deploy(web, headers)).json()
    assert (again["seq"], again["changed"]) == (done["seq"], False)

    listed = (await web.http.get(HERE, headers=web.station())).json()
    assert listed["organisation"] == DEPARTMENTS[0]
    (programme,) = listed["programmes"]
    assert [(m["measure"], m["stage"], m["here"]) for m in programme["measures"]] == [
        (CARS, "issued", False),
        (HOMES, "issued", False),
    ]
    assert (await sign(web, ZHEJIANG, CARS, HOMES)).json()["changed"] is True
    assert (await sign(web, ZHEJIANG, CARS)).json()["changed"] is False
    (programme,) = (await web.http.get(HERE, headers=web.station())).json()["programmes"]
    assert all(m["here"] and m["signed_at"] is not None for m in programme["measures"])

    (found,) = (await web.http.get(BASE, headers=headers)).json()["deployments"]
    assert (found["item"], found["programme"]) == (DEPLOYMENT, PROGRAMME)
    assert [(m["id"], m["due"], m["organisations"], m["signed"]) for m in found["measures"]] == [
        (CARS, DUE.isoformat(), 3, 1),
        (HOMES, DUE.isoformat(), 3, 1),
    ]
    assert [(o["id"], o["signed"], o["venue"]) for o in found["organisations"]] == [
        (DEPARTMENTS[0], 2, ZHEJIANG),
        (DEPARTMENTS[1], 0, None),
        (DEPARTMENTS[2], 0, None),
    ]


async def test_recipients_are_listed_in_pages(web: Web) -> None:
    headers = await chair(web)
    await deploy(web, headers)
    await sign(web, ZHEJIANG, CARS, HOMES)

    async def page(**asked: str | int) -> tuple[list[str], int]:
        (found,) = (await web.http.get(BASE, params=asked, headers=headers)).json()["deployments"]
        assert [m["organisations"] for m in found["measures"]] == [3, 3]
        return [o["id"] for o in found["organisations"]], found["all_organisations"]

    assert await page(size=2) == ([*DEPARTMENTS[:2]], 3)
    assert await page(item=DEPLOYMENT, size=2, start=2) == ([DEPARTMENTS[2]], 3)
    assert await page(programme=PROGRAMME, size=1, unsigned=True) == ([DEPARTMENTS[1]], 2)
    for nothing in ({"item": SUMMARY}, {"programme": "none"}):
        answer = await web.http.get(BASE, params=nothing, headers=headers)
        assert answer.json() == {"deployments": []}
    too_many = await web.http.get(BASE, params={"size": 201}, headers=headers)
    assert too_many.status_code == 422


async def test_the_programmes_log_says_who_issued_and_who_signed(web: Web) -> None:
    await deploy(web, await chair(web))
    await sign(web, ZHEJIANG, CARS)
    *_, issued, signed = await web.house.store.programme_log.read(CREATE.programme)
    assert (issued.by.role, issued.by.conference) == (c.Role.CONSOLE, CONFERENCE)
    assert issued.by.id == (await web.person(AccountRole.CHAIR)).account.id
    assert (signed.by.role, signed.by.id, signed.by.organisation, signed.by.conference) == (
        c.Role.STATION,
        ZHEJIANG,
        DEPARTMENTS[0],
        CONFERENCE,
    )
    assert signed.at >= issued.at
    office = await chair(web, AccountRole.OFFICE)
    path = f"/api/work/programmes/{PROGRAMME}/assignments/{CARS}/{DEPARTMENTS[0]}"
    page = (await web.http.get(path, headers=office)).json()
    assert [step["by"] for step in page["history"]] == [
        {"role": "console", "organisation": MINISTRY},
        {"role": "station", "organisation": DEPARTMENTS[0]},
    ]


async def test_all_below_the_owner_may_be_meant_and_a_day_given(web: Web) -> None:
    headers = await chair(web, AccountRole.OPERATOR)
    done = (await deploy(web, headers, to="below", due="2023-06-30", measures=[CARS])).json()
    assert done["organisations"] == 4
    (found,) = (await web.http.get(BASE, headers=headers)).json()["deployments"]
    assert ASIDE in [o["id"] for o in found["organisations"]]
    assert [m["due"] for m in found["measures"]] == ["2023-06-30"]


async def test_consoles_and_stations_are_told_at_once(web: Web) -> None:
    console, station = await web.console_socket(), await web.station_socket(ZHEJIANG)
    aside = await web.station_socket(XINJIANG)
    await deploy(web, await chair(web))
    row = {"item": DEPLOYMENT, "programme": PROGRAMME, "measures": 2, "organisations": 3}
    assert (await console.hear("work"))["items"] == [{**row, "complete": 0}]
    assert (await station.hear("work"))["own"] == {"issued": 2, "signed": 0}
    assert (await aside.hear("work"))["own"] == {"issued": 2, "signed": 0}
    await sign(web, ZHEJIANG, CARS, HOMES)
    assert (await console.hear("work"))["items"] == [{**row, "complete": 1}]
    assert (await station.hear("work"))["own"] == {"issued": 2, "signed": 2}
    late = await web.console_socket(AccountRole.CHAIR)
    assert (await late.hear("work"))["items"] == [{**row, "complete": 1}]
    for socket in (console, station, aside, late):
        await socket.leave()
        for message in socket.seen:
            SERVER.validate_python(message)
    # Who sees no change of its own is told nothing.
    assert [m["type"] for m in aside.seen].count("work") == 1


async def test_a_station_has_only_its_own(web: Web) -> None:
    await work(web, c.IssueMeasures((HOMES,), (DEPARTMENTS[0],)))
    await deploy(web, await chair(web), measures=[CARS])
    (programme,) = (await web.http.get(HERE, headers=web.station())).json()["programmes"]
    assert [m["measure"] for m in programme["measures"]] == [CARS]
    assert code(await sign(web, ZHEJIANG, HOMES)) == (409, "not_from_this_conference")
    assert code(await sign(web, ZHEJIANG, CARS, HOMES)) == (409, "not_from_this_conference")
    (programme,) = (await web.http.get(HERE, headers=web.station())).json()["programmes"]
    assert programme["measures"][0]["stage"] == "issued"
    unknown = {"programme": "none", "measures": [CARS]}
    answer = await web.http.post(f"{HERE}/sign", json=unknown, headers=web.station())
    assert code(answer) == (404, "unknown_programme")
    command = {"type": "sign", "organisation": DEPARTMENTS[0], "measures": [CARS]}
    path = f"/api/work/programmes/{PROGRAMME}/commands"
    answer = await web.http.post(path, json=command, headers=web.station())
    assert answer.status_code == 403
    answer = await web.http.get(f"/api/work/programmes/{PROGRAMME}", headers=web.station())
    assert answer.status_code == 403


@pytest.mark.parametrize(
    "body",
    [
        {"programme": PROGRAMME, "measures": []},
        {"programme": PROGRAMME, "measures": ["m"] * 2001},
        {"programme": "p" * 65, "measures": [CARS]},
        {"programme": PROGRAMME, "measures": [CARS], "organisation": DEPARTMENTS[1]},
    ],
)
async def test_what_a_station_may_send_is_bounded(web: Web, body: dict[str, Any]) -> None:
    answer = await web.http.post(f"{HERE}/sign", json=body, headers=web.station())
    assert answer.status_code == 422


async def test_a_withdrawn_venue_and_a_stranger_see_nothing(web: Web) -> None:
    await deploy(web, await chair(web))
    headers = web.station(XINJIANG)
    await web.do(WithdrawVenue(XINJIANG))
    assert (await web.http.get(HERE, headers=headers)).status_code in (401, 403)
    assert (await web.http.get(HERE)).status_code == 401
    wall = {"Authorization": f"Bearer {web.wall}"}
    assert (await web.http.get(HERE, headers=wall)).status_code == 403
    assert (await web.http.get(BASE, headers=web.station())).status_code == 403
    assert (await web.http.post(BASE, json=DEPLOY, headers=web.station())).status_code == 403
    for role in (AccountRole.OBSERVER, AccountRole.LIAISON):
        assert (await deploy(web, await chair(web, role))).status_code == 403


async def test_only_a_running_deployment_item_issues(web: Web) -> None:
    headers = await chair(web)
    assert code(await deploy(web, headers, item=SUMMARY)) == (409, "not_a_deployment")
    assert code(await deploy(web, headers, item="none")) == (409, "not_a_deployment")
    assert code(await deploy(web, headers, programme="none")) == (404, "unknown_programme")
    assert code(await deploy(web, headers, measures=["none"])) == (409, "unknown_measure")
    assert code(await deploy(web, headers, due="2023-02-01")) == (409, "due_past")
    assert (await web.http.get(BASE, headers=headers)).json() == {"deployments": []}
    body = {"title": {"zh": "会", "en": "C"}, "starts_at": NOON.isoformat(), "template": "work"}
    office = await chair(web, AccountRole.OFFICE)
    other = (
        await web.http.post("/api/conferences", json={**body, "venues": []}, headers=office)
    ).json()
    path = f"/api/conferences/{other['id']}/deployment"
    later = await web.http.post(path, json={**DEPLOY, "item": "item-3"}, headers=headers)
    assert code(later) == (409, "item_not_started")


# --- the next conference


async def create(web: Web, **change: Any) -> dict[str, Any]:
    office = await chair(web, AccountRole.OFFICE)
    body = {
        "title": {"zh": "下一次会议", "en": "The next one"},
        "starts_at": (web.clock.now() + timedelta(days=1)).isoformat(),
        "venues": [],
        "programme": PROGRAMME,
        **change,
    }
    made = await web.http.post("/api/conferences", json=body, headers=office)
    assert made.status_code == 201, made.text
    path = f"/api/conferences/{made.json()['id']}"
    view: dict[str, Any] = (await web.http.get(path, headers=office)).json()["view"]
    return view


async def test_the_next_conference_opens_with_what_came_of_it(web: Web) -> None:
    await deploy(web, await chair(web))
    await sign(web, ZHEJIANG, CARS, HOMES)
    office = await chair(web, AccountRole.OFFICE)
    drafted = (
        await web.http.get(f"/api/work/programmes/{PROGRAMME}/opening", headers=office)
    ).json()
    assert drafted["referred"] == []
    assert "6 assignments" in drafted["summary"][0]["en"]
    view = await create(web, template="work")
    assert [i["kind"] for i in view["agenda"]].count("summary") == 1
    assert view["agenda"][0]["points"] == drafted["summary"]
    bare = await create(web)
    assert [(i["id"], i["kind"], i["points"]) for i in bare["agenda"]] == [
        ("opening", "summary", drafted["summary"])
    ]


async def test_what_was_escalated_is_on_the_next_agenda(web: Web) -> None:
    await deploy(web, await chair(web))
    timer = c.Actor(c.Role.SYSTEM, "timer")
    for _ in range(40):
        web.clock.advance(timedelta(days=3))
        await web.house.programmes.act(CREATE.programme, (c.Escalate(),), timer)
    view = await create(web, template="work")
    summary, referred, *_ = view["agenda"]
    assert (summary["kind"], referred["id"], referred["kind"]) == ("summary", "referred", "other")
    assert len(referred["points"]) == 6
    assert "Stabilise car sales" in referred["points"][0]["en"]
    taken = await create(
        web,
        agenda=[
            {"id": "referred", "kind": "speech", "title": {"zh": "讲", "en": "S"}, "planned": 60}
        ],
    )
    assert [i["id"] for i in taken["agenda"]] == ["opening", "referredx", "referred"]


async def anew(web: Web) -> dict[str, str]:
    """The office signs in again after a long time."""
    account = (await web.person(AccountRole.OFFICE)).account
    session = await web.house.store.login_sessions.open(account.id)
    return replace(web.people[AccountRole.OFFICE], session=session).browser


async def test_the_opening_puts_statistics_beside_the_measures(web: Web) -> None:
    """Official ones, as of the deployment and as of today; no cause is claimed."""
    office = await chair(web, AccountRole.OFFICE)
    retail = Statistic("retail.total", Text("社会消费品零售总额", "Retail sales"))
    measures = [replace(measure, statistic=retail) for measure in PLAN.measures]
    outcome = await web.house.programmes.act(
        CREATE.programme, (c.Plan(measures=(*measures,)),), OFFICE
    )
    assert isinstance(outcome, Accepted)
    path = f"/api/work/programmes/{PROGRAMME}"
    (before,) = (await web.http.get(f"{path}/outcomes", headers=office)).json()["outcomes"]
    assert (before["deployed"], before["then"]) == (None, None)
    assert before["now"]["value"] == pytest.approx(-1.8)
    await deploy(web, await chair(web))
    web.clock.advance(timedelta(days=60))
    office = await anew(web)
    (found,) = (await web.http.get(f"{path}/outcomes", headers=office)).json()["outcomes"]
    assert (found["deployed"], found["measures"]) == (NOON.date().isoformat(), [CARS, HOMES])
    assert (found["then"], found["then"]["growth"]) == (before["now"], True)
    assert found["now"]["value"] > 0
    drafted = (await web.http.get(f"{path}/opening", headers=office)).json()["summary"]
    said = [point for point in drafted if "No cause is claimed" in point["en"]]
    assert len(said) == 1
    assert "下降 1.8%" in said[0]["zh"]
    assert "down 1.8%" in said[0]["en"]
    assert "不表示因果关系" in said[0]["zh"]


@pytest.mark.parametrize("durable", [False, True])
async def test_a_crash_leaves_a_conference_with_its_opening_or_none(
    web: Web, monkeypatch: pytest.MonkeyPatch, durable: bool
) -> None:
    """The process dies at the first write: before it, or before it can tell anybody."""
    await deploy(web, await chair(web))
    office = await chair(web, AccountRole.OFFICE)
    log = web.house.store.log
    append = log.append

    async def dies(stream: ConferenceId, entries: Sequence[Recorded]) -> None:
        if durable:
            await append(stream, entries)
        raise OSError("gone")

    monkeypatch.setattr(log, "append", dies)
    body = {
        "title": {"zh": "下一次会议", "en": "The next one"},
        "starts_at": (web.clock.now() + timedelta(days=1)).isoformat(),
        "venues": [],
        "programme": PROGRAMME,
    }
    answer = await web.http.post("/api/conferences", json=body, headers=office)
    assert answer.status_code == 503
    created = [id_ for id_ in await log.ids() if id_ != CONFERENCE]
    assert len(created) == int(durable)
    for conference in created:
        state = replay(await log.read(conference))
        assert state is not None
        assert state.agenda[0].points


async def test_a_conference_of_no_such_programme_is_not_created(web: Web) -> None:
    office = await chair(web, AccountRole.OFFICE)
    body = {"title": {"zh": "会", "en": "C"}, "starts_at": NOON.isoformat(), "programme": "none"}
    answer = await web.http.post("/api/conferences", json=body, headers=office)
    assert code(answer) == (404, "unknown_programme")
    listed = (await web.http.get("/api/conferences", headers=office)).json()["conferences"]
    assert [item["id"] for item in listed] == [CONFERENCE]


async def test_the_record_says_what_was_issued_and_signed_for(web: Web) -> None:
    headers = await chair(web)
    await deploy(web, headers)
    assert (await sign(web, ZHEJIANG, CARS)).status_code == 200
    answer = await web.http.get(f"/api/conferences/{CONFERENCE}/record", headers=headers)
    (issued,) = answer.json()["issued"]
    assert (issued["programme"], issued["item"]) == (PROGRAMME, DEPLOYMENT)
    measures = [(m["id"], m["due"], m["organisations"], m["signed"]) for m in issued["measures"]]
    assert measures == [(CARS, DUE.isoformat(), 3, 1), (HOMES, DUE.isoformat(), 3, 0)]
    log = await web.house.store.programme_log.read(PROGRAMME)
    kinds = {entry.seq: entry.event.type for entry in log}
    assert [kinds[seq] for seq in issued["programme_entries"]] == ["measures_issued"]
    table = await web.http.get(
        f"/api/conferences/{CONFERENCE}/record/measures.csv?lang=en", headers=headers
    )
    assert len(table.text.splitlines()) == 3
    for kind in ("record.pdf", "record.docx"):
        path = f"/api/conferences/{CONFERENCE}/record/{kind}"
        assert (await web.http.get(path, headers=headers)).status_code == 200
