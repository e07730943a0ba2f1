"""What followers of a hall receive: every published change, in order, or the end."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Self

from podium.conference.events import Recorded
from podium.conference.state import Conference

BACKLOG: Final = 512
"""Changes that a follower may be behind before it is cut."""


@dataclass(frozen=True, slots=True)
class Change:
    """Entries that became durable together, and the states that they lie between.

    ``base`` is the number of the last entry before, so ``base + len(entries) == seq``.
    """

    base: int
    seq: int
    before: Conference | None
    after: Conference
    entries: tuple[Recorded, ...]


class TooSlow(Exception):
    """The follower fell too far behind and was cut: it must subscribe again."""


class Subscription:
    """``seq`` and ``state`` at the moment of subscribing, then every later change.

    Iterate over it; the iteration ends when the hall is closed, and raises ``TooSlow`` or the
    hall's ``HallStopped``. Use it as a context manager, or call ``close``.
    """

    def __init__(
        self,
        seq: int,
        state: Conference | None,
        leave: Callable[[Subscription], None],
        backlog: int = BACKLOG,
    ) -> None:
        self.seq = seq
        self.state = state
        self._leave = leave
        self._backlog = backlog
        self._waiting: deque[Change] = deque()
        self._end: BaseException | None = None
        self._wake: asyncio.Future[None] | None = None

    def offer(self, change: Change) -> None:
        """From the hall. Cuts the follower that has too many changes waiting."""
        if self._end is not None:
            return
        if len(self._waiting) >= self._backlog:
            self._waiting.clear()
            self.end(TooSlow(f"more than {self._backlog} changes behind"))
            return
        self._waiting.append(change)
        self._signal()

    def end(self, reason: BaseException) -> None:
        """No more changes; those that wait are still delivered, then ``reason`` is raised."""
        if self._end is None:
            self._end = reason
            self._leave(self)
            self._signal()

    def close(self) -> None:
        """The follower leaves; what waits is dropped."""
        self._waiting.clear()
        self.end(StopAsyncIteration())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Change:
        while not self._waiting:
            if self._end is not None:
                raise self._end
            self._wake = asyncio.get_running_loop().create_future()
            try:
                await self._wake
            finally:
                self._wake = None
        return self._waiting.popleft()

    def take_waiting(self) -> tuple[Change, ...]:
        """Everything that waits, at once, so that a follower can send one message for it."""
        taken = tuple(self._waiting)
        self._waiting.clear()
        return taken

    def _signal(self) -> None:
        if self._wake is not None and not self._wake.done():
            self._wake.set_result(None)
