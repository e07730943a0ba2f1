"""The estimate of the next release: in real time, better than the last release, with its record."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from podium.briefing.official import official_figures
from podium.situation.figures import Figure, Figures
from podium.situation.nowcast import next_release, nowcast
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


def test_too_few_months_give_none() -> None:
    assert nowcast(official_figures(), CATALOGUE[TOTAL], PANEL, date(2013, 1, 1)) is None


@pytest.mark.parametrize(
    ("last", "following"),
    [("2022-12", "2023-01..02"), ("2023-01..02", "2023-03"), ("2023-03", "2023-04")],
)
def test_the_next_release(last: str, following: str) -> None:
    assert next_release(CATALOGUE[TOTAL], parse_period(last)) == parse_period(following)
