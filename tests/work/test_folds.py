"""Matrix, roll-up, lists, timetable and feed, on a programme small enough to count by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.programmes import (
    AREA,
    CARS,
    DUE,
    HANGZHOU,
    HENAN,
    HOMES,
    MINISTRY,
    NINGBO,
    OFFICE,
    RETAIL,
    TIMER,
    XIHU,
    ZHEJIANG,
    Story,
    broken_down,
    finished,
    liaison,
    planned,
    report,
)

from podium.values.level import Level
from podium.values.text import OrganisationId, Text
from podium.work import commands as c
from podium.work.board import Board, board, roll_up
from podium.work.ical import ical
from podium.work.lights import Light
from podium.work.lists import (
    OVERDUE,
    Latest,
    ListQuery,
    Standing,
    lines,
    opening_summary,
    overdue,
    page_of_lines,
)
from podium.work.matrix import MatrixQuery, Page, matrix
from podium.work.state import Stage
from podium.work.timetable import calendar
from podium.work.values import (
    Activity,
    ActivityId,
    ActivityKind,
    Area,
    AreaId,
    Cell,
    Measure,
    MeasureId,
)

APRIL_10 = date(2023, 4, 10)
EARLY_MAY = date(2023, 5, 1)


def in_april() -> Story:
    """Xihu is done; Hangzhou and Zhejiang's cars reported for March; the rest reported nothing."""
    story = finished(broken_down(), XIHU, liaison(HANGZHOU))
    return (
        story.on(date(2023, 4, 3))
        .do(liaison(HANGZHOU), report(HANGZHOU))
        .do(liaison(ZHEJIANG), report(ZHEJIANG))
        .on(APRIL_10)
    )


def lit(story: Story, day: date = APRIL_10) -> Board:
    return board(story.programme, day)


def counts(red: int = 0, amber: int = 0, green: int = 0, done: int = 0) -> dict[Light, int]:
    return {
        Light.RED: red,
        Light.AMBER: amber,
        Light.GREEN: green,
        Light.DONE: done,
        Light.NONE: 0,
    }


def test_roll_up_by_level_body_measure_and_area() -> None:
    up = roll_up(lit(in_april()))
    # Cars: Zhejiang, Hangzhou green; Xihu done; Ningbo, Henan late. Homes: both provinces late.
    assert up.total == counts(amber=4, green=2, done=1)
    assert up.levels == {
        Level.PROVINCE: counts(amber=3, green=1),
        Level.CITY: counts(amber=1, green=1),
        Level.COUNTY: counts(done=1),
    }
    assert up.organisations[ZHEJIANG] == counts(amber=2, green=2, done=1)
    assert up.organisations[HANGZHOU] == counts(green=1, done=1)
    assert up.organisations[MINISTRY] == up.total
    assert up.measures[CARS] == counts(amber=2, green=2, done=1)
    assert up.areas[AREA.id] == up.total


def test_matrix_drills_down() -> None:
    top = matrix(lit(in_april()), MatrixQuery(under=MINISTRY))
    assert top.organisations == [ZHEJIANG, HENAN]
    assert top.measures == [CARS, HOMES]
    cell = top.cells[CARS][ZHEJIANG]
    assert cell.own is not None
    assert cell.own[1].code == "on_time"
    assert cell.below == counts(amber=1, green=1, done=1)
    assert top.cells[HOMES][HENAN].below is None
    inside = matrix(lit(in_april()), MatrixQuery(under=ZHEJIANG))
    assert list(inside.organisations) == [ZHEJIANG, HANGZHOU, NINGBO]
    assert HANGZHOU not in inside.cells[HOMES]
    assert matrix(lit(in_april()), MatrixQuery()).organisations == [MINISTRY]


