"""Attendance against invitation, by stated rules.

- A venue is *there* while its media is connected (also poorly) or its telephone call is joined.
  A station whose page is open without media is not there yet.
- Only the session counts: from its first start to the close, without adjournments.
- *Present*: there at any time in the session. *Late*: first there more than five minutes after the
  session started. *Left early*: last there more than five minutes before the session ended.
- *Excused*: excused by the chair or the office and not present. *Absent*: neither.
- *Withdrawn*: the invitation was taken back, and it was never there.
- *Pending*: the session has not begun.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from podium.conference import events as e
from podium.conference.events import Recorded
from podium.conference.state import Connection, VenueId
from podium.record.folds.cast import Cast, Invited
from podium.record.folds.periods import Periods, session_began, session_ended
from podium.record.folds.spans import Span, total, within

LATE_AFTER: Final = timedelta(minutes=5)
EARLY_BEFORE: Final = timedelta(minutes=5)
_THERE: Final = frozenset({Connection.CONNECTED, Connection.DEGRADED})


class Standing(StrEnum):
    PENDING = "pending"
    PRESENT = "present"
    ABSENT = "absent"
    EXCUSED = "excused"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class VenueAttendance:
    """``late`` and ``left_early`` are ``None`` where they do not apply. ``attended`` is the time
    there within the session, ``video`` and ``telephone`` the parts by each way."""

    venue: Invited
    standing: Standing
    late: timedelta | None
    left_early: timedelta | None
    first: datetime | None
    last: datetime | None
    attended: timedelta
    video: timedelta
    telephone: timedelta
    entries: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Presence:
    """When each venue was there, and how."""

    video: Mapping[VenueId, Sequence[Span]]
    telephone: Mapping[VenueId, Sequence[Span]]
    excused: Mapping[VenueId, int]


def presence(entries: Iterable[Recorded]) -> Presence:
    video = _Ways()
    telephone = _Ways()
    excused: dict[VenueId, int] = {}
    for entry in entries:
        match entry.event:
            case e.VenueConnectionChanged(venue=venue, connection=connection):
                video.switch(venue, entry, there=connection in _THERE)
            case e.VenueWithdrawn(venue=venue):
                video.switch(venue, entry, there=False)
                telephone.switch(venue, entry, there=False)
            case _:
                pass
    return Presence(video.spans, telephone.spans, excused)


class _Ways:
    """Spans of being there by one way."""

    def __init__(self) -> None:
        self.spans: dict[VenueId, list[Span]] = {}
        self._there: set[VenueId] = set()

    def switch(self, venue: VenueId, entry: Recorded, *, there: bool) -> None:
        if there and venue not in self._there:
            self._there.add(venue)
            self.spans.setdefault(venue, []).append(Span(entry.at, None, (entry.seq,)))
        elif not there and venue in self._there:
            self._there.discard(venue)
            self.spans[venue][-1] = self.spans[venue][-1].closed(entry.at, entry.seq)


def attendance(
    known: Cast, periods: Periods, there: Presence, now: datetime
) -> tuple[VenueAttendance, ...]:
    """Of every venue that was ever invited, in protocol order. ``now`` ends what still goes on."""
    return tuple(_venue(venue, periods, there, now) for venue in known.invited())


def _venue(venue: Invited, periods: Periods, there: Presence, now: datetime) -> VenueAttendance:
    began, ended = session_began(periods), session_ended(periods)
    session = periods.session
    video = [s for w in there.video.get(venue.id, ()) for s in within(w, session, now)]
    telephone = [s for w in there.telephone.get(venue.id, ()) for s in within(w, session, now)]
    spans = sorted((*video, *telephone), key=lambda s: s.began)
    first = spans[0].began if spans else None
    last = max((s.end(now) for s in spans), default=None)
    late = left = None
    if began is not None and first is not None and first - began > LATE_AFTER:
        late = first - began
    if ended is not None and last is not None and ended - last > EARLY_BEFORE:
        left = ended - last
    excuse = there.excused.get(venue.id)
    rests = {*venue.entries, *(seq for span in spans for seq in span.entries)}
    rests |= {seq for seq in (excuse, venue.withdrawn) if seq is not None}
    return VenueAttendance(
        venue=venue,
        standing=_standing(venue, bool(spans), began is not None, excuse is not None),
        late=late,
        left_early=left,
        first=first,
        last=last,
        attended=total(spans, now),
        video=total(video, now),
        telephone=total(telephone, now),
        entries=tuple(sorted(rests)),
    )


def _standing(venue: Invited, present: bool, begun: bool, excused: bool) -> Standing:
    if present:
        return Standing.PRESENT
    if venue.withdrawn is not None:
        return Standing.WITHDRAWN
    if excused:
        return Standing.EXCUSED
    return Standing.ABSENT if begun else Standing.PENDING
