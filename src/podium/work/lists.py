"""Lists of assignments, and what the next conference opens with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from podium.values.text import OrganisationId
from podium.work.board import Board, Counts, named, organisation_counts, roll_up
from podium.work.lights import Light, LightRule, days_late
from podium.work.state import Assignment, Escalation, Stage
from podium.work.tree import subtree
from podium.work.values import Cell, MeasureId, Statistic

OVERDUE = frozenset({Light.RED})


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


def lines(lit: Board, query: ListQuery) -> Iterator[Line]:
    """In protocol order of the organisations, then of the measures."""
    bodies = lit.state.bodies
    inside = None if query.under is None else frozenset(subtree(bodies, query.under))
    for organisation in bodies:
        row = lit.rows.get(organisation)
        if row is None or (inside is not None and organisation not in inside):
            continue
        if query.lights and not any(named(row.counts)[light] for light in query.lights):
            continue
        for measure in lit.state.measures:
            assignment = row.row.get(measure)
            if assignment is None:
                continue
            rule = row.rules[measure]
            if _wanted(query, measure, assignment, rule):
                late = days_late(assignment, lit.today)
                yield Line(Cell(measure, organisation), assignment, rule, late)


def _wanted(query: ListQuery, measure: MeasureId, assignment: Assignment, rule: LightRule) -> bool:
    return (
        (query.measure is None or measure == query.measure)
        and (not query.lights or rule.light in query.lights)
        and (not query.stages or assignment.stage in query.stages)
        and (query.issuer is None or assignment.issuer == query.issuer)
        and (not query.waiting or waits_for_issuer(assignment))
    )


def waits_for_issuer(assignment: Assignment) -> bool:
    """Reported as complete, verified and not closed, or an extension asked for."""
    return assignment.stage in (Stage.SUBMITTED, Stage.VERIFIED) or assignment.extension is not None


def overdue(lit: Board, under: OrganisationId | None = None) -> Sequence[Line]:
    """What is red, the latest first; equals keep protocol order."""
    found = list(lines(lit, ListQuery(under=under, lights=OVERDUE)))
    return sorted(found, key=lambda line: -line.late)


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
    overdue: Sequence[Line]
    agenda: Sequence[Line]


def standing_of(counts: Counts) -> Standing:
    return Standing(
        done=counts[Light.DONE],
        running=counts[Light.GREEN] + counts[Light.AMBER],
        overdue=counts[Light.RED],
    )


def opening_summary(lit: Board) -> OpeningSummary:
    state = lit.state
    up = roll_up(lit)
    late = overdue(lit)
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
        overdue=late,
        agenda=[line for line in late if line.assignment.escalation is Escalation.CONFERENCE],
    )
