"""Wires the record room to the store."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncConnection

from podium.conference.state import ConferenceId
from podium.config.record import RecordSection
from podium.hall.ports import Clock
from podium.record.book import RecordBook
from podium.record.communique.events import Entry, entry_from_json, entry_to_json
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


def record_book(store: Store, section: RecordSection, clock: Clock) -> RecordBook:
    log = communique_log(store.database)
    return RecordBook(store.log, log, clock, ZoneInfo(section.zone))
