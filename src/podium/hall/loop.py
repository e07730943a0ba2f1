"""One conference's task: queue -> decide -> append -> evolve -> effects -> publish.

Commands that wait together share one append, and one change for those who follow. Nobody hears
of an event before it is durable. When the log fails the hall stops at once and for good: its
state is then what was last durable, and opening it again replays the truth.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from podium.conference.commands import Actor, Command
from podium.conference.decide import decide
from podium.conference.events import Event, Recorded
from podium.conference.evolve import replay
from podium.conference.refusals import Refusal
from podium.conference.state import Conference, ConferenceId
from podium.hall.instruments import Instruments
from podium.hall.ports import Clock, Log, LogConflict
from podium.hall.subscription import Change, Subscription

logger = logging.getLogger("podium.hall")

BATCH: Final = 256
"""Commands that share one append at most."""
WAITING: Final = 10_000
"""Commands that may wait; more are turned away with ``HallBusy``."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """The command was carried out; ``seq`` is the last entry then. ``entries`` are its own, none
    if it changed nothing."""

    seq: int
    entries: tuple[Recorded, ...]


Outcome = Accepted | Refusal


class HallStopped(Exception):
    """The hall no longer takes commands. The server's fault; what was accepted is safe."""

    code = "hall_stopped"
    zh = "会议记录无法写入，会议控制暂停。请联系管理员检查磁盘和数据库，然后重试。"
    en = (
        "The conference's log cannot be written, so its control has stopped. Ask the "
        "administrator to check disk and database, then try again."
    )

    def __init__(self, conference: ConferenceId, why: str, *, conflict: bool = False) -> None:
        self.conference = conference
        self.conflict = conflict
        """Another process writes this conference: opening it here again is no help."""
        super().__init__(f"hall {conference}: {why}")


class HallBusy(Exception):
    """Too many commands wait. The server's fault; try again later."""

    code = "hall_busy"
    zh = "会议控制繁忙，请稍后重试。"
    en = "The conference's control is busy. Try again in a moment."


class CommandFailed(Exception):
    """A command met a fault in Podium itself. It changed nothing, and the hall goes on."""

    code = "command_failed"
    zh = "操作因系统内部错误未能执行，会议未受影响。请联系管理员。"
    en = (
        "The command failed for a fault in Podium; the conference is unharmed. "
        "Tell the administrator."
    )


@dataclass(frozen=True, slots=True)
class _Asked:
    command: Command
    actor: Actor
    answer: asyncio.Future[Outcome] | None


@dataclass(frozen=True, slots=True)
class _Answer:
    asked: _Asked
    outcome: Outcome


