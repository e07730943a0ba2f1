"""How often the interval of the estimate held, out of sample: each release estimated on its eve."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import pytest
from tests.support.figures import reference

from podium.bench.newyork import DAY, TARGET, panel
from podium.briefing.official import official_figures
from podium.situation.figures import Figures
from podium.situation.nowcast import nowcast
from podium.situation.retail import CATALOGUE, CATERING, GOODS, PRICES, TOTAL
from podium.situation.series import Measure, Series

LAST = 24
"""Releases of each series. ``bench/RESULTS.md`` has all of them."""


def _held(
    figures: Figures, target: Series, others: Sequence[Series], until: date
) -> tuple[float, float]:
    """The share of outcomes inside the interval, and inside the model's own."""
    days = [d for d in figures.releases(target.id, Measure.GROWTH) if d <= until][-LAST:]
    held: list[bool] = []
    own: list[bool] = []
    for day in days:
        found = nowcast(figures, target, others, day - timedelta(days=1), record=1)
        assert found is not None
        outcome = figures.as_of(day).get(target.id, Measure.GROWTH, found.next.period)
        assert outcome is not None
        error = abs(outcome.value - found.next.rate.value)
        held.append(found.next.low <= outcome.value <= found.next.high)
        own.append(error <= found.next.spread)
    assert len(held) == LAST
    return sum(held) / LAST, sum(own) / LAST


def test_on_the_retail_sales_of_china() -> None:
    """With the end of the closures in it; of 24 releases, two standard errors are 16 per cent."""
    others = [CATALOGUE[s] for s in (CATERING, GOODS, PRICES)]
    held, own = _held(official_figures(), CATALOGUE[TOTAL], others, date(2024, 1, 17))
    assert 0.64 <= held <= 0.96
    assert held > own


def test_on_the_panel_of_new_york() -> None:
    reference("us/nyfed_nowcast_panel_2016-12.csv")
    found = panel(reference("us/nyfed_spec.csv").parents[1])
    assert found is not None
    figures, series = found
    others = [s for name, s in series.items() if name != TARGET]
    held, _ = _held(figures, series[TARGET], others, DAY)
    assert held == pytest.approx(0.8, abs=0.16)
