"""The record in numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from podium.record.folds.attendance import Standing, VenueAttendance
from podium.record.folds.floor import Holding
from podium.record.folds.incidents import Incident, IncidentKind
from podium.record.folds.periods import Periods
from podium.record.folds.spans import total


@dataclass(frozen=True, slots=True)
class Totals:
    invited: int
    """Venues, without those that were withdrawn and never came."""
    guests: int
    """Telephones that were there and are no venue's; in no other number but the speeches."""
    present: int
    by_video: int
    by_telephone: int
    """Some venues attend by both."""
    absent: int
    excused: int
    late: int
    left_early: int
    in_session: timedelta
    speeches: int
    """Times that the floor was held."""
    speakers: int
    """Venues that held it."""
    spoke: timedelta
    """Time that anybody held it."""
    lost: int
    """Connections lost."""
    restarts: int
    entries: int


def totals(
    attended: Sequence[VenueAttendance],
    floor: Sequence[Holding],
    incidents: Iterable[Incident],
    periods: Periods,
    entries: int,
    now: datetime,
) -> Totals:
    venues = [a for a in attended if not a.venue.guest]
    standings = Counter(a.standing for a in venues)
    kinds = Counter(i.kind for i in incidents)
    return Totals(
        invited=len(venues) - standings[Standing.WITHDRAWN],
        guests=len(attended) - len(venues),
        present=standings[Standing.PRESENT],
        by_video=sum(1 for a in venues if a.video > timedelta(0)),
        by_telephone=sum(1 for a in venues if a.telephone > timedelta(0)),
        absent=standings[Standing.ABSENT],
        excused=standings[Standing.EXCUSED],
        late=sum(1 for a in venues if a.late is not None),
        left_early=sum(1 for a in venues if a.left_early is not None),
        in_session=total(periods.session, now),
        speeches=len(floor),
        speakers=len({h.venue for h in floor}),
        spoke=total((h.span for h in floor), now),
        lost=kinds[IncidentKind.LOST],
        restarts=kinds[IncidentKind.RESTART],
        entries=entries,
    )
