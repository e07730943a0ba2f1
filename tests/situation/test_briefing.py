"""The briefing of a day: what it says, that every number can be traced, and that nothing later
shows."""

from __future__ import annotations

import json
from datetime import date
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from podium.briefing.official import official_figures
from podium.situation.briefing import Briefing, compose
from podium.situation.charts.frame import FONTS
from podium.situation.charts.wrapping import wrapped
from podium.situation.checking import unverified
from podium.situation.flags import RULES, flags
from podium.situation.outlook import Outlook, outlook
from podium.situation.period import month, parse_period
from podium.situation.statement import Language, Said
from podium.situation.subject import RETAIL

THE_DAY = date(2023, 3, 1)
PAGES = [
    "summary",
    "growth",
    "to_date",
    "contribution_type",
    "contribution_place",
    "contribution_category",
    "shares",
    "map",
    "regions",
    "trend",
    "nowcast",
    "warnings",
]


@cache
def _outlook(day: date) -> Outlook:
    found = outlook(official_figures(), RETAIL, day)
    assert found is not None
    return found


@cache
def _briefing(day: date, language: Language) -> Briefing:
    return compose(_outlook(day), language)


@pytest.mark.parametrize(
    ("language", "sentences"),
    [
        (
            "zh",
            [
                (
                    "2022年12月，社会消费品零售总额40542亿元，同比下降1.8%，"
                    "降幅比上期收窄4.1个百分点；两年平均下降0.1%。"
                ),
                (
                    "2022年，社会消费品零售总额439733亿元，同比下降0.2%，"
                    "降幅比上期扩大0.1个百分点；两年平均增长6.0%。"
                ),
                "按消费类型分，2022年商品零售拉动+0.45个百分点、餐饮收入拉动-0.67个百分点。",
                "2022年，实物商品网上零售额占比27.2%，比上年同期变动+2.7个百分点。",
            ],
        ),
        (
            "en",
            [
                (
                    "Dec 2022: Total retail sales of consumer goods 40,542 (100 million yuan), "
                    "down 1.8% on a year before, a fall 4.1 points smaller than in the release "
                    "before; two-year average down 0.1%."
                ),
                "2022: Retail sales excluding automobiles 393,961* (100 million yuan), down 0.4%.",
                "2022: deflated by consumer prices as a proxy, -2.1% (not a published rate).",
            ],
        ),
    ],
)
def test_the_text_on_the_day_of_the_conference(language: Language, sentences: list[str]) -> None:
    said = [s.text for s in _briefing(THE_DAY, language).statements]
    for sentence in sentences:
        assert sentence in said


def test_after_the_release_of_march_the_text_speaks_of_it() -> None:
    said = _briefing(date(2023, 4, 18), "zh").statements[0].text
    assert said == (
        "2023年3月，社会消费品零售总额37855亿元，同比增长10.6%，比上期加快7.1个百分点；两年平均增长3.3%。"
    )


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_pages_in_order(language: Language) -> None:
    briefing = _briefing(THE_DAY, language)
    assert [p.id for p in briefing.pages] == PAGES


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_number_in_the_text_is_traced_to_published_figures(language: Language) -> None:
    """Whatever digits a sentence has besides years and months are said by a number."""
    for statement in _briefing(THE_DAY, language).statements:
        assert statement.numbers
        assert all(number.figures() for number in statement.numbers)
        words = "".join(p for p in statement.parts if isinstance(p, str))
        digits = "".join(c if c.isdigit() else " " for c in words).split()
        allowed = {"2022", "2023", "1", "2", "11", "12", "100", "15", "80"}
        assert set(digits) <= allowed, statement.text


@pytest.mark.parametrize("day", [THE_DAY, date(2023, 3, 15), date(2020, 2, 1), date(2017, 6, 1)])
def test_no_figure_of_the_briefing_was_published_later(day: date) -> None:
    figures = _briefing(day, "zh").figures()
    assert figures
    assert max(f.published for f in figures) <= day


@settings(max_examples=15, deadline=None)
@given(st.dates(date(2016, 1, 1), date(2024, 6, 1)))
def test_a_briefing_is_the_same_without_the_future(day: date) -> None:
    """The text of a day does not depend on anything that came out after it."""
    frame = official_figures().frame
    past = type(official_figures())(frame.filter(frame["published"] <= day))
    without, with_it = (outlook(f, _QUICK, day) for f in (past, official_figures()))
    assert without is not None
    assert with_it is not None
    assert compose(without, "zh") == compose(with_it, "zh")


def test_every_chart_says_source_day_and_note() -> None:
    for page in _briefing(THE_DAY, "zh").pages:
        shown = json.dumps(page.chart.spec, ensure_ascii=False)
        assert "截至 2023-03-01 已公布的数据" in shown
        assert page.chart.source.startswith("资料来源：国家统计局") or "各省" in page.chart.source
        assert page.chart.note.startswith("注：")
        assert page.chart.numbers


