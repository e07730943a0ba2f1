"""Statistics beside measures: as of the deployment and as of today, and no word of causes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from tests.support.programmes import (
    CARS,
    DAY,
    HENAN,
    HOMES,
    OFFICE,
    RETAIL,
    ZHEJIANG,
    Story,
    planned,
)

from podium.values.fields import TEXT_LENGTH
from podium.values.text import Text
from podium.work import commands as c
from podium.work.board import board
from podium.work.opening import opening
from podium.work.outcomes import Beside, Outcome, Reading, beside, outcome_point
from podium.work.values import Statistic

DECEMBER = Reading(
    Text("2022年12月", "December 2022"), -1.8, Text("%", "%"), True, date(2023, 1, 17), True
)
MARCH = Reading(
    Text("2023年3月", "March 2023"), 10.6, Text("%", "%"), True, date(2023, 4, 18), False
)
LEVEL = Reading(
    Text("2023年3月", "March 2023"),
    37855.2,
    Text("亿元", "100 million yuan"),
    False,
    date(2023, 4, 18),
    True,
)
LATER = date(2023, 5, 2)


def both_have_one() -> Story:
    measures = tuple(replace(m, statistic=RETAIL) for m in planned().programme.measures.values())
    return planned().do(OFFICE, c.Plan(measures=measures))


def test_measures_of_one_day_share_a_statistic() -> None:
    story = both_have_one()
    assert beside(story.programme) == [Beside(RETAIL, None, (CARS, HOMES))]
    story = story.do(OFFICE, c.IssueMeasures((CARS,), (ZHEJIANG,)))
    story = story.later(5).do(OFFICE, c.IssueMeasures((CARS, HOMES), (ZHEJIANG, HENAN)))
    assert beside(story.programme) == [
        Beside(RETAIL, DAY, (CARS,)),
        Beside(RETAIL, date(2023, 3, 6), (HOMES,)),
    ]


def test_a_point_says_what_stood_then_and_stands_now() -> None:
    point = outcome_point(Outcome(Beside(RETAIL, DAY, (CARS, HOMES)), DECEMBER, MARCH), LATER)
    assert point == Text(
        "社会消费品零售总额（2 项措施）：部署时（2023-03-01）2022年12月同比下降 1.8%；"
        "截至 2023-05-02，2023年3月同比增长 10.6%*。仅作对照，不表示因果关系。",
        "Retail sales of consumer goods (2 measures): when deployed (2023-03-01) down 1.8% on the "
        "year in December 2022; by 2023-05-02 up 10.6%* on the year in March 2023. "
        "No cause is claimed.",
    )


def test_what_has_not_changed_is_not_said_twice() -> None:
    point = outcome_point(Outcome(Beside(RETAIL, DAY, (CARS,)), DECEMBER, DECEMBER), LATER)
    assert point is not None
    assert "至 2023-05-02 尚无更新的数据" in point.zh
    assert "in December 2022; nothing newer by 2023-05-02." in point.en


def test_levels_and_what_was_not_published() -> None:
    point = outcome_point(Outcome(Beside(RETAIL, DAY, (CARS,)), None, LEVEL), LATER)
    assert point is not None
    assert "尚无公布数据" in point.zh
    assert "2023年3月为 37,855.2 亿元" in point.zh
    assert "(1 measure): when deployed (2023-03-01) nothing published" in point.en
    assert "37,855.2 100 million yuan in March 2023" in point.en


@pytest.mark.parametrize(("day", "now"), [(None, MARCH), (DAY, None)])
def test_nothing_is_said_without_a_deployment_or_a_figure(
    day: date | None, now: Reading | None
) -> None:
    assert outcome_point(Outcome(Beside(RETAIL, day, (CARS,)), None, now), LATER) is None


def test_a_long_name_makes_room() -> None:
    long = Statistic("x", Text("长" * TEXT_LENGTH, "l" * TEXT_LENGTH))
    point = outcome_point(Outcome(Beside(long, DAY, (CARS,)), DECEMBER, MARCH), LATER)
    assert point is not None
    assert len(point.zh) == len(point.en) == TEXT_LENGTH
    assert point.en.endswith("No cause is claimed.")


def test_the_opening_has_them_between_measures_and_organisations() -> None:
    story = both_have_one().do(OFFICE, c.IssueMeasures((CARS, HOMES), (ZHEJIANG, HENAN)))
    outcome = Outcome(beside(story.programme)[0], DECEMBER, MARCH)
    lit = board(story.programme, LATER)
    points = [point.en for point in opening(lit, [outcome]).summary]
    place = next(n for n, words in enumerate(points) if "No cause" in words)
    assert points[place - 1].startswith("Promote home furnishing")
    assert points[place + 1].startswith("zhejiang: ")
    assert len(points) == len(opening(lit).summary) + 1
