"""Indicators by cases worked by hand."""

from __future__ import annotations

import pytest
from tests.support.figures import LATER, both, figure, known

from podium.briefing.official import official_figures
from podium.situation.derived import Derived, Rule, rounded
from podium.situation.figures import Figure
from podium.situation.indicators import (
    change,
    growth,
    growth_of_values,
    latest_month,
    latest_year_to_date,
    real_growth,
    release_before,
    share,
    two_year_average,
)
from podium.situation.period import month, parse_period, whole_year, year_to_date
from podium.situation.retail import AUTOS, CATALOGUE, EX_AUTOS, ONLINE, PRICES, TOTAL
from podium.situation.series import Measure

SERIES = CATALOGUE[TOTAL]
OFFICIAL = official_figures().as_of(LATER)


def _value(number: Figure | Derived | None) -> float:
    assert number is not None
    return number.value


def test_two_year_average_is_the_geometric_mean_of_published_rates() -> None:
    """April 2022 -11.1 after April 2021 +17.7: sqrt(0.889 * 1.177) - 1 = 2.29 per cent."""
    average = two_year_average(OFFICIAL, SERIES, month(2022, 4))
    assert _value(average) == pytest.approx(2.2914, abs=1e-3)
    assert [f.value for f in average.figures()] == [-11.1, 17.7] if average else False


def test_two_year_average_agrees_with_one_that_the_source_states() -> None:
    """The release for June 2021 states 4.9 for the month (12.1 after -1.8) and 4.4 to date."""
    assert rounded(_value(two_year_average(OFFICIAL, SERIES, month(2021, 6)))) == 4.9
    assert rounded(_value(two_year_average(OFFICIAL, SERIES, year_to_date(2021, 6)))) == 4.4


def test_two_year_average_of_small_rates_is_near_their_mean() -> None:
    data = known(*both("retail.total", "2022", 1, 2.0), *both("retail.total", "2021", 1, 4.0))
    average = two_year_average(data, SERIES, whole_year(2022))
    assert _value(average) == pytest.approx(2.99515, abs=1e-4)


@pytest.mark.parametrize(
    ("period", "before"),
    [
        ("2023-03", "2023-01..02"),
        ("2023-01..02", "2022-12"),
        ("2023-01..03", "2023-01..02"),
        ("2023-01..04", "2023-01..03"),
        ("2022", "2022-01..11"),
        ("2011-03", "2011-02"),
    ],
)
def test_the_release_before(period: str, before: str) -> None:
    assert release_before(SERIES, parse_period(period)) == parse_period(before)


def test_change_is_in_points_against_the_release_before() -> None:
    """March 2023: 10.6 after 3.5 for January and February, 7.1 points faster, as then stated."""
    assert _value(change(OFFICIAL, SERIES, month(2023, 3))) == pytest.approx(7.1)
    assert _value(change(OFFICIAL, SERIES, year_to_date(2023, 2))) == pytest.approx(5.3)


def test_published_growth_is_kept_though_the_values_say_otherwise() -> None:
    """2021 in first release 440,823, 2022 439,733: the values fell 0.247 per cent, the published
    rate is -0.2; both are had, under their own names, and never mixed."""
    published = growth(OFFICIAL, SERIES, whole_year(2022))
    assert isinstance(published, Figure)
    assert published.value == -0.2
    assert growth_of_values(OFFICIAL, TOTAL, whole_year(2022)) is None, "of two vintages"
    one = known(figure("retail.total", "2021", 440_823), figure("retail.total", "2022", 439_733))
    computed = growth_of_values(one, TOTAL, whole_year(2022))
    assert _value(computed) == pytest.approx(-0.24727, abs=1e-4)
    assert computed is not None
    assert computed.rule is Rule.FROM_VALUES
    assert growth(one, SERIES, whole_year(2022)) is None


def test_values_of_two_vintages_give_no_growth() -> None:
    data = known(
        figure("retail.total", "2021", 440_823, published="2022-01-17"),
        figure("retail.total", "2022", 436_448.7, published="2025-01-17"),
    )
    assert growth_of_values(data, TOTAL, whole_year(2022)) is None


def test_real_growth_is_the_published_one_where_there_is_one() -> None:
    published = real_growth(OFFICIAL, TOTAL, PRICES, whole_year(2021))
    assert isinstance(published, Figure)
    assert published.value == 10.7


def test_the_deflated_proxy_says_that_it_is_one() -> None:
    """-1.8 in December 2022 with prices up 1.8: 0.982 / 1.018 - 1 = -3.536 per cent."""
    proxy = real_growth(OFFICIAL, TOTAL, PRICES, month(2022, 12))
    assert isinstance(proxy, Derived)
    assert proxy.rule is Rule.DEFLATED
    assert proxy.value == pytest.approx(-3.5363, abs=1e-3)


def test_joint_months_are_deflated_by_the_mean_of_both() -> None:
    """2023: 3.5 with prices up 2.1 and 1.0: 1.035 / 1.0155 - 1 = 1.920 per cent."""
    proxy = real_growth(OFFICIAL, TOTAL, PRICES, year_to_date(2023, 2))
    assert _value(proxy) == pytest.approx(1.9202, abs=1e-3)
    assert proxy is not None
    assert len(proxy.figures()) == 3


def test_there_is_no_proxy_without_every_month_of_prices() -> None:
    data = known(
        figure("retail.total", "2023-01..02", 3.5, measure=Measure.GROWTH),
        figure("cpi", "2023-01", 2.1, measure=Measure.GROWTH),
    )
    assert real_growth(data, TOTAL, PRICES, year_to_date(2023, 2)) is None


def test_online_share_of_2022_is_the_one_stated() -> None:
    assert rounded(_value(share(OFFICIAL, ONLINE, TOTAL, whole_year(2022)))) == 27.2


def test_growth_without_automobiles_is_the_published_one() -> None:
    found = growth(OFFICIAL, CATALOGUE[EX_AUTOS], whole_year(2022))
    assert isinstance(found, Figure)
    assert found.value == -0.4


def test_growth_without_automobiles_is_implied_where_it_is_not_published() -> None:
    """Total 110 (+10: base 100), automobiles 22 (+10: base 20), so 88 over 80: +10. With
    automobiles at 18 (-10: base 20), 92 over 80: +15."""
    same = known(*both("retail.total", "2022", 110, 10.0), *both(AUTOS, "2022", 22, 10.0))
    down = known(*both("retail.total", "2022", 110, 10.0), *both(AUTOS, "2022", 18, -10.0))
    found = growth(same, CATALOGUE[EX_AUTOS], whole_year(2022))
    assert _value(found) == pytest.approx(10)
    found = growth(down, CATALOGUE[EX_AUTOS], whole_year(2022))
    assert _value(found) == pytest.approx(15)
    assert isinstance(found, Derived)
    assert found.rule is Rule.EXCLUDED


def test_the_latest_readings() -> None:
    last, to_date = latest_month(OFFICIAL, SERIES), latest_year_to_date(OFFICIAL, SERIES)
    assert last is not None
    assert to_date is not None
    assert (last.period, to_date.period) == (month(2023, 12), whole_year(2023))
    assert latest_month(known(), SERIES) is None


@pytest.mark.parametrize(
    ("value", "digits", "expected"),
    [(0.25, 1, 0.3), (-0.25, 1, -0.3), (2.675, 2, 2.68), (-0.04, 1, 0.0), (1e-9, 1, 0.0)],
)
def test_half_is_rounded_away_from_zero(value: float, digits: int, expected: float) -> None:
    assert rounded(value, digits) == expected
