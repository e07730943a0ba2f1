"""The list of conferences, kept up to date in the very transaction that appends to the log."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from podium.conference.commands import Invitation
from podium.conference.events import (
    ConferenceRescheduled,
    ConferenceScheduled,
    PhaseChanged,
    Recorded,
    VenuesInvited,
    VenueWithdrawn,
)
from podium.conference.state import ConferenceId, Phase, Text
from podium.hall.index import ConferenceSummary
from podium.store.database import Database
from podium.store.tables import conference, conference_venue


async def project(
    database: Database, connection: AsyncConnection, id_: ConferenceId, entries: Sequence[Recorded]
) -> None:
    this = update(conference).where(conference.c.id == id_)
    for entry in entries:
        match entry.event:
            case ConferenceScheduled(title=title, starts_at=starts_at, venues=venues):
                await connection.execute(
                    conference.insert().values(
                        id=id_,
                        title_zh=title.zh,
                        title_en=title.en,
                        starts_at=starts_at,
                        phase=Phase.SCHEDULED.value,
                    )
                )
                await _invite(database, connection, id_, venues)
            case ConferenceRescheduled(title=title, starts_at=starts_at):
                await connection.execute(
                    this.values(title_zh=title.zh, title_en=title.en, starts_at=starts_at)
                )
            case PhaseChanged(phase=phase):
                await connection.execute(this.values(phase=phase.value))
            case VenuesInvited(venues=venues):
                await _invite(database, connection, id_, venues)
            case VenueWithdrawn(venue=venue):
                await connection.execute(
                    delete(conference_venue).where(
                        conference_venue.c.conference == id_, conference_venue.c.venue == venue
                    )
                )
            case _:
                pass


async def _invite(
    database: Database,
    connection: AsyncConnection,
    id_: ConferenceId,
    venues: Iterable[Invitation],
) -> None:
    rows = [{"conference": id_, "venue": venue.id} for venue in venues]
    await database.upsert(connection, conference_venue, rows)


class ConferenceList:
    """What the pages list, without a replay."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def all(self) -> Sequence[ConferenceSummary]:
        """The latest start first."""
        counted = (
            select(conference_venue.c.conference, func.count().label("venues"))
            .group_by(conference_venue.c.conference)
            .subquery()
        )
        query = (
            select(conference, func.coalesce(counted.c.venues, 0).label("venues"))
            .outerjoin(counted, counted.c.conference == conference.c.id)
            .order_by(conference.c.starts_at.desc(), conference.c.id)
        )
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).all()
        return [
            ConferenceSummary(
                id=ConferenceId(row.id),
                title=Text(row.title_zh, row.title_en),
                starts_at=row.starts_at,
                phase=Phase(row.phase),
                venues=row.venues,
            )
            for row in rows
        ]
