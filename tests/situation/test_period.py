"""Months, joint months, years to date; which of them a source publishes."""

from __future__ import annotations

import pytest

from podium.situation.period import Month, Period, month, parse_period, whole_year, year_to_date
from podium.situation.retail import CATALOGUE, PRICES, TOTAL


@pytest.mark.parametrize(
    ("written", "period", "zh", "en"),
    [
        ("2022", whole_year(2022), "2022年", "2022"),
        ("2022-04", month(2022, 4), "2022年4月", "Apr 2022"),
        ("2022-01..02", year_to_date(2022, 2), "2022年1—2月", "Jan-Feb 2022"),
        ("2022-01..12", whole_year(2022), "2022年", "2022"),
        ("2022-04..06", Period(Month(2022, 6), 3), "2022年4—6月", "Apr-Jun 2022"),
    ],
)
def test_periods_are_read_and_named(written: str, period: Period, zh: str, en: str) -> None:
    assert parse_period(written) == period
    assert (period.label.zh, period.label.en) == (zh, en)


@pytest.mark.parametrize("wrong", ["", "2022-13", "2022-00", "22-01", "2022-05..04", "2022-1-1"])
def test_what_is_no_period_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match=r"period|month"):
        parse_period(wrong)


def test_months_count_across_years() -> None:
    assert Month(2022, 11).plus(3) == Month(2023, 2)
    assert Month(2023, 2).plus(-26) == Month(2020, 12)
    assert Month(2023, 2).since(Month(2020, 12)) == 26


@pytest.mark.parametrize(
    ("written", "published"),
    [
        ("2023-01", False),
        ("2023-02", False),
        ("2023-01..02", True),
        ("2023-03", True),
        ("2023-01..03", True),
        ("2023", True),
        ("2023-02..03", False),
        ("2011-01", True),
        ("2011-02", True),
    ],
)
def test_january_and_february_come_together_since_2012(written: str, published: bool) -> None:
    assert CATALOGUE[TOTAL].publishes(parse_period(written)) is published


def test_prices_come_for_january_too() -> None:
    assert CATALOGUE[PRICES].publishes(month(2023, 1))
