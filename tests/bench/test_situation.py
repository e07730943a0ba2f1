"""The measurement of the situation: its arguments, and that it compares like with like."""

from __future__ import annotations

import argparse
from dataclasses import replace

import numpy as np
import pytest
from tests.support.figures import reference

from podium.bench import add_parser
from podium.bench.cubes import COLUMNS, Shape, made_csv, pandas_indicators, pandas_read
from podium.bench.newyork import newyork
from podium.bench.server import BenchFailed
from podium.bench.situation import _must_agree
from podium.situation.cube import Cube, indicators
from podium.situation.importing.cube import read_cube
from podium.situation.period import month


@pytest.mark.parametrize("wrong", ["3000,40", "3000,40,12", "0,40,240", "a,b,c"])
def test_wrong_shapes_are_refused(wrong: str) -> None:
    parser = argparse.ArgumentParser()
    add_parser(parser.add_subparsers())
    with pytest.raises(SystemExit) as ended:
        parser.parse_args(["bench", "situation", "--cube", wrong])
    assert ended.value.code == 2


def test_the_cube_is_of_3000_counties_unless_told_otherwise() -> None:
    parser = argparse.ArgumentParser()
    add_parser(parser.add_subparsers())
    assert parser.parse_args(["bench", "situation"]).cube == (3000, 40, 240)


def test_what_differs_from_pandas_is_not_timed() -> None:
    data = made_csv(Shape(3, 2, 48))
    cube = read_cube(data, COLUMNS)
    assert isinstance(cube, Cube)
    ours, theirs = indicators(cube), pandas_indicators(pandas_read(data, COLUMNS))
    _must_agree("made", cube, ours, theirs)
    wrong = replace(ours, growth=ours.growth + np.float32(0.1))
    with pytest.raises(BenchFailed, match="another growth"):
        _must_agree("made", cube, wrong, theirs)


def test_the_new_york_panel_gives_an_estimate_with_its_record() -> None:
    path = reference("us/nyfed_nowcast_panel_2016-12.csv")
    found = newyork(path.parent.parent, record=2)
    assert found is not None
    series, cast = found
    assert series >= 20
    assert cast.next.period == month(2017, 1)
    assert [p.outcome.period for p in cast.record] == [month(2016, 11), month(2016, 12)]
    assert -3 < cast.next.low < cast.next.rate.value < cast.next.high < 3
