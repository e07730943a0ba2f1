"""The next conference's opening, drafted from the reports: points for its agenda, in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from podium.values.fields import TEXT_LENGTH
from podium.values.text import Text
from podium.work.board import Board
from podium.work.lists import Line, OpeningSummary, Standing, opening_summary
from podium.work.outcomes import Outcome, outcome_point
from podium.work.state import Programme

POINTS: Final = 50
"""Most points of either list; a last one counts those that found no room."""
_MEASURES: Final = 20
_OUTCOMES: Final = 10
_NAME: Final = 60
"""Longest title or name inside a sentence, in characters."""


@dataclass(frozen=True, slots=True)
class Opening:
    """``summary``: what was done, is running and is overdue: in all, by measure, by organisation;
    and the measures' statistics.
    ``referred``: overdue assignments that were escalated to the conference, one a point."""

    summary: tuple[Text, ...]
    referred: tuple[Text, ...]


def opening(lit: Board, outcomes: Sequence[Outcome] = ()) -> Opening:
    found = opening_summary(lit)
    state = lit.state
    measures = list(_measures(state, found))
    said = [point for one in outcomes if (point := outcome_point(one, lit.today)) is not None]
    first = [
        _total(state, found.total, lit.today),
        *_cut(measures, _MEASURES),
        *_cut(said, _OUTCOMES),
    ]
    referred = [_referred(state, line) for line in found.agenda.lines]
    bodies = list(_organisations(state, found))
    return Opening(
        summary=(*first, *_cut(bodies, POINTS - len(first))),
        referred=tuple(_cut(referred, POINTS, found.agenda.total)),
    )


def _total(state: Programme, standing: Standing, today: date) -> Text:
    whole = standing.done + standing.running + standing.overdue
    title = _short(state.title)
    if whole == 0:
        return Text(
            f"截至 {today}，“{title.zh}”尚未下达任务。",
            f"{title.en}: no assignments by {today}.",
        )
    return Text(
        f"截至 {today}，“{title.zh}”共下达任务 {whole} 项：{_zh(standing)}。",
        f"{title.en}, {whole} assignments by {today}: {_en(standing)}.",
    )


def _measures(state: Programme, found: OpeningSummary) -> Iterator[Text]:
    for summary in found.measures:
        name = _short(state.measures[summary.measure].title)
        yield Text(f"{name.zh}：{_zh(summary.standing)}", f"{name.en}: {_en(summary.standing)}")


def _organisations(state: Programme, found: OpeningSummary) -> Iterator[Text]:
    """Several to a point, as many as it holds, in protocol order."""
    zh = en = ""
    for organisation, standing in found.organisations.items():
        name = _short(state.bodies[organisation].name)
        one = Text(f"{name.zh}：{_zh(standing)}", f"{name.en}: {_en(standing)}")
        if zh and max(len(zh) + len(one.zh), len(en) + len(one.en)) + 2 > TEXT_LENGTH:
            yield Text(zh, en)
            zh = en = ""
        zh, en = f"{zh}；{one.zh}" if zh else one.zh, f"{en}; {one.en}" if en else one.en
    if zh:
        yield Text(zh, en)


def _referred(state: Programme, line: Line) -> Text:
    measure = _short(state.measures[line.cell.measure].title)
    body = _short(state.bodies[line.cell.organisation].name)
    due = line.assignment.due
    if line.late == 0:
        return Text(
            f"{body.zh}：{measure.zh}（期限 {due}）", f"{body.en}: {measure.en} (due {due})"
        )
    days = "day" if line.late == 1 else "days"
    return Text(
        f"{body.zh}：{measure.zh}（逾期 {line.late} 天）",
        f"{body.en}: {measure.en} ({line.late} {days} late)",
    )


def _zh(standing: Standing) -> str:
    return f"已办结 {standing.done} 项，推进中 {standing.running} 项，逾期 {standing.overdue} 项"


def _en(standing: Standing) -> str:
    return f"{standing.done} done, {standing.running} running, {standing.overdue} overdue"


def _short(text: Text) -> Text:
    return Text(_clipped(text.zh), _clipped(text.en))


def _clipped(words: str) -> str:
    return words if len(words) <= _NAME else f"{words[: _NAME - 1]}…"


def _cut(points: Sequence[Text], room: int, total: int | None = None) -> Iterable[Text]:
    """``total``: how many there would be, where these are not all."""
    total = len(points) if total is None else total
    if total <= room:
        return points
    rest = total - room + 1
    return (
        *points[: room - 1],
        Text(f"另有 {rest} 条，见督办页面。", f"{rest} more: see the work pages."),
    )
