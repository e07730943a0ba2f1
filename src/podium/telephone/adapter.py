"""Joins the user agent, the legs and the conferences: the hall's
:class:`podium.hall.ports.Telephone`.

Effects go down to calls, what happens to calls goes up as commands. Everything runs on one event
loop, never blocks it, and holds no lock.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass

from podium.conference.calls import CallEnd
from podium.conference.state import Conference, ConferenceId
from podium.conference.telephone import CallEffect, ConnectCall, DialCall, DropCall
from podium.hall.legs import LegNotice
from podium.telephone.board import Board, Manners
from podium.telephone.dial_in import DialIn
from podium.telephone.dial_out import DialOut
from podium.telephone.dialplan import DialLedger
from podium.telephone.follow import Followers
from podium.telephone.guard import PinGuard
from podium.telephone.ports import Agent, Conferences, Legs, Pins, Routes
from podium.telephone.sip.events import CallEvent, IncomingCall
from podium.telephone.sound import Terms

logger = logging.getLogger("podium.telephone")


@dataclass(frozen=True, slots=True)
class Fallback:
    """Seconds: from the report that a station is lost to the call, and from its return to the
    end of that call."""

    after: float
    grace: float


class TelephoneHouse:
    """All calls. Made on the event loop; ``close`` before it ends."""

    def __init__(
        self,
        *,
        agent: Agent,
        legs: Legs,
        conferences: Conferences,
        pins: Pins,
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
        self._board = Board(
            agent=agent,
            legs=legs,
            conferences=conferences,
            pins=pins,
            guard=PinGuard(),
            ledger=ledger,
            routes=routes,
            manners=manners,
            terms=terms,
            follow=self._followers.follow,
            now=self._loop.time,
        )
        legs.listen(self.leg)

    async def close(self) -> None:
        """Hangs up. Nothing is reported: after a restart calls are placed again, and those that
        came in are lost."""
        self._board.closing.set()
        for key in tuple(self._board.by_call):
            self._board.agent.hang_up(key)
        await self._followers.close()
        await self._board.close()

    @property
    def calls(self) -> int:
        return len(self._board.by_call)

    def follow(self, conference: ConferenceId) -> None:
        """There is something to be watched in this conference."""
        self._followers.follow(conference)

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
