"""Who may do what. What is not in the tables is forbidden."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from podium.values.refusal import Refusal
from podium.values.text import OrganisationId
from podium.work import commands as c
from podium.work.commands import Actor, Command, Role
from podium.work.deployment import deployed
from podium.work.refusals import (
    NOT_ALLOWED,
    NOT_ASSIGNED,
    NOT_FROM_THIS_CONFERENCE,
    NOT_ISSUER,
    NOT_OWNER,
    NOT_YOUR_ORGANISATION,
)
from podium.work.state import Programme
from podium.work.tree import heir
from podium.work.values import Cell

OWNERS: Final[frozenset[type[Command]]] = frozenset(
    {
        c.ReviseProgramme,
        c.Plan,
        c.DropMeasure,
        c.DropActivity,
        c.EnrolBodies,
        c.MoveBody,
        c.MergeBody,
        c.AbolishBody,
        c.IssueMeasures,
    }
)
"""For the department that owns the programme."""
ASSIGNEES: Final[frozenset[type[Command]]] = frozenset(
    {c.Sign, c.BreakDown, c.FileReport, c.AskExtension}
)
"""For the organisation whose assignment it is."""
ISSUERS: Final[frozenset[type[Command]]] = frozenset(
    {c.AnswerExtension, c.Verify, c.SendBack, c.Close, c.Reopen, c.Withdraw}
)
"""For the body that issued the assignment, whichever body that is now."""

ALLOWED: Final[Mapping[Role, frozenset[type[Command]]]] = {
    Role.OFFICE: OWNERS | ASSIGNEES | ISSUERS | {c.CreateProgramme},
    Role.LIAISON: OWNERS | ASSIGNEES | ISSUERS,
    Role.OBSERVER: frozenset(),
    Role.CONSOLE: frozenset({c.IssueMeasures}),
    Role.STATION: frozenset({c.Sign}),
    Role.SYSTEM: frozenset({c.Escalate}),
}


def acts_for(state: Programme, actor: Actor) -> OrganisationId | None:
    """The organisation that the actor speaks for now. Whoever spoke for a body that was merged
    speaks for the one that took over."""
    match actor.role:
        case Role.OFFICE | Role.CONSOLE:
            return state.owner
        case Role.STATION:
            return actor.organisation
        case Role.LIAISON if actor.organisation is not None:
            return heir(state.bodies, actor.organisation)
        case _:
            return None


def objection(state: Programme | None, actor: Actor, command: Command) -> Refusal | None:
    """Why ``actor`` may not ask for ``command``; ``None`` where they may."""
    kind = type(command)
    if kind not in ALLOWED.get(actor.role, frozenset()):
        return NOT_ALLOWED
    if state is None or kind in (c.CreateProgramme, c.Escalate):
        return None
    if actor.role in (Role.CONSOLE, Role.STATION):
        return _in_conference(state, actor, command)
    here = acts_for(state, actor)
    if kind in OWNERS:
        return None if here == state.owner else NOT_OWNER
    match command:
        case c.Sign(organisation=organisation) | c.BreakDown(organisation=organisation):
            return None if here == organisation else NOT_YOUR_ORGANISATION
        case c.FileReport(organisation=organisation) | c.AskExtension(organisation=organisation):
            return None if here == organisation else NOT_YOUR_ORGANISATION
        case (
            c.AnswerExtension() | c.Verify() | c.SendBack() | c.Close() | c.Reopen() | c.Withdraw()
        ):
            assignment = state.assignment(Cell(command.measure, command.organisation))
            if assignment is None:
                return NOT_ASSIGNED
            return None if here == assignment.issuer else NOT_ISSUER
        case _:
            return NOT_ALLOWED


def _in_conference(state: Programme, actor: Actor, command: Command) -> Refusal | None:
    """Where a conference acts, it acts on what it deploys itself."""
    if actor.conference is None:
        return NOT_ALLOWED
    match command:
        case c.IssueMeasures(conference=conference):
            return None if conference == actor.conference else NOT_ALLOWED
        case c.Sign(organisation=organisation, measures=measures):
            if organisation != actor.organisation:
                return NOT_YOUR_ORGANISATION
            issued = {d.cell.measure for d in deployed(state, actor.conference, organisation)}
            return None if issued.issuperset(measures) else NOT_FROM_THIS_CONFERENCE
        case _:
            return NOT_ALLOWED
