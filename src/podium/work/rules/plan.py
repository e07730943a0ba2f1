"""The programme and its plan: areas, policies, measures, activities."""

from __future__ import annotations

from collections.abc import Mapping
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
    bad_codes,
    bad_dates,
    bad_prose,
    bad_texts,
    bad_words,
    standing,
)
from podium.work.state import Programme
from podium.work.tree import faulty
from podium.work.values import Activity, Area, AreaId, Body, Measure, Policy


def create(command: c.CreateProgramme) -> Decision:
    """The first command of every programme, so there is no state yet."""
    objection = (
        bad_codes([command.programme])
        or bad_texts([command.title])
        or bad_prose([command.about])
        or bad_dates((command.starts_on, command.ends_on))
        or bad_codes(body.id for body in command.bodies)
        or bad_texts(body.name for body in command.bodies)
    )
    if objection is not None:
        return objection
    known = {body.id: body for body in command.bodies}
    if len(known) > r.MAX_BODIES:
        return r.TOO_MANY
    if command.owner not in known:
        return r.UNKNOWN_BODY
    return _bad_tree(known) or (
        e.ProgrammeCreated(
            command.programme,
            command.title,
            command.about,
            command.owner,
            command.zone,
            command.starts_on,
            command.ends_on,
            command.bodies,
        ),
    )


def _bad_tree(known: Mapping[OrganisationId, Body]) -> Refusal | None:
    for body in known.values():
        if body.abolished or body.successor is not None:
            return r.BODY_ABOLISHED
        fault = faulty(known, body)
        if fault is not None:
            return fault
    return None


def revise(state: Programme, command: c.ReviseProgramme, _: date) -> Decision:
    objection = (
        bad_texts([command.title])
        or bad_prose([command.about])
        or bad_dates((command.starts_on, command.ends_on))
    )
    if objection is not None:
        return objection
    wanted = (command.title, command.about, command.starts_on, command.ends_on)
    if wanted == (state.title, state.about, state.starts_on, state.ends_on):
        return NOTHING
    return (e.ProgrammeRevised(*wanted),)


def plan(state: Programme, command: c.Plan, _: date) -> Decision:
    objection = (
        _bad_areas(state, command.areas)
        or _bad_policies(state, command.policies)
        or _bad_measures(state, command)
        or _bad_activities(state, command.activities)
    )
    if objection is not None:
        return objection
    areas = tuple(a for a in command.areas if state.areas.get(a.id) != a)
    policies = tuple(p for p in command.policies if state.policies.get(p.id) != p)
    measures = tuple(m for m in command.measures if state.measures.get(m.id) != m)
    activities = tuple(a for a in command.activities if state.activities.get(a.id) != a)
    if not (areas or policies or measures or activities):
        return NOTHING
    return (e.Planned(areas, policies, measures, activities),)


def _bad_areas(state: Programme, areas: tuple[Area, ...]) -> Refusal | None:
    merged: dict[AreaId, Area] = {**state.areas, **{a.id: a for a in areas}}
    if len(merged) > r.MAX_OTHERS:
        return r.TOO_MANY
    objection = bad_codes(a.id for a in areas) or bad_texts(a.name for a in areas)
    if objection is not None:
        return objection
    for area in areas:
        seen = {area.id}
        at = area.parent
        while at is not None:
            if at not in merged or at in seen:
                return r.UNKNOWN_AREA
            seen.add(at)
            at = merged[at].parent
    return None


def _bad_policies(state: Programme, policies: tuple[Policy, ...]) -> Refusal | None:
    if len({*state.policies, *(p.id for p in policies)}) > r.MAX_OTHERS:
        return r.TOO_MANY
    return (
        bad_codes(p.id for p in policies)
        or bad_texts(p.title for p in policies)
        or bad_words(w for p in policies for w in (p.number, p.issued_by, p.source))
    )


def _bad_measures(state: Programme, command: c.Plan) -> Refusal | None:
    measures = command.measures
    areas = {*state.areas, *(a.id for a in command.areas)}
    policies = {*state.policies, *(p.id for p in command.policies)}
    if len({*state.measures, *(m.id for m in measures)}) > r.MAX_MEASURES:
        return r.TOO_MANY
    if any(m.area not in areas for m in measures):
        return r.UNKNOWN_AREA
    if any(m.policy is not None and m.policy not in policies for m in measures):
        return r.UNKNOWN_POLICY
    return (
        bad_codes(m.id for m in measures)
        or bad_texts(m.title for m in measures)
        or bad_texts(m.statistic.name for m in measures if m.statistic)
        or bad_prose(m.detail for m in measures)
        or bad_dates(*((m.starts_on, m.due) for m in measures))
        or _bad_bodies(state, measures)
    )


def _bad_activities(state: Programme, activities: tuple[Activity, ...]) -> Refusal | None:
    if len({*state.activities, *(a.id for a in activities)}) > r.MAX_ACTIVITIES:
        return r.TOO_MANY
    return (
        bad_codes(a.id for a in activities)
        or bad_texts(t for a in activities for t in (a.title, a.place))
        or bad_texts(a.statistic.name for a in activities if a.statistic)
        or bad_prose(a.detail for a in activities)
        or bad_words(a.source for a in activities)
        or bad_dates(*((a.starts_on, a.ends_on) for a in activities))
        or _bad_bodies(state, activities)
    )


def _bad_bodies(
    state: Programme, items: tuple[Measure, ...] | tuple[Activity, ...]
) -> Refusal | None:
    for item in items:
        if set(item.lead) & set(item.cooperating):
            return r.LEAD_AND_COOPERATING
        objection = standing(state, (*item.lead, *item.cooperating))
        if objection is not None:
            return objection
    return None


def drop_measure(state: Programme, command: c.DropMeasure, _: date) -> Decision:
    if command.measure not in state.measures:
        return r.UNKNOWN_MEASURE
    if any(command.measure in row for row in state.rows.values()):
        return r.MEASURE_ASSIGNED
    return (e.MeasureDropped(command.measure),)


def drop_activity(state: Programme, command: c.DropActivity, _: date) -> Decision:
    if command.activity not in state.activities:
        return r.UNKNOWN_ACTIVITY
    return (e.ActivityDropped(command.activity),)


RULES: Rules = {
    c.ReviseProgramme: revise,
    c.Plan: plan,
    c.DropMeasure: drop_measure,
    c.DropActivity: drop_activity,
}
