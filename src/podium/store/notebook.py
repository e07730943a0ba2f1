"""The telephone's notes (:class:`podium.telephone.ports.Notebook`)."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from datetime import timedelta
from typing import Final

from sqlalchemy import and_, bindparam, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from podium.hall.notebook import Note, Notes, PlacedCall
from podium.hall.ports import Clock
from podium.store.database import Database
from podium.store.tables import placed_call, telephone_note

NOTES_KEPT: Final = timedelta(days=30)
CALLS_KEPT: Final = timedelta(days=1)


def pseudonyms(key: bytes) -> Callable[[str], str]:
    """From a number or an address to what tells nothing of it without the server's ``key``."""

    def disguise(text: str) -> str:
        return hmac.digest(key, b"note\0" + text.encode(errors="replace"), "sha256").hex()

    return disguise


class TelephoneNotebook:
    """Notes go ``NOTES_KEPT`` after their time, calls ``CALLS_KEPT``."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def read(self) -> Notes:
        """The calls in the order in which they were placed."""
        async with self._database.write() as connection:
            await self._tidy(connection)
            notes = (await connection.execute(select(telephone_note))).all()
            by_time = select(placed_call).order_by(placed_call.c.at, placed_call.c.id)
            placed = (await connection.execute(by_time)).all()
        return Notes(
            notes=[Note(row.kind, row.key, row.figure, row.at) for row in notes],
            placed=[PlacedCall(row.conference, row.at) for row in placed],
        )

    async def write(self, notes: Notes) -> None:
        """All or nothing. Raises ``OSError``."""
        rows = [{"kind": n.kind, "key": n.key, "figure": n.figure, "at": n.at} for n in notes.notes]
        gone = [{"this_kind": kind, "this_key": key} for kind, key in notes.forgotten]
        placed = [{"conference": call.conference, "at": call.at} for call in notes.placed]
        async with self._database.write() as connection:
            await self._database.upsert(connection, telephone_note, rows)
            if gone:
                this = and_(
                    telephone_note.c.kind == bindparam("this_kind"),
                    telephone_note.c.key == bindparam("this_key"),
                )
                await connection.execute(delete(telephone_note).where(this), gone)
            if placed:
                await connection.execute(placed_call.insert(), placed)
                await self._tidy(connection)

    async def _tidy(self, connection: AsyncConnection) -> None:
        now = self._clock.now()
        for table, kept in ((telephone_note, NOTES_KEPT), (placed_call, CALLS_KEPT)):
            await connection.execute(delete(table).where(table.c.at < now - kept))
