"""Opens programmes and carries out commands on them, one after the other.

A programme has no task of its own: whoever acts holds its lock while deciding and appending. When
another process has written in between, the new entries are read and the command decided anew.
States never change, so deciding and folding are done beside the event loop: six hundred thousand
assignments hold up no conference.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from podium.desk.keeper import Keeper, Moment
from podium.desk.ports import Clock, Log, NoSnapshots
from podium.values.log import LogConflict
from podium.values.refusal import Refusal
from podium.work.board import Board, board
from podium.work.commands import Actor, Command, CreateProgramme
from podium.work.decide import decide
from podium.work.events import Event, Recorded
from podium.work.evolve import replay
from podium.work.state import Programme
from podium.work.values import ProgrammeId

_ATTEMPTS: Final = 5


@dataclass(frozen=True, slots=True)
class Accepted:
    """``seq`` is the last entry then; ``entries`` are the commands' own, none if they changed
    nothing."""

    seq: int
    entries: tuple[Recorded, ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """``place``: which of the commands, from 0. Nothing of any of them was done."""

    refusal: Refusal
    place: int = 0


Outcome = Accepted | Refused

Listener = Callable[[ProgrammeId, Sequence[Recorded]], None]
"""Hears of entries once they are durable. It neither blocks nor raises."""


class DeskBusy(Exception):
    """Others keep writing this programme. The server's fault; try again."""

    code = "desk_busy"


def known_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def today_in(zone: str, now: datetime) -> date:
    return now.astimezone(ZoneInfo(zone)).date()


@dataclass(frozen=True, slots=True)
class _Decided:
    """``state`` is that after the entries."""

    outcome: Outcome
    state: Programme | None


