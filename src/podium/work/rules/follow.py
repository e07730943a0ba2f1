"""An assignment on its way: signed, reported, verified, closed; what is done when it is late."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import islice
from typing import Final

from podium.values.refusal import Refusal
from podium.work import commands as c
from podium.work import events as e
from podium.work import refusals as r
from podium.work.cycle import period_of
from podium.work.events import Event
from podium.work.lifecycle import ASSIGNMENT, is_higher, level_of
from podium.work.lights import days_late
from podium.work.rules.common import (
    NOTHING,
    Decision,
    Rules,
    assigned,
    bad_dates,
    bad_prose,
    bad_words,
    no_reason,
    open_below,
)
from podium.work.state import Assignment, Escalation, Programme, Stage
from podium.work.values import Cell, MeasureId

_CELLS_AN_EVENT: Final = 5_000
"""So that no entry of the log grows without bound."""
_CELLS_A_TURN: Final = 20_000
"""So that one command's events do not either: ``Escalate`` is given again until nothing follows."""


def sign(state: Programme, command: c.Sign, _: date) -> Decision:
    if not command.measures:
        return r.NOTHING_CHOSEN
    for measure in command.measures:
        found = assigned(state, measure, command.organisation)
        if isinstance(found, Refusal):
            return found
    row = state.rows[command.organisation]
    new = tuple(dict.fromkeys(m for m in command.measures if row[m].stage is Stage.ISSUED))
    return (e.Signed(command.organisation, new),) if new else NOTHING


def report(state: Programme, command: c.FileReport, today: date) -> Decision:
    found = assigned(state, command.measure, command.organisation)
    if isinstance(found, Refusal):
        return found
    if found.stage is Stage.ISSUED:
        return r.NOT_SIGNED
    if found.stage is Stage.VERIFIED:
        return r.AWAITS_ISSUER
    objection = (
        no_reason(command.text)
        or bad_words(w for f in command.figures for w in (f.name, f.unit))
        or bad_words(file.name for file in command.evidence)
    )
    if objection is not None:
        return objection
    if len(command.figures) > r.MAX_FIGURES or len(command.evidence) > r.MAX_EVIDENCE:
        return r.TOO_MANY_ATTACHED
    period = period_of(found.cycle, command.period)
    if period > today:
        return r.FUTURE_PERIOD
    if period < period_of(found.cycle, found.issued_on):
        return r.PERIOD_TOO_EARLY
    if command.completed and open_below(state, command.measure, command.organisation):
        return r.OPEN_BELOW
    return (
        e.ReportFiled(
            command.organisation,
            command.measure,
            period,
            command.rating,
            command.text,
            command.figures,
            command.evidence,
            command.completed,
        ),
    )


def ask_extension(state: Programme, command: c.AskExtension, today: date) -> Decision:
    found = assigned(state, command.measure, command.organisation)
    if isinstance(found, Refusal):
        return found
    if found.stage not in (Stage.ISSUED, Stage.SIGNED):
        return r.AWAITS_ISSUER
    objection = no_reason(command.reason) or bad_dates((None, command.until))
    if objection is not None:
        return objection
    if command.until <= found.due or command.until < today:
        return r.NOT_LATER
    if command.until == found.extension:
        return NOTHING
    where = (command.organisation, command.measure)
    return (e.ExtensionAsked(*where, command.until, command.reason),)


def answer_extension(state: Programme, command: c.AnswerExtension, _: date) -> Decision:
    found = assigned(state, command.measure, command.organisation)
    if isinstance(found, Refusal):
        return found
    if found.extension is None:
        return r.NOT_ASKED
    objection = bad_prose([command.note])
    if objection is not None:
        return objection
    if command.granted and _beyond_the_issuers(state, command.measure, found):
        return r.BEYOND_OWN_DUE
    where = (command.organisation, command.measure)
    return (e.ExtensionAnswered(*where, command.granted, found.extension, command.note),)


def _beyond_the_issuers(state: Programme, measure: MeasureId, asked: Assignment) -> bool:
    """Whether the extension would outlast the assignment that this one was broken down from."""
    upper = state.assignment(Cell(measure, asked.issuer))
    if upper is None or upper is asked or asked.extension is None:
        return False
    return asked.extension > upper.due