class Hall:
    """The live conference. Made by ``Halls``; ``start`` begins its task."""

    def __init__(
        self,
        conference: ConferenceId,
        log: Log,
        instruments: Instruments,
        clock: Clock,
        *,
        state: Conference | None,
        seq: int,
        last_at: datetime | None,
    ) -> None:
        self.conference = conference
        self._log = log
        self._instruments = instruments
        self._clock = clock
        self._state = state
        self._seq = seq
        self._last_at = last_at
        self._queue: deque[_Asked] = deque()
        self._wake = asyncio.Event()
        self._followers: set[Subscription] = set()
        self._stopped: HallStopped | None = None
        self._closing = False
        self._task: asyncio.Task[None] | None = None

    @property
    def state(self) -> Conference | None:
        """What is durable. ``None`` until the conference is scheduled."""
        return self._state

    @property
    def seq(self) -> int:
        return self._seq

    @property
    def stopped(self) -> HallStopped | None:
        return self._stopped

    @property
    def waiting(self) -> int:
        """Commands in the queue."""
        return len(self._queue)

    @property
    def followers(self) -> int:
        return len(self._followers)

    def start(self) -> None:
        """Brings the instruments in line with the state, and takes commands from now on."""
        self._direct()
        self._task = asyncio.create_task(self._run(), name=f"hall {self.conference}")

    async def submit(self, command: Command, actor: Actor) -> Outcome:
        """Waits until the command is durable, or refused.

        Raises ``HallStopped``, ``HallBusy``, ``CommandFailed``.
        """
        if len(self._queue) >= WAITING:
            raise HallBusy
        answer: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._enqueue(_Asked(command, actor, answer))
        return await answer

    def post(self, command: Command, actor: Actor) -> None:
        """For Podium's own parts, which must not wait and do not ask what became of it."""
        if self._stopped is None and not self._closing:
            self._enqueue(_Asked(command, actor, None))

    def subscribe(self, backlog: int | None = None) -> Subscription:
        """Every change after the present state. Raises ``HallStopped``."""
        self._check_running()
        extra = {} if backlog is None else {"backlog": backlog}
        follower = Subscription(self._seq, self._state, self._followers.discard, **extra)
        self._followers.add(follower)
        return follower

    async def close(self) -> None:
        """Carries out what waits, then ends. Followers' streams end."""
        self._closing = True
        self._wake.set()
        if self._task is not None:
            await self._task
        if self._stopped is None:
            self._end(HallStopped(self.conference, "closed"), StopAsyncIteration())

    # --- the task

    def _enqueue(self, asked: _Asked) -> None:
        self._check_running()
        self._queue.append(asked)
        self._wake.set()

    def _check_running(self) -> None:
        if self._stopped is not None:
            raise self._stopped
        if self._closing:
            raise HallStopped(self.conference, "closing")

    async def _run(self) -> None:
        while True:
            while not self._queue:
                if self._closing:
                    return
                self._wake.clear()
                await self._wake.wait()
            count = min(len(self._queue), BATCH)
            batch = [self._queue.popleft() for _ in range(count)]
            try:
                await self._carry_out(batch)
            except BaseException as error:
                self._fail(batch, error)
                if not isinstance(error, Exception):
                    raise
                return

    async def _carry_out(self, batch: Sequence[_Asked]) -> None:
        before, base = self._state, self._seq
        state, entries, answers = self._decide_all(batch)
        if entries:
            await self._log.append(self.conference, entries)
            self._state, self._seq, self._last_at = state, entries[-1].seq, entries[-1].at
            self._direct()
            if state is not None:
                self._publish(Change(base, self._seq, before, state, tuple(entries)))
        else:
            await asyncio.sleep(0)  # many refusals in a row must not hold up everybody else
        for answer in answers:
            future = answer.asked.answer
            if future is not None and not future.done():
                future.set_result(answer.outcome)

    def _decide_all(
        self, batch: Sequence[_Asked]
    ) -> tuple[Conference | None, list[Recorded], list[_Answer]]:
        """Each command sees what those before it have done."""
        state = self._state
        entries: list[Recorded] = []
        answers: list[_Answer] = []
        for asked in batch:
            at = self._now()
            try:
                decision = decide(state, asked.command, asked.actor, at)
            except Exception:
                logger.exception("decide failed on %s", type(asked.command).__name__)
                if asked.answer is not None and not asked.answer.done():
                    asked.answer.set_exception(CommandFailed())
                continue
            if isinstance(decision, Refusal):
                answers.append(_Answer(asked, decision))
                continue
            own = self._recorded(decision, self._seq + len(entries), at, asked.actor)
            state = replay(own, state)
            entries.extend(own)
            answers.append(_Answer(asked, Accepted(self._seq + len(entries), own)))
        return state, entries, answers

    def _recorded(
        self, events: tuple[Event, ...], after: int, at: datetime, by: Actor
    ) -> tuple[Recorded, ...]:
        self._last_at = at
        return tuple(Recorded(after + n, at, by, event) for n, event in enumerate(events, 1))

    def _now(self) -> datetime:
        """The clock, which may be set back; the record may not."""
        now = self._clock.now()
        return now if self._last_at is None else max(now, self._last_at)

    def _direct(self) -> None:
        for instrument in self._instruments:
            instrument.direct(self.conference, self._state)

    def _publish(self, change: Change) -> None:
        for follower in tuple(self._followers):
            follower.offer(change)

    # --- the end

    def _fail(self, batch: Sequence[_Asked], error: BaseException) -> None:
        conflict = isinstance(error, LogConflict)
        why = "another process writes this conference" if conflict else repr(error)
        stopped = HallStopped(self.conference, why, conflict=conflict)
        stopped.__cause__ = error
        logger.error("hall stopped at entry %d: %s", self._seq, why)
        self._queue.extendleft(reversed(batch))
        self._end(stopped, stopped)

    def _end(self, stopped: HallStopped, to_followers: BaseException) -> None:
        self._stopped = stopped
        for asked in self._queue:
            if asked.answer is not None and not asked.answer.done():
                asked.answer.set_exception(stopped)
        self._queue.clear()
        for follower in tuple(self._followers):
            follower.end(to_followers)
