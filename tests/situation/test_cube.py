"""Cubes: import with faults by line, indicators against a plain loop and against Australia."""

from __future__ import annotations

import math
from datetime import date

import numpy as np
import pytest
from tests.support.figures import reference

from podium.bench.cubes import COLUMNS, Shape, as_cube, made_csv, pandas_indicators, pandas_read
from podium.sheets.table import Fault
from podium.situation.briefing import compose
from podium.situation.cube import Cube, indicators
from podium.situation.cube_series import WHOLE, cube_figures, cube_subject
from podium.situation.derived import Derived, Rule
from podium.situation.importing.cube import CubeColumns, read_cube
from podium.situation.outlook import outlook
from podium.situation.period import Month, month, year_to_date
from podium.situation.series import Measure, Source, SourceId
from podium.values.text import Text

SOURCE = Source(SourceId("abs"), Text("澳大利亚统计局", "Australian Bureau of Statistics"))
AUSTRALIA = CubeColumns("State", "Industry", "month", "Turnover")


def _cube(data: bytes, columns: CubeColumns = COLUMNS) -> Cube:
    found = read_cube(data, columns)
    assert isinstance(found, Cube), found
    return found


def _same(one: float, other: float) -> bool:
    return (math.isnan(one) and math.isnan(other)) or math.isclose(
        one, other, rel_tol=1e-5, abs_tol=1e-4
    )


def test_every_cell_by_a_plain_loop() -> None:
    """With a hole, a zero and a cube that begins in April."""
    chance = np.random.default_rng(5)
    values = chance.uniform(50, 100, (3, 2, 40))
    values[0, 1, 7] = np.nan
    values[1, 0, 3] = 0.0
    values[2, 1, :] = np.nan
    cube = Cube(("a", "b", "c"), ("x", "y"), Month(2015, 4), values)
    found = indicators(cube)
    totals = np.nansum(values, axis=1)
    for r in range(3):
        for c in range(2):
            for t in range(40):
                now = values[r, c, t]
                before = values[r, c, t - 12] if t >= 12 else math.nan
                base = before if before > 0 else math.nan
                assert _same(found.growth[r, c, t], (now / base - 1) * 100)
                assert _same(found.share[r, c, t], now / totals[r, t] * 100)
                if t >= 12:
                    points = (now - before) / totals[r, t - 12] * 100
                    assert _same(found.contribution[r, c, t], points)
                earlier = values[r, c, t - 24] if t >= 24 else math.nan
                last = before / earlier if earlier > 0 else math.nan
                two = (math.sqrt(now / base * last) - 1) * 100 if last > 0 else math.nan
                assert _same(found.two_year[r, c, t], two)
                january = t - (cube.month(t).number - 1)
                if january >= 12:
                    this, old = (values[r, c, january - k : t + 1 - k].sum() for k in (0, 12))
                    assert _same(found.to_date[r, c, t], (this / old - 1) * 100)
                else:
                    assert math.isnan(found.to_date[r, c, t])
    growth = (totals[:, 12:] / totals[:, :-12] - 1) * 100
    assert np.allclose(found.total[:, 12:], growth)
    nation = totals.sum(axis=0)
    assert np.allclose(found.national[12:], (nation[12:] / nation[:-12] - 1) * 100)
    assert np.allclose(found.gap[:, 12:], growth - found.national[12:])
    assert (found.rank[:, 12:].argsort(axis=0) == (-growth).argsort(axis=0)).all()
    assert (found.rank[:, :12] == 0).all()


def test_equal_growth_has_equal_rank() -> None:
    values = np.ones((3, 1, 13))
    values[0, 0, 12] = 2.0
    found = indicators(Cube(("a", "b", "c"), ("x",), Month(2020, 1), values))
    assert found.rank[:, 12].tolist() == [1, 2, 2]