def verify(state: Programme, command: c.Verify, _: date) -> Decision:
    found = assigned(state, command.measure, command.organisation)
    if isinstance(found, Refusal):
        return found
    if found.stage is Stage.VERIFIED:
        return NOTHING
    if ASSIGNMENT.after(found.stage, "verify") is None:
        return r.NOT_SUBMITTED
    where = (command.organisation, command.measure)
    return bad_prose([command.note]) or (e.Verified(*where, command.note),)


def send_back(state: Programme, command: c.SendBack, today: date) -> Decision:
    found = assigned(state, command.measure, command.organisation)
    if isinstance(found, Refusal):
        return found
    if ASSIGNMENT.after(found.stage, "send_back") is None:
        return r.NOT_SUBMITTED
    where = (command.organisation, command.measure)
    return no_reason(command.reason) or (e.SentBack(*where, command.reason, today),)


def close(state: Programme, command: c.Close, _: date) -> Decision:
    found = state.assignment(Cell(command.measure, command.organisation))
    if found is not None and found.stage is Stage.CLOSED:
        return NOTHING
    found_open = assigned(state, command.measure, command.organisation)
    if isinstance(found_open, Refusal):
        return found_open
    if ASSIGNMENT.after(found_open.stage, "close") is None:
        return r.NOT_VERIFIED
    if open_below(state, command.measure, command.organisation):
        return r.OPEN_BELOW
    where = (command.organisation, command.measure)
    return bad_prose([command.note]) or (e.Closed(*where, command.note),)


def reopen(state: Programme, command: c.Reopen, today: date) -> Decision:
    found = state.assignment(Cell(command.measure, command.organisation))
    if found is None:
        return r.NOT_ASSIGNED
    if ASSIGNMENT.after(found.stage, "reopen") is None:
        return r.NOT_CLOSED
    upper = state.assignment(Cell(command.measure, found.issuer))
    if upper is not None and upper is not found and not upper.open:
        return r.UPPER_CLOSED
    where = (command.organisation, command.measure)
    return no_reason(command.reason) or (e.Reopened(*where, command.reason, today),)


def withdraw(state: Programme, command: c.Withdraw, _: date) -> Decision:
    found = assigned(state, command.measure, command.organisation)
    if isinstance(found, Refusal):
        return found
    if open_below(state, command.measure, command.organisation):
        return r.OPEN_BELOW
    where = (command.organisation, command.measure)
    return no_reason(command.reason) or (e.Withdrawn(*where, command.reason),)


# --- who is late


def escalate(state: Programme, _: c.Escalate, today: date) -> Decision:
    rising = islice(_rising(state, today), _CELLS_A_TURN)
    by_level: dict[Escalation, list[Cell]] = {}
    for cell, level in rising:
        by_level.setdefault(level, []).append(cell)
    return tuple(_escalations(by_level, today))


def _rising(state: Programme, today: date) -> Iterator[tuple[Cell, Escalation]]:
    """Judges every value once, however many organisations share it."""
    judged: dict[int, Escalation | None] = {}
    rows: dict[int, tuple[tuple[MeasureId, Escalation], ...]] = {}
    for organisation, row in state.rows.items():
        found = rows.get(id(row))
        if found is None:
            for assignment in row.values():
                if id(assignment) not in judged:
                    judged[id(assignment)] = _next_level(assignment, today)
            found = rows[id(row)] = tuple(
                (measure, level)
                for measure, assignment in row.items()
                if (level := judged[id(assignment)]) is not None
            )
        for measure, level in found:
            yield Cell(measure, organisation), level


def _next_level(assignment: Assignment, today: date) -> Escalation | None:
    late = days_late(assignment, today)
    level = level_of(late)
    return level if late > 0 and is_higher(level, assignment.escalation) else None


def _escalations(due: dict[Escalation, list[Cell]], today: date) -> Iterator[Event]:
    for level in Escalation:
        cells = due.get(level, [])
        for start in range(0, len(cells), _CELLS_AN_EVENT):
            yield e.Escalated(level, tuple(cells[start : start + _CELLS_AN_EVENT]), today)


RULES: Rules = {
    c.Sign: sign,
    c.FileReport: report,
    c.AskExtension: ask_extension,
    c.AnswerExtension: answer_extension,
    c.Verify: verify,
    c.SendBack: send_back,
    c.Close: close,
    c.Reopen: reopen,
    c.Withdraw: withdraw,
    c.Escalate: escalate,
}
