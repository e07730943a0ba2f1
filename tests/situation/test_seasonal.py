"""Seasonal adjustment: on series made with a known season, and the festival in the model."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from tests.support.figures import known

from podium.briefing.official import official_figures
from podium.situation import festival
from podium.situation.comparable import Path, comparable_path, days, slots
from podium.situation.figures import Figure
from podium.situation.period import Month, Period, month, parse_period, year_to_date
from podium.situation.retail import CATALOGUE, TOTAL
from podium.situation.seasonal import adjust
from podium.situation.series import Measure, SourceId

SERIES = CATALOGUE[TOTAL]
MONTH_DAYS = 365.25 / 12


def _made(years: int, *, joint: bool, effect: tuple[float, float] = (0.0, 0.0)) -> Path:
    """A trend of 0.4 per cent a period, a fixed season, and the festival."""
    per_year = 11 if joint else 12
    periods = slots(Month(2010, 1), years * per_year, joint=joint)
    n = np.arange(len(periods))
    season = 0.15 * np.sin(2 * np.pi * n / per_year) + 0.05 * np.cos(4 * np.pi * n / per_year)
    noise = np.random.default_rng(7).normal(0, 0.003, len(periods))
    logs = 5 + 0.004 * n + season + festival.regressors(periods) @ np.array(effect) + noise
    values = np.exp(logs) * np.array([days(p) for p in periods])
    return Path(SERIES, periods, tuple(values.tolist()))


@pytest.mark.parametrize("joint", [False, True])
def test_a_known_season_is_taken_out(joint: bool) -> None:
    path = _made(10, joint=joint)
    found = adjust(path)
    assert found is not None
    truth = np.exp(5 + 0.004 * np.arange(len(path.periods))) * MONTH_DAYS
    assert np.abs(np.log(np.array(found.adjusted) / truth)).max() < 0.02
    assert np.abs(np.log(np.array(found.trend) / truth)).max() < 0.01


def test_the_festival_is_found_and_taken_out() -> None:
    found = adjust(_made(12, joint=True, effect=(0.2, -0.3)))
    assert found is not None
    assert found.festival == pytest.approx((0.2, -0.3), abs=0.05)
    truth = np.exp(5 + 0.004 * np.arange(len(found.path.periods))) * MONTH_DAYS
    assert np.abs(np.log(np.array(found.adjusted) / truth)).max() < 0.02


def test_a_festival_that_does_not_show_is_left_alone() -> None:
    found = adjust(_made(12, joint=True))
    assert found is not None
    assert found.festival == (0.0, 0.0)


def test_a_shock_in_a_year_of_an_early_festival_is_not_taken_for_its_effect() -> None:
    """January and February 2020: the festival was on 25 January, and sales fell by a fifth."""
    quiet = _made(12, joint=True)
    shocked = tuple(
        value * {year_to_date(2020, 2): 0.8, month(2020, 3): 0.85}.get(period, 1.0)
        for period, value in zip(quiet.periods, quiet.values, strict=True)
    )
    found = adjust(Path(SERIES, quiet.periods, shocked))
    assert found is not None
    assert found.festival == (0.0, 0.0)


def test_january_is_never_seen() -> None:
    path = comparable_path(official_figures().as_of(date(2023, 3, 1)), SERIES)
    found = adjust(path)
    assert found is not None
    assert {p.months for p in found.path.periods if p.end.number == 2} == {2}
    assert not [p for p in found.path.periods if p.end.number == 1]


def test_values_are_chained_back_by_published_growth() -> None:
    """439,733 / 0.998 and so on: a survey that lifts the level of 2022 lifts that of 2021 too."""
    rows = [
        Figure(TOTAL, measure, period, value, date(2023, 1, 1), SourceId("made"))
        for year, level in ((2021, 100.0), (2022, 220.0))
        for period in (year_to_date(year, 2), *(month(year, n) for n in range(3, 13)))
        for measure, value in ((Measure.VALUE, level), (Measure.GROWTH, 10.0))
    ]
    path = comparable_path(known(*rows), SERIES)
    assert path.values[:11] == pytest.approx([200.0] * 11)
    assert path.values[11:] == pytest.approx([220.0] * 11)


def test_a_path_ends_where_growth_was_not_published() -> None:
    path = comparable_path(official_figures().as_of(date(2023, 3, 1)), SERIES)
    assert path.periods[0] == parse_period("2012-01..02")
    assert path.periods[-1] == month(2022, 12)
    assert path.per_year == 11


def test_too_short_a_series_is_not_adjusted() -> None:
    assert adjust(_made(3, joint=True)) is None


@pytest.mark.parametrize(
    ("year", "day"),
    [(1985, (2, 20)), (2012, (1, 23)), (2022, (2, 1)), (2023, (1, 22)), (2033, (1, 31))],
)
def test_new_years(year: int, day: tuple[int, int]) -> None:
    found = festival.NEW_YEARS[year - festival.FIRST]
    assert (found.month, found.day) == day


def test_regressors_are_shares_less_their_mean() -> None:
    """The twenty days from 10 February 2024 on end on 29 February; those from 19 February 2015
    on reach eleven days into March (9 + 11), which is above what March has on average."""
    periods = [Period(Month(2024, 2), 2), Period(Month(2024, 3), 1), Period(Month(2015, 3), 1)]
    found = festival.regressors(periods)
    assert found[0, 1] > 0 > found[1, 1]
    assert found[2, 1] == pytest.approx(10 / 20 + found[1, 1])
    every = [Period(Month(y, 2), 2) for y in range(festival.FIRST + 1, festival.LAST)]
    assert festival.regressors(every).mean(axis=0) == pytest.approx([0, 0], abs=1e-12)
