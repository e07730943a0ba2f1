"""What a conference issued, and how far it is signed for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from podium.values.fields import Identifier
from podium.values.text import OrganisationId
from podium.work.state import NO_ROW, Assignment, Deployment, Programme, Row, Signature, Stage
from podium.work.tree import heir
from podium.work.values import Cell, MeasureId


@dataclass(frozen=True, slots=True)
class Deployed:
    """One measure as one organisation's duty, from a conference."""

    deployment: Deployment
    cell: Cell
    assignment: Assignment

    @property
    def signature(self) -> Signature | None:
        """The latest one since it was issued."""
        return self.assignment.signature


def deployed(
    state: Programme, conference: Identifier, organisation: OrganisationId
) -> Iterator[Deployed]:
    """To this organisation, or to one that it took over; without what was withdrawn."""
    for deployment in state.deployments:
        if deployment.conference == conference and _received(state, deployment, organisation):
            row = state.rows.get(organisation, NO_ROW)
            for measure, assignment in _of(row, deployment):
                yield Deployed(deployment, Cell(measure, organisation), assignment)


def all_deployed(state: Programme, conference: Identifier) -> Iterator[Deployed]:
    """To everybody, in the order of the deployments, then of their recipients."""
    for deployment in state.deployments:
        if deployment.conference == conference:
            for organisation in _recipients(state, deployment):
                row = state.rows.get(organisation, NO_ROW)
                for measure, assignment in _of(row, deployment):
                    yield Deployed(deployment, Cell(measure, organisation), assignment)


def _received(state: Programme, deployment: Deployment, organisation: OrganisationId) -> bool:
    issued = deployment.organisations
    return organisation in issued or any(heir(state.bodies, o) == organisation for o in issued)


def _recipients(state: Programme, deployment: Deployment) -> Mapping[OrganisationId, None]:
    """Who has the duties now."""
    return {heir(state.bodies, organisation): None for organisation in deployment.organisations}


def _of(row: Row, deployment: Deployment) -> Iterator[tuple[MeasureId, Assignment]]:
    """What the organisation has by this deployment, rather than from before it."""
    for measure in deployment.measures:
        assignment = row.get(measure)
        if (
            assignment is not None
            and assignment.stage is not Stage.WITHDRAWN
            and deployment.seq in assignment.history
        ):
            yield measure, assignment


# --- counts


@dataclass(frozen=True, slots=True)
class Signing:
    """Assignments that were issued, and those of them that are signed for."""

    issued: int
    signed: int


@dataclass(frozen=True, slots=True)
class ItemSigning:
    """Of one agenda item. ``organisations`` have some of its assignments; those of ``complete``
    have signed for all of theirs. ``measures``: those that went to somebody."""

    measures: int
    organisations: int
    complete: int
    assignments: Signing


@dataclass(frozen=True, slots=True)
class Tally:
    """How far what one conference issued of one programme is signed for."""

    items: Mapping[Identifier | None, ItemSigning]
    organisations: Mapping[OrganisationId, Signing]


def tally(state: Programme, conference: Identifier) -> Tally:
    measures: dict[Identifier | None, set[MeasureId]] = {}
    by_item: dict[Identifier | None, dict[OrganisationId, Signing]] = {}
    for deployment in state.deployments:
        if deployment.conference != conference:
            continue
        known: dict[int, tuple[Signing, frozenset[MeasureId]]] = {}
        for organisation in _recipients(state, deployment):
            row = state.rows.get(organisation, NO_ROW)
            found = known.get(id(row))  # three thousand that stand alike share one row
            if found is None:
                found = known[id(row)] = _signing(row, deployment)
            signing, which = found
            if signing.issued:
                here = by_item.setdefault(deployment.item, {})
                here[organisation] = _plus(here.get(organisation), signing)
                measures.setdefault(deployment.item, set()).update(which)
    whole: dict[OrganisationId, Signing] = {}
    for here in by_item.values():
        for organisation, signing in here.items():
            whole[organisation] = _plus(whole.get(organisation), signing)
    items = {item: _item(measures[item], here) for item, here in by_item.items()}
    return Tally(items, whole)


def _signing(row: Row, deployment: Deployment) -> tuple[Signing, frozenset[MeasureId]]:
    found = list(_of(row, deployment))
    signed = sum(1 for _, assignment in found if assignment.stage is not Stage.ISSUED)
    return Signing(len(found), signed), frozenset(measure for measure, _ in found)


def _item(measures: set[MeasureId], here: Mapping[OrganisationId, Signing]) -> ItemSigning:
    return ItemSigning(
        measures=len(measures),
        organisations=len(here),
        complete=sum(1 for s in here.values() if s.signed == s.issued),
        assignments=Signing(
            sum(s.issued for s in here.values()), sum(s.signed for s in here.values())
        ),
    )


def _plus(one: Signing | None, other: Signing) -> Signing:
    if one is None:
        return other
    return Signing(one.issued + other.issued, one.signed + other.signed)
