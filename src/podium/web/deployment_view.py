"""From what a conference issued to the shapes of the wire."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

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
from podium.work.deployment import Deployed, all_deployed, deployed
from podium.work.state import Programme, Stage
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


def deployment_shapes(state: Programme, conference: Identifier) -> Iterator[DeploymentShape]:
    """One for each agenda item, in the order in which they first issued something."""
    found: dict[Identifier | None, dict[OrganisationId, list[Deployed]]] = {}
    for one in all_deployed(state, conference):
        here = found.setdefault(one.deployment.item, {})
        here.setdefault(one.cell.organisation, []).append(one)
    for item, here in found.items():
        yield DeploymentShape(
            item=item,
            programme=state.id,
            title=state.title,
            issued_at=min(one.deployment.at for each in here.values() for one in each),
            measures=_measures(state, here.values()),
            organisations=[_to(state, o, here[o], conference) for o in state.bodies if o in here],
        )


def _measures(state: Programme, all_: Iterable[list[Deployed]]) -> list[DeployedMeasure]:
    by_measure: dict[MeasureId, list[Deployed]] = {}
    for each in all_:
        for one in each:
            by_measure.setdefault(one.cell.measure, []).append(one)
    return [
        DeployedMeasure(
            id=m,
            title=state.measures[m].title,
            due=max(one.assignment.due for one in by_measure[m]),
            organisations=len(by_measure[m]),
            signed=_signed(by_measure[m]),
        )
        for m in state.measures
        if m in by_measure
    ]


def _signed(each: list[Deployed]) -> int:
    return sum(one.assignment.stage is not Stage.ISSUED for one in each)


def _to(
    state: Programme, organisation: OrganisationId, each: list[Deployed], conference: Identifier
) -> DeployedTo:
    entries = [entry for one in each if (entry := one.signature) is not None]
    latest = max(entries, key=lambda entry: entry.seq, default=None)
    at: datetime | None = None
    venue: str | None = None
    if latest is not None:
        at = latest.at
        if latest.by.role is Role.STATION and latest.by.conference == conference:
            venue = latest.by.id
    return DeployedTo(
        id=organisation,
        name=state.bodies[organisation].name,
        issued=len(each),
        signed=_signed(each),
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
