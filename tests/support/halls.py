"""What a hall needs, in memory: a log that can be made to fail, a media engine that remembers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tests.support.conferences import NOON

from podium.conference.effects import Effect
from podium.conference.events import Recorded
from podium.conference.state import ConferenceId, VenueId
from podium.conference.telephone import CallEffect
from podium.hall.pins import PinLock
from podium.hall.ports import LogConflict
from podium.hall.trunks import TrunkState


class MemoryLog:
    """Keeps the log's contract. ``hold`` delays appends; ``fail_before`` and ``fail_after`` raise
    at the next append, before or after it has become durable."""

    def __init__(self) -> None:
        self.streams: dict[ConferenceId, list[Recorded]] = {}
        self.appends: list[int] = []
        """Entries of each append."""
        self.fail_before: BaseException | None = None
        self.fail_after: BaseException | None = None
        self.open = asyncio.Event()
        self.open.set()
        self.reached = asyncio.Event()
        """Set when an append waits or has been made."""

    def hold(self) -> None:
        self.open.clear()
        self.reached.clear()

    async def append(self, conference: ConferenceId, entries: Sequence[Recorded]) -> None:
        if not entries:
            return
        self.reached.set()
        await self.open.wait()
        if self.fail_before is not None:
            raise self.fail_before
        stream = self.streams.get(conference, [])
        if entries[0].seq <= len(stream):
            raise LogConflict(f"{conference}: seq {entries[0].seq} is taken")
        first = len(stream) + 1
        if [e.seq for e in entries] != list(range(first, first + len(entries))):
            raise ValueError(f"{conference}: entries leave a gap after {len(stream)}")
        self.streams[conference] = [*stream, *entries]
        self.appends.append(len(entries))
        if self.fail_after is not None:
            raise self.fail_after

    async def read(self, conference: ConferenceId, after: int = 0) -> Sequence[Recorded]:
        return self.streams.get(conference, [])[after:]

    async def ids(self) -> Sequence[ConferenceId]:
        return list(self.streams)


@dataclass
class MemoryMedia:
    """Remembers what it was told, with how much was durable by then."""

    log: MemoryLog
    told: list[Effect] = field(default_factory=list)
    durable: list[int] = field(default_factory=list)
    failing: bool = False

    def apply(self, conference: ConferenceId, effects: Sequence[Effect]) -> None:
        if self.failing:
            raise RuntimeError("a fault of the media room")
        self.told.extend(effects)
        self.durable.append(len(self.log.streams.get(conference, [])))


@dataclass
class MemoryTelephone:
    """Remembers what it was told; has the number and the trunks that a test gives it."""

    told: list[CallEffect] = field(default_factory=list)
    failing: bool = False
    number: str | None = None
    lines: list[TrunkState] = field(default_factory=list)
    listeners: list[Callable[[], None]] = field(default_factory=list)
    lock: PinLock | None = None
    revoked: list[tuple[ConferenceId, VenueId | None]] = field(default_factory=list)

    def access_number(self) -> str | None:
        return self.number

    def trunks(self) -> Sequence[TrunkState]:
        return self.lines

    def pin_lock(self) -> PinLock | None:
        return self.lock

    def lift_pin_lock(self) -> None:
        self.locked(None)

    def locked(self, lock: PinLock | None) -> None:
        self.lock = lock
        for listener in self.listeners:
            listener()

    def pin_revoked(self, conference: ConferenceId, venue: VenueId | None) -> None:
        self.revoked.append((conference, venue))

    def listen(self, listener: Callable[[], None]) -> Callable[[], None]:
        self.listeners.append(listener)
        return lambda: self.listeners.remove(listener)

    def follow(self, _conference: ConferenceId) -> None:
        pass

    async def start(self) -> None:
        pass

    async def stop(self) -> None:
        pass

    def turn(self, *lines: TrunkState) -> None:
        """The trunks are now in these states."""
        self.lines = list(lines)
        for listener in self.listeners:
            listener()

    def apply(self, conference: ConferenceId, effects: Sequence[CallEffect]) -> None:
        if self.failing:
            raise RuntimeError("a fault of the telephone room")
        self.told.extend(effects)


@dataclass
class HandClock:
    at: datetime = NOON

    def now(self) -> datetime:
        return self.at

    def advance(self, by: timedelta) -> None:
        self.at += by
