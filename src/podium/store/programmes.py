"""The programmes' log, and the list that is folded from it."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from podium.desk.ports import ProgrammeSummary
from podium.store.database import Database
from podium.store.log import EventLog, Kind
from podium.store.tables import programme, programme_event
from podium.values.text import OrganisationId, Text
from podium.work.codec import recorded_from_json, recorded_to_json
from podium.work.events import BodyMerged, ProgrammeCreated, ProgrammeRevised, Recorded
from podium.work.values import ProgrammeId

ProgrammeLog = EventLog[ProgrammeId, Recorded]


def programme_log(database: Database) -> ProgrammeLog:
    kind = Kind(programme_event, recorded_to_json, recorded_from_json, _project)
    return EventLog(database, kind)


async def _project(
    _: Database, connection: AsyncConnection, id_: ProgrammeId, entries: Sequence[Recorded]
) -> None:
    this = update(programme).where(programme.c.id == id_)
    for entry in entries:
        match entry.event:
            case ProgrammeCreated() as event:
                await connection.execute(
                    programme.insert().values(
                        id=id_,
                        title_zh=event.title.zh,
                        title_en=event.title.en,
                        owner=event.owner,
                        starts_on=event.starts_on,
                        ends_on=event.ends_on,
                    )
                )
            case ProgrammeRevised() as event:
                await connection.execute(
                    this.values(
                        title_zh=event.title.zh,
                        title_en=event.title.en,
                        starts_on=event.starts_on,
                        ends_on=event.ends_on,
                    )
                )
            case BodyMerged(body=body, into=into):
                await connection.execute(this.where(programme.c.owner == body).values(owner=into))
            case _:
                pass


class ProgrammeList:
    """What the pages list, without a replay."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def all(self) -> Sequence[ProgrammeSummary]:
        """The latest start first."""
        query = select(programme).order_by(programme.c.starts_on.desc(), programme.c.id)
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).all()
        return [
            ProgrammeSummary(
                id=ProgrammeId(row.id),
                title=Text(row.title_zh, row.title_en),
                owner=OrganisationId(row.owner),
                starts_on=row.starts_on,
                ends_on=row.ends_on,
            )
            for row in rows
        ]
