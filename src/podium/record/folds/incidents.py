"""What went wrong while the conference was held: connections lost, pictures not seen, restarts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from podium.conference import events as e
from podium.conference.commands import Role
from podium.conference.events import Recorded
from podium.conference.state import Connection, VenueId
from podium.record.folds.periods import Periods
from podium.record.folds.spans import Span, within


class IncidentKind(StrEnum):
    LOST = "lost"
    """The venue's connection was lost; the span ends when it was back."""
    DEGRADED = "degraded"
    BLIND = "blind"
    """It could not decode a picture of the program."""
    RESTART = "restart"
    """Podium restarted. Known from the venues that it lost by it; without any it leaves none."""


@dataclass(frozen=True, slots=True)
class Incident:
    """``venue`` is ``None`` for what befell the whole conference. ``reason``: a code of
    ``docs/protocol.md``; empty where none was given."""

    kind: IncidentKind
    venue: VenueId | None
    reason: str
    span: Span


_KINDS = {Connection.LOST: IncidentKind.LOST, Connection.DEGRADED: IncidentKind.DEGRADED}
_RESTARTED = "server"


def incidents(entries: Iterable[Recorded], periods: Periods) -> tuple[Incident, ...]:
    """Those of the conference itself, not of its rehearsals; in the order of their beginning."""
    noted = _Noted()
    for entry in entries:
        noted.take(entry)
    held = periods.held
    latest = max((p.span.began for p in periods.periods), default=None)
    found = []
    for incident in noted.all():
        now = max(incident.span.began, latest or incident.span.began)
        at_the_time = any(
            w.began <= incident.span.began and (w.ended is None or incident.span.began < w.ended)
            for w in held
        )
        if at_the_time or within(incident.span, held, now):
            found.append(incident)
    return tuple(sorted(found, key=lambda i: (i.span.began, i.span.entries)))


class _Noted:
    """Incidents as they begin and end."""

    def __init__(self) -> None:
        self._found: list[Incident] = []
        self._running: dict[tuple[VenueId, bool], int] = {}

    def all(self) -> list[Incident]:
        return self._found

    def take(self, entry: Recorded) -> None:
        match entry.event:
            case e.VenueConnectionChanged(venue=venue, connection=connection, reason=reason):
                self._end(entry, (venue, False))
                kind = _KINDS.get(connection)
                if kind is not None:
                    self._begin(entry, (venue, False), kind, reason or "")
                if connection is Connection.LOST and reason == _RESTARTED:
                    self._restarted(entry)
            case e.VenueBlindnessChanged(venue=venue, slots=slots):
                self._end(entry, (venue, True))
                if slots:
                    self._begin(entry, (venue, True), IncidentKind.BLIND, ",".join(sorted(slots)))
            case e.VenueWithdrawn(venue=venue):
                self._end(entry, (venue, False))
                self._end(entry, (venue, True))
            case _:
                pass

    def _begin(
        self, entry: Recorded, key: tuple[VenueId, bool], kind: IncidentKind, reason: str
    ) -> None:
        self._running[key] = len(self._found)
        self._found.append(Incident(kind, key[0], reason, Span(entry.at, None, (entry.seq,))))

    def _end(self, entry: Recorded, key: tuple[VenueId, bool]) -> None:
        place = self._running.pop(key, None)
        if place is not None:
            was = self._found[place]
            ended = was.span.closed(entry.at, entry.seq)
            self._found[place] = Incident(was.kind, was.venue, was.reason, ended)

    def _restarted(self, entry: Recorded) -> None:
        """All venues that one restart lost are noted at one moment, by the hall."""
        if entry.by.role is not Role.SYSTEM or entry.by.id != "hall":
            return
        span = Span(entry.at, entry.at, (entry.seq,))
        last = next((i for i in reversed(self._found) if i.kind is IncidentKind.RESTART), None)
        if last is None or last.span.began != entry.at:
            self._found.append(Incident(IncidentKind.RESTART, None, _RESTARTED, span))
