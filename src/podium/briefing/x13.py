"""Seasonal adjustment by X-13ARIMA-SEATS of the US Census Bureau, where its program is at hand.

Podium does not bring the program; ``situation.x13`` names an installation's own. It gets logarithms
with the Spring Festival already taken out. It wants twelve months: two joint months go in as two
months of equal daily sales and come back as one period, so that no January is ever seen.
"""

from __future__ import annotations

import logging
import re
import subprocess
import tempfile
from pathlib import Path as FilePath
from typing import Final

import numpy as np

from podium.situation.comparable import Path, days
from podium.situation.period import Period
from podium.situation.seasonal import Floats, Method, Split, stl

logger = logging.getLogger(__name__)

_NAME: Final = "X-13ARIMA-SEATS"
_SECONDS: Final = 30.0
_LINE: Final = 6
"""Numbers in a line: the program reads at most 132 characters."""


class X13Failed(Exception):
    """The program could not adjust the series; its own words are in the message."""


def x13_or_stl(program: FilePath | None) -> Method:
    """By X-13 where an installation has it. A series that it cannot adjust is adjusted by STL, and
    says so: a briefing does not wait for a program to be mended."""
    if program is None:
        return stl
    x13 = X13(program)

    def method(path: Path, logs: Floats) -> Split:
        try:
            return x13(path, logs)
        except X13Failed as error:
            logger.warning("adjusted by STL instead: %s", error)
            return stl(path, logs)

    return method


class X13:
    """A ``situation.seasonal.Method``. Raises ``X13Failed`` when it is called."""

    def __init__(self, program: FilePath) -> None:
        self._program = program

    def __call__(self, path: Path, logs: Floats) -> Split:
        months = [n for n, p in enumerate(path.periods) for _ in range(p.months)]
        first = path.periods[0].start
        values = np.exp(logs[months])
        with tempfile.TemporaryDirectory(prefix="x13-") as folder:
            work = FilePath(folder)
            (work / "s.spc").write_text(_spec(first.year, first.number, values), "ascii")
            self._run(work)
            trend = np.log(_table(work / "s.d12", len(values)))
            adjusted = np.log(_table(work / "s.d11", len(values)))
        return Split(_joined(path.periods, trend), _joined(path.periods, adjusted), _NAME)

    def _run(self, work: FilePath) -> None:
        command = [str(self._program), str(work / "s")]
        try:
            subprocess.run(  # noqa: S603
                command, cwd=work, capture_output=True, timeout=_SECONDS, check=False
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise X13Failed(f"{self._program} did not run: {error}") from error
        if not (work / "s.d11").is_file():
            raise X13Failed(f"X-13 made no adjusted series: {_complaint(work)}")


def _complaint(work: FilePath) -> str:
    """What the program says of its failure, by its build a text or a page; "" if nothing."""
    for name in "s.err", "s_err.html":
        if (work / name).is_file():
            text = (work / name).read_text("utf-8", "replace")
            return " ".join(re.sub(r"<[^>]*>", " ", text).split())[-300:]
    return ""


def _spec(year: int, month: int, values: Floats) -> str:
    lines = [
        " ".join(f"{v:.9g}" for v in values[n : n + _LINE]) for n in range(0, len(values), _LINE)
    ]
    data = "\n".join(lines)
    return (
        f"series{{ start={year}.{month} period=12 decimals=5 data=(\n{data}) }}\n"
        "transform{ function=log }\n"
        "arima{ model=(0 1 1)(0 1 1) }\n"
        "outlier{ types=(ao ls) }\n"
        "estimate{ maxiter=500 }\n"
        "x11{ save=(d11 d12) }\n"
    )


def _table(path: FilePath, count: int) -> Floats:
    """The second column of a saved table, whose first two lines are headings."""
    rows = path.read_text("ascii").splitlines()[2:]
    values = np.array([float(row.split()[1]) for row in rows if row.strip()])
    if len(values) != count:
        raise X13Failed(f"X-13 returned {len(values)} months of {count}")
    return values


def _joined(periods: tuple[Period, ...], monthly: Floats) -> Floats:
    """Daily averages of the periods from those of their months, in logarithms."""
    found: list[float] = []
    at = 0
    for period in periods:
        lengths = [days(Period(period.start.plus(n), 1)) for n in range(period.months)]
        part = np.exp(monthly[at : at + period.months])
        found.append(float(np.log(np.average(part, weights=lengths))))
        at += period.months
    return np.array(found)
