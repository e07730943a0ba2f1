"""Attendance by organisation: by its venues, and by people who signed in under its name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from podium.conference.people import Attendee
from podium.conference.state import OrganisationId, Text, VenueId
from podium.record.folds.attendance import Standing, VenueAttendance
from podium.record.folds.cast import Cast

_BEST_FIRST: Final = (
    Standing.PRESENT,
    Standing.PENDING,
    Standing.EXCUSED,
    Standing.ABSENT,
    Standing.WITHDRAWN,
)


@dataclass(frozen=True, slots=True)
class BodyAttendance:
    """``organisation`` is ``None`` for one that was not invited and of which somebody came.
    ``standing``: the best of its venues'; present, where its people sat in any venue that was
    there. ``venues``: its own that were invited."""

    organisation: OrganisationId | None
    name: Text
    standing: Standing
    venues: tuple[VenueId, ...]
    people: tuple[Attendee, ...]


def bodies(known: Cast, attended: Sequence[VenueAttendance]) -> tuple[BodyAttendance, ...]:
    """In protocol order; those that were not invited last. Organisations that had neither a venue
    nor anybody there are above others in the tree alone, and are left out."""
    came = _people(known, attended)
    at: dict[OrganisationId | None, list[VenueAttendance]] = {}
    for a in attended:
        at.setdefault(a.venue.organisation, []).append(a)
    found = []
    for organisation in sorted(known.organisations.values(), key=lambda o: (o.order, o.id)):
        own = at.get(organisation.id, [])
        people = came.pop(organisation.name.zh, [])
        if own or people:
            standing = Standing.PRESENT if people else _best(a.standing for a in own)
            venues = tuple(a.venue.id for a in own)
            found.append(
                BodyAttendance(organisation.id, organisation.name, standing, venues, tuple(people))
            )
    others = (
        BodyAttendance(None, people[0].organisation, Standing.PRESENT, (), tuple(people))
        for people in came.values()
    )
    return (*found, *others)


def _people(known: Cast, attended: Iterable[VenueAttendance]) -> dict[str, list[Attendee]]:
    """Who signed in at venues that were there, by the Chinese name of the organisation."""
    came: dict[str, list[Attendee]] = {}
    for a in attended:
        signed = known.people.get(a.venue.id)
        if a.standing is Standing.PRESENT and signed is not None:
            for one in signed.people:
                came.setdefault(one.organisation.zh, []).append(one)
    return came


def _best(standings: Iterable[Standing]) -> Standing:
    return min(standings, key=_BEST_FIRST.index)
