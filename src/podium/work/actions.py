"""What somebody can do with an assignment now, so that pages offer that and nothing else."""

from __future__ import annotations

from podium.values.text import OrganisationId
from podium.work.lifecycle import ASSIGNMENT
from podium.work.state import Assignment, Programme, Stage
from podium.work.values import Cell

_WORKING = (Stage.ISSUED, Stage.SIGNED)


def actions(state: Programme, cell: Cell, here: OrganisationId | None) -> tuple[str, ...]:
    """Wire names of commands. ``here``: the organisation that acts. What is offered may still be
    refused for what it says or for what lies below."""
    assignment = state.assignment(cell)
    if assignment is None or here is None:
        return ()
    found: list[str] = []
    if here == cell.organisation:
        found += _assignees(state, cell, assignment)
    if here == assignment.issuer:
        found += _issuers(assignment)
    return tuple(found)


def _assignees(state: Programme, cell: Cell, assignment: Assignment) -> list[str]:
    stage = assignment.stage
    found: list[str] = []
    if stage is Stage.ISSUED:
        found.append("sign")
    if stage in (Stage.SIGNED, Stage.SUBMITTED):
        found.append("file_report")
    has_below = any(
        b.parent == cell.organisation and not b.abolished for b in state.bodies.values()
    )
    if stage is Stage.SIGNED and has_below:
        found.append("break_down")
    if stage in _WORKING:
        found.append("ask_extension")
    return found


def _issuers(assignment: Assignment) -> list[str]:
    found = [
        trigger
        for trigger in ("verify", "close", "send_back", "reopen", "withdraw")
        if ASSIGNMENT.after(assignment.stage, trigger) is not None
    ]
    if assignment.open and assignment.extension is not None:
        found.append("answer_extension")
    return found
