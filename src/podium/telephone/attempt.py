"""One number that is dialled: the ways to it one after the other, and the call that comes of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Protocol

from podium.conference.calls import CallEnd
from podium.conference.state import ConferenceId, VenueId
from podium.hall.legs import NoLegFree
from podium.telephone.board import Board
from podium.telephone.call import ENDS, Call
from podium.telephone.menu import Menu
from podium.telephone.prompts.texts import Prompt
from podium.telephone.redial import RING_SECONDS, end_of
from podium.telephone.sip.events import (
    Answered,
    CallEvent,
    CallKey,
    Ended,
    Progress,
    Rejected,
    Unreachable,
)
from podium.telephone.sip.outgoing import Invitation
from podium.telephone.sound import Sound

Way = Callable[[bytes], Invitation]
"""From our SDP offer to the call that is to be placed."""


class AttemptUser(Protocol):
    def ringing(self) -> None: ...

    def answered(self, call: Call) -> None: ...

    def join(self, call: Call) -> None:
        """Whoever answered has pressed 1."""
        ...

    def over(self, reason: CallEnd) -> None:
        """Once, at the end."""
        ...


class Attempt:
    """``ways``: each is tried when the one before is down. It has been counted in the ledger, and
    is taken out of it at its end."""

    def __init__(self, board: Board, user: AttemptUser, ways: Sequence[Way]) -> None:
        self._board = board
        self._user = user
        self._ways = list(ways)
        self._key: CallKey | None = None
        self._patience: asyncio.TimerHandle | None = None
        self._rang = False
        self._answered = False
        self._reason: CallEnd | None = None
        """Why we have hung up, if that is to be told."""
        self._over = False
        self.call: Call | None = None

    def begin(self) -> None:
        if self._over:
            return
        if not self._ways:
            self._finish(CallEnd.NO_ANSWER)
            return
        try:
            self._invite(self._ways.pop(0), Sound(self._board.legs.open(), self._board.terms))
        except NoLegFree:
            self._finish(CallEnd.FAILED)

    def _invite(self, way: Way, sound: Sound) -> None:
        self._key = key = self._board.agent.invite(way(sound.offer()))
        self._board.by_call[key] = self
        menu = Menu(languages=self._board.manners.languages)
        self.call = Call(self._board, key, sound, self, menu)
        loop = asyncio.get_running_loop()
        self._patience = loop.call_later(RING_SECONDS, self._hang_up, CallEnd.NO_ANSWER)

    def release(self, words: Prompt) -> None:
        """The call is no longer wanted."""
        if self._answered and self.call is not None:
            self.call.send_away(words)
        elif self._key is not None:
            self._hang_up(CallEnd.RELEASED)
        else:
            self._finish(CallEnd.RELEASED)

    # --- what happens to it

    def sip(self, event: CallEvent) -> None:
        match event:
            case Progress(status=status):
                if 180 <= status < 190 and not self._rang:
                    self._rang = True
                    self._user.ringing()
            case Answered(answer=answer) if not self._answered:
                self._take(answer)
            case Rejected():
                self._failed(end_of(event.status, event.cause))
            case Unreachable():
                self._failed(CallEnd.TRUNK_DOWN)
            case Ended(why=why):
                self._finish(self._reason or ENDS[why])
            case _:
                if self.call is not None:
                    self.call.sip(event)

    def pin_revoked(self, conference: ConferenceId, venue: VenueId | None) -> None:
        """Who is called comes in without one."""

    def _take(self, answer: bytes) -> None:
        self._answered = True
        if self._patience is not None:
            self._patience.cancel()
        if self.call is None:
            return
        if self.call.answered(answer):
            self._user.answered(self.call)
        else:
            self._reason = CallEnd.NO_CODEC

    def _failed(self, reason: CallEnd) -> None:
        """A trunk that is down has others beside it; what it says of the number is final."""
        if reason is CallEnd.TRUNK_DOWN and self._ways and self._reason is None:
            self._let_go()
            self.begin()
        else:
            self._finish(self._reason or reason)

    def _hang_up(self, reason: CallEnd) -> None:
        self._reason = reason
        if self._key is not None:
            self._board.agent.hang_up(self._key)

    def _finish(self, reason: CallEnd) -> None:
        if self._over:
            return
        self._over = True
        self._let_go()
        self._board.ledger.ended()
        self._user.over(reason)

    def _let_go(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
        if self._key is not None:
            self._board.by_call.pop(self._key, None)
        if self.call is not None:
            self.call.close()
        self._key = self.call = None

    # --- what its dialogue asks

    def check_pin(self, pin: str) -> None:
        raise AssertionError("who is called is not asked for a PIN")

    def join(self) -> None:
        if self.call is not None:
            self._user.join(self.call)

    def hang_up(self, *, unanswered: bool) -> None:
        if unanswered:
            self._reason = CallEnd.MACHINE
        if self._key is not None:
            self._board.agent.hang_up(self._key)
