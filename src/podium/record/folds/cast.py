"""Who and what the entries speak of: title, venues, organisations and agenda, as last written.

A venue that was withdrawn stays in it, so that the record can name it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

from podium.conference import events as e
from podium.conference.commands import AgendaPlan, Invitation
from podium.conference.documents import Document, DocumentId
from podium.conference.events import Recorded
from podium.conference.people import Attendee
from podium.conference.state import (
    ConferenceId,
    ItemId,
    Organisation,
    OrganisationId,
    Text,
    VenueId,
    VenueKind,
)


@dataclass(frozen=True, slots=True)
class Invited:
    """A venue, or a guest, and the entries that put it on the list; ``withdrawn`` names the one
    that took it off. A guest has no organisation."""

    id: VenueId
    organisation: OrganisationId | None
    name: Text
    kind: VenueKind
    order: int
    entries: tuple[int, ...]
    withdrawn: int | None = None

    @property
    def guest(self) -> bool:
        return self.kind is VenueKind.GUEST


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who sits in a venue's room, by the newest entry that says so."""

    people: tuple[Attendee, ...]
    entry: int


@dataclass(frozen=True, slots=True)
class Noted:
    """The points of an agenda item, by the newest entry that says so."""

    points: tuple[Text, ...]
    entry: int


@dataclass(slots=True)
class Cast:
    """Filled by :func:`cast`; read by everybody else."""

    conference: ConferenceId | None = None
    title: Text | None = None
    starts_at: datetime | None = None
    named_by: tuple[int, ...] = ()
    """The entries that gave title and time."""
    organisations: dict[OrganisationId, Organisation] = field(default_factory=dict)
    venues: dict[VenueId, Invited] = field(default_factory=dict)
    agenda: dict[ItemId, AgendaPlan] = field(default_factory=dict)
    """In the order of the agenda. Items that were struck before they began are not in it."""
    planned_by: dict[ItemId, int] = field(default_factory=dict)
    place: Text | None = None
    placed_by: int | None = None
    people: dict[VenueId, SignedIn] = field(default_factory=dict)
    points: dict[ItemId, Noted] = field(default_factory=dict)
    started: set[ItemId] = field(default_factory=set)
    documents: dict[DocumentId, Document] = field(default_factory=dict)
    """As they were attached, with those that were removed."""
    assigned: dict[VenueId, VenueId] = field(default_factory=dict)
    """Guests that turned out to be venues."""

    def venue_name(self, venue: VenueId) -> Text:
        """Its name; its identifier where the log never named it."""
        known = self.venues.get(venue)
        return Text(venue, venue) if known is None else known.name

    def document_name(self, document: DocumentId) -> str:
        known = self.documents.get(document)
        return document if known is None else known.name

    def item_title(self, item: ItemId) -> Text:
        known = self.agenda.get(item)
        return Text(item, item) if known is None else known.title

    def main(self) -> Invited | None:
        """The main venue."""
        return next(
            (v for v in self.invited() if v.kind is VenueKind.MAIN and v.withdrawn is None), None
        )

    def invited(self) -> tuple[Invited, ...]:
        """In protocol order; guests last."""
        return tuple(sorted(self.venues.values(), key=lambda v: (v.guest, v.order, v.id)))


def cast(entries: Iterable[Recorded]) -> Cast:
    known = Cast()
    for entry in entries:
        _take(known, entry)
    return known


def _take(known: Cast, entry: Recorded) -> None:
    for part in (_preparation, _notes, _guests):
        part(known, entry)


def _preparation(known: Cast, entry: Recorded) -> None:
    match entry.event:
        case e.ConferenceScheduled() as event if known.conference is None:
            known.conference = event.conference
            known.title, known.starts_at = event.title, event.starts_at
            known.named_by = (entry.seq,)
            _invite(known, entry.seq, event.organisations, event.venues)
            _plan(known, entry.seq, event.agenda)
        case e.ConferenceRescheduled(title=title, starts_at=starts_at):
            known.title, known.starts_at = title, starts_at
            known.named_by = (*known.named_by, entry.seq)
        case e.AgendaRevised(agenda=agenda):
            known.agenda = {k: v for k, v in known.agenda.items() if k in known.started}
            _plan(known, entry.seq, agenda)
        case e.ItemStarted(item=item):
            known.started.add(item)
        case e.VenuesInvited(organisations=organisations, venues=venues):
            _invite(known, entry.seq, organisations, venues)
        case e.VenueWithdrawn(venue=venue) if venue in known.venues:
            known.venues[venue] = replace(known.venues[venue], withdrawn=entry.seq)
        case _:
            pass


def _notes(known: Cast, entry: Recorded) -> None:
    match entry.event:
        case e.PlaceSet(place=place):
            known.place, known.placed_by = place, entry.seq
        case e.PeopleSignedIn(venue=venue, people=people):
            known.people[venue] = SignedIn(people, entry.seq)
        case e.PointsNoted(item=item, points=points):
            known.points[item] = Noted(points, entry.seq)
        case e.DocumentAttached(document=document):
            known.documents[document.id] = document
        case _:
            pass


def _guests(known: Cast, entry: Recorded) -> None:
    match entry.event:
        case e.GuestAdded(guest=guest, name=name) if guest not in known.venues:
            order = len(known.venues)
            known.venues[guest] = Invited(guest, None, name, VenueKind.GUEST, order, (entry.seq,))
        case e.GuestRenamed(guest=guest, name=name) if guest in known.venues:
            was = known.venues[guest]
            known.venues[guest] = replace(was, name=name, entries=(*was.entries, entry.seq))
        case e.GuestAssigned(guest=guest, venue=venue) if guest in known.venues:
            known.assigned[guest] = venue
        case _:
            pass


def _invite(
    known: Cast, seq: int, organisations: Iterable[Organisation], venues: Iterable[Invitation]
) -> None:
    known.organisations |= {o.id: o for o in organisations}
    for i in venues:
        before = known.venues.get(i.id)
        rests = (seq,) if before is None else (*before.entries, seq)
        known.venues[i.id] = Invited(i.id, i.organisation, i.name, i.kind, i.order, rests)


def _plan(known: Cast, seq: int, agenda: Iterable[AgendaPlan]) -> None:
    for plan in agenda:
        if plan.id not in known.started:
            known.agenda[plan.id] = plan
            known.planned_by[plan.id] = seq
