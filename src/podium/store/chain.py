"""The entries of a stream are chained by hash, so that what was changed later shows. Pure.

``hash(0) = SHA-256("podium" LF stream)``, ``hash(n) = SHA-256(hash(n-1) LF body(n))``; hashes are
lower-case hexadecimal, texts UTF-8, and a body is the whole entry as its codec wrote it. Whoever
keeps a hash outside, on paper for instance, can prove all entries up to that one.

The chain alone cannot show that the newest entries were cut off, nor that somebody with access to
the database rewrote it from some entry on: for that the hash that was kept outside is compared.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

from podium.values.log import Examined, Head, Wrong


@dataclass(frozen=True, slots=True)
class Row:
    """One entry as the table has it."""

    seq: int
    at: datetime
    type: str
    body: str
    hash: str


def genesis(stream: str) -> str:
    return sha256(f"podium\n{stream}".encode()).hexdigest()


def link(previous: str, body: str) -> str:
    """The hash of an entry after the one with hash ``previous``."""
    return sha256(f"{previous}\n{body}".encode()).hexdigest()


def followed(head: Head, rows: Iterable[tuple[int, str, str]]) -> Head | None:
    """The head after ``rows`` (number, body, hash), which follow ``head``; ``None`` where one of
    them is not as it was written. Quicker than ``examine``, which says what is wrong."""
    seq, previous = head.seq, head.hash
    for number, body, hash_ in rows:
        seq += 1
        previous = link(previous, body)
        if (number, hash_) != (seq, previous):
            return None
    return Head(seq, previous)


def examine(stream: str, rows: Iterable[Row], kept: str | None = None) -> Examined:
    """Looks at a whole stream, ordered by ``seq``. ``kept``: a hash that was kept outside; it must
    be that of one of the entries."""
    head = Head(0, genesis(stream))
    found = kept is None
    for row in rows:
        wrong = _fault(row, head)
        if wrong is not None:
            return Examined(head, wrong)
        head = Head(row.seq, row.hash)
        found = found or row.hash == kept
    if not found:
        lost = Wrong(
            head.seq,
            "没有任何条目与所留存的哈希相符：记录被截断或重写",
            "no entry has the hash that was kept: the log was cut off or rewritten",
        )
        return Examined(head, lost)
    return Examined(head, None)


def _fault(row: Row, head: Head) -> Wrong | None:
    expected = head.seq + 1
    if row.seq != expected:
        return Wrong(expected, "该条目缺失", "this entry is missing")
    if row.hash != link(head.hash, row.body):
        return Wrong(
            row.seq,
            "该条目或其哈希被改动、换位",
            "this entry or its hash was changed, or moved here",
        )
    if not _agrees(row):
        return Wrong(
            row.seq,
            "该条目的编号、时间或类型与内容不符",
            "number, time or type beside this entry differ from what it says",
        )
    return None


def _agrees(row: Row) -> bool:
    """The columns that repeat parts of the body."""
    try:
        body = json.loads(row.body)
        at = datetime.fromisoformat(body["at"]).astimezone(UTC)
        return (body["seq"], body["event"]["type"], at) == (row.seq, row.type, row.at)
    except (ValueError, KeyError, TypeError):
        return False
