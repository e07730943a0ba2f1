"""What statistics said when measures were deployed and what they say now, side by side.

Nothing here says that a measure moved a statistic.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from podium.values.fields import TEXT_LENGTH
from podium.values.text import Text
from podium.work.state import Programme
from podium.work.values import MeasureId, Statistic

_DOUBT: Final = "*"
"""Beside figures that were not verified against the release, as in the situation's briefings."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The newest figure that was published by a day. ``growth``: ``value`` is a change on the year
    in per cent, else a level in ``unit``."""

    period: Text
    value: float
    unit: Text
    growth: bool
    published: date
    verified: bool


@dataclass(frozen=True, slots=True)
class Beside:
    """A statistic, and the measures that are meant to move it and were first issued on the same
    day; ``None``: not yet."""

    statistic: Statistic
    deployed: date | None
    measures: tuple[MeasureId, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """``then``: as of the deployment; ``None`` where nothing had been published, or nothing is
    deployed."""

    beside: Beside
    then: Reading | None
    now: Reading | None


def beside(state: Programme) -> Sequence[Beside]:
    """In the order of the measures."""
    first = _first_issued(state)
    found: dict[tuple[str, date | None], list[MeasureId]] = {}
    names: dict[str, Statistic] = {}
    for measure in state.measures.values():
        if measure.statistic is not None:
            statistic = names.setdefault(measure.statistic.series, measure.statistic)
            which = statistic.series, first.get(measure.id)
            found.setdefault(which, []).append(measure.id)
    return [
        Beside(names[series], deployed, tuple(measures))
        for (series, deployed), measures in found.items()
    ]


def _first_issued(state: Programme) -> Mapping[MeasureId, date]:
    first: dict[MeasureId, date] = {}
    for row in {id(row): row for row in state.rows.values()}.values():
        for measure, assignment in row.items():
            known = first.get(measure)
            if known is None or assignment.issued_on < known:
                first[measure] = assignment.issued_on
    return first


# --- in words


def outcome_point(outcome: Outcome, today: date) -> Text | None:
    """A point for an agenda, of ``TEXT_LENGTH`` at most; ``None`` where there is nothing to say."""
    day = outcome.beside.deployed
    if day is None or outcome.now is None:
        return None
    count = len(outcome.beside.measures)
    newer = outcome.now != outcome.then
    zh_now = f"截至 {today}，{_zh(outcome.now)}" if newer else f"至 {today} 尚无更新的数据"
    zh = (
        f"（{count} 项措施）：部署时（{day}）{_zh(outcome.then)}；"
        f"{zh_now}。仅作对照，不表示因果关系。"
    )
    noun = "measure" if count == 1 else "measures"
    en_now = f"by {today} {_en(outcome.now)}" if newer else f"nothing newer by {today}"
    en = (
        f" ({count} {noun}): when deployed ({day}) {_en(outcome.then)}; "
        f"{en_now}. No cause is claimed."
    )
    name = outcome.beside.statistic.name
    return Text(_fitted(name.zh, zh), _fitted(name.en, en))


def _fitted(name: str, rest: str) -> str:
    room = TEXT_LENGTH - len(rest)
    return (name if len(name) <= room else f"{name[: room - 1]}…") + rest


def _zh(reading: Reading | None) -> str:
    if reading is None:
        return "尚无公布数据"
    doubt = "" if reading.verified else _DOUBT
    if reading.growth:
        way = "下降" if reading.value < 0 else "增长"
        return f"{reading.period.zh}同比{way} {abs(reading.value):.1f}%{doubt}"
    return f"{reading.period.zh}为 {reading.value:,.1f}{doubt} {reading.unit.zh}"


def _en(reading: Reading | None) -> str:
    if reading is None:
        return "nothing published"
    doubt = "" if reading.verified else _DOUBT
    if reading.growth:
        way = "down" if reading.value < 0 else "up"
        return f"{way} {abs(reading.value):.1f}%{doubt} on the year in {reading.period.en}"
    return f"{reading.value:,.1f}{doubt} {reading.unit.en} in {reading.period.en}"
