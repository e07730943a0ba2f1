"""What each official figure was checked against, and that it holds."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from itertools import pairwise

import pytest
from tests.support.figures import LATER, ROOT, reference

from podium.briefing.official import official_figures
from podium.situation.figures import Figure, Known
from podium.situation.period import Period, month, year_to_date
from podium.situation.retail import (
    CATALOGUE,
    CATERING,
    EX_AUTOS,
    GOODS,
    ONLINE,
    PRICES,
    RURAL,
    TOTAL,
    URBAN,
)
from podium.situation.series import Check, Measure, SeriesId

Key = tuple[SeriesId, Measure, Period]
_CATEGORIES = {
    "catering": CATERING,
    "online_goods": ONLINE,
    "food_grain_oil": SeriesId("retail.category.food"),
    "building_materials": SeriesId("retail.category.building"),
}


@cache
def _official() -> tuple[Figure, ...]:
    figures = official_figures()
    return tuple(figures.of_series(figures.frame["series"].unique().to_list()))


@cache
def _known() -> Known:
    return official_figures().as_of(LATER)


def _check(figure: Figure) -> Check:
    return CATALOGUE.source(figure.source).check


def _evidence(figure: Figure) -> str:
    return figure.source.rsplit(".", 1)[1]


def test_every_figure_says_what_it_was_checked_against() -> None:
    for figure in _official():
        source = CATALOGUE.source(figure.source)
        assert source.check is not Check.IMPORTED
        assert bool(source.against.zh) is (source.check is not Check.UNVERIFIED)


def test_the_documentation_counts_them() -> None:
    text = (ROOT / "docs" / "situation.md").read_text("utf-8")
    stated = {
        m[1]: int(m[2]) for m in re.finditer(r"^\| `(\w+)` .*\| (\d+) \|$", text, re.MULTILINE)
    }
    assert stated == Counter(_evidence(f) for f in _official())


def test_only_the_provinces_and_a_few_figures_of_2022_are_unverified() -> None:
    found = Counter(f.series for f in _official() if _check(f) is Check.UNVERIFIED)
    expected = {s.id: 2 for s in CATALOGUE.regions(TOTAL)} | {EX_AUTOS: 1, URBAN: 2, RURAL: 2}
    assert found == expected


def _second() -> Iterator[tuple[Key, float]]:
    """Figures of the reference data, by key."""
    measures = {
        "value_100m_cny": (Measure.VALUE, False),
        "yoy_pct": (Measure.GROWTH, False),
        "ytd_value_100m_cny": (Measure.VALUE, True),
        "ytd_yoy_pct": (Measure.GROWTH, True),
        "retail_100m_cny": (Measure.VALUE, False),
        "cpi_yoy_pct": (Measure.GROWTH, False),
    }
    for name in (
        "retail_total_monthly_2010_2025",
        "nbs_first_release_2012_2018",
        "retail_by_category_monthly",
        "cpi_yoy_monthly_2016_2025",
    ):
        path = reference(f"china/{name}.csv")
        for row in csv.DictReader(path.read_text("utf-8").splitlines()):
            year, number = map(int, row["period"].split("-"))
            category = row.get("category", "")
            known = _CATEGORIES.get(category, SeriesId(f"retail.category.{category}"))
            series = known if category else PRICES if "cpi_yoy_pct" in row else TOTAL
            for column, (measure, to_date) in measures.items():
                if row.get(column):
                    joint = to_date or row.get("span_months") == "2"
                    period = year_to_date(year, number) if joint else month(year, number)
                    yield (series, measure, period), float(row[column])


def test_what_was_found_in_the_second_sources_is_there() -> None:
    """In the dashboard, the monthly table and the snapshots; values to the nearest unit."""
    second: dict[Key, set[float]] = {}
    for key, value in _second():
        second.setdefault(key, set()).add(value)
    compared = 0
    for figure in _official():
        if _evidence(figure) in {"dashboard", "govcn", "snapshot"}:
            found = second.get((figure.series, figure.measure, figure.period), set())
            slack = 0.6 if figure.measure is Measure.VALUE else 1e-9
            assert any(abs(v - figure.value) <= slack for v in found), figure
            compared += 1
    assert compared == 1120


def _value(series: SeriesId, period: Period) -> float | None:
    found = _known().get(series, Measure.VALUE, period)
    return None if found is None else found.value


def _base(series: SeriesId, period: Period) -> float:
    value = _value(series, period)
    rate = _known().get(series, Measure.GROWTH, period)
    assert value is not None
    assert rate is not None
    return value / (1 + rate.value / 100)


def _months(year: int, last: int) -> list[Period]:
    return [year_to_date(year, 2), *(month(year, n) for n in range(3, last + 1))]


def _implied(series: SeriesId, period: Period) -> Iterator[float]:
    """The value by every sum that the others allow."""
    year, last = period.end.year, period.end.number
    parts = [_value(series, p) for p in _months(year, last)]
    if period.from_january and period.months > 2 and None not in parts:
        yield sum(p for p in parts if p is not None)
    whole = _value(TOTAL, period)
    rest = _value({GOODS: CATERING, CATERING: GOODS}.get(series, series), period)
    if series in {GOODS, CATERING} and whole is not None and rest is not None:
        yield whole - rest
    others = [_value(series, p) for p in _months(year, 12) if p != period]
    total = _value(series, year_to_date(year, 12))
    if period.months == 1 and total is not None and None not in others:
        yield total - sum(p for p in others if p is not None)


@pytest.mark.parametrize(
    "figure",
    [f for f in _official() if _check(f) is Check.ARITHMETIC],
    ids=lambda f: f"{f.series} {f.measure} {f.period.label.en}",
)
def test_arithmetic_figures_follow(figure: Figure) -> None:
    """Values within the rounding of what is summed, growth within that of the bases."""
    series, period = figure.series, figure.period
    if (series, period) == (ONLINE, year_to_date(2022, 12)):
        path = reference("china/retail_by_category_monthly.csv")
        rows = csv.DictReader(path.read_text("utf-8").splitlines())
        year = [r for r in rows if r["category"] == "online_goods" and r["period"][:4] == "2022"]
        assert sum(float(r["value_100m_cny"]) for r in year) == pytest.approx(figure.value, abs=1)
    elif figure.measure is Measure.VALUE:
        assert min(abs(v - figure.value) for v in _implied(series, period)) <= 6
    else:
        value = _value(series, period)
        assert value is not None
        if series == GOODS:
            base = _base(TOTAL, period) - _base(CATERING, period)
        else:
            months = _months(period.end.year, period.end.number)
            base = sum(_base(series, p) for p in months)
        assert (value / base - 1) * 100 == pytest.approx(figure.value, abs=0.12)


def test_days_of_publication_are_never_too_early() -> None:
    """A day that was found, or the end of the next month; each release on one day."""
    for figure in _official():
        source = figure.source.rsplit(".", 1)[0]
        if source.endswith(".early"):
            after = figure.period.end.plus(2).first_day
            assert (after - figure.published).days == 1, figure
    totals = sorted((f.period.end, f.published) for f in _official() if f.series == TOTAL)
    assert all(a[1] <= b[1] for a, b in pairwise(totals))
