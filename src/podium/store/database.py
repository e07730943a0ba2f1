"""One database, whichever it is: connections, transactions, and its failures as ``OSError``."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, event, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, IntegrityError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

_BUSY_MS = 10_000
_POOL_SECONDS = 60.0
"""Longest wait for a connection, when three thousand stations come at once."""
_CHECK_SECONDS = 3.0
_WRITES = "podium_writes"


class StorageError(OSError):
    """Our side's fault: the database does not answer, or not as it must. The text holds no
    address, value or statement."""


class Database:
    """Hands out transactions. SQLite has one writer at a time, so writers queue here instead of
    polling each other's lock; readers never wait (WAL)."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._writer = asyncio.Lock() if engine.dialect.name == "sqlite" else None

    @property
    def is_postgresql(self) -> bool:
        return self._engine.dialect.name == "postgresql"

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """One consistent look; nothing may be written."""
        async with _failures_named(), self._engine.connect() as connection:
            yield connection

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """One transaction: everything in it, durably, or nothing. ``IntegrityError`` passes."""
        async with _failures_named(), _maybe(self._writer), self._engine.connect() as connection:
            await connection.execution_options(**{_WRITES: True})
            async with connection.begin():
                yield connection

    async def run(self, work: Callable[[Connection], None]) -> None:
        """Runs synchronous ``work`` in one writing transaction."""
        async with self.write() as connection:
            await connection.run_sync(work)

    async def upsert(
        self, connection: AsyncConnection, table: Table, rows: Sequence[dict[str, Any]]
    ) -> None:
        """Inserts the rows in their order, replacing those with the same primary key."""
        if not rows:
            return
        insert = postgresql.insert(table) if self.is_postgresql else sqlite.insert(table)
        key = table.primary_key
        changed = {name: insert.excluded[name] for name in rows[0] if name not in key.columns}
        if changed:
            statement = insert.on_conflict_do_update(index_elements=key, set_=changed)
        else:
            statement = insert.on_conflict_do_nothing(index_elements=key)
        await connection.execute(statement, rows)

    async def check(self) -> None:
        """One round trip. Raises ``OSError`` with a plain reason."""
        try:
            async with asyncio.timeout(_CHECK_SECONDS), self.read() as connection:
                await connection.execute(text("SELECT 1"))
        except TimeoutError as error:
            raise StorageError("the database does not answer in time") from error

    async def close(self) -> None:
        await self._engine.dispose()


def open_engine(address: str) -> Database:
    """``sqlite:///relative.db``, ``sqlite:////absolute.db`` or ``postgresql://...``.

    Raises ``ValueError`` for anything else. Connects to PostgreSQL only when first used.
    """
    url = _url(address)
    if url.get_backend_name() == "postgresql":
        return Database(create_async_engine(url, pool_size=8, max_overflow=8, pool_pre_ping=True))
    path = Path(url.database or "")
    if not path.exists():
        _create_private(path)
    engine = create_async_engine(
        url, pool_timeout=_POOL_SECONDS, connect_args={"timeout": _BUSY_MS / 1000}
    )
    event.listen(engine.sync_engine, "connect", _prepare_sqlite)
    event.listen(engine.sync_engine, "begin", _begin_sqlite)
    return Database(engine)


def _url(address: str) -> URL:
    try:
        url = make_url(address)
    except ArgumentError:
        raise ValueError("the store's address is not a URL") from None
    match url.get_backend_name():
        case "postgresql" | "postgres":
            return url.set(drivername="postgresql+asyncpg")
        case "sqlite" if url.database and url.database != ":memory:":
            return url.set(drivername="sqlite+aiosqlite")
        case _:
            raise ValueError("the store must be sqlite:///<file> or postgresql://...")


def _create_private(path: Path) -> None:
    """The file holds password hashes: nobody but the owner may read it or its WAL, which takes
    the file's mode."""
    path.parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # The driver's own transaction handling begins late and never IMMEDIATE: take it over.
    connection.isolation_level = None
    cursor = connection.cursor()
    # FULL, not NORMAL: in WAL mode NORMAL may forget the last transactions when the power
    # fails, and what was published must never be forgotten. The price is one fsync a commit.
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        f"busy_timeout={_BUSY_MS}",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    # A writer that begins DEFERRED may find, on its first write, that its view is stale; that
    # failure cannot be waited out. IMMEDIATE waits for its turn first.
    writes = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@asynccontextmanager
async def _maybe(lock: asyncio.Lock | None) -> AsyncIterator[None]:
    if lock is None:
        yield
    else:
        async with lock:
            yield


@asynccontextmanager
async def _failures_named() -> AsyncIterator[None]:
    try:
        yield
    except IntegrityError:
        raise
    except SQLAlchemyError as error:
        cause = getattr(error, "orig", None) or error
        raise StorageError(f"the database failed ({type(cause).__name__})") from error
