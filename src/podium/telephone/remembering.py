"""What the telephone knows of guessers, callers and calls, written down to survive a restart.

Everything that has changed is written together every few seconds: thousands who guess must not
cost thousands of synced transactions. What the last seconds brought may be lost when the process is
killed, and nothing else.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from podium.hall.notebook import Note, Notes, PlacedCall
from podium.telephone.acquaintances import Acquaintances
from podium.telephone.dialplan import DialLedger
from podium.telephone.guard import By, PinGuard, Record
from podium.telephone.lockout import Lockout
from podium.telephone.ports import Notebook
from podium.telephone.strangers import Tally
from podium.telephone.times import Times

logger = logging.getLogger("podium.telephone")

DELAY: Final = 2.0
"""Seconds from the first change to its being written."""
_PROVED: Final = "proved"
_LEVEL: Final = ("strangers", "level")
_LOCKS: Final = ("strangers", "locks")


@dataclass(frozen=True, slots=True)
class Knowledge:
    """All that is to be remembered."""

    guard: PinGuard
    lockout: Lockout
    acquaintances: Acquaintances
    ledger: DialLedger


class Memory:
    """``recall`` before the first call comes, ``close`` after the last."""

    def __init__(self, known: Knowledge, notebook: Notebook, times: Times) -> None:
        self._known = known
        self._notebook = notebook
        self._times = times
        self._written = known.lockout.tally
        self._task: asyncio.Task[None] | None = None
        self._notes: dict[tuple[str, str], Note | None] = {}
        """To be written; ``None`` for what is to go."""
        self._placed: list[PlacedCall] = []

    async def recall(self) -> None:
        """Raises ``OSError``."""
        notes = await self._notebook.read()
        known, steady = self._known, self._times.steady
        kept = {(note.kind, note.key): note for note in notes.notes}
        for (kind, key), note in kept.items():
            if kind in set(By):
                known.guard.restore(By(kind), key, Record(int(note.figure), steady(note.at)))
            elif kind == _PROVED:
                known.acquaintances.restore(key, steady(note.at))
        if (level := kept.get(_LEVEL)) is not None:
            tally = Tally(level.figure, steady(level.at))
            if (locks := kept.get(_LOCKS)) is not None:
                tally = replace(tally, locks=int(locks.figure), until=steady(locks.at))
            known.lockout.restore(tally)
            self._written = tally
        for call in notes.placed:
            known.ledger.restore(call.conference, steady(call.at))

    def changed(self) -> None:
        """Something is to be written, soon."""
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._later())

    async def close(self) -> None:
        """Writes what there is."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self._write()

    async def _later(self) -> None:
        left = True
        while left:
            await asyncio.sleep(DELAY)
            left = not await self._write()

    async def _write(self) -> bool:
        """Whether nothing is left to be written; what could not be is kept for the next time."""
        self._collect()
        notes, placed = self._notes, self._placed
        if not notes and not placed:
            return True
        self._notes, self._placed = {}, []
        try:
            await self._notebook.write(
                Notes(
                    notes=[note for note in notes.values() if note is not None],
                    forgotten=[key for key, note in notes.items() if note is None],
                    placed=placed,
                )
            )
        except OSError as error:
            logger.warning("the telephone's notes cannot be written now: %s", error)
            self._notes, self._placed = notes | self._notes, placed + self._placed
            return False
        self._collect()
        return not self._notes and not self._placed

    def _collect(self) -> None:
        for kind, key, note in self._news():
            self._notes[(kind, key)] = note
        moment = self._times.moment
        calls = self._known.ledger.take_placed()
        self._placed += [PlacedCall(conference, moment(at)) for at, conference in calls]

    def _news(self) -> Iterator[tuple[str, str, Note | None]]:
        moment = self._times.moment
        for (by, key), record in self._known.guard.take_changes().items():
            kind = by.value
            yield (
                kind,
                key,
                None if record is None else Note(kind, key, record.failures, moment(record.last)),
            )
        for key, proved in self._known.acquaintances.take_changes().items():
            yield _PROVED, key, None if proved is None else Note(_PROVED, key, 0, moment(proved))
        tally = self._known.lockout.tally
        if tally != self._written:
            self._written = tally
            yield *_LEVEL, Note(*_LEVEL, tally.level, moment(tally.at))
            if tally.locks:
                yield *_LOCKS, Note(*_LOCKS, tally.locks, moment(tally.until))
