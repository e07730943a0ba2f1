"""What every event log promises, whatever it records."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeVar

StreamT = TypeVar("StreamT", bound=str)
EntryT = TypeVar("EntryT")


class Log(Protocol[StreamT, EntryT]):
    """Durable, ordered, one stream for each aggregate."""

    async def append(self, stream: StreamT, entries: Sequence[EntryT]) -> None:
        """Returns once the entries are durable. Raises ``LogConflict`` if ``seq`` is taken."""
        ...

    async def read(self, stream: StreamT, after: int = 0) -> Sequence[EntryT]: ...

    async def ids(self) -> Sequence[StreamT]:
        """Every stream there is."""
        ...


class LogConflict(Exception):
    """Another writer has appended to this stream: what was decided here rests on an old state."""
