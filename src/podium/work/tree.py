"""Who is below whom, and who answers to whom."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from podium.values.refusal import Refusal
from podium.values.text import OrganisationId
from podium.work.refusals import BODY_ABOLISHED, BODY_CYCLE, UNKNOWN_BODY
from podium.work.state import NO_ROW, Programme
from podium.work.values import Body, MeasureId

Bodies = Mapping[OrganisationId, Body]


def above(bodies: Bodies, start: OrganisationId) -> Iterator[OrganisationId]:
    """The bodies above ``start``, the nearest first."""
    seen = {start}
    body = bodies.get(start)
    while body is not None and (parent := body.parent) is not None and parent not in seen:
        body = bodies.get(parent)
        if body is not None:
            seen.add(parent)
            yield parent


def is_below(bodies: Bodies, lower: OrganisationId, upper: OrganisationId) -> bool:
    """At any depth; nobody is below itself."""
    return upper in above(bodies, lower)


def faulty(bodies: Bodies, body: Body) -> Refusal | None:
    """Why ``body`` may not stand where it does among ``bodies``."""
    seen = {body.id}
    at = body.parent
    while at is not None:
        if at in seen:
            return BODY_CYCLE
        above_it = bodies.get(at)
        if above_it is None:
            return UNKNOWN_BODY
        if above_it.abolished:
            return BODY_ABOLISHED
        seen.add(at)
        at = above_it.parent
    return None


def children(bodies: Bodies) -> Mapping[OrganisationId | None, tuple[OrganisationId, ...]]:
    """The standing bodies directly below each, in protocol order; tops are below ``None``."""
    found: dict[OrganisationId | None, list[OrganisationId]] = {}
    for body in bodies.values():
        if not body.abolished:
            parent = body.parent if body.parent in bodies else None
            found.setdefault(parent, []).append(body.id)
    return {parent: tuple(ids) for parent, ids in found.items()}


def subtree(bodies: Bodies, top: OrganisationId) -> tuple[OrganisationId, ...]:
    """``top`` and every standing body below it, each after the one above it."""
    below = children(bodies)
    found = [top]
    for body in found:  # grows while it is walked
        found.extend(below.get(body, ()))
    return tuple(found)


def heir(bodies: Bodies, start: OrganisationId) -> OrganisationId:
    """Who stands for ``start`` now: itself, or the last of its successors."""
    at = start
    while (body := bodies.get(at)) is not None and body.successor is not None:
        at = body.successor
    return at


def answers_to(
    state: Programme, start: OrganisationId, measure: MeasureId
) -> Iterator[OrganisationId]:
    """The issuers of a measure above ``start``'s assignment, the nearest first. Ends at one that
    has no assignment of it, or issued it to itself."""
    seen = {start}
    at = start
    while (assignment := state.rows.get(at, NO_ROW).get(measure)) is not None:
        at = assignment.issuer
        if at in seen:
            return
        seen.add(at)
        yield at
