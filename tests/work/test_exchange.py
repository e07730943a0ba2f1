"""Plans and reports as files: what they would change, and what is said when they are wrong."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.programmes import (
    CARS,
    DUE,
    HENAN,
    HOMES,
    MINISTRY,
    OFFICE,
    ZHEJIANG,
    Story,
    liaison,
    planned,
    signed,
)

from podium.sheets.reading import read_table
from podium.values.text import Text
from podium.work import commands as c
from podium.work.board import board
from podium.work.exchange.exports import (
    FileFormat,
    export_activities,
    export_assignments,
    export_measures,
)
from podium.work.exchange.imports import ChangeKind, FileKind, ImportPlan, plan_import
from podium.work.exchange.layout import ASSIGNMENT_HEADINGS
from podium.work.lists import ListQuery, lines
from podium.work.values import Activity, ActivityId, ActivityKind, MeasureId, PolicyId, Rating

HEAD = "措施代码,措施名称,领域代码,领域名称,上级领域代码,完成期限,牵头单位,配合单位,统计指标代码\n"
ACTIVITIES = "code,kind,title_zh,starts_on,ends_on,lead,source\n"
REPORTS = "措施代码,单位代码,报告期,自评,进展,已完成\n"


def plan(kind: FileKind, text: str, story: Story | None = None) -> ImportPlan:
    return plan_import(kind, text.encode(), (story or planned()).programme)


def faults(kind: FileKind, text: str, story: Story | None = None) -> list[tuple[int, str]]:
    found = plan(kind, text, story)
    assert (found.changes, found.commands) == ((), ())
    assert all(fault.text.zh and fault.text.en for fault in found.faults)
    return [(fault.line, fault.column) for fault in found.faults]


def test_measures_with_their_areas() -> None:
    found = plan(
        FileKind.MEASURES,
        HEAD
        + "new,发展夜间经济,service,服务消费,,2023年10月31日,ministry,zhejiang；henan,retail\n"
        + "cars,,,,,2023/11/30,,,\n"
        + "homes,,,,,,,,\n",
    )
    assert [(x.kind, x.line, x.fields) for x in found.changes] == [
        (ChangeKind.ADD, 2, ()),
        (ChangeKind.CHANGE, 3, ("due",)),
        (ChangeKind.SAME, 4, ()),
    ]
    story = planned().do(OFFICE, *found.commands)
    new = story.programme.measures[MeasureId("new")]
    assert (new.due, new.lead) == (date(2023, 10, 31), (MINISTRY,))
    assert new.cooperating == (ZHEJIANG, HENAN)
    assert story.programme.areas[new.area].name.zh == "服务消费"
    assert story.programme.measures[CARS].due == date(2023, 11, 30)


def test_activities_with_days_and_with_months() -> None:
    found = plan(
        FileKind.ACTIVITIES,
        ACTIVITIES
        + "a1,主题活动,国际消费季,2023-04-29,2023-06,ministry,官方\n"
        + "a2,theme,绿色消费季,2023-04,,,\n"
        + "a3,week,家电焕新,,,,\n",
    )
    story = planned().do(OFFICE, *found.commands)
    [a1, a2, a3] = story.programme.activities.values()
    assert (a1.kind, a1.starts_on, a1.ends_on, a1.exact) == (
        ActivityKind.THEME,
        date(2023, 4, 29),
        date(2023, 6, 30),
        False,
    )
    assert (a2.starts_on, a2.ends_on) == (date(2023, 4, 1), date(2023, 4, 30))
    assert (a3.starts_on, a3.exact) == (None, True)


@pytest.mark.parametrize(
    ("line", "column"),
    [
        ("x y,名,bulk,,,2023-12-31,,,", "code"),
        ("n,,bulk,,,2023-12-31,,,", "title_zh"),
        ("n,名,,,,2023-12-31,,,", "area_code"),
        ("n,名,other,,,2023-12-31,,,", "area_zh"),
        ("n,名,other,他,none,2023-12-31,,,", "wider_area"),
        ("n,名,bulk,,,,,,", "due"),
        ("n,名,bulk,,,31.12.2023,,,", "due"),
        ("n,名,bulk,,,2023-02-30,,,", "due"),
        ("n,名,bulk,,,2023-12-31,nobody,,", "lead"),
        ("n,名,bulk,,,2023-12-31,henan,henan,", "cooperating"),
        ("n,名\u200b,bulk,,,2023-12-31,,,", "title_zh"),
    ],
)
def test_measures_that_cannot_be_read(line: str, column: str) -> None:
    assert faults(FileKind.MEASURES, HEAD + line + "\n") == [(2, column)]


def test_a_code_is_there_once() -> None:
    line = "n,名,bulk,,,2023-12-31,,,\n"
    assert faults(FileKind.MEASURES, HEAD + line + line) == [(3, "code")]


def test_reports_are_filed_in_one_go() -> None:
    story = signed().on(date(2023, 4, 3))
    text = REPORTS + "cars,浙江,2023-03,正常,已办展 3 场,\nhomes,zhejiang,2023-03,滞后,筹备中,是\n"
    text = text.replace("浙江", "zhejiang")
    found = plan(FileKind.REPORTS, text, story)
    story = story.do(liaison(ZHEJIANG), *found.commands)
    assert story.cell(ZHEJIANG, HOMES).rating is Rating.BEHIND
    assert story.cell(ZHEJIANG, HOMES).stage.value == "submitted"
    assert story.cell(ZHEJIANG).awaited == date(2023, 4, 1)


@pytest.mark.parametrize(
    ("line", "column"),
    [
        ("none,henan,2023-03,正常,好,", "measure"),
        ("cars,nobody,2023-03,正常,好,", "organisation"),
        ("cars,henan,去年,正常,好,", "period"),
        ("cars,henan,2023-03,很好,好,", "rating"),
        ("cars,henan,2023-03,正常,,", "text"),
        ("cars,henan,2023-03,正常,好,也许", "completed"),
    ],
)
def test_reports_that_cannot_be_read(line: str, column: str) -> None:
    assert faults(FileKind.REPORTS, REPORTS + line + "\n") == [(2, column)]


@pytest.mark.parametrize("format_", FileFormat)
def test_what_is_exported_imports_as_the_same(format_: FileFormat) -> None:
    activity = Activity(
        ActivityId("a"),
        ActivityKind.EXPOSITION,
        Text("进博会", "CIIE"),
        place=Text("上海", "Shanghai"),
        starts_on=date(2023, 11, 1),
        ends_on=date(2023, 11, 30),
        exact=False,
        lead=(MINISTRY,),
        detail="=一\n二",
    )
    story = planned().do(OFFICE, c.Plan(activities=(activity,)))
    for kind, export in (
        (FileKind.MEASURES, export_measures),
        (FileKind.ACTIVITIES, export_activities),
    ):
        again = plan_import(kind, export(story.programme, format_), story.programme)
        assert again.faults == ()
        assert {x.kind for x in again.changes} == {ChangeKind.SAME}
        assert story.ask(OFFICE, again.commands[0]) == ()


def test_policies_are_named_beside_measures() -> None:
    head = "code,policy,policy_zh\n"
    found = plan(FileKind.MEASURES, head + "homes,p13,关于促进家居消费的若干措施\n")
    story = planned().do(OFFICE, *found.commands)
    assert story.programme.measures[HOMES].policy == "p13"
    assert story.programme.policies[PolicyId("p13")].title.zh == "关于促进家居消费的若干措施"
    assert faults(FileKind.MEASURES, head + "homes,p14,\n") == [(2, "policy_zh")]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_assignments_are_listed_with_light_and_rating(language: str) -> None:
    story = signed()
    lit = board(story.programme, DUE)
    data = export_assignments(lit, lines(lit, ListQuery()), FileFormat.CSV, language)
    rows = data.decode("utf-8-sig").splitlines()
    assert len(rows) == 5
    assert rows[0].split(",")[0] == getattr(ASSIGNMENT_HEADINGS[0], language)
    assert ("红" if language == "zh" else "red") in rows[1]


@given(st.sampled_from(FileKind), st.binary(max_size=200))
def test_no_bytes_make_it_raise(kind: FileKind, data: bytes) -> None:
    plan_import(kind, data, planned().programme)
    plan_import(kind, HEAD.encode() + data, planned().programme)


def test_an_empty_file() -> None:
    assert faults(FileKind.REPORTS, "") == [(1, "")]
    assert read_table(b"", ()).rows == ()
