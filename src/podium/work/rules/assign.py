"""Issuing measures, and breaking an assignment down."""

from __future__ import annotations

from datetime import date

from podium.values.refusal import Refusal
from podium.values.text import OrganisationId
from podium.work import commands as c
from podium.work import events as e
from podium.work import refusals as r
from podium.work.rules.common import (
    NOTHING,
    Decision,
    Rules,
    assigned,
    bad_codes,
    bad_dates,
    bad_prose,
    is_free,
    standing,
)
from podium.work.state import Programme, Stage
from podium.work.tree import is_below


def issue(state: Programme, command: c.IssueMeasures, today: date) -> Decision:
    objection = _bad_recipients(state, command.lead, command.cooperating)
    if objection is not None:
        return objection
    if not command.measures:
        return r.NOTHING_CHOSEN
    if any(measure not in state.measures for measure in command.measures):
        return r.UNKNOWN_MEASURE
    recipients = (*command.lead, *command.cooperating)
    cells = sum(len(row) for row in state.rows.values())
    if cells + len(command.measures) * len(recipients) > r.MAX_CELLS:
        return r.TOO_MANY
    due = tuple(command.due or state.measures[m].due for m in command.measures)
    objection = bad_codes(command.measures) or bad_dates(*((None, day) for day in due))
    if objection is not None:
        return objection
    if any(day < today for day in due):
        return r.DUE_PAST
    if not any(is_free(state, m, o) for o in recipients for m in command.measures):
        return NOTHING
    return (
        e.MeasuresIssued(
            issuer=state.owner,
            measures=command.measures,
            due=due,
            lead=command.lead,
            cooperating=command.cooperating,
            cycle=command.cycle,
            on=today,
            conference=command.conference,
            item=command.item,
        ),
    )


def break_down(state: Programme, command: c.BreakDown, today: date) -> Decision:
    own = assigned(state, command.measure, command.organisation)
    if isinstance(own, Refusal):
        return own
    objection = _bad_recipients(state, command.lead, command.cooperating) or bad_prose(
        [command.note]
    )
    if objection is not None:
        return objection
    if own.stage is Stage.ISSUED:
        return r.NOT_SIGNED
    if own.stage is not Stage.SIGNED:
        return r.AWAITS_ISSUER
    recipients = (*command.lead, *command.cooperating)
    if not all(is_below(state.bodies, o, command.organisation) for o in recipients):
        return r.NOT_BELOW
    due = command.due or own.due
    if due > own.due:
        return r.BEYOND_OWN_DUE
    if command.due is not None and due < today:
        return r.DUE_PAST
    if not any(is_free(state, command.measure, o) for o in recipients):
        return NOTHING
    return (
        e.MeasuresIssued(
            issuer=command.organisation,
            measures=(command.measure,),
            due=(due,),
            lead=command.lead,
            cooperating=command.cooperating,
            cycle=command.cycle,
            on=today,
            note=command.note,
        ),
    )


def _bad_recipients(
    state: Programme,
    lead: tuple[OrganisationId, ...],
    cooperating: tuple[OrganisationId, ...],
) -> Refusal | None:
    if not lead and not cooperating:
        return r.NOTHING_CHOSEN
    if set(lead) & set(cooperating):
        return r.LEAD_AND_COOPERATING
    return bad_codes((*lead, *cooperating)) or standing(state, (*lead, *cooperating))


RULES: Rules = {c.IssueMeasures: issue, c.BreakDown: break_down}
