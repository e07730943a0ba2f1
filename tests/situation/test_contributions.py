"""Contributions to growth by cases worked by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.figures import LATER, both, known

from podium.briefing.official import official_figures
from podium.situation.contributions import contributions, latest_contributions
from podium.situation.period import parse_period, whole_year
from podium.situation.retail import AUTOS, CATALOGUE, CATERING, GOODS, TOTAL
from podium.situation.series import Breakdown


def test_complete_parts_close_the_sum_but_for_rounding() -> None:
    """2022. Bases: goods 395,792 / 1.005 = 393,823; catering 43,941 / 0.937 = 46,895; total
    439,733 / 0.998 = 440,614. Goods (395,792 - 393,823) / 440,614 = +0.447 points, catering
    (43,941 - 46,895) / 440,614 = -0.671; the rest of -0.2 is rounding."""
    found = contributions(
        official_figures().as_of(LATER), CATALOGUE, TOTAL, Breakdown.TYPE, whole_year(2022)
    )
    assert found is not None
    points = {c.series.id: c.points.value for c in found.parts}
    assert points[GOODS] == pytest.approx(0.4469, abs=1e-3)
    assert points[CATERING] == pytest.approx(-0.6705, abs=1e-3)
    assert found.complete
    assert abs(found.rest.value) < 0.05


def test_categories_count_larger_units_only_so_the_rest_is_other() -> None:
    """Total 210 at +5 (base 200); automobiles 33 at +10 (base 30): 3 / 200 = 1.5 points of 5."""
    data = known(*both("retail.total", "2022", 210, 5.0), *both(AUTOS, "2022", 33, 10.0))
    found = contributions(data, CATALOGUE, TOTAL, Breakdown.CATEGORY, whole_year(2022))
    assert found is not None
    assert found.parts[0].points.value == pytest.approx(1.5)
    assert found.rest.value == pytest.approx(3.5)
    assert not found.complete


def test_without_published_growth_there_is_no_contribution() -> None:
    data = known(both("retail.total", "2022", 210, 5.0)[0], *both(AUTOS, "2022", 33, 10.0))
    assert contributions(data, CATALOGUE, TOTAL, Breakdown.CATEGORY, whole_year(2022)) is None


def test_the_latest_breakdown_is_the_last_with_enough_parts() -> None:
    """Of the official figures the year 2022 has no category, the months to November have four."""
    known_then = official_figures().as_of(parse_period("2023-03").start.first_day)
    found = latest_contributions(known_then, CATALOGUE, TOTAL, Breakdown.CATEGORY)
    assert found is not None
    assert found.period == parse_period("2022-01..11")
    assert len(found.parts) == 4


@given(
    st.lists(
        st.tuples(st.floats(1, 1e5), st.floats(-60, 200).map(lambda g: round(g, 1))),
        min_size=2,
        max_size=2,
    )
)
def test_contributions_and_rest_are_the_published_growth(parts: list[tuple[float, float]]) -> None:
    value = sum(v for v, _ in parts)
    base = sum(v / (1 + g / 100) for v, g in parts)
    rate = (value / base - 1) * 100
    data = known(
        *both(TOTAL, "2022", value, rate),
        *both(GOODS, "2022", *parts[0]),
        *both(CATERING, "2022", *parts[1]),
    )
    found = contributions(data, CATALOGUE, TOTAL, Breakdown.TYPE, whole_year(2022))
    assert found is not None
    assert sum(c.points.value for c in found.parts) + found.rest.value == pytest.approx(rate)
    assert found.rest.value == pytest.approx(0, abs=1e-6)
