"""Folds the log into the state. Total: any entry leads from any state to a state.

What an event says about something that is not there is ignored, so that an old log can always
be read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final, Protocol, TypeVar

from podium.values.text import OrganisationId
from podium.work import events as e
from podium.work.cycle import following, period_of, report_due
from podium.work.events import Event, Recorded
from podium.work.state import (
    NO_ROW,
    Assignment,
    Deployment,
    Escalation,
    Programme,
    Row,
    Signature,
    Stage,
    with_items,
)
from podium.work.succession import merged, moved
from podium.work.values import Body, Duty, Evidence, MeasureId


def evolve(state: Programme | None, entry: Recorded) -> Programme | None:
    """The state after ``entry``. Before a programme is created there is none."""
    if isinstance(entry.event, e.ProgrammeCreated):
        return _created(entry.event) if state is None else state
    if state is None:
        return None
    fold = _FOLDS.get(type(entry.event))
    return state if fold is None else fold(state, entry.event, entry)


def replay(entries: Iterable[Recorded], state: Programme | None = None) -> Programme | None:
    """Folds many entries, onto ``state`` where one is given."""
    for entry in entries:
        state = evolve(state, entry)
    return state


# --- the plan and the bodies


def _created(event: e.ProgrammeCreated) -> Programme:
    return Programme(
        id=event.programme,
        title=event.title,
        about=event.about,
        owner=event.owner,
        zone=event.zone,
        starts_on=event.starts_on,
        ends_on=event.ends_on,
        bodies=_in_order({}, event.bodies),
    )


class _Ordered(Protocol):
    @property
    def id(self) -> Any: ...
    @property
    def order(self) -> int: ...


ItemT = TypeVar("ItemT", bound=_Ordered)


def _in_order(known: Mapping[Any, ItemT], added: Iterable[ItemT]) -> Mapping[Any, ItemT]:
    union = dict(known) | {item.id: item for item in added}
    return MappingProxyType(dict(sorted(union.items(), key=lambda kv: (kv[1].order, kv[0]))))


def _revised(state: Programme, event: e.ProgrammeRevised, _: Recorded) -> Programme:
    return replace(
        state,
        title=event.title,
        about=event.about,
        starts_on=event.starts_on,
        ends_on=event.ends_on,
    )


def _planned(state: Programme, event: e.Planned, _: Recorded) -> Programme:
    return replace(
        state,
        areas=_in_order(state.areas, event.areas),
        policies=with_items(state.policies, {p.id: p for p in event.policies}),
        measures=_in_order(state.measures, event.measures),
        activities=_in_order(state.activities, event.activities),
    )


def _measure_dropped(state: Programme, event: e.MeasureDropped, _: Recorded) -> Programme:
    kept = {id_: m for id_, m in state.measures.items() if id_ != event.measure}
    return replace(state, measures=MappingProxyType(kept))


def _activity_dropped(state: Programme, event: e.ActivityDropped, _: Recorded) -> Programme:
    kept = {id_: a for id_, a in state.activities.items() if id_ != event.activity}
    return replace(state, activities=MappingProxyType(kept))


def _enrolled(state: Programme, event: e.BodiesEnrolled, _: Recorded) -> Programme:
    return replace(state, bodies=_in_order(state.bodies, event.bodies))


def _stands(body: Body | None) -> bool:
    return body is not None and not body.abolished


def _body_moved(state: Programme, event: e.BodyMoved, entry: Recorded) -> Programme:
    if not _stands(state.bodies.get(event.body)):
        return state
    return moved(state, event.body, event.parent, entry)


def _body_merged(state: Programme, event: e.BodyMerged, entry: Recorded) -> Programme:
    both = (state.bodies.get(event.body), state.bodies.get(event.into))
    if event.body == event.into or not all(_stands(body) for body in both):
        return state
    return merged(state, event.body, event.into, entry)


def _body_abolished(state: Programme, event: e.BodyAbolished, _: Recorded) -> Programme:
    body = state.bodies.get(event.body)
    if body is None:
        return state
    bodies = with_items(state.bodies, {event.body: replace(body, abolished=True)})
    return replace(state, bodies=bodies)


# --- assignments


def _issued(state: Programme, event: e.MeasuresIssued, entry: Recorded) -> Programme:
    rows = dict(state.rows)
    for duty, organisations in ((Duty.LEAD, event.lead), (Duty.COOPERATING, event.cooperating)):
        fresh = MappingProxyType(_new_row(event, duty, entry))
        for organisation in organisations:
            row = rows.get(organisation)
            rows[organisation] = fresh if row is None else _added(row, fresh)
    deployments = (*state.deployments, *_deployed(event, entry))
    return replace(state, rows=MappingProxyType(rows), deployments=deployments)


def _deployed(event: e.MeasuresIssued, entry: Recorded) -> tuple[Deployment, ...]:
    if event.conference is None:
        return ()
    recipients = (*event.lead, *event.cooperating)
    return (
        Deployment(entry.seq, entry.at, event.conference, event.item, event.measures, recipients),
    )


def _new_row(event: e.MeasuresIssued, duty: Duty, entry: Recorded) -> dict[MeasureId, Assignment]:
    awaited = period_of(event.cycle, event.on)
    first = report_due(event.cycle, awaited)
    alike = {
        due: Assignment(
            issuer=event.issuer,
            duty=duty,
            stage=Stage.ISSUED,
            issued_on=event.on,
            due=due,
            cycle=event.cycle,
            awaited=None if first is None else awaited,
            report_due=first,
            history=(entry.seq,),
        )
        for due in set(event.due)
    }
    return {measure: alike[due] for measure, due in zip(event.measures, event.due, strict=False)}


def _added(row: Row, fresh: Row) -> Row:
    """What the organisation has already stays; what was withdrawn begins anew, with its past."""
    result = dict(row)
    for measure, new in fresh.items():
        old = row.get(measure)
        if old is None:
            result[measure] = new
        elif old.stage is Stage.WITHDRAWN:
            result[measure] = replace(new, history=(*old.history, *new.history), files=old.files)
    return MappingProxyType(result)


Change = Callable[[Assignment], Assignment]


def _with(
    state: Programme,
    organisation: OrganisationId,
    measures: Iterable[MeasureId],
    change: Change,
    entry: Recorded,
) -> Programme:
    row = state.rows.get(organisation, NO_ROW)
    changed = _changed(row, measures, change, entry)
    if not changed:
        return state
    after = with_items(row, changed)
    return replace(state, rows=with_items(state.rows, {organisation: after}))


def _changed(
    row: Row, measures: Iterable[MeasureId], change: Change, entry: Recorded
) -> dict[MeasureId, Assignment]:
    """What was one value stays one."""
    after: dict[int, Assignment] = {}
    changed: dict[MeasureId, Assignment] = {}
    for measure in measures:
        old = row.get(measure)
        if old is not None:
            new = after.get(id(old))
            if new is None:
                new = replace(change(old), history=(*old.history, entry.seq))
                after[id(old)] = new
            changed[measure] = new
    return changed


def _one(change: Callable[[Assignment, Any], Assignment]) -> Callable[..., Programme]:
    """A fold for an event of a single assignment."""

    def fold(state: Programme, event: e.OneCell, entry: Recorded) -> Programme:
        return _with(state, event.organisation, (event.measure,), lambda a: change(a, event), entry)

    return fold


def _signed(state: Programme, event: e.Signed, entry: Recorded) -> Programme:
    signature = Signature(entry.seq, entry.at, entry.by)

    def change(a: Assignment) -> Assignment:
        return replace(a, stage=Stage.SIGNED, escalation=Escalation.NONE, signature=signature)

    return _with(state, event.organisation, event.measures, change, entry)


def _reported(a: Assignment, event: e.ReportFiled) -> Assignment:
    awaited = a.awaited
    if awaited is not None and event.period >= awaited:
        awaited = following(a.cycle, event.period)
    done = event.completed and a.stage is Stage.SIGNED
    return replace(
        a,
        stage=Stage.SUBMITTED if done else a.stage,
        rating=event.rating,
        awaited=awaited,
        report_due=None if awaited is None else report_due(a.cycle, awaited),
        escalation=Escalation.NONE,
        files=_with_files(a.files, event.evidence),
    )


def _with_files(known: tuple[Evidence, ...], added: Iterable[Evidence]) -> tuple[Evidence, ...]:
    return tuple({file.digest: file for file in (*added, *known)}.values()) if added else known


def _extension_asked(a: Assignment, event: e.ExtensionAsked) -> Assignment:
    return replace(a, extension=event.until)


def _extension_answered(a: Assignment, event: e.ExtensionAnswered) -> Assignment:
    if not event.granted:
        return replace(a, extension=None)
    return replace(a, extension=None, due=event.until, escalation=Escalation.NONE)


def _staged(stage: Stage) -> Callable[[Assignment, Any], Assignment]:
    return lambda a, _: replace(a, stage=stage)


def _resumed(a: Assignment, event: e.SentBack | e.Reopened) -> Assignment:
    """Nothing was awaited while the issuer had it."""
    awaited = a.awaited
    if awaited is not None:
        awaited = max(awaited, period_of(a.cycle, event.on))
    return replace(
        a,
        stage=Stage.SIGNED,
        awaited=awaited,
        report_due=None if awaited is None else report_due(a.cycle, awaited),
    )


def _ended(stage: Stage) -> Callable[[Assignment, Any], Assignment]:
    return lambda a, _: replace(a, stage=stage, extension=None, escalation=Escalation.NONE)


def _escalated(state: Programme, event: e.Escalated, entry: Recorded) -> Programme:
    by_organisation: dict[OrganisationId, list[MeasureId]] = {}
    for cell in event.cells:
        by_organisation.setdefault(cell.organisation, []).append(cell.measure)
    rows = dict(state.rows)
    after: dict[tuple[int, tuple[MeasureId, ...]], Row] = {}
    for organisation, measures in by_organisation.items():
        row = rows.get(organisation, NO_ROW)
        which = id(row), tuple(measures)
        if which not in after:  # those that shared a row go on sharing one
            changed = _changed(row, measures, lambda a: replace(a, escalation=event.level), entry)
            after[which] = with_items(row, changed) if changed else row
        if after[which] is not NO_ROW:
            rows[organisation] = after[which]
    return replace(state, rows=MappingProxyType(rows))


_FOLDS: Final[Mapping[type[Event], Callable[[Programme, Any, Recorded], Programme]]] = {
    e.ProgrammeRevised: _revised,
    e.Planned: _planned,
    e.MeasureDropped: _measure_dropped,
    e.ActivityDropped: _activity_dropped,
    e.BodiesEnrolled: _enrolled,
    e.BodyMoved: _body_moved,
    e.BodyMerged: _body_merged,
    e.BodyAbolished: _body_abolished,
    e.MeasuresIssued: _issued,
    e.Signed: _signed,
    e.ReportFiled: _one(_reported),
    e.ExtensionAsked: _one(_extension_asked),
    e.ExtensionAnswered: _one(_extension_answered),
    e.Verified: _one(_staged(Stage.VERIFIED)),
    e.SentBack: _one(_resumed),
    e.Closed: _one(_ended(Stage.CLOSED)),
    e.Reopened: _one(_resumed),
    e.Withdrawn: _one(_ended(Stage.WITHDRAWN)),
    e.Escalated: _escalated,
}