@dataclass(slots=True)
class _Open:
    """A programme in memory. ``state`` is ``None`` until it is created."""

    state: Programme | None = None
    seq: int = 0
    at: datetime | None = None
    board: Board | None = None
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class Programmes:
    """One per process."""

    def __init__(self, log: Log, clock: Clock, keeper: Keeper | None = None) -> None:
        self._log = log
        self._clock = clock
        self._keeper = keeper or Keeper(NoSnapshots())
        self._open: dict[ProgrammeId, _Open] = {}
        self._listeners: list[Listener] = []

    def listen(self, listener: Listener) -> None:
        """For as long as this object lives."""
        self._listeners.append(listener)

    async def create(self, command: CreateProgramme, actor: Actor) -> Outcome:
        """Raises what ``act`` raises."""
        return await self._act(command.programme, (command,), actor)

    async def act(
        self, programme: ProgrammeId, commands: Sequence[Command], actor: Actor
    ) -> Outcome | None:
        """All of the commands, in one transaction, or none. ``None``: no such programme. Raises
        ``DeskBusy``, and ``OSError`` where the store fails: then nothing was done."""
        if await self.look(programme) is None:
            return None
        return await self._act(programme, commands, actor)

    async def look(self, programme: ProgrammeId) -> Programme | None:
        opened = await self._opened(programme)
        return opened.state

    async def seq(self, programme: ProgrammeId) -> int:
        return (await self._opened(programme)).seq

    async def board(self, programme: ProgrammeId) -> Board | None:
        """The lights of today. Made off the event loop; kept until something changes."""
        opened = await self._opened(programme)
        state = opened.state
        if state is None:
            return None
        today = today_in(state.zone, self._clock.now())
        known = opened.board
        if known is None or known.state is not state or known.today != today:
            known = await asyncio.to_thread(board, state, today, known)
            opened.board = known
        return known

    async def ids(self) -> Sequence[ProgrammeId]:
        """Every programme there is."""
        return await self._log.ids()

    def pages(self, programme: ProgrammeId, after: int) -> AsyncIterator[Sequence[Recorded]]:
        """The log after this entry, a part at a time."""
        return self._log.pages(programme, after)

    async def chosen(self, programme: ProgrammeId, seqs: Sequence[int]) -> Sequence[Recorded]:
        """Entries by their numbers."""
        return await self._log.chosen(programme, seqs)

    async def close(self) -> None:
        """Waits for what is being kept."""
        await self._keeper.settle()

    async def _act(
        self, programme: ProgrammeId, commands: Sequence[Command], actor: Actor
    ) -> Outcome:
        opened = await self._opened(programme)
        async with opened.lock:
            for _ in range(_ATTEMPTS):
                decided = await asyncio.to_thread(
                    self._decided, opened.state, opened.seq, opened.at, commands, actor
                )
                outcome = decided.outcome
                if isinstance(outcome, Refused) or not outcome.entries:
                    self._forget_blank(programme, opened)
                    return outcome
                try:
                    await self._log.append(programme, outcome.entries)
                except LogConflict:
                    await self._read_on(programme, opened)
                    continue
                opened.state = decided.state
                opened.seq, opened.at = outcome.seq, outcome.entries[-1].at
                self._passed(programme, opened)
                for listener in self._listeners:
                    listener(programme, outcome.entries)
                return outcome
        raise DeskBusy(programme)

    def _decided(
        self,
        state: Programme | None,
        seq: int,
        at: datetime | None,
        commands: Sequence[Command],
        actor: Actor,
    ) -> _Decided:
        now = self._clock.now() if at is None else max(self._clock.now(), at)
        entries: list[Recorded] = []
        for place, command in enumerate(commands):
            decision = decide(state, command, actor, self._day_of(state, command, now))
            if isinstance(decision, Refusal):
                return _Decided(Refused(decision, place), state)
            new = self._recorded(decision, seq + len(entries), now, actor)
            state = replay(new, state)
            entries += new
        return _Decided(Accepted(seq + len(entries), tuple(entries)), state)

    def _day_of(self, state: Programme | None, command: Command, now: datetime) -> date:
        if state is not None:
            return today_in(state.zone, now)
        zone = command.zone if isinstance(command, CreateProgramme) else "UTC"
        return today_in(zone, now)

    @staticmethod
    def _recorded(
        events: tuple[Event, ...], after: int, now: datetime, actor: Actor
    ) -> list[Recorded]:
        return [Recorded(after + n, now, actor, event) for n, event in enumerate(events, 1)]

    async def _opened(self, programme: ProgrammeId) -> _Open:
        opened = self._open.get(programme)
        if opened is None:
            opened = self._open[programme] = _Open()
            async with opened.lock:
                try:
                    await self._read_on(programme, opened)
                except BaseException:
                    self._open.pop(programme, None)
                    raise
            self._forget_blank(programme, opened)
        elif opened.seq == 0:
            async with opened.lock:  # somebody else is reading it at this moment
                pass
        return opened

    async def _read_on(self, programme: ProgrammeId, opened: _Open) -> None:
        if opened.seq == 0:
            kept = await self._keeper.restored(programme)
            if kept is not None:
                opened.state, opened.seq, opened.at = kept.state, kept.seq, kept.at
        async for page in self._log.pages(programme, opened.seq):
            opened.state = await asyncio.to_thread(replay, page, opened.state)
            opened.seq, opened.at = page[-1].seq, page[-1].at
        self._passed(programme, opened)

    def _passed(self, programme: ProgrammeId, opened: _Open) -> None:
        if opened.state is not None and opened.at is not None:
            self._keeper.passed(programme, Moment(opened.state, opened.seq, opened.at))

    def _forget_blank(self, programme: ProgrammeId, opened: _Open) -> None:
        """So that asking for what does not exist fills no memory."""
        if opened.state is None and self._open.get(programme) is opened:
            del self._open[programme]

    def opened(self) -> Mapping[ProgrammeId, Programme]:
        """Those in memory."""
        return {id_: o.state for id_, o in self._open.items() if o.state is not None}
