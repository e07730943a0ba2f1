"""Lists of assignments, and what the next conference opens with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from heapq import nlargest
from typing import Final

from podium.values.text import OrganisationId
from podium.work.board import Board, Counts, LitRow, named, organisation_counts, roll_up
from podium.work.lights import Light, LightRule, days_late
from podium.work.state import Assignment, Escalation, Stage
from podium.work.tree import subtree
from podium.work.values import Cell, MeasureId, Statistic

OVERDUE: Final = frozenset({Light.RED})
LISTED: Final = 200
"""Lines of a summary's lists at most."""


@dataclass(frozen=True, slots=True)
class Line:
    """One assignment in a list. ``late``: days."""

    cell: Cell
    assignment: Assignment
    rule: LightRule
    late: int


@dataclass(frozen=True, slots=True)
class ListQuery:
    """Everything that is empty or ``None`` lets all through. ``issuer``: what it has to verify or
    answer stands under its name. ``waiting``: only what waits for its issuer."""

    under: OrganisationId | None = None
    measure: MeasureId | None = None
    lights: frozenset[Light] = frozenset()
    stages: frozenset[Stage] = frozenset()
    issuer: OrganisationId | None = None
    waiting: bool = False
    escalations: frozenset[Escalation] = frozenset()


_OVERDUE: Final = ListQuery()


def lines(lit: Board, query: ListQuery) -> Iterator[Line]:
    """In protocol order of the organisations, then of the measures."""
    for organisation, row, measures in _chosen(lit, query):
        for measure in measures:
            yield _line(lit, organisation, row, measure)


def page_of_lines(
    lit: Board, query: ListQuery, start: int, size: int
) -> tuple[Sequence[Line], int]:
    """``size`` of them from ``start`` on, and how many there are. The others are only counted."""
    page: list[Line] = []
    total = 0
    for organisation, row, measures in _chosen(lit, query):
        first, last = max(0, start - total), max(0, start + size - total)
        page += [_line(lit, organisation, row, measure) for measure in measures[first:last]]
        total += len(measures)
    return page, total


def _line(lit: Board, organisation: OrganisationId, row: LitRow, measure: MeasureId) -> Line:
    assignment = row.row[measure]
    late = days_late(assignment, lit.today)
    return Line(Cell(measure, organisation), assignment, row.rules[measure], late)


def _chosen(
    lit: Board, query: ListQuery
) -> Iterator[tuple[OrganisationId, LitRow, Sequence[MeasureId]]]:
    """Each organisation with its measures that are wanted. Values that several share are asked
    once."""
    bodies = lit.state.bodies
    inside = None if query.under is None else frozenset(subtree(bodies, query.under))
    order = tuple(lit.state.measures) if query.measure is None else (query.measure,)
    rows: dict[int, Sequence[MeasureId]] = {}
    asked: dict[int, bool] = {}

    def wanted(assignment: Assignment, rule: LightRule) -> bool:
        if id(assignment) not in asked:
            asked[id(assignment)] = _wanted(query, assignment, rule)
        return asked[id(assignment)]

    for organisation in bodies:
        row = lit.rows.get(organisation)
        if row is None or (inside is not None and organisation not in inside):
            continue
        if query.lights and not any(named(row.counts)[light] for light in query.lights):
            continue
        if id(row) not in rows:
            rows[id(row)] = [
                measure
                for measure in order
                if measure in row.row and wanted(row.row[measure], row.rules[measure])
            ]
        if rows[id(row)]:
            yield organisation, row, rows[id(row)]


def _wanted(query: ListQuery, assignment: Assignment, rule: LightRule) -> bool:
    return (
        (not query.lights or rule.light in query.lights)
        and (not query.stages or assignment.stage in query.stages)
        and (query.issuer is None or assignment.issuer == query.issuer)
        and (not query.waiting or waits_for_issuer(assignment))
        and (not query.escalations or assignment.escalation in query.escalations)
    )


def waits_for_issuer(assignment: Assignment) -> bool:
    """Reported as complete, verified and not closed, or an extension asked for."""
    return assignment.stage in (Stage.SUBMITTED, Stage.VERIFIED) or assignment.extension is not None


@dataclass(frozen=True, slots=True)
class Latest:
    """Those that are latest, the latest first; equals keep protocol order. ``total``: with those
    that are cut off."""

    lines: Sequence[Line]
    total: int


def overdue(lit: Board, query: ListQuery = _OVERDUE, most: int = LISTED) -> Latest:
    """What is red, and whatever else ``query`` says of it."""
    chosen = list(_chosen(lit, replace(query, lights=OVERDUE)))
    late: dict[int, int] = {}

    def lateness(of: tuple[OrganisationId, LitRow, MeasureId]) -> int:
        assignment = of[1].row[of[2]]
        if id(assignment) not in late:
            late[id(assignment)] = days_late(assignment, lit.today)
        return late[id(assignment)]

    cells = ((body, row, measure) for body, row, measures in chosen for measure in measures)
    return Latest(
        [_line(lit, *cell) for cell in nlargest(most, cells, key=lateness)],
        sum(len(measures) for _, _, measures in chosen),
    )


# --- the next conference's opening summary


@dataclass(frozen=True, slots=True)
class Standing:
    """How far something is. ``running`` is open and not red."""

    done: int
    running: int
    overdue: int


@dataclass(frozen=True, slots=True)
class MeasureSummary:
    measure: MeasureId
    standing: Standing
    statistic: Statistic | None


@dataclass(frozen=True, slots=True)
class OpeningSummary:
    """``organisations``: those directly below the owner, each with all that is below it.
    ``agenda``: what was escalated to the conference."""

    total: Standing
    organisations: Mapping[OrganisationId, Standing]
    measures: Sequence[MeasureSummary]
    overdue: Latest
    agenda: Latest


def standing_of(counts: Counts) -> Standing:
    return Standing(
        done=counts[Light.DONE],
        running=counts[Light.GREEN] + counts[Light.AMBER],
        overdue=counts[Light.RED],
    )


def opening_summary(lit: Board) -> OpeningSummary:
    state = lit.state
    up = roll_up(lit)
    whole = organisation_counts(lit)
    return OpeningSummary(
        total=standing_of(up.total),
        organisations={
            o: standing_of(counts)
            for o, counts in whole.items()
            if state.bodies[o].parent in (state.owner, None) and o != state.owner
        },
        measures=[
            MeasureSummary(m, standing_of(counts), state.measures[m].statistic)
            for m, counts in up.measures.items()
            if any(counts.values())
        ],
        overdue=overdue(lit),
        agenda=overdue(lit, ListQuery(escalations=frozenset({Escalation.CONFERENCE}))),
    )
