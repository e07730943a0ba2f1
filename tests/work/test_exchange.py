"""Plans and reports as files: what they would change, and what is said when they are wrong."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
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
from podium.sheets.table import MAX_BYTES, MAX_ROWS, Fault
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


# --- files that are no good


def workbook(*rows: Sequence[str], merge: str | None = None) -> bytes:
    made = Workbook()
    sheet = made.worksheets[0]
    for row in rows:
        sheet.append(list(row))
    if merge is not None:
        sheet.merge_cells(merge)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def bomb(data: bytes) -> bytes:
    """The workbook with a sheet of seventy megabytes in few."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for part in old.infolist():
            sheet = part.filename == "xl/worksheets/sheet1.xml"
            new.writestr(part.filename, b" " * (70 << 20) if sheet else old.read(part))
    return out.getvalue()


HEADS = {
    FileKind.MEASURES: HEAD.strip().split(","),
    FileKind.ACTIVITIES: ACTIVITIES.strip().split(","),
    FileKind.REPORTS: REPORTS.strip().split(","),
}


def refused(kind: FileKind, data: bytes) -> Fault:
    """The one fault; nothing would be changed."""
    found = plan_import(kind, data, signed().programme)
    assert (found.changes, found.commands) == ((), ())
    [fault] = found.faults
    assert fault.text.zh
    return fault


@pytest.mark.parametrize("kind", FileKind)
def test_merged_cells_are_told_by_place(kind: FileKind) -> None:
    head = HEADS[kind]
    fault = refused(kind, workbook(head, ["a"], ["b"], merge="A2:A3"))
    assert (fault.line, fault.column) == (2, "A2:A3")
    assert "Unmerge them" in fault.text.en


@pytest.mark.parametrize("kind", FileKind)
def test_a_file_that_is_too_large_is_not_read(kind: FileKind) -> None:
    data = (",".join(HEADS[kind]) + "\n").encode() + b"x" * MAX_BYTES
    assert "larger than 4 MB" in refused(kind, data).text.en


@pytest.mark.parametrize("kind", FileKind)
def test_a_file_with_too_many_lines_is_refused(kind: FileKind) -> None:
    data = (",".join(HEADS[kind]) + "\n" + "x\n" * (MAX_ROWS + 1)).encode()
    assert "parts" in refused(kind, data).text.en


@pytest.mark.parametrize("kind", FileKind)
def test_a_zip_bomb_is_refused_before_it_is_unpacked(kind: FileKind) -> None:
    data = bomb(workbook(HEADS[kind]))
    assert len(data) < 1 << 20
    assert "unpacked" in refused(kind, data).text.en


@pytest.mark.parametrize("kind", FileKind)
def test_a_table_of_something_else_is_refused(kind: FileKind) -> None:
    found = plan_import(kind, "地区,单位：亿元\n北京,1\n".encode(), signed().programme)
    assert found.faults
    assert not found.commands


@pytest.mark.parametrize(
    ("line", "column"),
    [
        ("cars,henan,2023年第一季度,正常,好,", "period"),
        ("cars,henan,44986,正常,好,", "period"),
        ("cars,henan,2023-03,85%,好,", "rating"),
        ("cars,henan,2023-03,正常,好,0.85", "completed"),
    ],
)
def test_units_that_a_report_does_not_have(line: str, column: str) -> None:
    """A quarter, a spreadsheet's number of a day, shares in the place of words."""
    assert faults(FileKind.REPORTS, REPORTS + line + "\n") == [(2, column)]


EVIL = '=HYPERLINK("http://x.test","点此")'


@pytest.mark.parametrize("format_", FileFormat)
@pytest.mark.parametrize("kind", ["measures", "activities", "assignments"])
def test_no_cell_of_an_export_is_a_formula(kind: str, format_: FileFormat) -> None:
    """Whoever writes a title cannot run anything on the machine of who opens the file."""
    measure = replace(planned().programme.measures[CARS], title=Text(EVIL, "@SUM(A1)"), detail=EVIL)
    activity = Activity(
        ActivityId("a"), ActivityKind.WEEK, Text(EVIL, "-1+1"), place=Text("+1", EVIL), source=EVIL
    )
    plan = c.Plan(measures=(measure,), activities=(activity,))
    story = planned().do(OFFICE, plan, c.IssueMeasures((CARS,), (HENAN,)))
    lit = board(story.programme, DUE)
    match kind:
        case "measures":
            data = export_measures(story.programme, format_)
        case "activities":
            data = export_activities(story.programme, format_)
        case _:
            data = export_assignments(lit, lines(lit, ListQuery()), format_, "zh")
    if format_ is FileFormat.CSV:
        table = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))
        assert any("'" + EVIL in row for row in table)
        assert not any(cell[:1] in {*"=+-@\t\r"} for row in table for cell in row if cell)
    else:
        cells = [cell for row in load_workbook(io.BytesIO(data)).worksheets[0] for cell in row]
        assert EVIL in [cell.value for cell in cells]
        assert "f" not in {cell.data_type for cell in cells}
