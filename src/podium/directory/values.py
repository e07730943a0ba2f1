"""What the directory holds. Identifiers are the codes that the organisation itself uses."""

from __future__ import annotations

from dataclasses import dataclass

from podium.conference.commands import Invitation
from podium.conference.state import Organisation, OrganisationId, Text, VenueId, VenueKind
from podium.values.level import LEVEL_NAMES as LEVEL_NAMES
from podium.values.level import Level as Level


@dataclass(frozen=True, slots=True)
class Body:
    """An organisation as the directory keeps it; ``id`` is its code."""

    id: OrganisationId
    name: Text
    parent: OrganisationId | None
    level: Level
    order: int
    """Protocol order: ascending, over the whole tree."""

    def as_invited(self) -> Organisation:
        return Organisation(self.id, self.name, self.parent, self.order)


@dataclass(frozen=True, slots=True)
class Place:
    """A venue as the directory keeps it; ``id`` is its code."""

    id: VenueId
    organisation: OrganisationId
    name: Text
    kind: VenueKind
    order: int
    pinyin: tuple[str, str]
    """For search by typing: ("zhejiang", "zj"). Both empty where the name has no Chinese."""
    telephones: tuple[str, ...] = ()
    """First to last, as they are to be dialled."""

    def as_invited(self) -> Invitation:
        return Invitation(
            self.id, self.organisation, self.name, self.kind, self.order, self.telephones
        )


@dataclass(frozen=True, slots=True)
class Directory:
    """Everything, in protocol order."""

    organisations: tuple[Body, ...] = ()
    venues: tuple[Place, ...] = ()

    def body(self, id: str) -> Body | None:  # noqa: A002
        return next((body for body in self.organisations if body.id == id), None)

    def selection(self, venues: frozenset[VenueId]) -> Directory:
        """These venues, with their organisations and all of the bodies above those."""
        chosen = tuple(venue for venue in self.venues if venue.id in venues)
        by_id = {body.id: body for body in self.organisations}
        wanted: set[OrganisationId] = set()
        for venue in chosen:
            at: OrganisationId | None = venue.organisation
            while at is not None and at in by_id and at not in wanted:
                wanted.add(at)
                at = by_id[at].parent
        return Directory(tuple(b for b in self.organisations if b.id in wanted), chosen)
