"""Snapshots of programmes (:class:`podium.desk.ports.Snapshots`): one of each, the newest.

A snapshot is never believed for itself. It counts only where this installation's key sealed it,
where the code that folds is the same to the byte, and where every entry of the log up to it is
still chained to the hash that it was taken at. Otherwise the log is folded, as if there were none.
"""

from __future__ import annotations

import asyncio
import hmac
import logging
import zlib
from collections.abc import Iterable, Iterator
from datetime import UTC
from hashlib import sha256
from typing import Any, Final

from sqlalchemy import select

from podium.desk.ports import Kept
from podium.store.database import Database
from podium.store.programmes import ProgrammeLog
from podium.store.tables import programme_snapshot as table
from podium.work.values import ProgrammeId

logger = logging.getLogger("podium.store")

_PURPOSE: Final = b"podium programme snapshot"
_PIECE: Final = 1 << 18
"""Bytes that are unpacked at once."""


class SnapshotStore:
    """``key``: the installation's; ``version``: of the code that folds, see ``codebase``."""

    def __init__(self, database: Database, log: ProgrammeLog, key: bytes, version: str) -> None:
        self._database = database
        self._log = log
        self._key = hmac.digest(key, _PURPOSE, "sha256")
        self._version = version

    async def latest(self, programme: ProgrammeId) -> Kept | None:
        async with self._database.read() as connection:
            query = select(table).where(table.c.programme == programme)
            row = (await connection.execute(query)).first()
        if row is None or row.version != self._version:
            return None
        if not hmac.compare_digest(await asyncio.to_thread(self._sealed, row), row.seal):
            logger.warning("the snapshot of programme %s is damaged, and not used", programme)
            return None
        if await self._log.chained(programme, row.seq) != row.hash:
            logger.warning(
                "the log of programme %s is not the one that its snapshot was taken of; "
                "`podium verify` says whether it was changed",
                programme,
            )
            return None
        return Kept(row.seq, row.at, _unpacked(row.body))

    async def keep(self, programme: ProgrammeId, kept: Kept) -> None:
        hash_ = await self._log.hash_of(programme, kept.seq)
        if hash_ is None:
            return  # cut off meanwhile
        row = {
            "programme": programme,
            "seq": kept.seq,
            "at": kept.at.astimezone(UTC),
            "hash": hash_,
            "version": self._version,
            "body": await asyncio.to_thread(_packed, kept.lines),
        }
        row["seal"] = await asyncio.to_thread(self._seal, row)
        async with self._database.write() as connection:
            await self._database.upsert(connection, table, [row])

    def _sealed(self, row: Any) -> str:
        return self._seal(row._asdict())

    def _seal(self, row: dict[str, Any]) -> str:
        names = ("programme", "seq", "at", "hash", "version")
        head = "\n".join(str(row[name]) for name in names).encode()
        return hmac.new(self._key, head + b"\n" + row["body"], sha256).hexdigest()


def _packed(lines: Iterable[bytes]) -> bytes:
    packer = zlib.compressobj(level=1)
    return b"".join([*(packer.compress(line + b"\n") for line in lines), packer.flush()])


def _unpacked(body: bytes) -> Iterator[bytes]:
    """Raises ``ValueError`` where it was not packed by ``_packed``."""
    unpacker = zlib.decompressobj()
    rest = b""
    while not unpacker.eof:
        try:
            piece = unpacker.decompress(body, _PIECE)
        except zlib.error as error:
            raise ValueError("the snapshot is damaged") from error
        if not piece and not unpacker.unconsumed_tail:
            raise ValueError("the snapshot is cut off")
        body = unpacker.unconsumed_tail
        *lines, rest = (rest + piece).split(b"\n")
        yield from lines
