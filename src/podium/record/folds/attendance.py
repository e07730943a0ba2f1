"""Attendance against invitation, by stated rules.

- A venue is *there* while its media is connected (also poorly) or its telephone call is joined.
  A station whose page is open without media is not there yet.
- Only the session counts: from its first start to the close, without adjournments.
- *Present*: there at any time in the session. *Late*: first there more than five minutes after the
  session started. *Left early*: last there more than five minutes before the session ended.
- *Excused*: excused by the chair or the office and not present. *Absent*: neither.
- *Withdrawn*: the invitation was taken back, and it was never there.
- *Pending*: the session has not begun.
- A guest telephone counts as a guest where it was there, and is left out where it was not; one that
  turned out to be a venue is that venue.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from podium.conference import events as e
from podium.conference.calls import CallPurpose, CallStage
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
    video, telephone = _Way(), _Way()
    excused: dict[VenueId, int] = {}
    for entry in entries:
        match entry.event:
            case e.VenueConnectionChanged(venue=venue, connection=connection):
                video.switch(venue, "", entry, there=connection in _THERE)
            case e.CallBegan(venue=venue, call=call, purpose=CallPurpose.DIALLED_IN):
                telephone.switch(venue, call, entry, there=True)
            case e.CallProgressed(venue=venue, call=call, stage=stage):
                telephone.switch(venue, call, entry, there=stage is CallStage.JOINED)
            case e.CallEnded(venue=venue, call=call):
                telephone.switch(venue, call, entry, there=False)
            case e.VenueExcused(venue=venue, excused=True):
                excused[venue] = entry.seq
            case e.VenueExcused(venue=venue):
                excused.pop(venue, None)
            case e.VenueWithdrawn(venue=venue):
                video.leave(venue, entry)
                telephone.leave(venue, entry)
            case _:
                pass
    return Presence(video.spans, telephone.spans, excused)


class _Way:
    """Spans of being there by one way; a venue may be there by several calls at once."""

    def __init__(self) -> None:
        self.spans: dict[VenueId, list[Span]] = {}
        self._running: dict[tuple[VenueId, str], int] = {}

    def switch(self, venue: VenueId, line: str, entry: Recorded, *, there: bool) -> None:
        spans, key = self.spans.setdefault(venue, []), (venue, line)
        if there and key not in self._running:
            self._running[key] = len(spans)
            spans.append(Span(entry.at, None, (entry.seq,)))
        elif not there and key in self._running:
            place = self._running.pop(key)
            spans[place] = spans[place].closed(entry.at, entry.seq)

    def leave(self, venue: VenueId, entry: Recorded) -> None:
        for of, line in tuple(self._running):
            if of == venue:
                self.switch(venue, line, entry, there=False)


def attendance(
    known: Cast, periods: Periods, there: Presence, now: datetime
) -> tuple[VenueAttendance, ...]:
    """Of every venue that was ever invited, in protocol order. ``now`` ends what still goes on."""
    all_ = (
        _venue(venue, periods, there, now)
        for venue in known.invited()
        if venue.id not in known.assigned
    )
    return tuple(a for a in all_ if not a.venue.guest or a.standing is Standing.PRESENT)


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
