"""Provinces: rank, gap, and the map."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from tests.support.figures import LATER, both, figure, known

from podium.briefing.official import official_figures
from podium.situation.derived import Derived, Rule
from podium.situation.period import whole_year
from podium.situation.regions import TILES, latest_ranking, ranking
from podium.situation.retail import CATALOGUE, TOTAL
from podium.situation.series import Catalogue, SeriesId


def _region(code: str) -> SeriesId:
    return SeriesId(f"retail.region.{code}")


def test_the_same_growth_has_the_same_rank() -> None:
    data = known(
        *both(TOTAL, "2022", 100, 1.0),
        *both(_region("110000"), "2022", 10, 3.0),
        *both(_region("120000"), "2022", 20, 3.0),
        *both(_region("130000"), "2022", 30, -2.5),
    )
    found = ranking(data, CATALOGUE, TOTAL, whole_year(2022))
    assert found is not None
    rows = [(r.code, r.rank, r.gap.value, r.share and r.share.value) for r in found.regions]
    assert rows == [
        ("110000", 1, 2.0, 10.0),
        ("120000", 1, 2.0, 20.0),
        ("130000", 3, -3.5, 30.0),
    ]


def test_a_region_without_published_growth_is_not_ranked() -> None:
    data = known(
        *both(TOTAL, "2022", 100, 1.0),
        *both(_region("120000"), "2022", 20, 3.0),
        figure(_region("110000"), "2022", 11),
        figure(_region("110000"), "2021", 10),
    )
    found = ranking(data, CATALOGUE, TOTAL, whole_year(2022))
    assert found is not None
    assert [r.code for r in found.regions] == ["120000"]


def test_where_a_source_publishes_no_growth_that_of_values_stands_in_and_says_so() -> None:
    region = replace(CATALOGUE[_region("110000")], computed=True)
    catalogue = CATALOGUE.merged(Catalogue([region], []))
    data = known(
        *both(TOTAL, "2022", 100, 1.0), figure(region.id, "2022", 11), figure(region.id, "2021", 10)
    )
    found = ranking(data, catalogue, TOTAL, whole_year(2022))
    assert found is not None
    rate = found.regions[0].growth
    assert isinstance(rate, Derived)
    assert rate.rule is Rule.FROM_VALUES
    assert rate.value == pytest.approx(10)


def test_the_ranking_is_of_the_last_year_that_was_out() -> None:
    """2022: Jiangxi 5.3 to Qinghai -11.2."""
    assert latest_ranking(official_figures().as_of(date(2023, 2, 27)), CATALOGUE, TOTAL) is None
    for day in (date(2023, 2, 28), LATER):
        found = latest_ranking(official_figures().as_of(day), CATALOGUE, TOTAL)
        assert found is not None
        assert (found.period, len(found.regions)) == (whole_year(2022), 31)
        assert (found.regions[0].code, found.regions[-1].code) == ("360000", "630000")


def test_tiles_do_not_overlap_and_every_region_has_one() -> None:
    assert len({(t.column, t.row) for t in TILES.values()}) == len(TILES) == 34
    assert {s.id.rsplit(".", 1)[1] for s in CATALOGUE.regions(TOTAL)} <= set(TILES)