def test_pandas_computes_the_same_on_a_made_cube() -> None:
    data = made_csv(Shape(7, 5, 48))
    cube = _cube(data)
    assert cube.values.shape == (7, 5, 48)
    found = indicators(cube)
    theirs, regional, national, rank = pandas_indicators(pandas_read(data, COLUMNS))
    for column in ("growth", "two_year", "to_date", "share", "contribution"):
        mine, other = getattr(found, column), as_cube(theirs, column, cube)
        assert np.allclose(mine, other, rtol=1e-5, atol=1e-4, equal_nan=True), column
    assert np.allclose(found.total, regional.to_numpy(), equal_nan=True)
    assert np.allclose(found.national, national.to_numpy(), equal_nan=True)
    assert np.allclose(found.rank[:, 12:], rank.to_numpy()[:, 12:])


HEAD = b"county,category,month,value\n"


@pytest.mark.parametrize(
    ("lines", "line", "column", "english"),
    [
        (b"a,x,2020-01,1\na,x,2020-02,one\n", 3, "value", '"one" is not a number'),
        (b"a,x,2020-01,1\na,x,2020-13,1\n", 3, "month", "is not a period"),
        (b"a,x,2020-01,1\nb,x,2020-01,1\na,x,2020-01,2\n", 4, "", "month of line 2"),
        (b"a,,2020-01,1\n", 2, "category", "Must not be empty"),
        (b"", 1, "", "no figure"),
        (b'a,x,2020-01,"1\n', 1, "", "not a valid CSV"),
    ],
)
def test_faults_are_told_by_line(lines: bytes, line: int, column: str, english: str) -> None:
    found = read_cube(HEAD + lines, COLUMNS)
    assert not isinstance(found, Cube)
    assert (found[0].line, found[0].column) == (line, column)
    assert english in found[0].text.en


def test_missing_columns_are_told() -> None:
    found = read_cube(b"a,b\n1,2\n", COLUMNS)
    assert isinstance(found, tuple)
    assert isinstance(found[0], Fault)
    assert "county, category, month, value" in found[0].text.en


def test_an_empty_value_is_unknown_and_a_hole_stays_one() -> None:
    cube = _cube(HEAD + b"a,x,2020-01,1\na,x,2020-03,\nb,y,2020-04,2\n")
    assert (cube.regions, cube.categories, cube.start) == (("a", "b"), ("x", "y"), Month(2020, 1))
    assert np.isnan(cube.values).sum() == 2 * 2 * 4 - 2
    assert cube.values[1, 1, 3] == 2


def test_a_cube_as_figures_says_that_its_growth_is_computed() -> None:
    cube = _cube(made_csv(Shape(4, 3, 60)))
    figures = cube_figures(cube, date(2008, 1, 1), SOURCE)
    words = Text("形势", "Situation"), Text("总额", "Total"), Text("元", "yuan")
    found = outlook(figures, cube_subject(cube, *words, SOURCE), date(2008, 1, 2))
    assert found is not None
    assert found.month.period == month(2007, 12)
    total = np.nansum(cube.values, axis=(0, 1))
    assert found.month.value is not None
    assert found.month.value.value == pytest.approx(total[-1])
    year = found.known.get(WHOLE, Measure.VALUE, year_to_date(2007, 12))
    assert year is not None
    assert year.value == pytest.approx(total[-12:].sum())
    assert isinstance(found.month.growth, Derived)
    assert found.month.growth.rule is Rule.FROM_VALUES
    assert "（由绝对量计算）" in compose(found, "zh").statements[0].text
    assert found.ranking is not None
    assert found.adjusted is not None
    assert not [f for f in figures.of_series({WHOLE}) if f.measure is not Measure.VALUE]


def test_australia() -> None:
    """64,532 rows of eight states and twenty industries."""
    data = reference("aus/aus_retail_state_industry_1982_2018.csv").read_bytes()
    cube = _cube(data, AUSTRALIA)
    assert cube.values.shape == (8, 20, 441)
    assert (~np.isnan(cube.values)).sum() == 64_532
    assert cube.start == Month(1982, 4)
    first = cube.values[
        cube.regions.index("Australian Capital Territory"),
        cube.categories.index("Cafes, restaurants and catering services"),
        :3,
    ]
    assert first.tolist() == [4.4, 3.4, 3.6]
