"""Files that were sent for a report which never came are removed after a while."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Final

from podium.desk.programmes import Programmes
from podium.hall.ports import Clock
from podium.store.files import FileStore
from podium.work.state import Programme

logger = logging.getLogger("podium.app")

GRACE: Final = timedelta(days=7)
"""How long somebody may write on a report after its first file was sent."""
_EVERY: Final = 86_400.0
"""Seconds."""


@asynccontextmanager
async def swept(files: FileStore, programmes: Programmes, clock: Clock) -> AsyncIterator[None]:
    """Once a day, from the start on."""

    async def run() -> None:
        while True:
            try:
                removed = await sweep(files, programmes, clock)
                if removed:
                    logger.info("%d files that no report refers to were removed", removed)
            except Exception:
                logger.exception("files that no report refers to stay for now")
            await asyncio.sleep(_EVERY)

    task = asyncio.create_task(run(), name="sweeping files")
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def sweep(files: FileStore, programmes: Programmes, clock: Clock) -> int:
    """How many files were removed. Raises ``OSError`` where a programme cannot be read: what it
    refers to is not known then, and nothing is removed."""
    before = clock.now() - GRACE
    referenced: set[str] = set()
    for programme in await programmes.ids():
        state = await programmes.look(programme)
        if state is not None:
            referenced |= await asyncio.to_thread(_digests, state)
    return await files.sweep(referenced, before)


def _digests(state: Programme) -> set[str]:
    return {
        file.digest
        for row in state.rows.values()
        for assignment in row.values()
        for file in assignment.files
    }
