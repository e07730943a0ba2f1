"""When snapshots of programmes are taken, and how they are read back."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from podium.desk.ports import Kept, Snapshots
from podium.work.snapshot import from_snapshot, snapshot_lines
from podium.work.state import Programme
from podium.work.values import ProgrammeId

logger = logging.getLogger("podium.desk")

EVERY: Final = 1_000
"""Entries between two snapshots of a programme: some tenths of a second to fold."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A programme after entry ``seq``."""

    state: Programme
    seq: int
    at: datetime


class Keeper:
    """Takes snapshots beside everything else: states never change, so nobody waits for it."""

    def __init__(self, snapshots: Snapshots, every: int = EVERY) -> None:
        self._snapshots = snapshots
        self._every = every
        self._taken: dict[ProgrammeId, int] = {}
        self._tasks: dict[ProgrammeId, asyncio.Task[None]] = {}

    async def restored(self, programme: ProgrammeId) -> Moment | None:
        """The newest snapshot that fits the log. Raises ``OSError``."""
        kept = await self._snapshots.latest(programme)
        if kept is None:
            return None
        try:
            state = await asyncio.to_thread(from_snapshot, kept.lines)
        except ValueError as error:
            logger.warning("the snapshot of programme %s is not used: %s", programme, error)
            return None
        self._taken[programme] = kept.seq
        return Moment(state, kept.seq, kept.at)

    def passed(self, programme: ProgrammeId, now: Moment) -> None:
        """Takes one if it is time, unless one is being taken."""
        due = self._taken.get(programme, 0) + self._every
        if now.seq >= due and programme not in self._tasks:
            task = asyncio.create_task(self._take(programme, now), name=f"snapshot {programme}")
            self._tasks[programme] = task
            task.add_done_callback(lambda _: self._tasks.pop(programme, None))

    async def _take(self, programme: ProgrammeId, now: Moment) -> None:
        self._taken[programme] = now.seq
        try:
            await self._snapshots.keep(programme, Kept(now.seq, now.at, snapshot_lines(now.state)))
        except OSError as error:
            logger.warning("no snapshot of programme %s: %s", programme, error)

    async def settle(self) -> None:
        """Waits for those that are being taken."""
        if self._tasks:
            await asyncio.wait(self._tasks.values())
