"""Who held the floor when, and who spoke without it because the chair opened a microphone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from podium.conference import events as e
from podium.conference.events import Recorded
from podium.conference.state import VenueId
from podium.record.folds.spans import Span


@dataclass(frozen=True, slots=True)
class Holding:
    """A venue had the floor. ``asked`` is the entry by which it had asked for it, if it had."""

    venue: VenueId
    span: Span
    asked: int | None


@dataclass(frozen=True, slots=True)
class OpenMicrophone:
    """A venue's microphone was open: by the chair, and not closed at the venue."""

    venue: VenueId
    span: Span


def holdings(entries: Iterable[Recorded]) -> tuple[Holding, ...]:
    """In the order in which they began."""
    found: list[Holding] = []
    holding: dict[VenueId, int] = {}
    asked: dict[VenueId, int] = {}
    for entry in entries:
        match entry.event:
            case e.FloorRequested(venue=venue):
                asked.setdefault(venue, entry.seq)
            case e.FloorRequestWithdrawn(venue=venue):
                asked.pop(venue, None)
            case e.FloorGranted(venue=venue) if venue not in holding:
                holding[venue] = len(found)
                span = Span(entry.at, None, (entry.seq,))
                found.append(Holding(venue, span, asked.pop(venue, None)))
            case e.FloorReleased(venue=venue) | e.VenueWithdrawn(venue=venue):
                place = holding.pop(venue, None)
                if place is not None:
                    held = found[place]
                    ended = held.span.closed(entry.at, entry.seq)
                    found[place] = Holding(held.venue, ended, held.asked)
            case _:
                pass
    return tuple(found)


@dataclass(slots=True)
class _Switches:
    chair: bool = False
    venue_closed: bool = False

    @property
    def live(self) -> bool:
        return self.chair and not self.venue_closed


def open_microphones(entries: Iterable[Recorded]) -> tuple[OpenMicrophone, ...]:
    """In the order in which they were opened."""
    found: list[OpenMicrophone] = []
    switches: dict[VenueId, _Switches] = {}
    open_at: dict[VenueId, int] = {}
    for entry in entries:
        match entry.event:
            case e.MicrophoneOpened(venue=venue):
                switches.setdefault(venue, _Switches()).chair = True
            case e.MicrophoneClosed(venue=venue) | e.VenueWithdrawn(venue=venue):
                switches.setdefault(venue, _Switches()).chair = False
            case e.OwnMicrophoneSwitched(venue=venue, closed=closed):
                switches.setdefault(venue, _Switches()).venue_closed = closed
            case _:
                continue
        live = switches[venue].live
        if live and venue not in open_at:
            open_at[venue] = len(found)
            found.append(OpenMicrophone(venue, Span(entry.at, None, (entry.seq,))))
        elif not live and venue in open_at:
            place = open_at.pop(venue)
            found[place] = OpenMicrophone(venue, found[place].span.closed(entry.at, entry.seq))
    return tuple(found)
