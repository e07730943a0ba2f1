"""All halls of this process: opened by replay when first asked for, one for each conference."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Sequence
from typing import Final

from podium.conference.commands import (
    Actor,
    Command,
    LoseCalls,
    ReportConnection,
    Role,
    ScheduleConference,
)
from podium.conference.decide import decide
from podium.conference.events import Recorded
from podium.conference.evolve import replay
from podium.conference.refusals import Refusal
from podium.conference.state import Conference, ConferenceId, Connection
from podium.hall.instruments import Instruments, instruments
from podium.hall.loop import Hall, HallStopped, Outcome
from podium.hall.ports import Clock, Log, LogConflict, Media, Telephone

logger = logging.getLogger("podium.hall")

THE_HALL: Final = Actor(Role.SYSTEM, "hall")
_REPLAY_STEP: Final = 500
"""Entries folded before others get a turn."""


class Halls:
    """Opens, finds and closes halls. One per process; every conference has one writer."""

    def __init__(self, log: Log, media: Media, telephone: Telephone, clock: Clock) -> None:
        self._log = log
        self._media = media
        self._telephone = telephone
        self._clock = clock
        self._halls: dict[ConferenceId, Hall] = {}
        self._opening: dict[ConferenceId, asyncio.Task[Hall | None]] = {}
        self._posting: set[asyncio.Task[None]] = set()
        self._instruments: dict[ConferenceId, Instruments] = {}
        """Of every conference that has been opened: they outlive halls that stop."""

    async def create(self, command: ScheduleConference, actor: Actor) -> Outcome:
        """Schedules a conference. Raises what ``Hall.submit`` raises."""
        hall = None
        while hall is None:
            hall = await self._opened(command.conference, blank=True)
        outcome = await hall.submit(command, actor)
        if hall.state is None and self._halls.get(command.conference) is hall:
            del self._halls[command.conference]
            del self._instruments[command.conference]
            await hall.close()
        return outcome

    async def get(self, conference: ConferenceId) -> Hall | None:
        """The hall of a conference that exists. Raises ``HallStopped`` where another process
        writes it, and what the log raises."""
        hall = await self._opened(conference)
        return None if hall is None or hall.state is None else hall

    def post(self, conference: ConferenceId, command: Command, actor: Actor) -> None:
        """For Podium's own parts: never waits, never raises. A hall that has stopped is opened
        again for it, so that what it says of venues stays true."""
        hall = self._halls.get(conference)
        if hall is not None and hall.stopped is None:
            hall.post(command, actor)
        elif hall is None or (hall.stopped is not None and not hall.stopped.conflict):
            task = asyncio.create_task(self._post_later(conference, command, actor))
            self._posting.add(task)
            task.add_done_callback(self._posting.discard)

    async def _post_later(self, conference: ConferenceId, command: Command, actor: Actor) -> None:
        try:
            hall = await self.get(conference)
            if hall is not None:
                hall.post(command, actor)
        except (HallStopped, OSError) as error:
            logger.warning("%s of %s is dropped: %s", command.type, conference, error)

    def opened(self) -> Sequence[Hall]:
        """Halls that are open at this moment."""
        return tuple(self._halls.values())

    async def open_all(self, conferences: Iterable[ConferenceId]) -> None:
        """Opens these now, so that they do not wait for their first visitor. One that cannot be
        opened is reported and does not keep the others from it."""
        for conference in conferences:
            try:
                await self.get(conference)
            except Exception:
                logger.exception("conference %s cannot be opened", conference)

    async def close(self) -> None:
        """Carries out what waits in every hall, then ends them all."""
        for task in (*self._opening.values(), *self._posting):
            await asyncio.wait([task])
        await asyncio.gather(*(hall.close() for hall in self._halls.values()))
        self._halls.clear()

    async def _opened(self, conference: ConferenceId, *, blank: bool = False) -> Hall | None:
        hall = self._halls.get(conference)
        if hall is not None and (hall.stopped is None or hall.stopped.conflict):
            return hall
        task = self._opening.get(conference)
        if task is None:
            if hall is not None:
                del self._halls[conference]
            task = asyncio.create_task(self._open(conference, blank=blank))
            self._opening[conference] = task
            task.add_done_callback(lambda _: self._opening.pop(conference, None))
        # One caller's cancellation must not take the hall from the others.
        return await asyncio.shield(task)

    async def _open(self, conference: ConferenceId, *, blank: bool) -> Hall | None:
        """``blank``: also where nothing is recorded yet."""
        entries = await self._log.read(conference)
        if not entries and not blank:
            return None
        state = await _replayed(entries)
        known = self._instruments.get(conference)
        if known is None:
            lost = self._lost_by_restart(state, entries)
            if lost:
                await self._append(conference, lost)
                state = replay(lost, state)
                entries = lost
        directed = known or instruments(self._media, self._telephone)
        hall = Hall(
            conference,
            self._log,
            directed,
            self._clock,
            state=state,
            seq=entries[-1].seq if entries else 0,
            last_at=entries[-1].at if entries else None,
        )
        hall.start()
        self._instruments[conference] = directed
        self._halls[conference] = hall
        return hall

    async def _append(self, conference: ConferenceId, entries: Sequence[Recorded]) -> None:
        try:
            await self._log.append(conference, entries)
        except LogConflict as error:
            why = "another process writes this conference"
            raise HallStopped(conference, why, conflict=True) from error

    def _lost_by_restart(
        self, state: Conference | None, entries: Sequence[Recorded]
    ) -> tuple[Recorded, ...]:
        """Whoever was attached to the process before this one is not attached to this one, and
        its calls are gone."""
        if state is None:
            return ()
        now = max(self._clock.now(), entries[-1].at)
        reports: list[Command] = [
            ReportConnection(venue.id, Connection.LOST, "server")
            for venue in state.venues.values()
            if venue.attached
        ]
        lost: list[Recorded] = []
        for report in (*reports, LoseCalls()):
            decision = decide(state, report, THE_HALL, now)
            if isinstance(decision, Refusal):
                continue
            seq = entries[-1].seq + len(lost)
            lost.extend(Recorded(seq + n, now, THE_HALL, e) for n, e in enumerate(decision, 1))
        return tuple(lost)


async def _replayed(entries: Sequence[Recorded]) -> Conference | None:
    state: Conference | None = None
    for start in range(0, len(entries), _REPLAY_STEP):
        state = replay(entries[start : start + _REPLAY_STEP], state)
        await asyncio.sleep(0)
    return state
