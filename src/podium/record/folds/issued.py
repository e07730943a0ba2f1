"""The measures that the conference issued, from the programmes' logs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from podium.conference.state import ItemId, Text
from podium.record.folds.cast import Cast
from podium.work.deployment import Issue, issues, ledger
from podium.work.state import Programme
from podium.work.values import MeasureId, ProgrammeId


@dataclass(frozen=True, slots=True)
class Measure:
    """``organisations`` were issued it, ``signed`` of them have signed for it since. ``due``: the
    latest day that any of them has."""

    id: MeasureId
    title: Text
    due: date
    organisations: int
    signed: int


@dataclass(frozen=True, slots=True)
class Issued:
    """What an agenda item issued of one programme. ``entries``: of the programme's log."""

    programme: ProgrammeId
    title: Text
    item: ItemId | None
    at: datetime
    entries: tuple[int, ...]
    measures: tuple[Measure, ...]


def issued(known: Cast, programmes: Iterable[Programme]) -> tuple[Issued, ...]:
    """In the order of time."""
    if known.conference is None:
        return ()
    conference = known.conference
    found = [
        _issued(state, one) for state in programmes for one in issues(ledger(state, conference))
    ]
    return tuple(sorted(found, key=lambda i: (i.at, i.programme)))


def _issued(state: Programme, issue: Issue) -> Issued:
    measures = tuple(
        Measure(m.measure, state.measures[m.measure].title, m.due, m.organisations, m.signed)
        for m in issue.measures
    )
    item = None if issue.item is None else ItemId(issue.item)
    return Issued(state.id, state.title, item, issue.at, issue.entries, measures)
