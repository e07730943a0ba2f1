"""Files: the layouts that are read, and that bad input is told by line and loses nothing."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from podium.briefing.official import official_figures
from podium.situation.figures import Figure, Figures
from podium.situation.importing.entry import Names, Release, number
from podium.situation.importing.own import export_csv
from podium.situation.importing.plan import ImportPlan, plan_import
from podium.situation.period import month, parse_period, whole_year, year_to_date
from podium.situation.retail import AUTOS, CATALOGUE, PRICES, TOTAL
from podium.situation.series import Check, Measure, SeriesId, SourceId

RELEASE = Release(date(2024, 1, 17), SourceId("nbs.retail"))
NOTHING = Figures.of([])

NBS = """数据库：月度数据
时间：2023年
指标,2023年12月,2023年11月,2023年2月,2023年1月
社会消费品零售总额_当期值(亿元),43550.2,"42,505.0",,
社会消费品零售总额_累计值(亿元),471495.2,427945.0,77067.0,
社会消费品零售总额_同比增长(%),7.4,10.1,0.0,0
社会消费品零售总额_累计增长(%),7.2,7.2,3.5,0.0
汽车类商品零售类值_累计增长(%),5.9,6.2,-9.4,
居民消费价格指数(上年同月=100),99.7,99.5,101.0,102.1
注：1.口径有调整。
数据来源：国家统计局
"""


def _plan(text: str | bytes, figures: Figures = NOTHING, release: Release = RELEASE) -> ImportPlan:
    data = text if isinstance(text, bytes) else text.encode()
    return plan_import(data, CATALOGUE, figures, release)


def _values(plan: ImportPlan, series: SeriesId, measure: Measure) -> dict[str, float]:
    return {
        f.period.label.en: f.value for f in plan.new if f.series == series and f.measure is measure
    }


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_an_export_of_the_national_database(encoding: str) -> None:
    plan = _plan(NBS.encode(encoding))
    assert plan.faults == ()
    assert _values(plan, TOTAL, Measure.VALUE) == {
        "Dec 2023": 43550.2,
        "Nov 2023": 42505.0,
        "2023": 471495.2,
        "Jan-Nov 2023": 427945.0,
        "Jan-Feb 2023": 77067.0,
    }
    assert _values(plan, TOTAL, Measure.GROWTH) == {
        "Dec 2023": 7.4,
        "Nov 2023": 10.1,
        "2023": 7.2,
        "Jan-Nov 2023": 7.2,
        "Jan-Feb 2023": 3.5,
    }
    assert _values(plan, AUTOS, Measure.GROWTH)["Jan-Feb 2023"] == -9.4
    assert _values(plan, PRICES, Measure.GROWTH) == {
        "Dec 2023": -0.3,
        "Nov 2023": -0.5,
        "Feb 2023": 1.0,
        "Jan 2023": 2.1,
    }
    assert {f.published for f in plan.new} == {RELEASE.day}


@pytest.mark.parametrize(
    ("name", "series"),
    [
        ("社会消费品零售总额", "retail.total"),
        ("城镇社会消费品零售总额", "retail.urban"),
        ("乡村消费品零售额", "retail.rural"),
        ("商品零售", "retail.goods"),
        ("限上单位消费品零售额", "retail.above_size"),
        ("除汽车以外的消费品零售额", "retail.ex_autos"),
        ("粮油、食品类商品零售类值", "retail.category.food"),
        ("家用电器和音像器材类", "retail.category.appliances"),
        ("新疆维吾尔自治区", "retail.region.650000"),
        ("Catering", "retail.catering"),
        ("110000", "retail.region.110000"),
    ],
)
def test_series_by_the_names_that_sources_use(name: str, series: str) -> None:
    found = Names(CATALOGUE).get(name)
    assert found is not None
    assert found.id == series


def test_zero_means_not_published_there_and_is_noted() -> None:
    plan = _plan(NBS)
    assert [(n.line, n.column) for n in plan.notes] == [
        (6, "2023年2月"),
        (6, "2023年1月"),
        (7, "2023年1月"),
    ]


def _xlsx(rows: Sequence[Sequence[object]], merged: str | None = None) -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(list(row))
    if merged:
        sheet.merge_cells(merged)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


YEARS: list[list[object]] = [
    ["指标：社会消费品零售总额(亿元)", None, None],
    ["地区", "2022年", "2021年"],
    ["北京市", 13794.2, 14867.7],
    ["内蒙古自治区", 4971.4, 5060.3],
]


def test_a_workbook_of_provinces_by_year_with_a_merged_title() -> None:
    plan = _plan(_xlsx(YEARS, "A1:C1"))
    assert plan.faults == ()
    found = {(f.series, f.period): f.value for f in plan.new}
    assert found[SeriesId("retail.region.110000"), whole_year(2022)] == 13794.2
    assert found[SeriesId("retail.region.150000"), whole_year(2021)] == 5060.3


def test_sdmx_with_its_own_days_of_publication() -> None:
    plan = _plan(
        "DATAFLOW,FREQ,INDICATOR,MEASURE,TIME_PERIOD,OBS_VALUE,OBS_STATUS,PUBLISHED\n"
        "X:Y(1.0),M,retail.total,growth,2022-12,-1.8,A,2023-01-17\n"
        "X:Y(1.0),M,retail.total,growth,2023-01-01/P2M,3.5,A,2023-03-15\n"
        "X:Y(1.0),A,retail.total,value,2022,439733,A,2023-01-17\n"
        "X:Y(1.0),M,retail.total,growth,2023-04,,M,\n"
    )
    assert plan.faults == ()
    assert [(f.measure, f.period, f.value, f.published) for f in plan.new] == [
        (Measure.GROWTH, month(2022, 12), -1.8, date(2023, 1, 17)),
        (Measure.GROWTH, year_to_date(2023, 2), 3.5, date(2023, 3, 15)),
        (Measure.VALUE, whole_year(2022), 439733.0, date(2023, 1, 17)),
    ]


HEAD = "series,period,value,growth,published\n"
SDMX = "SERIES,MEASURE,TIME_PERIOD,OBS_VALUE\n"


@pytest.mark.parametrize(
    ("text", "line", "zh", "en"),
    [
        pytest.param(
            "指标,2023年1月\n社会消费品零售总额_当期值(亿元),38000\n",
            2,
            "自 2012 年起 1、2 月合并发布",
            "January and February together",
            id="a January column",
        ),
        pytest.param(
            HEAD + "retail.total,2023-02,38000,,\n",
            2,
            "没有 2023年2月 单月数",
            "Feb 2023 alone",
            id="February alone",
        ),
        pytest.param(
            "指标,2023年12月\n社会消费品零售总额_当期值(万元),435502000\n",
            2,
            "单位“万元”",
            'The unit "万元"',
            id="wrong units",
        ),
        pytest.param(
            HEAD + "retail.total,2023-12,43550.2,,\nretail.total,2023-12,43551,,\n",
            3,
            "第 2 行已有 43550.2",
            "line 2 has 43550.2",
            id="a period twice",
        ),
        pytest.param(
            "指标,2023年12月,2023年12月\n餐饮收入_当期值(亿元),5405,5406\n",
            2,
            "重复",
            "twice",
            id="two columns of one period",
        ),
        pytest.param(
            HEAD + "retail.total,2023-12,-5,,\n",
            2,
            "不能为负数",
            "cannot be negative",
            id="negative sales",
        ),
        pytest.param(
            HEAD + "retail.total,2023-12,,-100,\n",
            2,
            "不能低于 -100%",
            "-100 per cent",
            id="growth of -100",
        ),
        pytest.param(
            HEAD + "retail.total,2023-12,4e4,,\n",
            2,
            "“4e4”不是数字",
            '"4e4" is not a number',
            id="no number",
        ),
        pytest.param(
            HEAD + "retail.nothing,2023-12,1,,\n",
            2,
            "不认识指标",
            "is no known series",
            id="an unknown series",
        ),
        pytest.param(
            HEAD + "retail.total,2023-13,1,,\n", 2, "不是时期", "is not a period", id="no month"
        ),
        pytest.param(
            HEAD + "retail.total,2023-12,1,,soon\n", 2, "不是日期", "is not a date", id="no day"
        ),
        pytest.param(
            "指标,去年\n社会消费品零售总额_当期值(亿元),1\n",
            1,
            "不是时期",
            "is not a period",
            id="no period",
        ),
        pytest.param(
            "SERIES,MEASURE,TIME_PERIOD,OBS_VALUE\nretail.total,x,2022,1\n",
            2,
            "不可用",
            "not one of",
            id="an unknown measure",
        ),
        pytest.param(
            "A,TIME_PERIOD,OBS_VALUE\nretail.total,2022,1\n",
            1,
            "缺少列 SERIES",
            "is missing",
            id="SDMX without a series",
        ),
        pytest.param(
            HEAD + "retail.total,2023-12,1,,2023-11-30\n",
            2,
            "早于所属时期",
            "before Dec 2023",
            id="published before it was over",
        ),
        pytest.param(
            "a,b\n1,2\n", 1, "不认识文件的格式", "The layout is not known", id="no layout"
        ),
        pytest.param(HEAD, 1, "没有数据", "no figure", id="headings alone"),
        pytest.param("", 1, "文件是空的", "The file is empty", id="an empty file"),
    ],
)
def test_bad_input_is_told_by_line_and_nothing_is_taken_over(
    text: str, line: int, zh: str, en: str
) -> None:
    plan = _plan(text)
    assert (plan.new, plan.revised) == ((), ())
    (fault, *_) = [f for f in plan.faults if zh in f.text.zh]
    assert fault.line == line
    assert en in fault.text.en


def test_an_unknown_region_is_told() -> None:
    rows = [*YEARS, ["蓬莱省", 1.0, 2.0], ["青海省", 842.1, 947.8]]
    plan = _plan(_xlsx(rows))
    assert plan.changed == ()
    assert [f.line for f in plan.faults] == [5]
    assert "蓬莱省" in plan.faults[0].text.zh
    assert "no known series" in plan.faults[0].text.en


def test_mixed_encodings_are_told_by_line() -> None:
    """A heading in UTF-8 over lines in GB18030, as when two exports were put together."""
    head, _, rest = NBS.partition("指标")
    plan = _plan((head + "指标").encode() + rest.encode("gb18030"))
    assert plan.changed == ()
    assert plan.faults
    halves = "指标,2023年12月\n社会消费品零售总额_当期值(亿元),43550.2\n".encode()
    plan = _plan(halves + "餐饮收入_当期值(亿元),5405\n".encode("gb18030"))
    assert plan.changed == ()
    assert plan.faults


def test_a_zip_bomb_is_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b" " * (70 * 1024 * 1024))
    plan = _plan(out.getvalue())
    assert len(out.getvalue()) < 1024 * 1024
    assert plan.changed == ()
    assert "too large when unpacked" in plan.faults[0].text.en


def test_an_oversized_file_is_refused() -> None:
    plan = _plan(HEAD + "retail.total,2023-12,1,,\n" * 200_000)
    assert plan.changed == ()
    assert "larger than 4 MB" in plan.faults[0].text.en


def test_no_cell_of_an_export_is_a_formula() -> None:
    """Negative growth stays a number; a name that looks like a formula is text."""
    evil = Figure(
        SeriesId("=1+1"),
        Measure.GROWTH,
        month(2022, 12),
        -1.8,
        date(2023, 1, 17),
        SourceId("@SUM(A1)"),
    )
    text = export_csv(Figures.of([evil])).decode("utf-8-sig")
    assert "\n'=1+1,2022-12,,-1.8,,2023-01-17,'@SUM(A1)" in text.replace("\r", "")


def test_one_bad_line_among_good_ones_stops_them_all() -> None:
    plan = _plan(NBS.replace("471495.2", "471495，2元"))
    assert plan.new == ()
    assert [(f.line, f.column) for f in plan.faults] == [(5, "2023年12月")]


def test_merged_cells_in_the_table_are_told() -> None:
    plan = _plan(_xlsx(YEARS, "B3:C3"))
    assert plan.new == ()
    assert [(f.line, f.column) for f in plan.faults] == [(3, "B3:C3")]


def test_a_revision_needs_its_own_day() -> None:
    text = HEAD + "retail.total,2022,436448.7,,{day}\n"
    without = _plan(text.format(day="2023-01-17"), official_figures())
    assert without.revised == ()
    assert "439733" in without.faults[0].text.zh.replace(",", "")
    plan = _plan(text.format(day="2024-12-31"), official_figures())
    assert [f.value for f in plan.revised] == [436448.7]
    both = plan.applied(official_figures())
    for day, value in [(date(2023, 3, 1), 439733.0), (date(2024, 12, 31), 436448.7)]:
        found = both.as_of(day).get(TOTAL, Measure.VALUE, whole_year(2022))
        assert found is not None
        assert found.value == value


@pytest.mark.parametrize(("value", "kind"), [(44882.9, "confirmed"), (44883.0, "revised")])
def test_an_import_takes_the_place_of_an_unverified_figure(value: float, kind: str) -> None:
    """From the same day on, whether it says the same or another value."""
    series = SeriesId("retail.region.440000")
    known = official_figures().as_of(date(2023, 3, 1)).get(series, Measure.VALUE, whole_year(2022))
    assert known is not None
    assert CATALOGUE.source(known.source).check is Check.UNVERIFIED
    release = Release(known.published, SourceId("provinces"))
    plan = _plan(HEAD + f"{series},2022,{value},,\n", official_figures(), release)
    assert plan.faults == ()
    assert [f.value for f in getattr(plan, kind)] == [value]
    after = plan.applied(official_figures())
    found = after.as_of(known.published).get(series, Measure.VALUE, whole_year(2022))
    assert found is not None
    assert (found.value, CATALOGUE.source(found.source).check) == (value, Check.IMPORTED)
    again = _plan(HEAD + f"{series},2022,{value},,\n", after, release)
    assert (again.changed, again.same) == ((), 1)
    back = _plan(export_csv(after))
    assert back.faults == ()
    exported = back.applied(NOTHING).as_of(known.published)
    assert exported.get(series, Measure.VALUE, whole_year(2022)) == found


def test_what_is_known_already_is_counted_and_not_added() -> None:
    plan = _plan(HEAD + "retail.total,2022,439733,-0.2,2023-01-17\n", official_figures())
    assert (plan.new, plan.revised, plan.same) == ((), (), 2)


def test_the_export_comes_back_without_a_change() -> None:
    data = export_csv(official_figures())
    plan = _plan(data)
    assert plan.faults == ()
    assert set(plan.applied(NOTHING).frame.rows()) == set(official_figures().frame.rows())
    again = _plan(data, official_figures())
    assert (again.new, again.revised) == ((), ())
    assert again.same == len(official_figures().frame)


def test_in_the_own_layout_zero_is_a_figure() -> None:
    plan = _plan(HEAD + "retail.rural,2022,59285,0.0,2023-01-17\n")
    assert [f.value for f in plan.new] == [59285.0, 0.0]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1,234.5", 1234.5),
        ("-0.2", -0.2),
        ("−0.2", -0.2),
        ("1,23", None),
        ("1e9", None),
        ("inf", None),
        ("=1+1", None),
        ("３", 3.0),
    ],
)
def test_numbers(text: str, value: float | None) -> None:
    assert number(text) == value


@given(st.binary(max_size=400))
def test_no_bytes_raise(data: bytes) -> None:
    _plan(data)


@given(st.lists(st.lists(st.text(max_size=12), max_size=5), max_size=8))
def test_no_cells_raise(rows: list[list[str]]) -> None:
    text = "\n".join(",".join(c.replace('"', "") for c in row) for row in rows)
    for head in ("指标,2023年12月\n", HEAD, "SERIES,TIME_PERIOD,OBS_VALUE\n"):
        plan = _plan(head + text)
        assert not (plan.faults and plan.new)


def test_a_period_of_a_year_to_date_is_read_as_one() -> None:
    plan = _plan(HEAD + "retail.total,2023-01..03,114922,5.8,2023-04-18\n")
    assert {f.period for f in plan.new} == {parse_period("2023-01..03")}
