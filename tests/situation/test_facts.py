"""Facts of the conference's day, each by its name: what was known, and what was not yet."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from tests.support.figures import LATER

from podium.briefing.official import official_figures
from podium.situation.figures import Known
from podium.situation.period import Period, month, whole_year, year_to_date
from podium.situation.retail import TOTAL
from podium.situation.series import Measure

CONFERENCE = date(2023, 3, 1)
JOINT_2023 = year_to_date(2023, 2)


def _growth(known: Known, period: Period) -> float | None:
    found = known.get(TOTAL, Measure.GROWTH, period)
    return None if found is None else found.value


@pytest.fixture(scope="module")
def later() -> Known:
    return official_figures().as_of(LATER)


@pytest.fixture(scope="module")
def on_the_day() -> Known:
    return official_figures().as_of(CONFERENCE)


def test_sales_of_april_2022_fell_by_11_1(on_the_day: Known) -> None:
    assert _growth(on_the_day, month(2022, 4)) == -11.1


def test_sales_of_december_2022_fell_by_1_8(on_the_day: Known) -> None:
    assert _growth(on_the_day, month(2022, 12)) == -1.8
    last = on_the_day.last(TOTAL, Measure.GROWTH)
    assert last is not None
    assert last.period == month(2022, 12)


def test_sales_of_january_and_february_2023_grew_by_3_5(later: Known) -> None:
    assert _growth(later, JOINT_2023) == 3.5


def test_january_and_february_2023_are_unknown_on_1_march_2023(on_the_day: Known) -> None:
    for measure in Measure:
        assert on_the_day.get(TOTAL, measure, JOINT_2023) is None


def test_january_and_february_2023_are_known_from_15_march_2023_on() -> None:
    release = date(2023, 3, 15)
    for day in (release - timedelta(days=1), release):
        known = official_figures().as_of(day)
        assert (_growth(known, JOINT_2023) is not None) is (day == release)


def test_sales_of_march_2023_grew_by_10_6(later: Known) -> None:
    assert _growth(later, month(2023, 3)) == 10.6
    assert _growth(official_figures().as_of(date(2023, 4, 17)), month(2023, 3)) is None


def test_the_total_of_2022_was_439733_in_its_first_release(later: Known) -> None:
    total = later.get(TOTAL, Measure.VALUE, whole_year(2022))
    assert total is not None
    assert (total.value, total.published) == (439_733, date(2023, 1, 17))
    assert _growth(later, whole_year(2022)) == -0.2
