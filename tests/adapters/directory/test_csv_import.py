"""What an import file may look like, and what it is told when it does not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podium.conference.state import OrganisationId, Text, VenueId, VenueKind
from podium.directory.csv_export import export_csv
from podium.directory.csv_import import ChangeKind, ImportPlan, plan_import
from podium.directory.csv_table import MAX_BYTES, MAX_ROWS
from podium.directory.pinyin import pinyin
from podium.directory.values import Body, Directory, Level, Place

ZH = "单位代码,单位名称,上级单位代码,级别,会场名称,会场类型,顺序号\n"
EMPTY = Directory()


def plan(text: str, directory: Directory = EMPTY, encoding: str = "utf-8") -> ImportPlan:
    return plan_import(text.encode(encoding), directory)


def faults(text: str, directory: Directory = EMPTY) -> list[tuple[int, str]]:
    found = plan(text, directory)
    assert found.changes == ()
    assert all(fault.text.zh and fault.text.en for fault in found.faults)
    return [(fault.line, fault.column) for fault in found.faults]


def with_main() -> Directory:
    head = OrganisationId("hq")
    return Directory(
        (Body(head, Text("总部", "HQ"), None, Level.NATIONAL, 10),),
        (Place(VenueId("hq"), head, Text("总部", "HQ"), VenueKind.MAIN, 10, ("zongbu", "zb")),),
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_spreadsheets_of_every_kind_are_read(encoding: str, delimiter: str) -> None:
    text = (ZH + "330000,浙江省商务厅,,省级,浙江,分会场,1\n").replace(",", delimiter)
    [change] = plan(text, encoding=encoding).changes
    assert change.kind is ChangeKind.ADD
    assert change.organisation.name == Text("浙江省商务厅", "浙江省商务厅")
    assert change.venue is not None
    assert change.venue.pinyin == ("zhejiang", "zj")
    assert change.line == 2


def test_headings_in_english_or_by_key() -> None:
    text = "Organisation code,organisation_zh,Venue Name (zh)\r\na,甲,甲\r\n"
    assert [change.venue and change.venue.id for change in plan(text).changes] == ["a"]


def test_blank_lines_and_quoted_line_numbers() -> None:
    text = 'organisation_code,organisation_zh\n\na,"甲\n,"\n\n-,乙\n'
    assert faults(text) == [(3, "organisation_zh")]
    assert faults(text.replace('"甲\n,"', '"甲,"\n')) == [(6, "organisation_code")]


def test_wrong_columns() -> None:
    assert faults("单位名称,传真\n甲,1\n") == [(1, "传真"), (1, "organisation_code")]
    assert faults("单位代码,单位代码\n") == [(1, "organisation_code")]
    assert faults("单位代码,单位名称\na,甲,,,\nb,乙,x\n") == [(3, "")]


def test_duplicate_venue() -> None:
    text = ZH + "a,甲,,,一会场,,\na,,,,二会场,,\n"
    assert faults(text) == [(3, "venue_code")]
    fine = text.replace("顺序号", "会场代码").replace("一会场,,", "一会场,,a1")
    assert [c.venue and c.venue.id for c in plan(fine).changes] == ["a1", "a"]


def test_a_venue_keeps_its_organisation() -> None:
    text = "organisation_code,organisation_zh,venue_code\nb,乙,hq\n"
    assert faults(text, with_main()) == [(2, "venue_code")]


def test_unknown_parent_and_circle() -> None:
    assert faults(ZH + "a,甲,x,,,,\n") == [(2, "parent_code")]
    assert faults(ZH + "a,甲,c,,,,\nb,乙,a,,,,\nc,丙,b,,,,\n") == [
        (2, "parent_code"),
        (3, "parent_code"),
        (4, "parent_code"),
    ]
    assert faults(ZH + "hq,,hq,,,,\n", with_main()) == [(2, "parent_code")]


def test_only_one_main_venue() -> None:
    assert faults(ZH + "a,甲,,,甲,主会场,\n", with_main()) == [(2, "venue_kind")]
    moved = plan(ZH + "a,甲,,,甲,主会场,\nhq,,,,总部,分会场,\n", with_main())
    assert [change.kind for change in moved.changes] == [ChangeKind.ADD, ChangeKind.CHANGE]
    assert moved.changes[1].fields == ("venue_kind",)


def test_cells_that_cannot_be_read() -> None:
    text = (
        ZH + "甲,甲,,,,,\na,,,,,,\nb,乙,,五级,,,\nc,丙,,,丙,主场,\nd,丁,,,丁,,一\ne,戊,,,,分会场,\n"
    )
    assert faults(text) == [
        (2, "organisation_code"),
        (3, "organisation_zh"),
        (4, "level"),
        (5, "venue_kind"),
        (6, "order"),
        (7, "venue_zh"),
    ]
    assert faults(ZH + f"a,{'长' * 201},,,,,\n") == [(2, "organisation_zh")]
    assert faults(ZH + "a,甲\x07,,,,,\n") == [(2, "organisation_zh")]


PHONES = "organisation_code,organisation_zh,venue_zh,telephones\n"


def test_numbers_are_read_as_people_write_them() -> None:
    [change] = plan(PHONES + "a,甲,甲,＋86 571-8770 5000；(0571)8770 5001、8001\n").changes
    assert change.venue is not None
    assert change.venue.telephones == ("+8657187705000", "057187705001", "8001")
    assert "telephones" in change.fields
    assert change.venue.as_invited().telephones == change.venue.telephones


@pytest.mark.parametrize(
    "cell", ["1", "12a4", "1234+5", "++123", ";", "１" * 21, "8001;8001", ";".join("123456") * 2]
)
def test_cells_that_are_no_numbers(cell: str) -> None:
    assert faults(PHONES + f'b,乙,乙,8001\na,甲,甲,"{cell}"\n') == [(3, "telephones")]


def test_a_blank_cell_keeps_the_numbers_and_a_dash_takes_them_away() -> None:
    first = plan(PHONES + "a,甲,甲,8001\n")
    there = Directory(first.organisations, first.venues)
    [kept] = plan(PHONES + "a,甲,甲,\n", there).changes
    assert kept.kind is ChangeKind.SAME
    [gone] = plan(PHONES + "a,甲,甲,-\n", there).changes
    assert gone.venue is not None
    assert (gone.fields, gone.venue.telephones) == (("telephones",), ())
    assert faults(PHONES + "b,乙,,8001\n") == [(2, "venue_zh")]


def test_lines_of_one_organisation_must_agree() -> None:
    text = "organisation_code,organisation_zh,venue_code\na,甲,a1\na,乙,a2\n"
    assert faults(text) == [(3, "organisation_zh")]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xef\xbb\xbf  \n",
        b"\xff\xff\xff",
        b"\xff\xfe\x00\xd8",
        b'organisation_code\n"a',
        b"organisation_code\na\x00",
        b"x" * (MAX_BYTES + 1),
        b"organisation_code\n" + b"a" * 200_000,
        b"%PDF-1.7\n1 0 obj",
    ],
)
def test_files_that_are_no_table(data: bytes) -> None:
    found = plan_import(data, EMPTY)
    assert found.faults
    assert found.changes == ()


def test_too_many_lines() -> None:
    rows = "".join(f"o{n},单位,,,,,\n" for n in range(MAX_ROWS + 1))
    assert faults(ZH + rows) == [(MAX_ROWS + 2, "")]


def test_new_entries_come_last_and_old_ones_keep_their_place() -> None:
    found = plan(ZH + "a,甲,hq,,甲,,\nhq,,,,,,\nb,乙,a,,乙,,\n", with_main())
    assert [change.organisation.order for change in found.changes] == [20, 10, 30]
    assert [change.kind.value for change in found.changes] == ["add", "same", "add"]
    assert [change.organisation.level for change in found.changes] == [
        Level.PROVINCE,
        Level.NATIONAL,
        Level.CITY,
    ]
    assert [venue.order for venue in found.venues] == [20, 30]


def test_a_new_chinese_name_drops_the_old_english_one() -> None:
    [change] = plan(ZH + "hq,新总部,,,,,\n", with_main()).changes
    assert change.organisation.name == Text("新总部", "新总部")
    assert change.fields == ("organisation_zh", "organisation_en")


def test_polyphonic_names() -> None:
    assert pinyin("重庆市") == ("chongqingshi", "cqs")
    assert pinyin("厦门市") == ("xiamenshi", "xms")
    assert pinyin("3号会场 A") == ("3haohuichanga", "3hhca")
    assert pinyin("Beijing")[0] == "beijing"


@given(st.binary(max_size=400) | st.text(max_size=300).map(lambda t: (ZH + t).encode()))
def test_no_bytes_make_it_raise(data: bytes) -> None:
    found = plan_import(data, with_main())
    assert not (found.faults and found.changes)


_codes = st.sampled_from([f"c{n}" for n in range(8)])
_cells = st.tuples(
    _codes,
    st.sampled_from(["甲", "乙单位", "丙,局"]),
    st.sampled_from(["", "hq"]) | _codes,
    st.sampled_from(["", "省", "city"]),
    st.sampled_from(["", "会场"]),
    st.sampled_from(["", "5", "77"]),
    st.sampled_from(["", "8001", "+8657187705000; 8001"]),
)


@given(st.lists(_cells, max_size=8))
def test_what_is_applied_exports_and_imports_as_the_same(cells: list[tuple[str, ...]]) -> None:
    head = "organisation_code,organisation_zh,parent_code,level,venue_zh,order,telephones\n"
    lines = (",".join(f'"{cell}"' for cell in row) for row in cells)
    found = plan(head + "\n".join(lines), with_main())
    bodies = {body.id: body for body in with_main().organisations}
    for body in found.organisations:
        assert body.parent is None or body.parent in bodies
        bodies[body.id] = body
    places = {place.id: place for place in (*with_main().venues, *found.venues)}
    after = Directory(tuple(bodies.values()), tuple(places.values()))
    again = plan_import(export_csv(after), after)
    assert again.faults == ()
    assert {change.kind for change in again.changes} <= {ChangeKind.SAME}
