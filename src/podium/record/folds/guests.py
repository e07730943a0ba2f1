"""Guests who turned out to be venues: what they did is the venue's, from the beginning."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from podium.conference.events import Event, GuestAssigned, ProgramChanged, Recorded
from podium.conference.state import Program, VenueId


def as_known_later(entries: Sequence[Recorded]) -> tuple[Recorded, ...]:
    """The entries with every guest that was assigned replaced by its venue."""
    turned_out = _assignments(entries)
    if not turned_out:
        return tuple(entries)
    return tuple(replace(entry, event=_known(entry.event, turned_out)) for entry in entries)


def _assignments(entries: Iterable[Recorded]) -> dict[VenueId, VenueId]:
    return {
        entry.event.guest: entry.event.venue
        for entry in entries
        if isinstance(entry.event, GuestAssigned) and entry.event.guest != entry.event.venue
    }


def _known(event: Event, turned_out: dict[VenueId, VenueId]) -> Event:
    if isinstance(event, ProgramChanged):
        return ProgramChanged(_program(event.program, turned_out))
    venue: VenueId | None = getattr(event, "venue", None)
    if venue not in turned_out:
        return event
    return replace(event, venue=turned_out[venue])  # type: ignore[arg-type]  # it has a venue


def _program(program: Program, turned_out: dict[VenueId, VenueId]) -> Program:
    main, second, content = (
        None if venue is None else turned_out.get(venue, venue)
        for venue in (program.main, program.second, program.content)
    )
    return Program(main, None if second == main else second, content)
