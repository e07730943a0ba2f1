"""Vintages: what was known on a day, and that nothing later ever shows."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st
from tests.support.figures import figure

from podium.situation.figures import Figure, Figures
from podium.situation.period import Month, Period
from podium.situation.series import Measure, SeriesId, SourceId

TOTAL = SeriesId("total")
FIRST_DAY = date(2020, 1, 1)


def _days() -> st.SearchStrategy[date]:
    return st.integers(0, 40).map(lambda n: FIRST_DAY + timedelta(days=n))


def _figures() -> st.SearchStrategy[list[Figure]]:
    one = st.builds(
        Figure,
        st.sampled_from([TOTAL, SeriesId("part")]),
        st.sampled_from(list(Measure)),
        st.builds(Period, st.builds(Month, st.just(2019), st.integers(1, 12)), st.integers(1, 2)),
        st.floats(-1e6, 1e6),
        _days(),
        st.just(SourceId("made")),
    )
    return st.lists(one, max_size=30)


def test_a_revision_replaces_what_was_known_from_its_day_on() -> None:
    first = figure("total", "2022", 439_733, published="2023-01-17")
    revised = figure("total", "2022", 436_448.7, published="2025-01-17")
    figures = Figures.of([revised, first])
    for day, expected in [
        (date(2023, 1, 16), None),
        (date(2023, 1, 17), first),
        (date(2025, 1, 16), first),
        (date(2025, 1, 17), revised),
    ]:
        assert figures.as_of(day).get(TOTAL, Measure.VALUE, first.period) == expected


def test_of_two_figures_of_one_day_the_later_row_counts() -> None:
    wrong = figure("total", "2022-04", 1, published="2022-05-16")
    corrected = figure("total", "2022-04", 2, published="2022-05-16")
    assert (
        Figures.of([wrong, corrected]).as_of(date(2022, 5, 16)).last(TOTAL, Measure.VALUE)
        == corrected
    )


def test_joint_months_count_as_one_release_and_as_a_year_to_date() -> None:
    periods = ("2022-11", "2022-12", "2023-01..02", "2023-01..03", "2022")
    known = Figures.of(figure("total", p, 1.0) for p in periods).as_of(date(2023, 6, 1))
    months = [f.period.label.zh for f in known.of_month(TOTAL, Measure.VALUE)]
    assert months == ["2022年11月", "2022年12月", "2023年1—2月"]
    to_date = [f.period.label.en for f in known.of_year_to_date(TOTAL, Measure.VALUE)]
    assert to_date == ["2022", "Jan-Feb 2023", "Jan-Mar 2023"]


def test_a_year_to_date_is_no_release_where_february_came_out_by_itself() -> None:
    periods = ("2023-01", "2023-02", "2023-01..02", "2023-03")
    known = Figures.of(figure("total", p, 1.0) for p in periods).as_of(date(2023, 6, 1))
    months = [f.period.label.en for f in known.of_month(TOTAL, Measure.VALUE)]
    assert months == ["Jan 2023", "Feb 2023", "Mar 2023"]


@given(_figures(), _days())
def test_nothing_published_later_ever_shows(figures: list[Figure], day: date) -> None:
    known = Figures.of(figures).as_of(day)
    shown = [f for s in (TOTAL, SeriesId("part")) for m in Measure for f in known._sorted(s, m)]
    assert all(f.published <= day for f in shown)
    without_the_future = Figures.of(f for f in figures if f.published <= day).as_of(day)
    assert without_the_future.frame.equals(known.frame)


@given(_figures(), _days(), _days())
def test_what_was_known_stays_known_or_is_revised(
    figures: list[Figure], one: date, other: date
) -> None:
    before, after = sorted((one, other))
    then, now = (Figures.of(figures).as_of(day) for day in (before, after))
    for series in (TOTAL, SeriesId("part")):
        for measure in Measure:
            for old in then._sorted(series, measure):
                new = now.get(series, measure, old.period)
                assert new is not None
                assert new == old or new.published > before


@given(_figures(), _figures())
def test_more_figures_overwrite_nothing(one: list[Figure], other: list[Figure]) -> None:
    together = Figures.of(one).with_more(Figures.of(other))
    assert set(together.frame.rows()) == set(Figures.of([*one, *other]).frame.rows())
