"""Notes of when a secret was last used, written together rather than one by one.

Three thousand stations that come in within a minute must not cost three thousand synced
transactions. A note may be lost when the process is killed; nothing depends on it but a display
and, by a few seconds, the life of a sign-in.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Table, bindparam, update

from podium.store.database import Database

_logger = logging.getLogger(__name__)


class UseNotes:
    """Collects for ``delay`` seconds, then writes what there is in one transaction."""

    def __init__(self, database: Database, *, delay: float = 2.0) -> None:
        self._database = database
        self._delay = delay
        self._noted: dict[Table, dict[str, datetime]] = {}
        self._task: asyncio.Task[None] | None = None

    def note(self, table: Table, hashed: str, at: datetime) -> None:
        """``table`` has ``secret_hash`` and ``last_used_at``."""
        self._noted.setdefault(table, {})[hashed] = at
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._later())

    async def flush(self) -> None:
        """Writes now. Raises ``OSError`` when the database fails; the notes are then dropped."""
        noted, self._noted = self._noted, {}
        if not noted:
            return
        async with self._database.write() as connection:
            for table, uses in noted.items():
                statement = (
                    update(table)
                    .where(table.c.secret_hash == bindparam("hashed"))
                    .values(last_used_at=bindparam("at"))
                )
                await connection.execute(statement, _rows(uses))

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
        await self._quietly()

    async def _later(self) -> None:
        while self._noted:
            await asyncio.sleep(self._delay)
            await self._quietly()

    async def _quietly(self) -> None:
        try:
            await self.flush()
        except OSError as error:
            _logger.warning("notes of last use were lost: %s", error)


def _rows(uses: Mapping[str, datetime]) -> list[dict[str, object]]:
    return [{"hashed": hashed, "at": at} for hashed, at in uses.items()]
