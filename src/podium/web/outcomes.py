"""A programme's statistics, read from the situation."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from podium.values.text import Text
from podium.web.ports import Situation
from podium.web.shapes_work import OutcomeList, OutcomeShape
from podium.work.board import Board
from podium.work.outcomes import Outcome, Reading, beside

_MOST: Final = 100
"""Statistics of one programme that are read, each as of one day of deployment."""


async def read_outcomes(situation: Situation, lit: Board) -> Sequence[Outcome]:
    """Those whose series the situation knows."""
    found: list[Outcome] = []
    for one in (await asyncio.to_thread(beside, lit.state))[:_MOST]:
        series = one.statistic.series
        now = await situation.statistic(series, lit.today)
        if now is not None:
            day = one.deployed
            then = None if day is None else await situation.statistic(series, day)
            found.append(Outcome(one, None if then is None else _headline(then), _headline(now)))
    return found


def _headline(statistic: Mapping[str, Any]) -> Reading | None:
    """Growth of the last month, or of the year to date; else a level."""
    for reading in (statistic["month"], statistic["to_date"]):
        for kind in ("growth", "value"):
            if reading is not None and reading[kind] is not None:
                return _reading(reading[kind], reading["period"], statistic, kind == "growth")
    return None


def _reading(
    number: Mapping[str, Any],
    period: Mapping[str, Any],
    statistic: Mapping[str, Any],
    growth: bool,
) -> Reading:
    unit = Text("%", "%") if growth else Text(**statistic["series"]["unit"])
    figures = number["figures"]
    return Reading(
        period=Text(**period["label"]),
        value=number["value"],
        unit=unit,
        growth=growth,
        published=date.fromisoformat(max(figure["published"] for figure in figures)),
        verified=all(figure["check"] != "unverified" for figure in figures),
    )


def outcomes_shape(found: Sequence[Outcome]) -> OutcomeList:
    return OutcomeList(
        outcomes=[
            OutcomeShape(
                statistic=outcome.beside.statistic,
                measures=list(outcome.beside.measures),
                deployed=outcome.beside.deployed,
                then=outcome.then,
                now=outcome.now,
            )
            for outcome in found
        ]
    )
