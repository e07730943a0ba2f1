"""What becomes of assignments when bodies merge or move. Nothing is lost: every entry of the log
that concerned an assignment stays in the history of exactly one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType

from podium.values.text import OrganisationId
from podium.work.cycle import report_due
from podium.work.events import Recorded
from podium.work.state import NO_ROW, Assignment, Programme, Row, Stage, with_items
from podium.work.tree import answers_to
from podium.work.values import Activity, ActivityId, Body, Duty, Measure, MeasureId

_ADVANCE = tuple(Stage)
"""The order of a life."""


def merged(
    state: Programme, gone: OrganisationId, into: OrganisationId, entry: Recorded
) -> Programme:
    """``into`` takes over all that ``gone`` had and gave. Both stand in ``state``. Whoever owns the
    programme then answers to nobody."""
    rows = {o: row for o, row in state.rows.items() if o != gone}
    taken = _united(state, gone, into, entry)
    if state.owner in (gone, into):
        taken = {measure: replace(a, issuer=into) for measure, a in taken.items()}
    if taken:
        rows[into] = MappingProxyType(taken)
    rows = {o: _issued_by(row, gone, into) for o, row in rows.items()}
    return replace(
        state,
        owner=into if state.owner == gone else state.owner,
        bodies=_without(state.bodies, gone, into),
        rows=MappingProxyType(rows),
        measures=_led_measures(state.measures, gone, into),
        activities=_led_activities(state.activities, gone, into),
    )


def moved(
    state: Programme, body: OrganisationId, parent: OrganisationId | None, entry: Recorded
) -> Programme:
    """What the old superior had broken down to ``body``, the new one answers for, where it has
    the same measure; the owner's own assignments stay the owner's."""
    bodies = with_items(state.bodies, {body: replace(state.bodies[body], parent=parent)})
    row = state.rows.get(body, NO_ROW)
    changed = {
        measure: replace(assignment, issuer=parent, history=(*assignment.history, entry.seq))
        for measure, assignment in row.items()
        if parent is not None
        and assignment.issuer not in (state.owner, parent)
        and (upper := state.rows.get(parent, NO_ROW).get(measure)) is not None
        and (upper.open or not assignment.open)
        and body not in answers_to(state, parent, measure)
    }
    rows = state.rows
    if changed:
        rows = with_items(rows, {body: with_items(row, changed)})
    return replace(state, bodies=bodies, rows=rows)


def _united(
    state: Programme, gone: OrganisationId, into: OrganisationId, entry: Recorded
) -> dict[MeasureId, Assignment]:
    """The row of ``into`` afterwards."""
    left = state.rows.get(gone, NO_ROW)
    row = dict(state.rows.get(into, NO_ROW))
    for measure, old in left.items():
        own = row.get(measure)
        if own is None:
            row[measure] = replace(old, history=(*old.history, entry.seq))
        else:
            beneath = gone in answers_to(state, into, measure)
            row[measure] = _both(old, own, issuer=old.issuer if beneath else own.issuer, by=entry)
    return row


def _both(old: Assignment, own: Assignment, *, issuer: OrganisationId, by: Recorded) -> Assignment:
    """One assignment for two: the less advanced stage, the earlier days, the graver state."""
    live = (
        [a for a in (own, old) if a.open]
        or [a for a in (own, old) if a.stage is Stage.CLOSED]
        or [own]
    )
    awaited = min((a.awaited for a in live if a.awaited is not None), default=None)
    signatures = [a.signature for a in (own, old) if a.signature is not None]
    files = {file.digest: file for file in (*old.files, *own.files)}
    return replace(
        own,
        issuer=issuer,
        duty=Duty.LEAD if Duty.LEAD in (old.duty, own.duty) else own.duty,
        stage=min((a.stage for a in live), key=_ADVANCE.index),
        issued_on=min(a.issued_on for a in live),
        due=min(a.due for a in live),
        awaited=awaited,
        report_due=None if awaited is None else report_due(own.cycle, awaited),
        rating=own.rating or old.rating,
        extension=own.extension or old.extension,
        signature=max(signatures, key=lambda s: s.seq, default=None),
        files=tuple(files.values()),
        history=tuple(sorted({*old.history, *own.history, by.seq})),
    )


def _issued_by(row: Row, gone: OrganisationId, into: OrganisationId) -> Row:
    changed = {m: replace(a, issuer=into) for m, a in row.items() if a.issuer == gone}
    return with_items(row, changed) if changed else row


def _without(
    bodies: Mapping[OrganisationId, Body], gone: OrganisationId, into: OrganisationId
) -> Mapping[OrganisationId, Body]:
    """The subordinates of ``gone`` are those of ``into``; where that was below it, it rises to
    the place of ``gone`` first."""
    after = dict(bodies)
    at: OrganisationId | None = after[into].parent
    while at is not None and at in after and at != gone:
        at = after[at].parent
    if at == gone:
        after[into] = replace(after[into], parent=after[gone].parent)
    for id_, body in tuple(after.items()):
        if body.parent == gone and id_ != into:
            after[id_] = replace(body, parent=into)
    after[gone] = replace(after[gone], parent=into, abolished=True, successor=into)
    return MappingProxyType(after)


def _heirs(
    ids: Iterable[OrganisationId], gone: OrganisationId, into: OrganisationId
) -> tuple[OrganisationId, ...]:
    return tuple(dict.fromkeys(into if id_ == gone else id_ for id_ in ids))


def _led_measures(
    items: Mapping[MeasureId, Measure], gone: OrganisationId, into: OrganisationId
) -> Mapping[MeasureId, Measure]:
    changed: dict[MeasureId, Measure] = {}
    for id_, item in items.items():
        if gone in item.lead or gone in item.cooperating:
            lead = _heirs(item.lead, gone, into)
            others = tuple(o for o in _heirs(item.cooperating, gone, into) if o not in lead)
            changed[id_] = replace(item, lead=lead, cooperating=others)
    return with_items(items, changed) if changed else items


def _led_activities(
    items: Mapping[ActivityId, Activity], gone: OrganisationId, into: OrganisationId
) -> Mapping[ActivityId, Activity]:
    changed: dict[ActivityId, Activity] = {}
    for id_, item in items.items():
        if gone in item.lead or gone in item.cooperating:
            lead = _heirs(item.lead, gone, into)
            others = tuple(o for o in _heirs(item.cooperating, gone, into) if o not in lead)
            changed[id_] = replace(item, lead=lead, cooperating=others)
    return with_items(items, changed) if changed else items
