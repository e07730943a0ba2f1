"""What is held and what falls due, day by day."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from podium.values.text import OrganisationId
from podium.work.state import ENDED, NO_ROW, Programme
from podium.work.values import Activity, ActivityId, Measure


@dataclass(frozen=True, slots=True)
class Held:
    """An activity; ``last`` is its last day. Without days it is not dated yet."""

    activity: Activity

    @property
    def first(self) -> date | None:
        return self.activity.starts_on

    @property
    def last(self) -> date | None:
        return self.activity.ends_on or self.activity.starts_on


@dataclass(frozen=True, slots=True)
class Due:
    """A measure's day; for one organisation that of its own assignment, or of its report."""

    measure: Measure
    day: date
    what: Literal["measure", "assignment", "report"]


@dataclass(frozen=True, slots=True)
class CalendarView:
    held: Sequence[Held]
    due: Sequence[Due]
    undated: Sequence[ActivityId]


def calendar(
    state: Programme,
    first: date,
    last: date,
    organisation: OrganisationId | None = None,
) -> CalendarView:
    """Both days included. With an organisation, its own days stand for the measures' days."""
    held = [Held(a) for a in state.activities.values()]
    return CalendarView(
        held=sorted(
            (h for h in held if h.first and h.last and h.first <= last and h.last >= first),
            key=lambda h: (h.first, h.activity.order),
        ),
        due=sorted(
            (d for d in due_days(state, organisation) if first <= d.day <= last),
            key=lambda d: (d.day, d.measure.order),
        ),
        undated=[h.activity.id for h in held if h.first is None],
    )


def due_days(state: Programme, organisation: OrganisationId | None) -> Iterator[Due]:
    """Of the measures, or of one organisation's open assignments."""
    if organisation is None:
        yield from (Due(measure, measure.due, "measure") for measure in state.measures.values())
        return
    for id_, assignment in state.rows.get(organisation, NO_ROW).items():
        if assignment.stage in ENDED or id_ not in state.measures:
            continue
        yield Due(state.measures[id_], assignment.due, "assignment")
        if assignment.report_due is not None:
            yield Due(state.measures[id_], assignment.report_due, "report")
