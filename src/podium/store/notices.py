"""The queue of notices (:class:`podium.desk.ports.Queue`) and whom they go to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import delete, select, update

from podium.desk.ports import Contact, Message, Waiting
from podium.store.database import Database
from podium.store.tables import contact, notice, notice_place
from podium.values.text import OrganisationId
from podium.work.values import ProgrammeId

_CHUNK: Final = 200
"""Rows that are written at once, so that others get their turns."""


class NoticeQueue:
    """Messages that survive the process."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def place(self, programme: ProgrammeId) -> int:
        query = select(notice_place.c.seq).where(notice_place.c.programme == programme)
        async with self._database.read() as connection:
            return (await connection.execute(query)).scalar() or 0

    async def add(
        self, programme: ProgrammeId, upto: int, messages: Sequence[Message], now: datetime
    ) -> None:
        rows = [
            {
                "channel": message.channel,
                "recipient": message.recipient,
                "subject": message.subject,
                "body": message.body,
                "created_at": now,
                "attempts": 0,
                "due_at": now,
            }
            for message in messages
        ]
        async with self._database.write() as connection:
            place = {"programme": programme, "seq": upto}
            await self._database.upsert(connection, notice_place, [place])
            for start in range(0, len(rows), _CHUNK):
                await connection.execute(notice.insert(), rows[start : start + _CHUNK])

    async def due(self, now: datetime, limit: int) -> Sequence[Waiting]:
        query = (
            select(notice)
            .where(notice.c.due_at <= now)
            .order_by(notice.c.due_at, notice.c.id)
            .limit(limit)
        )
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).all()
        return [
            Waiting(
                row.id,
                Message(row.channel, row.recipient, row.subject, row.body),
                row.attempts,
            )
            for row in rows
        ]

    async def sent(self, id_: int, now: datetime) -> None:
        async with self._database.write() as connection:
            await connection.execute(
                update(notice).where(notice.c.id == id_).values(due_at=None, sent_at=now)
            )

    async def failed(self, id_: int, retry_at: datetime | None) -> None:
        async with self._database.write() as connection:
            await connection.execute(
                update(notice)
                .where(notice.c.id == id_)
                .values(due_at=retry_at, attempts=notice.c.attempts + 1)
            )


class ContactStore:
    """One address for each organisation."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def all(self) -> Sequence[Contact]:
        """By organisation."""
        async with self._database.read() as connection:
            rows = (
                await connection.execute(select(contact).order_by(contact.c.organisation))
            ).all()
        return [Contact(OrganisationId(r.organisation), r.email, r.language) for r in rows]

    async def put(self, given: Contact) -> None:
        row = {
            "organisation": given.organisation,
            "email": given.email,
            "language": given.language,
        }
        async with self._database.write() as connection:
            await self._database.upsert(connection, contact, [row])

    async def remove(self, organisation: OrganisationId) -> None:
        """Quiet where there is none."""
        async with self._database.write() as connection:
            await connection.execute(delete(contact).where(contact.c.organisation == organisation))
