"""Calls that Podium places for a venue: its numbers one after another, until somebody presses 1."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Final

from podium.conference.calls import CallEnd, CallPurpose, CallStage
from podium.conference.commands import ReportCall, ReportCallEnded
from podium.conference.refusals import Refusal
from podium.conference.state import Conference, ConferenceId, VenueId
from podium.conference.telephone import DialCall
from podium.telephone import menu_values as v
from podium.telephone.attempt import Attempt
from podium.telephone.board import TELEPHONE, UNABLE, Board
from podium.telephone.call import Call
from podium.telephone.dialplan import NotAllowed
from podium.telephone.prompts.texts import Prompt
from podium.telephone.redial import Dial, DialLater, Dialling, GiveUp, after_setback
from podium.telephone.standing import LAST_WORDS

_NOT_PLACED: Final[Mapping[NotAllowed, CallEnd]] = {
    NotAllowed.NO_NUMBER: CallEnd.WRONG_NUMBER,
    NotAllowed.PREFIX: CallEnd.NOT_ALLOWED,
    NotAllowed.NO_TRUNK: CallEnd.NOT_CONFIGURED,
    NotAllowed.CONFERENCE_CAP: CallEnd.LIMIT,
    NotAllowed.DAY_CAP: CallEnd.LIMIT,
    NotAllowed.CONCURRENT_CAP: CallEnd.LIMIT,
}


class DialOut:
    """Made when the conference wants the call. It reports how far it has come."""

    def __init__(self, board: Board, conference: ConferenceId, wanted: DialCall) -> None:
        self._board = board
        self._conference = conference
        self._wanted = wanted
        self._venue = wanted.venue
        self._dialling = Dialling(len(wanted.numbers))
        self._attempt: Attempt | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._joined = False
        self._over = False
        board.seat(conference, wanted.call, self)
        self._dial(self._dialling, None)

    # --- number after number

    def _dial(self, dialling: Dialling, setback: CallEnd | None) -> None:
        self._timer = None
        self._dialling = dialling
        number = self._wanted.numbers[dialling.number]
        self._report(CallStage.DIALLING, setback)
        route = self._board.ledger.place(self._conference, number, self._board.now())
        if isinstance(route, NotAllowed):
            self._later(0.0, lambda: self._set_back(_NOT_PLACED[route]))
            return
        self._board.placed()
        self._attempt = Attempt(self._board, self, self._board.routes.ways(route))
        self._attempt.begin()

    def _later(self, seconds: float, action: Callable[[], None]) -> None:
        self._timer = asyncio.get_running_loop().call_later(seconds, action)

    def ringing(self) -> None:
        self._report(CallStage.RINGING, None)

    def answered(self, call: Call) -> None:
        self._report(CallStage.ASKED, None)
        call.dialogue.feed(v.Called(fallback=self._wanted.purpose is CallPurpose.FALLBACK))

    def _set_back(self, reason: CallEnd) -> None:
        """The present number has led nowhere. While we are closing nothing is dialled any more."""
        if self._over or self._board.closing.is_set():
            return
        following = after_setback(self._dialling, reason)
        match following:
            case Dial(dialling=dialling):
                self._dial(dialling, reason)
            case DialLater(dialling=dialling, seconds=seconds):
                self._dialling = dialling
                self._report(CallStage.WAITING, reason)
                self._later(seconds, lambda: self._dial(dialling, reason))
            case GiveUp(reason=last):
                self._end(last)

    def _report(self, stage: CallStage, setback: CallEnd | None) -> None:
        report = ReportCall(self._venue, self._wanted.call, stage, self._dialling.number, setback)
        self._board.report(self._conference, report)

    # --- in the conference

    def join(self, call: Call) -> None:
        self._board.spawn(self._join(call), lambda: call.send_away(Prompt.TROUBLE))

    async def _join(self, call: Call) -> None:
        joined = ReportCall(self._venue, self._wanted.call, CallStage.JOINED, self._dialling.number)
        try:
            hall = await self._board.conferences.get(self._conference)
            outcome = None if hall is None else await hall.submit(joined, TELEPHONE)
        except UNABLE:
            call.send_away(Prompt.TROUBLE)
            return
        if hall is None or hall.state is None or outcome is None or isinstance(outcome, Refusal):
            call.send_away(Prompt.TROUBLE)
        elif self._joined and not self._over:
            self._later(self._board.manners.longest_call, lambda: self._too_long(call))
            call.admitted(hall.seq, hall.state)

    def _too_long(self, call: Call) -> None:
        call.send_away(Prompt.GOODBYE)
        self._end(CallEnd.LIMIT)

    def connect(self, venue: VenueId) -> None:
        self._venue = venue
        self._joined = True
        call = self._attempt.call if self._attempt is not None else None
        if call is not None and not self._over:
            call.connect(self._conference, venue)

    def changed(self, seq: int, state: Conference) -> None:
        call = self._attempt.call if self._attempt is not None else None
        if call is not None and self._joined and not self._over:
            call.changed(seq, state)

    # --- the end

    def drop(self, reason: CallEnd) -> None:
        self._stop()
        if self._attempt is not None:
            self._attempt.release(LAST_WORDS.get(reason, Prompt.GOODBYE))

    def over(self, reason: CallEnd) -> None:
        """Only before 1 was pressed is there another try."""
        self._attempt = None
        if self._joined:
            self._end(reason)
        else:
            self._set_back(reason)

    def _end(self, reason: CallEnd) -> None:
        if not self._over:
            self._stop()
            ended = ReportCallEnded(self._venue, self._wanted.call, reason)
            self._board.report(self._conference, ended)

    def _stop(self) -> None:
        self._over = True
        if self._timer is not None:
            self._timer.cancel()
        self._board.unseat(self._conference, self._wanted.call, self)
