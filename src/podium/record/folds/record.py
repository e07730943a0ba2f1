"""The whole record of a conference, from the entries of its log."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from podium.conference.events import Recorded
from podium.record.folds.agenda import Item, items
from podium.record.folds.air import Aired, aired
from podium.record.folds.attendance import VenueAttendance, attendance, presence
from podium.record.folds.bodies import BodyAttendance, bodies
from podium.record.folds.cast import Cast, cast
from podium.record.folds.documents import Attached, attached
from podium.record.folds.floor import Holding, OpenMicrophone, holdings, open_microphones
from podium.record.folds.guests import as_known_later
from podium.record.folds.incidents import Incident, incidents
from podium.record.folds.issued import Issued, issued
from podium.record.folds.periods import Periods, periods
from podium.record.folds.timeline import Line, timeline
from podium.record.folds.totals import Totals, totals
from podium.work.state import Programme


@dataclass(frozen=True, slots=True)
class Record:
    """``as_of``: what still goes on counts until then."""

    as_of: datetime
    cast: Cast
    periods: Periods
    agenda: tuple[Item, ...]
    attendance: tuple[VenueAttendance, ...]
    bodies: tuple[BodyAttendance, ...]
    floor: tuple[Holding, ...]
    microphones: tuple[OpenMicrophone, ...]
    aired: tuple[Aired, ...]
    incidents: tuple[Incident, ...]
    documents: tuple[Attached, ...]
    issued: tuple[Issued, ...]
    timeline: tuple[Line, ...]
    totals: Totals


def record_of(
    entries: Sequence[Recorded], now: datetime, programmes: Sequence[Programme] = ()
) -> Record | None:
    """``None`` where nothing is recorded. ``now`` may be of any time; it is never taken to be
    before the last entry. ``programmes``: of which the conference may have issued measures."""
    if not entries:
        return None
    known, when = cast(entries), periods(entries)
    as_of = max(now, entries[-1].at)
    agenda = items(entries, known)
    later = as_known_later(entries)
    attended = attendance(known, when, presence(later), as_of)
    floor = holdings(later)
    troubles = incidents(entries, when)
    return Record(
        as_of=as_of,
        cast=known,
        periods=when,
        agenda=agenda,
        attendance=attended,
        bodies=bodies(known, attended),
        floor=floor,
        microphones=open_microphones(later),
        aired=aired(later),
        incidents=troubles,
        documents=attached(entries),
        issued=issued(known, programmes),
        timeline=timeline(entries, known, when, agenda),
        totals=totals(attended, floor, troubles, when, len(entries), as_of),
    )
