"""Joins the user agent, the legs and the conferences: the hall's
:class:`podium.hall.ports.Telephone`.

Effects go down to calls, what happens to calls goes up as commands. Everything runs on one event
loop, never blocks it, and holds no lock.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from podium.conference.calls import CallEnd
from podium.conference.state import Conference, ConferenceId, VenueId
from podium.conference.telephone import CallEffect, ConnectCall, DialCall, DropCall
from podium.hall.legs import LegNotice
from podium.hall.pins import PinLock
from podium.hall.ports import Clock
from podium.telephone.acquaintances import Acquaintances
from podium.telephone.admission import AT_ONCE, Admission, Entrances
from podium.telephone.board import Board, Manners
from podium.telephone.dial_in import DialIn
from podium.telephone.dial_out import DialOut
from podium.telephone.dialplan import DialLedger
from podium.telephone.follow import Followers
from podium.telephone.guard import PinGuard
from podium.telephone.lockout import Lockout
from podium.telephone.ports import Agent, Conferences, Legs, Notebook, Pins, Routes
from podium.telephone.remembering import Knowledge, Memory
from podium.telephone.sip.events import CallEvent, IncomingCall
from podium.telephone.sound import Terms
from podium.telephone.times import Times

logger = logging.getLogger("podium.telephone")


@dataclass(frozen=True, slots=True)
class Fallback:
    """Seconds: from the report that a station is lost to the call, and from its return to the
    end of that call."""

    after: float
    grace: float


@dataclass(frozen=True, slots=True)
class Caution:
    """What it takes to be on one's guard. ``disguise`` makes pseudonyms of numbers and addresses;
    ``told`` is given the lock for strangers when there is one, and ``None`` at its end."""

    pins: Pins
    notebook: Notebook
    clock: Clock
    disguise: Callable[[str], str]
    told: Callable[[PinLock | None], None]


class TelephoneHouse:
    """All calls. Made on the event loop; ``start`` before the first call, ``close`` before the
    loop ends."""

    def __init__(
        self,
        *,
        agent: Agent,
        legs: Legs,
        conferences: Conferences,
        caution: Caution,
        ledger: DialLedger,
        routes: Routes,
        manners: Manners,
        terms: Terms,
        fallback: Fallback,
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._followers = Followers(
            conferences,
            self._changed,
            lambda conference, command: self._board.report(conference, command),
            after=fallback.after,
            grace=fallback.grace,
        )
        times = Times(self._loop.time, caution.clock)
        self._lockout = Lockout(times, caution.told)
        acquaintances = Acquaintances(conferences, caution.disguise, times.now)
        known = Knowledge(PinGuard(), self._lockout, acquaintances, ledger)
        self._memory = Memory(known, caution.notebook, times)
        self._board = Board(
            agent=agent,
            legs=legs,
            conferences=conferences,
            admission=Admission(
                pins=caution.pins,
                entrances=Entrances(manners.trunks, frozenset(manners.phones)),
                guard=known.guard,
                lockout=self._lockout,
                acquaintances=acquaintances,
                disguise=caution.disguise,
                changed=self._memory.changed,
                now=times.now,
                few=asyncio.Semaphore(AT_ONCE),
            ),
            ledger=ledger,
            routes=routes,
            manners=manners,
            terms=terms,
            follow=self._followers.follow,
            now=self._loop.time,
            placed=self._memory.changed,
        )
        legs.listen(self.leg)

    async def start(self) -> None:
        """Recalls what was known before a restart. Raises ``OSError``."""
        await self._memory.recall()

    async def close(self) -> None:
        """Hangs up. Nothing is reported: after a restart calls are placed again, and those that
        came in are lost."""
        self._board.closing.set()
        for key in tuple(self._board.by_call):
            self._board.agent.hang_up(key)
        await self._followers.close()
        await self._board.close()
        self._lockout.close()
        await self._memory.close()

    @property
    def calls(self) -> int:
        return len(self._board.by_call)

    def follow(self, conference: ConferenceId) -> None:
        """There is something to be watched in this conference."""
        self._followers.follow(conference)

    def lift_pin_lock(self) -> None:
        """Strangers are asked for their PIN again."""
        self._lockout.lift()
        self._memory.changed()

    def pin_revoked(self, conference: ConferenceId, venue: VenueId | None) -> None:
        """``None``: the general PIN. Calls that came in by it end; those of guests whom the
        operator has assigned to a venue do not."""
        for user in tuple(self._board.by_call.values()):
            user.pin_revoked(conference, venue)

    # --- the hall's side

    def apply(self, conference: ConferenceId, effects: Sequence[CallEffect]) -> None:
        for effect in effects:
            seat = self._board.seats.get(conference, {}).get(effect.call)
            match effect:
                case DialCall():
                    if seat is not None:
                        seat.drop(CallEnd.REPLACED)
                    DialOut(self._board, conference, effect)
                case ConnectCall(venue=venue):
                    if seat is not None:
                        seat.connect(venue)
                case DropCall(reason=reason):
                    if seat is not None:
                        seat.drop(reason)

    def _changed(self, conference: ConferenceId, seq: int, state: Conference) -> None:
        for seat in tuple(self._board.seats.get(conference, {}).values()):
            seat.changed(seq, state)

    # --- the user agent's and the legs' side

    def sip(self, event: CallEvent) -> None:
        """Taken in order, but not at once: a command of ours may be what it comes of."""
        self._loop.call_soon(self._sip, event)

    def _sip(self, event: CallEvent) -> None:
        if isinstance(event, IncomingCall):
            DialIn(self._board, event)
            return
        user = self._board.by_call.get(event.call)
        if user is not None:
            user.sip(event)

    def leg(self, notice: LegNotice) -> None:
        user = self._board.by_leg.get(notice.leg)
        if user is not None:
            user.leg(notice)
