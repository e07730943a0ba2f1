"""Wires the record room to the store."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncConnection

from podium.conference.state import ConferenceId
from podium.config.record import RecordSection
from podium.desk.programmes import Programmes
from podium.hall.ports import Clock
from podium.record.book import RecordBook
from podium.record.communique.events import Entry, entry_from_json, entry_to_json
from podium.record.folds.agenda import items
from podium.record.folds.cast import cast
from podium.record.recording.chapters import Chapter
from podium.record.recording.shelf import Shelf
from podium.store.database import Database
from podium.store.log import EventLog, Kind
from podium.store.opening import Store
from podium.store.tables import communique_event

CommuniqueLog = EventLog[ConferenceId, Entry]


async def _nothing(
    _: Database, __: AsyncConnection, ___: ConferenceId, ____: Sequence[Entry]
) -> None:
    """Communiques are folded when they are read."""


_KIND: Final[Kind[ConferenceId, Entry]] = Kind(
    communique_event, entry_to_json, entry_from_json, _nothing
)


def communique_log(database: Database) -> CommuniqueLog:
    return EventLog(database, _KIND)


def recording_shelf(store: Store, section: RecordSection, data: Path, clock: Clock) -> Shelf:
    """To be closed after the engine. Recordings are kept beside the store's own files."""

    async def chapters(conference: ConferenceId) -> Sequence[Chapter]:
        entries = await store.log.read(conference)
        return [
            Chapter(item.plan.title.zh, item.ran.began, item.ran.ended)
            for item in items(entries, cast(entries))
            if item.ran is not None
        ]

    return Shelf(
        data / "recordings",
        clock,
        chapters,
        longest=timedelta(minutes=section.segment_minutes),
        keep=timedelta(days=section.keep_days) if section.keep_days else None,
    )


@asynccontextmanager
async def tended(shelf: Shelf) -> AsyncIterator[None]:
    """Finishes what a crash left, and removes what is too old, while the house is open."""
    task = asyncio.create_task(shelf.tend(), name="tending recordings")
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError, OSError):
            await task


def record_book(
    store: Store, programmes: Programmes, section: RecordSection, clock: Clock
) -> RecordBook:
    log = communique_log(store.database)
    return RecordBook(store.log, log, programmes, clock, ZoneInfo(section.zone))