@pytest.mark.parametrize("language", ["zh", "en"])
def test_what_rests_on_unverified_figures_is_marked(language: Language) -> None:
    briefing = _briefing(THE_DAY, language)
    for statement in briefing.statements:
        for part in statement.parts:
            if isinstance(part, Said):
                assert part.text.endswith("*") is bool(unverified([part.number], RETAIL.catalogue))
    assert "*" in "".join(s.text for s in briefing.statements)
    charts = {p.id: p.chart for p in briefing.pages}
    assert {c.id for c in charts.values() if c.title.endswith(" *")} == {
        "summary",
        "contribution_place",
        "map",
        "regions",
        "warnings",
    }
    counted = {"zh": "中有 31 个未与发布稿核对", "en": "(31 of them)"}[language]
    assert counted in charts["regions"].note
    assert "*" not in charts["growth"].note


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_title_is_cut_off(language: Language) -> None:
    """A Chinese character is as wide as two Latin ones; the mark stands at the end."""
    for page in _briefing(THE_DAY, language).pages:
        assert len(wrapped(page.chart.title, TITLE_CELLS)) == 1, page.chart.title


TITLE_CELLS = 93
"""Half-width cells of a title in Latin letters, which are the narrowest, between the margins."""


def test_charts_need_no_network() -> None:
    for page in _briefing(THE_DAY, "en").pages:
        spec = {k: v for k, v in page.chart.spec.items() if k != "$schema"}
        assert "http" not in json.dumps(spec)
        assert spec["config"]["font"] == FONTS


def test_bars_begin_at_zero() -> None:
    bars = 0
    for page in _briefing(THE_DAY, "en").pages:
        for layer in _layers(page.chart.spec):
            mark = layer.get("mark")
            if isinstance(mark, dict) and mark["type"] == "bar" and page.id != "nowcast":
                encoding = layer["encoding"]
                bars += 1
                assert "x2" in encoding or encoding["y"]["scale"]["zero"] is True
    assert bars == 6


def test_there_is_no_january_bar() -> None:
    (growth,) = (p for p in _briefing(date(2023, 12, 31), "zh").pages if p.id == "growth")
    rows = growth.chart.spec["layer"][0]["data"]["values"]
    assert not [r for r in rows if r["order"].endswith("-01-01")]
    joint = [r for r in rows if r["order"] == "2023-02-01"]
    assert [r["value"] for r in joint] == [3.5]


def test_the_map_shows_every_province_and_marks_what_is_not_counted() -> None:
    (tiles,) = (p for p in _briefing(THE_DAY, "zh").pages if p.id == "map")
    rows = tiles.chart.spec["layer"][0]["data"]["values"]
    assert len(rows) == 34
    assert {r["name"] for r in rows if r["label"] == "—"} == {"台湾", "香港", "澳门"}


def test_warnings_state_their_rules() -> None:
    found = {f.rule.code: f.message("zh").text for f in flags(_outlook(THE_DAY))}
    assert found["negative"] == "2022年12月同比增速为-1.8%。"
    assert found["drag"] == "2022年，餐饮收入拉动-0.7个百分点。"
    assert found["lagging"].startswith("2022年，9 个地区明显低于全国（-0.2%）：青海-11.2%、")
    assert "sharp_fall" not in found


@pytest.mark.parametrize(
    ("day", "code", "applies"),
    [
        (date(2022, 5, 16), "sharp_fall", True),  # April -11.1 after -3.5
        (date(2022, 4, 18), "sharp_fall", True),  # March -3.5 after 6.7
        (date(2022, 12, 15), "slowing", True),  # 5.4, 2.5, -0.5, -5.9
        (date(2023, 1, 17), "slowing", False),
        (date(2023, 4, 18), "negative", False),
    ],
)
def test_warnings_apply_when_their_rule_does(day: date, code: str, applies: bool) -> None:
    found = outlook(official_figures(), _QUICK, day)
    assert found is not None
    assert (code in {f.rule.code for f in flags(found)}) is applies


def test_rules_have_codes_of_their_own() -> None:
    assert len({r.code for r in RULES}) == len(RULES)


def test_before_anything_is_known_there_is_no_briefing() -> None:
    assert outlook(official_figures(), RETAIL, date(2012, 1, 1)) is None


def test_the_month_of_the_conference_is_december() -> None:
    assert _outlook(THE_DAY).month.period == month(2022, 12)
    assert _outlook(date(2023, 3, 15)).month.period == parse_period("2023-01..02")


def test_lines_break_between_words_and_not_before_a_comma() -> None:
    assert wrapped("growth of the year", 10) == ["growth of", "the year"]
    assert wrapped("一二三四五，六", 10) == ["一二三四五，", "六"]


def _layers(spec: dict[str, Any]) -> list[dict[str, Any]]:
    inner = spec.get("layer", [])
    return [spec, *(found for layer in inner for found in _layers(layer))]


_QUICK = type(RETAIL)(RETAIL.title, RETAIL.catalogue, RETAIL.whole, RETAIL.excluding)
"""Without the estimate of the next release, which takes most of the time."""
