"""What a conference issued, and how far it is signed for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

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


# --- the whole of it, counted


@dataclass(frozen=True, slots=True)
class Lot:
    """Measures that went to somebody with one deployment, their days, and those that are signed
    for. Many organisations have the same one."""

    issued: tuple[MeasureId, ...]
    due: tuple[date, ...]
    signed: frozenset[MeasureId]


@dataclass(frozen=True, slots=True)
class Part:
    """What one organisation has of one deployment. ``signature``: its latest."""

    row: Row
    lot: Lot
    signature: Signature | None


@dataclass(frozen=True, slots=True)
class Ledger:
    """What one conference issued of one programme: each deployment with its recipients, in
    order."""

    state: Programme
    deployments: Mapping[Deployment, Mapping[OrganisationId, Part]]


def ledger(state: Programme, conference: Identifier, before: Ledger | None = None) -> Ledger:
    """``before``: any earlier one of the same conference and programme, to take over from: rows
    that are still the same values are not looked at again."""
    found: dict[Deployment, Mapping[OrganisationId, Part]] = {}
    lots: dict[Lot, Lot] = {}
    for deployment in state.deployments:
        if deployment.conference != conference:
            continue
        old = {} if before is None else before.deployments.get(deployment, {})
        lots |= {part.lot: part.lot for part in old.values()}
        made: dict[int, Part] = {}
        here: dict[OrganisationId, Part] = {}
        for organisation in _recipients(state, deployment):
            row = state.rows.get(organisation, NO_ROW)
            part = old.get(organisation)
            if part is None or part.row is not row:
                part = made.get(id(row))  # three thousand that stand alike share one row
                if part is None:
                    part = made[id(row)] = _part(row, deployment, lots)
            if part.lot.issued:
                here[organisation] = part
        found[deployment] = here
    return Ledger(state, found)


def _part(row: Row, deployment: Deployment, lots: dict[Lot, Lot]) -> Part:
    found = list(_of(row, deployment))
    lot = Lot(
        tuple(measure for measure, _ in found),
        tuple(assignment.due for _, assignment in found),
        frozenset(measure for measure, a in found if a.stage is not Stage.ISSUED),
    )
    signatures = {id(a.signature): a.signature for _, a in found if a.signature is not None}
    latest = max(signatures.values(), key=lambda signature: signature.seq, default=None)
    return Part(row, lots.setdefault(lot, lot), latest)


@dataclass(frozen=True, slots=True)
class IssuedMeasure:
    """``due``: the latest day that anybody has for it."""

    measure: MeasureId
    due: date
    organisations: int
    signed: int


@dataclass(frozen=True, slots=True)
class Issue:
    """What one agenda item issued of a programme. ``entries``: of the programme's log."""

    item: Identifier | None
    at: datetime
    entries: tuple[int, ...]
    measures: tuple[IssuedMeasure, ...]


def issues(kept: Ledger) -> tuple[Issue, ...]:
    """By agenda item, in the order in which each first issued something; measures as they are
    numbered. Without what was withdrawn since."""
    by_item: dict[Identifier | None, list[Deployment]] = {}
    for deployment in kept.deployments:
        by_item.setdefault(deployment.item, []).append(deployment)
    found = (
        Issue(item, each[0].at, tuple(d.seq for d in each), _by_measure(kept, each))
        for item, each in by_item.items()
    )
    return tuple(issue for issue in found if issue.measures)


def _by_measure(kept: Ledger, each: Sequence[Deployment]) -> tuple[IssuedMeasure, ...]:
    lots = Counter(part.lot for d in each for part in kept.deployments[d].values())
    due: dict[MeasureId, date] = {}
    issued, signed = Counter[MeasureId](), Counter[MeasureId]()
    for lot, organisations in lots.items():
        for measure, day in zip(lot.issued, lot.due, strict=True):
            due[measure] = max(due.get(measure, day), day)
            issued[measure] += organisations
            signed[measure] += organisations if measure in lot.signed else 0
    return tuple(
        IssuedMeasure(measure, due[measure], issued[measure], signed[measure])
        for measure in kept.state.measures
        if measure in due
    )


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


def tally(kept: Ledger) -> Tally:
    measures: dict[Identifier | None, set[MeasureId]] = {}
    by_item: dict[Identifier | None, dict[OrganisationId, Signing]] = {}
    whole: dict[OrganisationId, Signing] = {}
    for deployment, parts in kept.deployments.items():
        for lot in {id(part.lot): part.lot for part in parts.values()}.values():
            measures.setdefault(deployment.item, set()).update(lot.issued)
        for organisation, part in parts.items():
            signing = Signing(len(part.lot.issued), len(part.lot.signed))
            here = by_item.setdefault(deployment.item, {})
            here[organisation] = _plus(here.get(organisation), signing)
            whole[organisation] = _plus(whole.get(organisation), signing)
    items = {item: _item(measures[item], here) for item, here in by_item.items()}
    return Tally(items, whole)


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
