"""Figures for tests: short ways to write them, and where the reference data is."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import pytest

from podium.situation.figures import Figure, Figures, Known
from podium.situation.period import Period, parse_period
from podium.situation.series import Measure, SeriesId, SourceId

ROOT = Path(__file__).resolve().parents[2]
LATER = date(2100, 1, 1)


def figure(
    series: str,
    period: str | Period,
    value: float,
    *,
    measure: Measure = Measure.VALUE,
    published: str = "2000-01-01",
) -> Figure:
    """One figure; growth by ``measure=Measure.GROWTH``."""
    when = parse_period(period) if isinstance(period, str) else period
    return Figure(
        SeriesId(series), measure, when, value, date.fromisoformat(published), SourceId("made")
    )


def both(
    series: str, period: str, value: float, growth: float, *, published: str = "2000-01-01"
) -> tuple[Figure, Figure]:
    """A value and its growth."""
    return (
        figure(series, period, value, published=published),
        figure(series, period, growth, measure=Measure.GROWTH, published=published),
    )


def known(*figures: Figure, day: date = LATER) -> Known:
    return Figures.of(figures).as_of(day)


def reference(name: str) -> Path:
    """A file of the reference data beside the checkout (``PODIUM_REFERENCE``, or
    ``../shared/data``); the test is skipped where it is absent."""
    folder = Path(os.environ.get("PODIUM_REFERENCE", ROOT.parent / "shared" / "data"))
    path = folder / name
    if not path.is_file():
        pytest.skip(f"reference data is not at hand: {path}")
    return path