def test_matrix_filters_and_pages() -> None:
    late = matrix(lit(in_april(), EARLY_MAY), MatrixQuery(MINISTRY, lights=frozenset({Light.RED})))
    assert late.organisations == [ZHEJIANG, HENAN]
    done = matrix(lit(in_april()), MatrixQuery(MINISTRY, lights=frozenset({Light.DONE})))
    assert (done.measures, done.organisations) == ([CARS], [ZHEJIANG])
    found = matrix(lit(in_april()), MatrixQuery(MINISTRY, search="家居"))
    assert found.measures == [HOMES]
    page = matrix(
        lit(in_april()), MatrixQuery(MINISTRY, measures=Page(1, 1), organisations=Page(1, 5))
    )
    assert (page.measures, page.organisations) == ([HOMES], [HENAN])
    assert (page.all_measures, page.all_organisations) == (2, 2)


def test_a_wider_area_includes_the_narrower() -> None:
    narrow = Area(AreaId("cars"), Text("汽车", "Cars"), AREA.id)
    story = in_april()
    measure = replace(story.programme.measures[CARS], area=narrow.id)
    story = story.do(OFFICE, c.Plan(areas=(narrow,), measures=(measure,)))
    for area, measures in ((AREA.id, [CARS, HOMES]), (narrow.id, [CARS])):
        assert matrix(lit(story), MatrixQuery(MINISTRY, area=area)).measures == measures
    assert roll_up(lit(story)).areas[AREA.id] == roll_up(lit(story)).total


def test_a_board_made_from_the_one_before_is_as_if_made_anew() -> None:
    story = in_april()
    before = lit(story)
    for organisation, command in (
        (NINGBO, c.Sign(NINGBO, (CARS,))),
        (HENAN, c.Sign(HENAN, (HOMES,))),
        (HANGZHOU, report(HANGZHOU, completed=True, period=APRIL_10)),
    ):
        story = story.do(liaison(organisation), command)
        after = board(story.programme, APRIL_10, before)
        fresh = lit(story)
        assert after.rows == fresh.rows
        kept = [o for o in after.rows if after.rows[o] is before.rows[o]]
        assert len(kept) == len(after.rows) - 1
        before = after
    assert board(story.programme, EARLY_MAY, before).rows == lit(story, EARLY_MAY).rows


def test_overdue_lists_the_latest_first() -> None:
    story = in_april()
    found = overdue(lit(story, EARLY_MAY)).lines
    assert [(line.cell, line.late) for line in found] == [
        (Cell(CARS, NINGBO), 58),  # neither signed since 4 March nor reported
        (Cell(CARS, HENAN), 58),
        (Cell(HOMES, HENAN), 58),
        (Cell(HOMES, ZHEJIANG), 26),
    ]
    assert {line.rule.code for line in found} == {"report_missing"}
    below = overdue(lit(story, EARLY_MAY), ListQuery(under=HENAN))
    assert {line.cell.organisation for line in below.lines} == {HENAN}
    assert overdue(lit(story, EARLY_MAY), most=3) == Latest(found[:3], 4)


@given(
    st.integers(0, 9),
    st.integers(1, 9),
    st.sampled_from([None, ZHEJIANG, HENAN]),
    st.sampled_from([None, CARS, MeasureId("none")]),
    st.sampled_from([frozenset(), OVERDUE, frozenset({Light.AMBER, Light.DONE})]),
)
def test_a_page_of_lines_is_a_part_of_them_all(
    start: int,
    size: int,
    under: OrganisationId | None,
    measure: MeasureId | None,
    lights: frozenset[Light],
) -> None:
    query = ListQuery(under=under, measure=measure, lights=lights)
    whole = list(lines(lit(in_april(), EARLY_MAY), query))
    page, total = page_of_lines(lit(in_april(), EARLY_MAY), query, start, size)
    assert (list(page), total) == (whole[start : start + size], len(whole))


def test_what_waits_for_its_issuer() -> None:
    story = in_april().do(
        liaison(ZHEJIANG), c.AskExtension(ZHEJIANG, HOMES, DUE + timedelta(30), "晚")
    )
    query = ListQuery(issuer=MINISTRY, waiting=True)
    assert [line.cell for line in lines(lit(story), query)] == [Cell(HOMES, ZHEJIANG)]
    closed = ListQuery(stages=frozenset({Stage.CLOSED}))
    assert [line.cell for line in lines(lit(story), closed)] == [Cell(CARS, XIHU)]


