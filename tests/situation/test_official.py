"""The official figures that ship: facts, their days of publication, and a second source."""

from __future__ import annotations

import csv

import pytest
from tests.support.figures import LATER, reference

from podium.briefing.official import official_figures
from podium.situation.figures import Known
from podium.situation.period import Period, month, parse_period, whole_year, year_to_date
from podium.situation.retail import CATALOGUE, CATERING, GOODS, ONLINE, PRICES, RURAL, TOTAL, URBAN
from podium.situation.series import Measure, SeriesId


@pytest.fixture(scope="module")
def everything() -> Known:
    return official_figures().as_of(LATER)


def _value(known: Known, series: SeriesId, measure: Measure, period: Period) -> float:
    found = known.get(series, measure, period)
    assert found is not None
    return found.value


def test_no_retail_figure_is_about_january_or_february_alone() -> None:
    for figure in official_figures().frame.iter_rows(named=True):
        if figure["series"] != PRICES:
            assert (figure["end"].month, figure["months"]) not in {(1, 1), (2, 1)}, figure


def test_every_figure_is_of_a_known_series_in_a_period_that_its_source_publishes() -> None:
    for row in official_figures().frame.iter_rows(named=True):
        series = CATALOGUE[SeriesId(row["series"])]
        period = Period(parse_period(row["end"].strftime("%Y-%m")).end, row["months"])
        assert series.publishes(period), row
        assert CATALOGUE.source(row["source"])
        assert row["published"] > row["end"], row


def test_a_published_zero_is_a_figure(everything: Known) -> None:
    assert _value(everything, RURAL, Measure.GROWTH, whole_year(2022)) == 0.0


@pytest.mark.parametrize("parts", [(GOODS, CATERING), (URBAN, RURAL)])
@pytest.mark.parametrize("year", [2021, 2022, 2023])
def test_complete_parts_add_up(
    everything: Known, parts: tuple[SeriesId, SeriesId], year: int
) -> None:
    values = [_value(everything, s, Measure.VALUE, whole_year(year)) for s in parts]
    assert sum(values) == _value(everything, TOTAL, Measure.VALUE, whole_year(year))


@pytest.mark.parametrize("year", range(2019, 2024))
def test_the_months_add_up_to_the_year(everything: Known, year: int) -> None:
    months = [year_to_date(year, 2), *(month(year, n) for n in range(3, 13))]
    total = sum(_value(everything, TOTAL, Measure.VALUE, period) for period in months)
    assert total == pytest.approx(_value(everything, TOTAL, Measure.VALUE, whole_year(year)), abs=4)


def test_provinces_add_up_to_the_nation_within_a_thousandth(everything: Known) -> None:
    year = 2022
    provinces = CATALOGUE.regions(TOTAL)
    assert len(provinces) == 31
    values = [_value(everything, s.id, Measure.VALUE, whole_year(year)) for s in provinces]
    assert sum(values) == pytest.approx(
        _value(everything, TOTAL, Measure.VALUE, whole_year(year)), rel=1e-3
    )


def test_total_against_the_second_source(everything: Known) -> None:
    path = reference("china/retail_total_monthly_2010_2025.csv")
    compared = 0
    for row in csv.DictReader(path.read_text("utf-8").splitlines()):
        year, number = map(int, row["period"].split("-"))
        if not 2012 <= year <= 2023:
            continue
        period = year_to_date(year, 2) if number == 2 else month(year, number)
        assert _value(everything, TOTAL, Measure.VALUE, period) == pytest.approx(
            float(row["value_100m_cny"]), abs=1
        )
        if row["yoy_pct"]:
            assert _value(everything, TOTAL, Measure.GROWTH, period) == float(row["yoy_pct"])
            compared += 1
    assert compared > 120


def test_catering_and_online_sales_against_the_second_source(everything: Known) -> None:
    path = reference("china/retail_by_category_monthly.csv")
    rows = list(csv.DictReader(path.read_text("utf-8").splitlines()))
    compared = 0
    for row in rows:
        year, number = map(int, row["period"].split("-"))
        if not 2019 <= year <= 2023:
            continue
        if row["category"] == "catering":
            period = year_to_date(year, 2) if number == 2 else month(year, number)
            assert _value(everything, CATERING, Measure.GROWTH, period) == float(row["yoy_pct"])
            compared += 1
        if row["category"] == "online_goods" and row["ytd_yoy_pct"]:
            period = year_to_date(year, number)
            assert _value(everything, ONLINE, Measure.VALUE, period) == pytest.approx(
                float(row["ytd_value_100m_cny"]), abs=1
            )
            compared += 1
    assert compared > 70


def test_prices_against_the_second_source(everything: Known) -> None:
    path = reference("china/cpi_yoy_monthly_2016_2025.csv")
    rows = [r for r in csv.DictReader(path.read_text("utf-8").splitlines()) if r["period"] < "2024"]
    for row in rows:
        assert _value(everything, PRICES, Measure.GROWTH, parse_period(row["period"])) == float(
            row["cpi_yoy_pct"]
        )
    assert len(rows) == 96
