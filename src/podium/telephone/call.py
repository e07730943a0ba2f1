"""One call that is up: its sound, its dialogue, and its venue's part in the conference."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Protocol

from podium.conference.calls import CallEnd
from podium.conference.commands import (
    Actor,
    Command,
    ReportNoise,
    RequestFloor,
    Role,
    WithdrawRequest,
)
from podium.conference.refusals import Refusal
from podium.conference.state import Conference, ConferenceId, VenueId
from podium.hall.legs import KeyPressed, LegNotice, NoiseChanged, PromptsEnded
from podium.telephone import menu_values as v
from podium.telephone.board import UNABLE, Board
from podium.telephone.dialogue import Dialogue
from podium.telephone.menu import Menu
from podium.telephone.prompts import venue_name
from podium.telephone.prompts.texts import Prompt
from podium.telephone.sip.events import Answered, CallEvent, CallKey, Digits, Reoffered, Why
from podium.telephone.sound import NothingInCommon, Sound
from podium.telephone.standing import standing_of

ENDS: Final[Mapping[Why, CallEnd]] = {
    Why.HUNG_UP: CallEnd.HUNG_UP,
    Why.RELEASED: CallEnd.HUNG_UP,
    Why.CANCELLED: CallEnd.HUNG_UP,
    Why.NO_ANSWER: CallEnd.NO_ANSWER,
    Why.UNACKNOWLEDGED: CallEnd.SILENT,
    Why.EXPIRED: CallEnd.SILENT,
    Why.GONE: CallEnd.SILENT,
    Why.NO_MEDIA_ANSWER: CallEnd.NO_CODEC,
}
"""What the end of a dialog is to the conference."""


class CallUser(Protocol):
    """Who has made the call, or taken it."""

    def check_pin(self, pin: str) -> None: ...

    def join(self) -> None: ...

    def hang_up(self, *, unanswered: bool) -> None:
        """The last words have been said."""
        ...


class Call:
    """``close`` it when its dialog is over."""

    def __init__(
        self, board: Board, key: CallKey, sound: Sound, user: CallUser, menu: Menu
    ) -> None:
        self._board = board
        self._key = key
        self._leg = sound.leg
        self._sound = sound
        self._user = user
        self._place: tuple[ConferenceId, VenueId] | None = None
        self._seq = 0
        """Of the conference's entries, the last that the caller knows of."""
        self.dialogue = Dialogue(sound.leg, board.legs, menu, self)
        board.by_leg[sound.leg] = self

    def close(self) -> None:
        self.dialogue.close()
        if self._board.by_leg.pop(self._leg, None) is not None:
            self._board.legs.close(self._leg)

    # --- the dialog that stands

    def sip(self, event: CallEvent) -> None:
        match event:
            case Reoffered(offer=None):
                self._board.agent.answer_reoffer(self._key, self._sound.offer())
            case Reoffered(offer=bytes(offer)):
                self._reoffered(offer)
            case Answered(answer=answer):
                self.answered(answer)
            case Digits(digits=digits):
                if not self._sound.has_events:  # a telephone that sends both means one
                    for digit in digits:
                        self.dialogue.key(digit)
            case _:
                pass

    def answered(self, answer: bytes) -> bool:
        """Takes the peer's answer to our offer; without a codec in common the call ends."""
        try:
            self._board.legs.set(self._leg, self._sound.answered(answer))
        except NothingInCommon:
            self._board.agent.hang_up(self._key)
            return False
        return True

    def answer(self, offer: bytes) -> bytes:
        """Our answer to the peer's offer. Raises ``NothingInCommon``."""
        sdp, media = self._sound.answer(offer)
        self._board.legs.set(self._leg, media)
        return sdp

    def _reoffered(self, offer: bytes) -> None:
        try:
            sdp = self.answer(offer)
        except NothingInCommon:
            self._board.agent.refuse_reoffer(self._key)
        else:
            self._board.agent.answer_reoffer(self._key, sdp)

    # --- the leg

    def leg(self, notice: LegNotice) -> None:
        match notice:
            case KeyPressed(key=key):
                self.dialogue.key(key)
            case PromptsEnded():
                self.dialogue.played()
            case NoiseChanged(noisy=noisy):
                if self._place is not None:
                    conference, venue = self._place
                    self._board.report(conference, ReportNoise(venue, noisy))

    # --- the conference

    def connect(self, conference: ConferenceId, venue: VenueId) -> None:
        self._place = (conference, venue)
        self._board.legs.attach(self._leg, conference, venue)

    def admitted(self, seq: int, state: Conference) -> None:
        """After ``connect``: tells the caller who it is here, as of entry ``seq``."""
        self._seq = seq
        venue = None if self._place is None else state.venues.get(self._place[1])
        if venue is None:
            self.send_away(Prompt.GOODBYE)
            return
        recorded = venue_name(venue.id)
        name = (recorded,) if recorded in self._board.manners.recorded else ()
        self.dialogue.feed(v.Admitted(standing_of(state, venue), name))

    def changed(self, seq: int, state: Conference) -> None:
        if seq <= self._seq:
            return  # known from ``admitted`` already
        self._seq = seq
        if self._place is None:
            self.dialogue.feed(v.Changed(v.Standing(state.phase)))
            return
        venue = state.venues.get(self._place[1])
        if venue is not None:
            self.dialogue.feed(v.Changed(standing_of(state, venue)))

    def send_away(self, *words: Prompt) -> None:
        self.dialogue.feed(v.SentAway(words))

    # --- what the dialogue asks

    def check_pin(self, pin: str) -> None:
        self._user.check_pin(pin)

    def join(self) -> None:
        self._user.join()

    def hang_up(self, *, unanswered: bool) -> None:
        self._user.hang_up(unanswered=unanswered)

    def ask_for_floor(self) -> None:
        self._board.spawn(self._ask(RequestFloor), self._floor_refused)

    def withdraw_request(self) -> None:
        self._board.spawn(self._ask(WithdrawRequest), self._floor_refused)

    async def _ask(self, wanted: type[RequestFloor | WithdrawRequest]) -> None:
        if self._place is None:
            return
        conference, venue = self._place
        if not await self._granted(conference, wanted(venue), venue):
            self._floor_refused()

    def _floor_refused(self) -> None:
        self.dialogue.feed(v.FloorRefused())

    async def _granted(self, conference: ConferenceId, command: Command, venue: VenueId) -> bool:
        try:
            hall = await self._board.conferences.get(conference)
            if hall is None:
                return False
            outcome = await hall.submit(command, Actor(Role.VENUE, "telephone", venue))
        except UNABLE:
            return False
        return not isinstance(outcome, Refusal)
