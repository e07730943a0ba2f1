"""The estimate of the next release: in real time, better than the last release, with its record."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from podium.briefing.official import official_figures
from podium.situation.figures import Figure, Figures
from podium.situation.nowcast import MEMORY, half_width, next_release, nowcast
from podium.situation.period import Month, Period, month, parse_period
from podium.situation.retail import CATALOGUE, CATERING, PRICES, TOTAL
from podium.situation.series import Context, Measure, Rhythm, Series, SeriesId, SourceId, Whole
from podium.values.text import Text

PANEL = (CATALOGUE[CATERING], CATALOGUE[PRICES])
THE_DAY = date(2023, 3, 1)


def test_on_the_day_of_the_conference_it_is_about_january_and_february() -> None:
    found = nowcast(official_figures(), CATALOGUE[TOTAL], PANEL, THE_DAY)
    assert found is not None
    assert found.next.period == parse_period("2023-01..02")
    assert found.next.low < found.next.rate.value < found.next.high
    assert all(f.published <= THE_DAY for f in found.next.rate.figures())
    assert len(found.record) == 12
    for past in found.record:
        assert past.estimate.made == past.outcome.published - timedelta(days=1)
        assert all(f.published <= past.estimate.made for f in past.estimate.rate.figures())


def test_the_interval_is_made_of_the_errors_known_on_the_day() -> None:
    """The eighth of the last nine absolute errors; an outcome of the day itself counts."""
    found = nowcast(official_figures(), CATALOGUE[TOTAL], PANEL, THE_DAY)
    assert found is not None
    errors = [abs(p.error) for p in found.record]
    assert found.next.errors == MEMORY
    half = sorted(errors[-MEMORY:])[7]
    assert found.next.high - found.next.rate.value == pytest.approx(half)
    assert found.next.rate.value - found.next.low == pytest.approx(half)
    last = found.record[-1].estimate
    assert last.high - last.rate.value == pytest.approx(sorted(errors[-MEMORY - 1 : -1])[7])


@pytest.mark.parametrize(
    ("errors", "half"),
    [
        ([], 2.0),
        ([0.4], 2.0),
        ([3.0, 0.1, 0.2], 6.0),
        ([3.0, 0.1, 0.2, 0.3], 3.0),
        ([float(n) for n in range(1, 9)], 8.0),
        ([float(n) for n in range(1, 10)], 8.0),
    ],
)
def test_a_short_record_makes_a_wide_interval(errors: list[float], half: float) -> None:
    """The model's own half is 1.0. Of n errors the one in place (n + 1) x 0.8, rounded up."""
    assert half_width(errors, 1.0) == half


def test_errors_that_repeat_themselves_are_held_as_often_as_is_said() -> None:
    """Exchangeable errors of any shape: 80 per cent in the long run, with a heavy tail too."""
    chance = np.random.default_rng(3)
    errors = np.abs(chance.standard_t(2, 4000)).tolist()
    held = [errors[n] <= half_width(errors[n - MEMORY : n], 1.0) for n in range(MEMORY, 4000)]
    assert np.mean(held) == pytest.approx(0.8, abs=0.02)


def test_figures_published_later_change_nothing() -> None:
    frame = official_figures().frame
    then = Figures(frame.filter(frame["published"] <= THE_DAY))
    one = nowcast(official_figures(), CATALOGUE[TOTAL], PANEL, THE_DAY, record=3)
    other = nowcast(then, CATALOGUE[TOTAL], PANEL, THE_DAY, record=3)
    assert one is not None
    assert one == other


def test_a_revision_does_not_change_the_record() -> None:
    """The estimate of December was held against its first release, and stays so."""
    revision = Figure(
        TOTAL, Measure.GROWTH, month(2022, 12), -1.5, date(2023, 2, 20), SourceId("nbs.retail")
    )
    revised = official_figures().with_more(Figures.of([revision]))
    before = nowcast(official_figures(), CATALOGUE[TOTAL], PANEL, THE_DAY, record=2)
    after = nowcast(revised, CATALOGUE[TOTAL], PANEL, THE_DAY, record=2)
    assert before is not None
    assert after is not None
    assert after.record == before.record
    assert after.next != before.next


def test_a_leading_series_makes_it_better_than_the_last_release() -> None:
    """The target follows a factor that the other series, out a month earlier, shows plainly."""
    target = Series(SeriesId("t"), Text("t", "t"), Text("%", "%"), Rhythm.MONTHLY, Whole())
    early = Series(SeriesId("e"), Text("e", "e"), Text("%", "%"), Rhythm.MONTHLY, Context())
    chance = np.random.default_rng(11)
    factor = np.zeros(96)
    for n in range(1, 96):
        factor[n] = 0.8 * factor[n - 1] + chance.normal()
    rows = []
    for n, level in enumerate(factor):
        period = Period(Month(2010, 1).plus(n), 1)
        out = period.end.plus(1).first_day
        for series, delay, noise in ((target, 14, 0.2), (early, 1, 0.2)):
            value = float(5 + level + chance.normal(0, noise))
            rows.append(
                Figure(
                    series.id,
                    Measure.GROWTH,
                    period,
                    value,
                    out + timedelta(days=delay),
                    SourceId("made"),
                )
            )
    found = nowcast(Figures.of(rows), target, (early,), date(2018, 1, 5), record=24)
    assert found is not None
    assert found.next.period == month(2017, 12)
    assert found.mean_error is not None
    assert found.naive_error is not None
    assert found.mean_error < 0.6 * found.naive_error
    assert found.inside is not None
    assert 0.5 <= found.inside <= 1


def test_a_model_that_degenerated_is_not_used() -> None:
    """On 14 December 2020 the algorithm's variances explode; its estimate was -9,619,537,364 per
    cent. Whatever stands in is of this world."""
    found = nowcast(official_figures(), CATALOGUE[TOTAL], PANEL, date(2020, 12, 14), record=1)
    assert found is not None
    assert abs(found.next.rate.value) < 30
    assert all(abs(p.estimate.rate.value) < 30 for p in found.record)


def test_too_few_months_give_none() -> None:
    assert nowcast(official_figures(), CATALOGUE[TOTAL], PANEL, date(2013, 1, 1)) is None


@pytest.mark.parametrize(
    ("last", "following"),
    [("2022-12", "2023-01..02"), ("2023-01..02", "2023-03"), ("2023-03", "2023-04")],
)
def test_the_next_release(last: str, following: str) -> None:
    assert next_release(CATALOGUE[TOTAL], parse_period(last)) == parse_period(following)
