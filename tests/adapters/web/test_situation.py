"""The situation over HTTP, on a real store; briefings by the real process."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from tests.support.conferences import BEIJING, ZHEJIANG
from tests.support.web import Web

from podium.conference.commands import (
    HideSlides,
    OpenConference,
    ShowSlides,
    StartSession,
    TurnSlide,
)
from podium.conference.state import VenueId
from podium.hall.access import AccountRole
from podium.web.shapes_situation import (
    BatchList,
    BriefingShape,
    KnownFigures,
    SituationImport,
    SituationSeries,
    StatisticShape,
)

DAY = "2023-03-01"
APRIL = "指标,时期,绝对量,增速,发布日\nretail.total,2024-04,35699,2.3,2024-05-17\n"
JANUARY = "指标,时期,绝对量,增速\nretail.total,2024-04,35699,2.3\nretail.total,2024-01,1,1\n"


async def get(web: Web, path: str, role: AccountRole = AccountRole.LIAISON, **query: Any) -> Any:
    person = await web.person(role)
    return await web.http.get(
        f"/api/situation/{path}", params=query, headers=person.browser, timeout=60
    )


async def put(web: Web, text: str, role: AccountRole = AccountRole.OFFICE, **query: Any) -> Any:
    person = await web.person(role)
    headers = {**person.browser, "Content-Type": "text/csv"}
    given = {"day": "2024-05-17", "source": "nbs.retail", **query}
    params = {name: value for name, value in given.items() if value is not None}
    path = "/api/situation/import"
    return await web.http.post(path, params=params, content=text.encode(), headers=headers)


async def test_a_new_store_has_the_official_figures_once(web: Web) -> None:
    answer = await get(web, "series")
    assert answer.status_code == 200
    series = SituationSeries.model_validate_json(answer.content)
    total = next(s for s in series.series if s.id == series.whole)
    assert (total.name.zh, total.figures > 200) == ("社会消费品零售总额", True)
    assert (await get(web, "series")).json() == answer.json()
    batches = BatchList.model_validate_json(
        (await get(web, "imports", AccountRole.OFFICE)).content
    ).batches
    assert [(b.number, b.by) for b in batches] == [(1, "")]


async def test_no_figure_shows_before_its_day(web: Web) -> None:
    def growth(found: Any) -> dict[str, float]:
        figures = KnownFigures.model_validate_json(found.content).figures
        assert all(f.published <= found.json()["day"] for f in figures)
        return {f.period.id: f.value for f in figures if f.measure == "growth"}

    before = growth(await get(web, "figures", day=DAY, series="retail.total"))
    after = growth(await get(web, "figures", day="2023-04-18", series="retail.total"))
    assert (before["2022-04"], before["2022-12"]) == (-11.1, -1.8)
    assert "2023-01..02" not in before
    assert (after["2023-01..02"], after["2023-03"]) == (3.5, 10.6)


async def test_a_statistic_as_of_two_days(web: Web) -> None:
    path = "statistics/retail.total"
    early = StatisticShape.model_validate_json((await get(web, path, day=DAY)).content)
    late = StatisticShape.model_validate_json((await get(web, path, day="2023-04-18")).content)
    assert early.month is not None
    assert early.month.growth is not None
    assert (early.month.period.id, early.month.growth.value) == ("2022-12", -1.8)
    assert late.month is not None
    assert late.month.period.id == "2023-03"
    nothing = StatisticShape.model_validate_json((await get(web, path, day="1999-01-01")).content)
    assert (nothing.month, nothing.to_date) == (None, None)
    # A statistic of provinces is of the year alone.
    year = StatisticShape.model_validate_json(
        (await get(web, "statistics/retail.region.330000", day=DAY)).content
    )
    assert year.to_date is not None
    assert (await get(web, "statistics/none", day=DAY)).status_code == 404


async def test_the_briefing_with_its_pictures(web: Web) -> None:
    for language in ("zh", "en"):
        answer = await get(web, "briefing", day=DAY, lang=language)
        assert answer.status_code == 200, answer.text
        briefing = BriefingShape.model_validate_json(answer.content)
        numbers = [p.number for s in briefing.statements for p in s if p.number is not None]
        assert numbers
        assert all(n.figures for n in numbers)
        places = {place for n in numbers for place in n.figures}
        assert max(places) < len(briefing.figures)
        assert all(f.published <= DAY for f in briefing.figures)
        assert {"summary", "growth"} <= {p.id for p in briefing.pages}
    picture = await get(web, "pages/growth.png", day=DAY)
    assert picture.headers["content-type"] == "image/png"
    assert picture.content[:8] == b"\x89PNG\r\n\x1a\n"
    assert int.from_bytes(picture.content[16:20]) == 1920
    assert int.from_bytes(picture.content[20:24]) == 1080
    drawn = await get(web, "pages/growth.svg", day=DAY)
    assert drawn.headers["content-type"] == "image/svg+xml"
    assert b"<svg" in drawn.content[:200]
    assert "script-src 'self'" in drawn.headers["content-security-policy"]
    spec = await get(web, "pages/growth.json", day=DAY)
    assert spec.json()["$schema"].endswith("vega-lite/v5.json")
    for wrong in ("pages/none.png", "pages/growth.gif", "pages/growth"):
        assert (await get(web, wrong, day=DAY)).status_code == 404
    early = await get(web, "briefing", day="1999-01-01")
    assert (early.status_code, early.json()["error"]["code"]) == (404, "nothing_known")
    assert (await get(web, "briefing", day="yesterday")).status_code == 422


async def test_the_main_venues_station_fetches_the_slides_that_are_shown(web: Web) -> None:
    async def slide(venue: VenueId, number: object) -> Any:
        path = f"/api/join/slides/{number}"
        return await web.http.get(path, headers=web.station(venue), timeout=60)

    assert (await slide(BEIJING, 1)).status_code == 404
    pages = ("growth", "map")
    await web.do(OpenConference(), StartSession(), ShowSlides(date(2023, 3, 1), pages, "en"))
    shown = await slide(BEIJING, 1)
    assert shown.status_code == 200
    query: dict[str, Any] = {"day": DAY, "lang": "en"}
    assert shown.content == (await get(web, "pages/growth.png", **query)).content
    assert (await slide(BEIJING, 2)).content != shown.content
    for number in (3, 0, "x"):
        assert (await slide(BEIJING, number)).status_code in (404, 422)
    assert (await slide(ZHEJIANG, 1)).status_code == 404
    station = await web.station_socket(BEIJING)
    assert (await station.hear("snapshot"))["view"]["slides"] == {
        "day": DAY,
        "language": "en",
        "pages": ["growth", "map"],
        "page": 1,
    }
    await web.do(TurnSlide(2))
    changed = await station.hear("delta")
    while "slides" not in changed["set"]:
        changed = await station.hear("delta")
    assert changed["set"]["slides"]["page"] == 2
    await station.leave()
    await web.do(HideSlides())
    assert (await slide(BEIJING, 1)).status_code == 404


async def test_an_import_is_looked_at_first_and_then_applied(web: Web) -> None:
    plan = SituationImport.model_validate_json((await put(web, APRIL, name="april.csv")).content)
    assert (plan.applied, plan.new, plan.revised, plan.errors) == (False, 2, 0, [])
    assert [c.period.id for c in plan.changes] == ["2024-04", "2024-04"]
    query: dict[str, Any] = {"day": "2024-05-20", "series": "retail.total"}
    assert "2024-04" not in (await get(web, "figures", **query)).text
    done = SituationImport.model_validate_json(
        (await put(web, APRIL, name="april.csv", apply="true")).content
    )
    assert done.applied
    assert "2024-04" in (await get(web, "figures", **query)).text
    again = SituationImport.model_validate_json((await put(web, APRIL, apply="true")).content)
    assert (again.applied, again.same) == (False, 2)
    batches = (await get(web, "imports", AccountRole.OFFICE)).json()["batches"]
    assert [(b["number"], b["name"], b["by"]) for b in batches] == [
        (2, "april.csv", "the office"),
        (1, "official.csv", ""),
    ]


async def test_a_file_with_a_fault_changes_nothing(web: Web) -> None:
    answer = await put(web, JANUARY, apply="true")
    plan = SituationImport.model_validate_json(answer.content)
    assert (plan.applied, plan.new, plan.changes) == (False, 0, [])
    assert {e.line for e in plan.errors} == {3}
    assert (await get(web, "series")).json()["version"] == 1


async def test_a_source_can_be_named(web: Web) -> None:
    text = APRIL.replace("2024-05-17", "2024-06-17").replace("2.3", "2.4")
    named: dict[str, Any] = {"source": None, "source_zh": "本省统计局", "source_en": "Our bureau"}
    assert (await put(web, APRIL, apply="true")).json()["applied"]
    assert (await put(web, text, apply="true", **named)).json()["revised"] == 1
    sources = (await get(web, "series")).json()["sources"]
    assert sources[-1]["name"] == {"zh": "本省统计局", "en": "Our bureau"}
    refused = await put(web, APRIL, source="nobody")
    assert (refused.status_code, refused.json()["error"]["code"]) == (422, "unknown_source")


async def test_what_was_exported_comes_back_the_same(web: Web) -> None:
    exported = await get(web, "export")
    plan = (await put(web, exported.text, apply="true")).json()
    assert (plan["applied"], plan["new"], plan["revised"], plan["errors"]) == (False, 0, 0, [])
    assert plan["same"] > 1500


@pytest.mark.parametrize("role", [AccountRole.CHAIR, AccountRole.OBSERVER, AccountRole.LIAISON])
async def test_only_the_office_imports(web: Web, role: AccountRole) -> None:
    assert (await put(web, APRIL, role)).status_code == 403
    assert (await get(web, "imports", role)).status_code == 403
    assert (await get(web, "series", role)).status_code == 200


async def test_strangers_and_stations_see_nothing(web: Web) -> None:
    for path in ("series", "briefing?day=2023-03-01", "pages/growth.png?day=2023-03-01", "export"):
        assert (await web.http.get(f"/api/situation/{path}")).status_code == 401
        answer = await web.http.get(f"/api/situation/{path}", headers=web.station())
        assert answer.status_code == 403


async def test_too_large_a_file_is_refused(web: Web) -> None:
    plan = (await put(web, "x" * (4 * 1024 * 1024 + 1), apply="true")).json()
    assert (plan["applied"], len(plan["errors"])) == (False, 1)
    assert (await put(web, "x" * (16 * 1024 * 1024))).status_code == 413
