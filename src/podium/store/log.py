"""Event logs: one table for each kind of stream, one stream for each aggregate.

The conference's log (:class:`podium.hall.ports.Log`) is made by ``conference_log``.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Generic, Protocol, TypeVar

from sqlalchemy import Table, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from podium.conference.codec import recorded_from_json, recorded_to_json
from podium.conference.events import Recorded
from podium.conference.state import ConferenceId
from podium.store.chain import Row, examine, followed, genesis, link
from podium.store.database import Database, StorageError
from podium.store.projection import project
from podium.store.tables import conference_event
from podium.values.codec import CodecError
from podium.values.log import Examined, Head, LogConflict


class Typed(Protocol):
    """An event, which names its kind."""

    @property
    def type(self) -> str: ...


class Entry(Protocol):
    """One entry of a stream. ``seq`` counts from 1 without gaps."""

    @property
    def seq(self) -> int: ...
    @property
    def at(self) -> datetime: ...
    @property
    def event(self) -> Typed: ...


_PAGE: Final = 1_000
"""Entries that are read at once."""
_CHUNK: Final = 200
"""Rows that are written at once."""
_CHOSEN: Final = 500
_FEW: Final = 2
_LONG: Final = 1_000_000
"""Characters that are parsed at once."""
_SHORT: Final = 20_000
"""More entries than these are written, and longer ones in characters read, off the event loop."""

IdT = TypeVar("IdT", bound=str)
EntryT = TypeVar("EntryT", bound=Entry)


@dataclass(frozen=True, slots=True)
class Kind(Generic[IdT, EntryT]):
    """How streams of one kind are kept. ``project`` runs in the transaction that appends, so
    that what it folds is never ahead of the log nor behind it."""

    table: Table
    """As ``tables.event_table`` makes it."""
    to_json: Callable[[EntryT], str]
    from_json: Callable[[str | bytes], EntryT]
    project: Callable[[Database, AsyncConnection, IdT, Sequence[EntryT]], Awaitable[None]]


class EventLog(Generic[IdT, EntryT]):
    """Durable when ``append`` returns: a batch is one transaction, synced to the disk."""

    def __init__(self, database: Database, kind: Kind[IdT, EntryT]) -> None:
        self._database = database
        self._kind = kind
        self._events = kind.table
        self._key = kind.table.c[0]

    async def append(self, stream: IdT, entries: Sequence[EntryT]) -> None:
        """Raises ``LogConflict`` when another writer has taken a ``seq``, ``ValueError`` when
        the entries leave a gap, ``OSError`` when the database fails: then nothing is written."""
        if not entries:
            return
        try:
            async with self._database.write() as connection:
                head = await self._head(connection, stream)
                _expect(stream, head.seq, entries)
                if len(entries) > _FEW:
                    rows = await asyncio.to_thread(self._rows, stream, entries, head)
                else:
                    rows = self._rows(stream, entries, head)
                for start in range(0, len(rows), _CHUNK):
                    await connection.execute(self._events.insert(), rows[start : start + _CHUNK])
                await self._kind.project(self._database, connection, stream, entries)
        except IntegrityError as error:
            raise LogConflict(f"{stream}: seq {entries[0].seq} is taken") from error

    async def read(self, stream: IdT, after: int = 0) -> Sequence[EntryT]:
        """Every entry with a ``seq`` above ``after``, in order."""
        return [entry async for page in self.pages(stream, after) for entry in page]

    async def pages(self, stream: IdT, after: int = 0) -> AsyncIterator[Sequence[EntryT]]:
        """The same a part at a time, for a log of any length."""
        events = self._events
        while True:
            query = (
                select(events.c.body)
                .where(self._key == stream, events.c.seq > after)
                .order_by(events.c.seq)
                .limit(_PAGE)
            )
            async with self._database.read() as connection:
                bodies = (await connection.execute(query)).scalars().all()
            for some in _parts(bodies):
                page = await self._parsed(stream, some)
                yield page
                after = page[-1].seq
            if len(bodies) < _PAGE:
                return

    async def _parsed(self, stream: IdT, bodies: Sequence[str]) -> Sequence[EntryT]:
        def parse() -> Sequence[EntryT]:
            return [self._kind.from_json(body) for body in bodies]

        try:
            if sum(map(len, bodies)) < _SHORT:
                return parse()
            return await asyncio.to_thread(parse)
        except CodecError as error:
            raise StorageError(
                f"the log of {stream} holds an entry that this version cannot read ({error}); "
                "start the version that wrote it"
            ) from error

    async def chosen(self, stream: IdT, seqs: Sequence[int]) -> Sequence[EntryT]:
        """Those of these numbers that there are, in order."""
        found: list[EntryT] = []
        events = self._events
        async with self._database.read() as connection:
            for start in range(0, len(seqs), _CHOSEN):
                some = seqs[start : start + _CHOSEN]
                query = (
                    select(events.c.body)
                    .where(self._key == stream, events.c.seq.in_(some))
                    .order_by(events.c.seq)
                )
                bodies = (await connection.execute(query)).scalars().all()
                found += await self._parsed(stream, bodies)
        return found

    async def ids(self) -> Sequence[IdT]:
        """Every stream there is, in no particular order."""
        query = select(self._key).where(self._events.c.seq == 1)
        async with self._database.read() as connection:
            return list((await connection.execute(query)).scalars())

    async def head(self, stream: IdT) -> Head:
        """The newest entry and its hash."""
        async with self._database.read() as connection:
            return await self._head(connection, stream)

    async def examine(self, stream: IdT, kept: str | None = None) -> Examined:
        """Whether every entry is as it was written; ``kept`` is a hash that was kept outside."""
        events = self._events
        columns = (events.c.seq, events.c.at, events.c.type, events.c.body, events.c.hash)
        query = select(*columns).where(self._key == stream).order_by(events.c.seq)
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).all()
        found = (Row(r.seq, r.at, r.type, r.body, r.hash) for r in rows)
        return await asyncio.to_thread(examine, stream, found, kept)

    async def hash_of(self, stream: IdT, seq: int) -> str | None:
        """As it is written beside the entry."""
        query = select(self._events.c.hash).where(self._key == stream, self._events.c.seq == seq)
        async with self._database.read() as connection:
            return (await connection.execute(query)).scalar()

    async def chained(self, stream: IdT, upto: int) -> str | None:
        """The hash of entry ``upto``; ``None`` where it is not there, or where some entry to it is
        not as it was written."""
        events = self._events
        head: Head | None = Head(0, genesis(stream))
        while head is not None and head.seq < upto:
            query = (
                select(events.c.seq, events.c.body, events.c.hash)
                .where(self._key == stream, events.c.seq > head.seq, events.c.seq <= upto)
                .order_by(events.c.seq)
                .limit(_PAGE)
            )
            async with self._database.read() as connection:
                rows = (await connection.execute(query)).all()
            head = await asyncio.to_thread(followed, head, rows) if rows else None
        return None if head is None else head.hash

    async def _head(self, connection: AsyncConnection, stream: IdT) -> Head:
        events = self._events
        query = (
            select(events.c.seq, events.c.hash)
            .where(self._key == stream)
            .order_by(events.c.seq.desc())
            .limit(1)
        )
        row = (await connection.execute(query)).first()
        return Head(0, genesis(stream)) if row is None else Head(row.seq, row.hash)

    def _rows(
        self, stream: IdT, entries: Sequence[EntryT], head: Head
    ) -> Sequence[Mapping[str, object]]:
        rows = []
        previous = head.hash
        for entry in entries:
            body = self._kind.to_json(entry)
            previous = link(previous, body)
            rows.append(
                {
                    self._key.name: stream,
                    "seq": entry.seq,
                    "at": entry.at,
                    "type": entry.event.type,
                    "body": body,
                    "hash": previous,
                }
            )
        return rows


def _parts(bodies: Sequence[str]) -> Iterator[Sequence[str]]:
    """In order, each of ``_LONG`` characters at most, or of one entry."""
    part: list[str] = []
    length = 0
    for body in bodies:
        if part and length + len(body) > _LONG:
            yield part
            part, length = [], 0
        part.append(body)
        length += len(body)
    if part:
        yield part


def _expect(stream: str, last: int, entries: Sequence[Entry]) -> None:
    first = entries[0].seq
    if first <= last:
        raise LogConflict(f"{stream}: seq {first} is taken, the log is at {last}")
    if [entry.seq for entry in entries] != list(range(last + 1, last + 1 + len(entries))):
        raise ValueError(f"{stream}: entries from seq {first} leave a gap after {last}")


ConferenceLog = EventLog[ConferenceId, Recorded]


def conference_log(database: Database) -> ConferenceLog:
    kind = Kind(conference_event, recorded_to_json, recorded_from_json, project)
    return EventLog(database, kind)
