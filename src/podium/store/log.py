"""The conference log (:class:`podium.hall.ports.Log`) and the list that is folded from it."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from podium.conference.codec import CodecError, recorded_from_json, recorded_to_json
from podium.conference.events import Recorded
from podium.conference.state import ConferenceId
from podium.hall.ports import LogConflict
from podium.store.database import Database, StorageError
from podium.store.projection import project
from podium.store.tables import conference_event


class EventLog:
    """Durable when ``append`` returns: a batch is one transaction, synced to the disk."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def append(self, conference: ConferenceId, entries: Sequence[Recorded]) -> None:
        """Raises ``LogConflict`` when another writer has taken a ``seq``, ``ValueError`` when
        the entries leave a gap, ``OSError`` when the database fails: then nothing is written."""
        if not entries:
            return
        rows = [
            {
                "conference": conference,
                "seq": entry.seq,
                "at": entry.at,
                "type": entry.event.type,
                "body": recorded_to_json(entry),
            }
            for entry in entries
        ]
        try:
            async with self._database.write() as connection:
                await _expect(connection, conference, entries)
                await connection.execute(conference_event.insert(), rows)
                await project(self._database, connection, conference, entries)
        except IntegrityError as error:
            raise LogConflict(f"{conference}: seq {entries[0].seq} is taken") from error

    async def read(self, conference: ConferenceId, after: int = 0) -> Sequence[Recorded]:
        """Every entry with a ``seq`` above ``after``, in order."""
        query = (
            select(conference_event.c.body)
            .where(conference_event.c.conference == conference, conference_event.c.seq > after)
            .order_by(conference_event.c.seq)
        )
        async with self._database.read() as connection:
            bodies = (await connection.execute(query)).scalars().all()
        try:
            return [recorded_from_json(body) for body in bodies]
        except CodecError as error:
            raise StorageError(
                f"the log of {conference} holds an entry that this version cannot read ({error}); "
                "start the version that wrote it"
            ) from error

    async def conferences(self) -> Sequence[ConferenceId]:
        """Every conference that has a stream, in no particular order."""
        query = select(conference_event.c.conference).where(conference_event.c.seq == 1)
        async with self._database.read() as connection:
            return [ConferenceId(id_) for id_ in (await connection.execute(query)).scalars()]


async def _expect(
    connection: AsyncConnection, conference: ConferenceId, entries: Sequence[Recorded]
) -> None:
    query = select(func.max(conference_event.c.seq)).where(
        conference_event.c.conference == conference
    )
    last = (await connection.execute(query)).scalar() or 0
    first = entries[0].seq
    if first <= last:
        raise LogConflict(f"{conference}: seq {first} is taken, the log is at {last}")
    if [entry.seq for entry in entries] != list(range(last + 1, last + 1 + len(entries))):
        raise ValueError(f"{conference}: entries from seq {first} leave a gap after {last}")
