"""What every event log promises, whatever it records."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

StreamT = TypeVar("StreamT", bound=str)
EntryT = TypeVar("EntryT")


@dataclass(frozen=True, slots=True)
class Head:
    """The newest entry's number and hash; 0 and the stream's own where there is none."""

    seq: int
    hash: str


@dataclass(frozen=True, slots=True)
class Wrong:
    """The first entry that is not as it was written. ``zh`` and ``en`` say what is wrong."""

    seq: int
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Examined:
    """``head`` is the last entry that is sound."""

    head: Head
    wrong: Wrong | None


class Log(Protocol[StreamT, EntryT]):
    """Durable, ordered, one stream for each aggregate."""

    async def append(self, stream: StreamT, entries: Sequence[EntryT]) -> None:
        """Returns once the entries are durable. Raises ``LogConflict`` if ``seq`` is taken."""
        ...

    async def read(self, stream: StreamT, after: int = 0) -> Sequence[EntryT]: ...

    async def ids(self) -> Sequence[StreamT]:
        """Every stream there is."""
        ...


class ProvenLog(Log[StreamT, EntryT], Protocol[StreamT, EntryT]):
    """A log whose entries are chained by hash, so that what was changed later shows."""

    async def head(self, stream: StreamT) -> Head:
        """The newest entry and its hash."""
        ...

    async def examine(self, stream: StreamT, kept: str | None = None) -> Examined:
        """Whether every entry is as it was written; ``kept`` is a hash that was kept outside."""
        ...


class LogConflict(Exception):
    """Another writer has appended to this stream: what was decided here rests on an old state."""
