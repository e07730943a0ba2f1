"""Organisations come, move, merge and end; what they had to do never does."""

from __future__ import annotations

from datetime import date

from podium.values.refusal import Refusal
from podium.work import commands as c
from podium.work import events as e
from podium.work import refusals as r
from podium.work.rules.common import NOTHING, Decision, Rules, bad_codes, bad_texts, standing
from podium.work.state import Programme
from podium.work.tree import faulty, is_below
from podium.work.values import Body


def enrol(state: Programme, command: c.EnrolBodies, _: date) -> Decision:
    bodies = command.bodies
    objection = bad_codes(b.id for b in bodies) or bad_texts(b.name for b in bodies)
    if objection is not None:
        return objection
    merged = {**state.bodies, **{b.id: b for b in bodies}}
    if len(merged) > r.MAX_BODIES:
        return r.TOO_MANY
    faults = (_fault(state, body) or faulty(merged, body) for body in bodies)
    objection = next((fault for fault in faults if fault is not None), None)
    if objection is not None:
        return objection
    changed = tuple(b for b in bodies if state.bodies.get(b.id) != b)
    return (e.BodiesEnrolled(changed),) if changed else NOTHING


def _fault(state: Programme, body: Body) -> Refusal | None:
    known = state.bodies.get(body.id)
    if body.abolished or body.successor is not None or (known is not None and known.abolished):
        return r.BODY_ABOLISHED
    moves = known is not None and known.parent != body.parent
    return r.MOVE_INSTEAD if moves else None


def move(state: Programme, command: c.MoveBody, _: date) -> Decision:
    named = [command.body] if command.parent is None else [command.body, command.parent]
    objection = standing(state, named)
    if objection is not None:
        return objection
    if state.bodies[command.body].parent == command.parent:
        return NOTHING
    if command.parent is not None and (
        command.parent == command.body or is_below(state.bodies, command.parent, command.body)
    ):
        return r.BODY_CYCLE
    return (e.BodyMoved(command.body, command.parent),)


def merge(state: Programme, command: c.MergeBody, _: date) -> Decision:
    objection = standing(state, [command.body, command.into])
    if objection is not None:
        return objection
    if command.body == command.into:
        return r.BODY_CYCLE
    return (e.BodyMerged(command.body, command.into),)


def abolish(state: Programme, command: c.AbolishBody, _: date) -> Decision:
    objection: Refusal | None = standing(state, [command.body])
    if objection is not None:
        return objection
    body = command.body
    below = any(b.parent == body and not b.abolished for b in state.bodies.values())
    issued = any(a.issuer == body for row in state.rows.values() for a in row.values())
    if below or issued or state.rows.get(body) or body == state.owner:
        return r.MERGE_INSTEAD
    return (e.BodyAbolished(body),)


RULES: Rules = {
    c.EnrolBodies: enrol,
    c.MoveBody: move,
    c.MergeBody: merge,
    c.AbolishBody: abolish,
}
