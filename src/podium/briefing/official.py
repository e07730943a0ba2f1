"""The official figures that ship with Podium: retail sales of China, 2012 to 2023.

``official.csv`` holds figures of the National Bureau of Statistics and of the provincial bureaus
in their first release, each with what it was checked against. ``docs/situation.md`` says where they
come from.
"""

from __future__ import annotations

import csv
import hashlib
from datetime import date
from functools import cache
from importlib.resources import files

from podium.situation.batches import BatchPlan
from podium.situation.figures import Figure, Figures
from podium.situation.period import parse_period
from podium.situation.retail import source_id
from podium.situation.series import Measure, SeriesId


@cache
def official_figures() -> Figures:
    """Every vintage that ships; the series are those of ``situation.retail.CATALOGUE``."""
    lines = _file().decode().splitlines()
    return Figures.of(_figure(row) for row in csv.DictReader(lines))


def official_batch() -> BatchPlan:
    """How they come into a new store."""
    digest = hashlib.sha256(_file()).hexdigest()
    return BatchPlan("official.csv", digest, "", len(official_figures().frame), 0)


def _file() -> bytes:
    return files("podium.briefing").joinpath("official.csv").read_bytes()


def _figure(row: dict[str, str]) -> Figure:
    return Figure(
        SeriesId(row["series"]),
        Measure(row["measure"]),
        parse_period(row["period"]),
        float(row["value"]),
        date.fromisoformat(row["published"]),
        source_id(row["source"], row["evidence"]),
    )