def test_the_next_conference_opens_with_what_came_of_it() -> None:
    story = in_april().on(EARLY_MAY).do(TIMER, c.Escalate())
    summary = opening_summary(lit(story, EARLY_MAY))
    assert summary.total == Standing(done=1, running=2, overdue=4)
    assert summary.organisations == {
        ZHEJIANG: Standing(done=1, running=2, overdue=2),
        HENAN: Standing(done=0, running=0, overdue=2),
    }
    [cars, _] = summary.measures
    assert (cars.measure, cars.statistic) == (CARS, RETAIL)
    assert cars.standing == Standing(done=1, running=2, overdue=2)
    assert summary.agenda.total == len(summary.agenda.lines) == 4


# --- timetable and feed

SEASON = Activity(
    ActivityId("season"),
    ActivityKind.THEME,
    Text("国际消费季", "International; season, with \\"),
    place=Text("上海", "Shanghai"),
    starts_on=date(2023, 4, 29),
    ends_on=date(2023, 6, 30),
    lead=(MINISTRY,),
    detail="第一行\n第二行",
)
SOMETIME = Activity(ActivityId("week"), ActivityKind.WEEK, Text("家电焕新", "Appliances"))


def with_activities() -> Story:
    return broken_down().do(OFFICE, c.Plan(activities=(SEASON, SOMETIME)))


@pytest.mark.parametrize(
    ("first", "last", "seen"),
    [
        (date(2023, 4, 1), date(2023, 4, 28), False),
        (date(2023, 4, 1), date(2023, 4, 29), True),
        (date(2023, 6, 30), date(2023, 6, 30), True),
        (date(2023, 7, 1), date(2023, 7, 31), False),
    ],
)
def test_calendar_shows_what_touches_the_days(first: date, last: date, seen: bool) -> None:
    view = calendar(with_activities().programme, first, last)
    assert bool(view.held) is seen
    assert view.undated == ["week"]


def test_calendar_of_an_organisation_has_its_own_days() -> None:
    view = calendar(with_activities().programme, date(2023, 1, 1), DUE, HANGZHOU)
    assert [(d.what, d.day) for d in view.due] == [
        ("report", date(2023, 4, 5)),
        ("assignment", DUE),
    ]
    whole = calendar(with_activities().programme, date(2023, 1, 1), DUE)
    assert [d.what for d in whole.due] == ["measure", "measure"]


def test_the_feed_is_icalendar() -> None:
    stamp = datetime(2023, 3, 1, 1, tzinfo=UTC)
    feed = ical(with_activities().programme, stamp, None, "en")
    assert feed.startswith("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n")
    assert feed.endswith("END:VCALENDAR\r\n")
    assert all(len(line.encode()) <= 75 for line in feed.split("\r\n"))
    plain = feed.replace("\r\n ", "")
    assert "SUMMARY:International\\; season\\, with \\\\\r\n" in plain
    assert "DTSTART;VALUE=DATE:20230429\r\nDTEND;VALUE=DATE:20230701\r\n" in plain
    assert "LOCATION:Shanghai\r\nDESCRIPTION:第一行\\n第二行\\nministry\r\n" in plain
    assert "DTSTAMP:20230301T010000Z" in plain
    assert plain.count("BEGIN:VEVENT") == plain.count("END:VEVENT") == 3
    uids = [line for line in plain.split("\r\n") if line.startswith("UID:")]
    assert len(set(uids)) == 3


def test_folding_never_parts_a_character() -> None:
    long = Measure(CARS, AREA.id, Text("稳" * 120, "x"), DUE)
    story = planned().do(OFFICE, c.Plan(measures=(long,)))
    feed = ical(story.programme, datetime(2023, 3, 1, tzinfo=UTC), None, "zh")
    assert all(len(line.encode()) <= 75 for line in feed.split("\r\n"))
    assert "稳" * 120 in feed.replace("\r\n ", "")


def test_nothing_is_asked_of_an_empty_programme() -> None:
    empty = lit(planned())
    assert roll_up(empty).total == counts()
    assert matrix(empty, MatrixQuery(under=OrganisationId("nobody"))).measures == []
    assert opening_summary(empty).total == Standing(0, 0, 0)
