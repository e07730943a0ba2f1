"""From what a conference issued to the shapes of the wire."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from podium.conference.state import Conference, ConferenceId, VenueId, VenueKind
from podium.values.fields import Identifier
from podium.values.text import OrganisationId
from podium.web.shapes_work import (
    DeployedMeasure,
    DeployedTo,
    DeploymentShape,
    OfferedMeasure,
    OfferShape,
    StationMeasure,
    StationProgramme,
)
from podium.work.board import Board
from podium.work.commands import Role
from podium.work.deployment import Deployed, Ledger, Lot, Part, deployed
from podium.work.state import Deployment, Programme, Stage
from podium.work.tree import children
from podium.work.values import MeasureId


def invited_bodies(state: Programme, conference: Conference) -> tuple[OrganisationId, ...]:
    """Bodies of the programme that attend at branch venues, in protocol order; not its owner."""
    attending = {v.organisation for v in conference.venues.values() if v.kind is VenueKind.BRANCH}
    standing = (b.id for b in state.bodies.values() if not b.abolished)
    return tuple(o for o in standing if o in attending and o != state.owner)


def bodies_below(state: Programme) -> tuple[OrganisationId, ...]:
    return children(state.bodies).get(state.owner, ())


def offer_shape(lit: Board, conference: Conference) -> OfferShape:
    state = lit.state
    having = dict.fromkeys(state.measures, 0)
    for row in state.rows.values():
        for measure, assignment in row.items():
            if measure in having and assignment.stage is not Stage.WITHDRAWN:
                having[measure] += 1
    return OfferShape(
        programme=state.id,
        title=state.title,
        today=lit.today,
        measures=[
            OfferedMeasure(
                id=m.id,
                title=m.title,
                area=state.areas[m.area].name,
                due=m.due,
                organisations=having[m.id],
            )
            for m in state.measures.values()
        ],
        invited=len(invited_bodies(state, conference)),
        below=len(bodies_below(state)),
    )


@dataclass(frozen=True, slots=True)
class OrganisationPage:
    """Which of the recipients are listed. ``unsigned``: those that have still to sign."""

    start: int
    size: int
    unsigned: bool


def deployment_shapes(
    kept: Ledger, conference: Identifier, item: str | None, page: OrganisationPage
) -> Iterator[DeploymentShape]:
    """One for each agenda item, or for ``item`` alone, in the order in which they first issued
    something."""
    found: dict[Identifier | None, list[Deployment]] = {}
    for deployment, parts in kept.deployments.items():
        if parts and item in (None, deployment.item):
            found.setdefault(deployment.item, []).append(deployment)
    for of_item, deployments in found.items():
        lots = [kept.deployments[deployment] for deployment in deployments]
        shown, total = _organisations(kept.state, lots, conference, page)
        yield DeploymentShape(
            item=of_item,
            programme=kept.state.id,
            title=kept.state.title,
            issued_at=min(deployment.at for deployment in deployments),
            measures=_measures(kept.state, lots),
            organisations=shown,
            all_organisations=total,
        )


def _measures(
    state: Programme, deployments: Iterable[Mapping[OrganisationId, Part]]
) -> list[DeployedMeasure]:
    times: dict[int, int] = {}
    lots: dict[int, Lot] = {}
    for parts in deployments:
        for part in parts.values():
            times[id(part.lot)] = times.get(id(part.lot), 0) + 1
            lots[id(part.lot)] = part.lot
    issued: dict[MeasureId, int] = {}
    signed: dict[MeasureId, int] = {}
    due: dict[MeasureId, date] = {}
    for key, lot in lots.items():
        for measure, day in zip(lot.issued, lot.due, strict=True):
            issued[measure] = issued.get(measure, 0) + times[key]
            due[measure] = max(due.get(measure, day), day)
        for measure in lot.signed:
            signed[measure] = signed.get(measure, 0) + times[key]
    return [
        DeployedMeasure(
            id=m,
            title=state.measures[m].title,
            due=due[m],
            organisations=issued[m],
            signed=signed.get(m, 0),
        )
        for m in state.measures
        if m in issued
    ]


def _organisations(
    state: Programme,
    deployments: Sequence[Mapping[OrganisationId, Part]],
    conference: Identifier,
    page: OrganisationPage,
) -> tuple[list[DeployedTo], int]:
    """In protocol order; and how many there are."""
    found = []
    for organisation in state.bodies:
        parts = [parts[organisation] for parts in deployments if organisation in parts]
        if parts and not (page.unsigned and all(_complete(part) for part in parts)):
            found.append((organisation, parts))
    shown = found[page.start : page.start + page.size]
    return [_to(state, o, parts, conference) for o, parts in shown], len(found)


def _complete(part: Part) -> bool:
    return len(part.lot.signed) == len(part.lot.issued)


def _to(
    state: Programme, organisation: OrganisationId, parts: Sequence[Part], conference: Identifier
) -> DeployedTo:
    signatures = [part.signature for part in parts if part.signature is not None]
    latest = max(signatures, key=lambda signature: signature.seq, default=None)
    at: datetime | None = None
    venue: str | None = None
    if latest is not None:
        at = latest.at
        if latest.by.role is Role.STATION and latest.by.conference == conference:
            venue = latest.by.id
    return DeployedTo(
        id=organisation,
        name=state.bodies[organisation].name,
        issued=sum(len(part.lot.issued) for part in parts),
        signed=sum(len(part.lot.signed) for part in parts),
        signed_at=at,
        venue=venue,
    )


def station_programme(
    state: Programme, conference: ConferenceId, venue: VenueId, organisation: OrganisationId
) -> StationProgramme:
    return StationProgramme(
        id=state.id,
        title=state.title,
        measures=[
            _station_measure(state, one, conference, venue)
            for one in deployed(state, conference, organisation)
        ],
    )


def _station_measure(
    state: Programme, one: Deployed, conference: ConferenceId, venue: VenueId
) -> StationMeasure:
    measure = state.measures[one.cell.measure]
    entry = one.signature
    here = (
        entry is not None
        and entry.by.role is Role.STATION
        and (entry.by.id, entry.by.conference) == (venue, conference)
    )
    return StationMeasure(
        measure=measure.id,
        item=one.deployment.item,
        title=measure.title,
        detail=measure.detail,
        duty=one.assignment.duty,
        due=one.assignment.due,
        stage=one.assignment.stage,
        issued_at=one.deployment.at,
        signed_at=None if entry is None else entry.at,
        here=here,
    )
