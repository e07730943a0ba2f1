"""From folds of a programme to the shapes of the wire."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from podium.values.text import OrganisationId
from podium.web.shapes_work import (
    ActingFor,
    AreaCounts,
    AssignmentShape,
    CalendarShape,
    CountsShape,
    DueShape,
    LevelCounts,
    LineShape,
    MatrixCellShape,
    MatrixShape,
    MeasureHead,
    MeasureStanding,
    OrganisationHead,
    OrganisationStanding,
    ProgrammeShape,
    RollUpShape,
    RuleShape,
    StandingShape,
    StepBy,
    StepShape,
    SummaryShape,
)
from podium.work.actions import actions
from podium.work.board import Board, Counts, RollUp
from podium.work.codec import EVENT
from podium.work.commands import Role
from podium.work.events import Recorded
from podium.work.lights import RULES, LightRule, awaited_report, days_late
from podium.work.lists import LISTED, Line, OpeningSummary, Standing
from podium.work.matrix import Matrix
from podium.work.state import NO_ROW, Assignment, Programme
from podium.work.timetable import CalendarView
from podium.work.tree import children
from podium.work.values import Cell

_FOR_THE_OWNER = (Role.OFFICE, Role.CONSOLE)
_MANY = ("measures", "due", "lead", "cooperating", "cells")
"""Of events about many assignments: what is not about the one that is asked for."""


def programme_shape(
    lit: Board, seq: int, here: OrganisationId | None, visible: Collection[OrganisationId]
) -> ProgrammeShape:
    state = lit.state
    return ProgrammeShape(
        id=state.id,
        title=state.title,
        owner=state.owner,
        starts_on=state.starts_on,
        ends_on=state.ends_on,
        seq=seq,
        about=state.about,
        zone=state.zone,
        today=lit.today,
        you=ActingFor(organisation=here, owns=here == state.owner),
        bodies=[body for body in state.bodies.values() if body.id in visible],
        areas=list(state.areas.values()),
        policies=list(state.policies.values()),
        measures=list(state.measures.values()),
        activities=list(state.activities.values()),
        rules=[RuleShape(code=r.code, light=r.light, text=r.text) for r in RULES],
    )


def counts_shape(counts: Counts) -> CountsShape:
    return CountsShape.model_validate({light.value: n for light, n in counts.items()})


def line_shape(cell: Cell, assignment: Assignment, rule: LightRule, late: int) -> LineShape:
    return LineShape(
        measure=cell.measure,
        organisation=cell.organisation,
        issuer=assignment.issuer,
        duty=assignment.duty,
        stage=assignment.stage,
        light=rule.light,
        rule=rule.code,
        rating=assignment.rating,
        due=assignment.due,
        report_due=awaited_report(assignment),
        late=late,
        escalation=assignment.escalation,
        extension=assignment.extension,
    )


def lines_shape(lines: Sequence[Line]) -> list[LineShape]:
    return [line_shape(x.cell, x.assignment, x.rule, x.late) for x in lines]


def matrix_shape(lit: Board, found: Matrix) -> MatrixShape:
    below = children(lit.state.bodies)
    return MatrixShape(
        measures=[
            MeasureHead(id=m, counts=counts_shape(found.measure_counts[m])) for m in found.measures
        ],
        organisations=[
            OrganisationHead(
                id=o, counts=counts_shape(found.organisation_counts[o]), has_below=o in below
            )
            for o in found.organisations
        ],
        cells=list(_cells(lit, found)),
        all_measures=found.all_measures,
        all_organisations=found.all_organisations,
    )


def _cells(lit: Board, found: Matrix) -> Iterator[MatrixCellShape]:
    for measure, row in found.cells.items():
        for organisation, cell in row.items():
            own = None
            if cell.own is not None:
                assignment, rule = cell.own
                late = days_late(assignment, lit.today)
                own = line_shape(Cell(measure, organisation), assignment, rule, late)
            yield MatrixCellShape(
                measure=measure,
                organisation=organisation,
                own=own,
                below=None if cell.below is None else counts_shape(cell.below),
            )


def roll_up_shape(lit: Board, up: RollUp) -> RollUpShape:
    below = children(lit.state.bodies)
    return RollUpShape(
        total=counts_shape(up.total),
        levels=[LevelCounts(level=k, counts=counts_shape(n)) for k, n in up.levels.items()],
        organisations=[
            OrganisationHead(id=o, counts=counts_shape(n), has_below=o in below)
            for o, n in up.organisations.items()
        ],
        measures=[MeasureHead(id=m, counts=counts_shape(n)) for m, n in up.measures.items()],
        areas=[AreaCounts(id=a, counts=counts_shape(n)) for a, n in up.areas.items()],
    )


def assignment_shape(
    lit: Board,
    cell: Cell,
    assignment: Assignment,
    history: Sequence[Recorded],
    here: OrganisationId | None,
) -> AssignmentShape:
    """``history``: the entries that the assignment numbers."""
    state = lit.state
    below = _below(state, cell)
    return AssignmentShape(
        line=_line_of(lit, cell),
        issued_on=assignment.issued_on,
        cycle=assignment.cycle,
        awaited=assignment.awaited,
        history=[_step(state, cell, entry) for entry in history],
        below=[_line_of(lit, Cell(cell.measure, o)) for o in below[:LISTED]],
        below_total=len(below),
        may=list(actions(state, cell, here)),
    )


def _below(state: Programme, cell: Cell) -> Sequence[OrganisationId]:
    """To whom the organisation has broken the measure down, in protocol order."""
    return [
        organisation
        for organisation in state.bodies
        if organisation != cell.organisation
        and (assignment := state.rows.get(organisation, NO_ROW).get(cell.measure)) is not None
        and assignment.issuer == cell.organisation
    ]


def _line_of(lit: Board, cell: Cell) -> LineShape:
    row = lit.rows[cell.organisation]
    assignment = row.row[cell.measure]
    late = days_late(assignment, lit.today)
    return line_shape(cell, assignment, row.rules[cell.measure], late)


def _step(state: Programme, cell: Cell, entry: Recorded) -> StepShape:
    details: dict[str, Any] = EVENT.dump_python(entry.event, mode="json")
    if cell.measure in details.get("measures", ()) and "due" in details:
        details["until"] = details["due"][details["measures"].index(cell.measure)]
    for name in ("type", *_MANY):
        details.pop(name, None)
    by = entry.by.organisation or (state.owner if entry.by.role in _FOR_THE_OWNER else None)
    return StepShape(
        seq=entry.seq,
        at=entry.at,
        by=StepBy(role=entry.by.role.value, organisation=by),
        type=entry.event.type,
        details=details,
    )


def summary_shape(summary: OpeningSummary) -> SummaryShape:
    return SummaryShape(
        total=_standing(summary.total),
        organisations=[
            OrganisationStanding(id=o, standing=_standing(s))
            for o, s in summary.organisations.items()
        ],
        measures=[
            MeasureStanding(id=m.measure, standing=_standing(m.standing), statistic=m.statistic)
            for m in summary.measures
        ],
        overdue=lines_shape(summary.overdue.lines),
        overdue_total=summary.overdue.total,
        agenda=lines_shape(summary.agenda.lines),
        agenda_total=summary.agenda.total,
    )


def _standing(standing: Standing) -> StandingShape:
    return StandingShape(done=standing.done, running=standing.running, overdue=standing.overdue)


def calendar_shape(view: CalendarView) -> CalendarShape:
    return CalendarShape(
        held=[held.activity.id for held in view.held],
        due=[DueShape(measure=d.measure.id, day=d.day, what=d.what) for d in view.due],
        undated=list(view.undated),
    )
