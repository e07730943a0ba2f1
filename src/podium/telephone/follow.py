"""Follows conferences: tells the seats of each what has changed, and watches for lost video."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import Final, Protocol

from podium.conference.commands import Command, FallBack, ReleaseFallback
from podium.conference.effects import ROOM_PHASES
from podium.conference.state import Conference, ConferenceId, Phase, Venue, VenueId
from podium.hall.loop import HallStopped
from podium.hall.subscription import Subscription, TooSlow
from podium.telephone.fallback import FallbackWatch, Release, Sight
from podium.telephone.ports import Conferences
from podium.telephone.standing import sight_of

logger = logging.getLogger("podium.telephone")

PAUSE: Final = 1.0
"""Seconds until a conference that we have lost sight of is followed again."""


class Told(Protocol):
    def __call__(self, conference: ConferenceId, seq: int, state: Conference) -> None:
        """The conference after its entry ``seq``."""
        ...


class Followers:
    """One task a conference, from ``follow`` to its end."""

    def __init__(
        self,
        conferences: Conferences,
        told: Told,
        report: Callable[[ConferenceId, Command], None],
        *,
        after: float,
        grace: float,
    ) -> None:
        self._conferences = conferences
        self._told = told
        self._report = report
        self._after = after
        self._grace = grace
        self._tasks: dict[ConferenceId, asyncio.Task[None]] = {}

    def follow(self, conference: ConferenceId) -> None:
        """Nothing where it is followed already."""
        if conference not in self._tasks:
            task = asyncio.create_task(self._follow(conference), name=f"telephone {conference}")
            self._tasks[conference] = task
            task.add_done_callback(lambda done: self._ended(conference, done))

    async def close(self) -> None:
        tasks = tuple(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _ended(self, conference: ConferenceId, task: asyncio.Task[None]) -> None:
        self._tasks.pop(conference, None)
        if not task.cancelled() and task.exception() is not None:
            logger.error("a conference is no longer followed", exc_info=task.exception())

    async def _follow(self, conference: ConferenceId) -> None:
        watch = _Watch(conference, self._report, FallbackWatch(self._after, self._grace))
        try:
            while True:
                if not await self._follow_once(conference, watch):
                    return
                await asyncio.sleep(PAUSE)
        finally:
            watch.close()

    async def _follow_once(self, conference: ConferenceId, watch: _Watch) -> bool:
        """Whether to begin anew: we have missed something, or the log cannot be written now."""
        try:
            hall = await self._conferences.get(conference)
            if hall is None:
                return False
            with hall.subscribe() as changes:
                await self._take(conference, changes, watch)
        except HallStopped as stopped:
            return not stopped.conflict
        except (TooSlow, OSError):
            return True
        return False

    async def _take(self, conference: ConferenceId, changes: Subscription, watch: _Watch) -> None:
        seq, state = changes.seq, changes.state
        while True:
            if state is not None:
                watch.see(state)
                self._told(conference, seq, state)
                if state.phase is Phase.CLOSED:
                    return
            try:
                change = await anext(changes)
            except StopAsyncIteration:
                return
            seq, state = change.seq, change.after


class _Watch:
    """Of one conference: which venues to ring and to release, and the timer for it."""

    def __init__(
        self,
        conference: ConferenceId,
        report: Callable[[ConferenceId, Command], None],
        fallback: FallbackWatch,
    ) -> None:
        self._conference = conference
        self._report = report
        self._fallback = fallback
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._seen: Mapping[VenueId, Venue] = {}

    def see(self, state: Conference) -> None:
        now = self._loop.time()
        venues = state.venues if state.phase in ROOM_PHASES else {}
        if venues is self._seen:
            return
        for id_, venue in venues.items():
            if self._seen.get(id_) is not venue:
                self._fallback.see(id_, sight_of(venue) if venue.telephones else Sight.OTHER, now)
        for id_ in self._seen:
            if id_ not in venues:
                self._fallback.forget(id_)
        self._seen = venues
        self._set_timer()

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _set_timer(self) -> None:
        self.close()
        deadline = self._fallback.deadline
        if deadline is not None:
            self._timer = self._loop.call_at(deadline, self._ripe)

    def _ripe(self) -> None:
        self._timer = None
        # The clock may have stopped a hair before the deadline that it was set to.
        deadline = self._fallback.deadline or 0.0
        for done in self._fallback.due(max(self._loop.time(), deadline)):
            command: Command = (
                ReleaseFallback(done.venue) if isinstance(done, Release) else FallBack(done.venue)
            )
            self._report(self._conference, command)
        self._set_timer()
