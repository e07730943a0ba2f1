"""A call that comes in: who it is, its way into the conference, and its end."""

from __future__ import annotations

import re
import secrets
from typing import Final

from podium.conference.calls import CallEnd, CallId
from podium.conference.commands import GuestArrives, JoinByTelephone, ReportCallEnded
from podium.conference.refusals import Refusal
from podium.conference.state import Conference, ConferenceId, VenueId
from podium.hall.legs import NoLegFree
from podium.hall.pins import PinHolder
from podium.telephone import menu_values as v
from podium.telephone.admission import LockedOut, StrangersOut, UnknownPin, caller_of
from podium.telephone.board import TELEPHONE, UNABLE, Board
from podium.telephone.call import ENDS, Call
from podium.telephone.menu import Menu
from podium.telephone.prompts.texts import Prompt, again_in
from podium.telephone.sip.events import CallEvent, Ended, IncomingCall
from podium.telephone.sound import NothingInCommon, Sound
from podium.telephone.standing import LAST_WORDS, SENT_AWAY, conference_for

_PIN: Final = re.compile(r"[0-9]{6,16}")


class DialIn:
    """Made when the call comes; answers or refuses it, and is gone when it is over."""

    def __init__(self, board: Board, incoming: IncomingCall) -> None:
        self._board = board
        self._incoming = incoming
        self._key = incoming.call
        self._id = CallId(f"in-{secrets.token_hex(8)}")
        self._call: Call | None = None
        self._holder: PinHolder | None = None
        self._pin: PinHolder | None = None
        """By whose PIN it came, if it came by one."""
        self._guest = VenueId(f"guest-{secrets.token_hex(8)}")
        """What it is called where nobody knows whose telephone it is."""
        self._venue: VenueId | None = None
        """Set while the conference counts it in."""
        self._over = False
        board.by_call[self._key] = self
        board.spawn(self._receive(), self._failed)

    # --- who calls

    async def _receive(self) -> None:
        """Access numbers lead to the menu, or past it for a telephone that stands for a venue; a
        PIN as the number called joins directly. Everything else is no number of ours."""
        called = self._incoming.request_uri.username
        if called in self._board.manners.access:
            call = self._answer()
            if call is not None:
                self._begin(call)
            return
        try:
            found = (
                await self._board.admission.look_up(self._incoming, called)
                if _PIN.fullmatch(called)
                else UnknownPin()
            )
        except OSError:
            self._refuse(503)
            return
        if isinstance(found, UnknownPin | LockedOut):
            self._refuse(404)
            return
        call = self._answer()
        if call is None:
            return
        if isinstance(found, StrangersOut):  # whatever was called: it says nothing of PINs
            call.send_away(Prompt.STRANGERS_LOCKED, again_in(found.seconds))
        else:
            await self._known(call, found)

    def _begin(self, call: Call) -> None:
        phone = self._board.manners.phones.get(self._incoming.by)
        if phone is None or phone.venue is None:
            refused = self._board.admission.refused(self._incoming)
            if refused is None:
                call.dialogue.feed(v.DialledIn())
            else:
                call.send_away(Prompt.STRANGERS_LOCKED, again_in(refused.seconds))
            return
        halls = self._board.conferences.opened()
        states = (hall.state for hall in halls)
        found = conference_for((s for s in states if s is not None), phone.venue)
        if found is None:
            call.send_away(Prompt.NO_CONFERENCE)
        else:
            self._hold(call, PinHolder(found.id, phone.venue), found)

    def _answer(self) -> Call | None:
        if self._over:
            return None
        try:
            opened = self._board.legs.open()
        except NoLegFree:
            self._refuse(503)
            return None
        manners = self._board.manners
        phone = manners.phones.get(self._incoming.by)
        languages = (phone.languages if phone else ()) or manners.languages
        sound = Sound(opened, self._board.terms)
        call = Call(self._board, self._key, sound, self, Menu(languages=languages))
        offer = self._incoming.offer
        try:
            sdp = sound.offer() if offer is None else call.answer(offer)
        except NothingInCommon:
            call.close()
            self._refuse(488)
            return None
        self._call = call
        self._board.agent.accept(self._key, sdp)
        return call

    def _refuse(self, status: int) -> None:
        if not self._over:
            self._board.agent.reject(self._key, status)
            self._end(CallEnd.FAILED)

    def _failed(self) -> None:
        if self._call is None:
            self._refuse(500)
        else:
            self._call.send_away(Prompt.TROUBLE)

    # --- the way in

    def check_pin(self, pin: str) -> None:
        self._board.spawn(self._check_pin(pin), self._failed)

    async def _check_pin(self, pin: str) -> None:
        call = self._call
        assert call is not None
        try:
            found = await self._board.admission.look_up(self._incoming, pin)
        except OSError:
            call.send_away(Prompt.TROUBLE)
            return
        match found:
            case LockedOut(seconds=seconds):
                call.send_away(Prompt.PIN_LOCKED, again_in(seconds))
            case StrangersOut(seconds=seconds):
                call.send_away(Prompt.STRANGERS_LOCKED, again_in(seconds))
            case UnknownPin():
                call.dialogue.feed(v.PinUnknown())
            case PinHolder():
                await self._known(call, found)

    async def _known(self, call: Call, holder: PinHolder) -> None:
        self._pin = holder
        try:
            hall = await self._board.conferences.get(holder.conference)
        except UNABLE:
            call.send_away(Prompt.TROUBLE)
            return
        if hall is None or hall.state is None:
            call.send_away(Prompt.NO_CONFERENCE)
        elif not self._over:
            self._hold(call, holder, hall.state)

    def _hold(self, call: Call, holder: PinHolder, state: Conference) -> None:
        self._holder = holder
        self._board.seat(holder.conference, self._id, self)
        call.dialogue.feed(v.Known(state.phase))

    def join(self) -> None:
        self._board.spawn(self._join(), self._failed)

    async def _join(self) -> None:
        call, holder = self._call, self._holder
        assert call is not None
        assert holder is not None
        command = self._asked(holder)
        try:
            hall = await self._board.conferences.get(holder.conference)
            outcome = None if hall is None else await hall.submit(command, TELEPHONE)
        except UNABLE:
            call.send_away(Prompt.TROUBLE)
            return
        if hall is None or outcome is None or hall.state is None:
            call.send_away(Prompt.NO_CONFERENCE)
        elif isinstance(outcome, Refusal):
            call.send_away(SENT_AWAY.get(outcome.code, Prompt.TROUBLE))
        elif self._over:  # the caller did not wait, and nobody was there to be connected
            self._venue = command.guest if isinstance(command, GuestArrives) else command.venue
            self._report(CallEnd.HUNG_UP)
        elif self._venue is None:
            call.send_away(Prompt.GOODBYE)  # counted in and ended in the same moment
        else:
            call.admitted(hall.seq, hall.state)

    def _asked(self, holder: PinHolder) -> JoinByTelephone | GuestArrives:
        if holder.venue is not None:
            return JoinByTelephone(holder.venue, self._id)
        caller = caller_of(self._incoming)
        return GuestArrives(self._guest, self._id, () if caller is None else (caller,))

    # --- in the conference

    def connect(self, venue: VenueId) -> None:
        self._venue = venue
        if self._call is not None and self._holder is not None and not self._over:
            self._call.connect(self._holder.conference, venue)

    def drop(self, reason: CallEnd) -> None:
        self._venue = None
        if self._call is not None and not self._over:
            self._call.send_away(LAST_WORDS.get(reason, Prompt.GOODBYE))

    def changed(self, seq: int, state: Conference) -> None:
        if self._call is not None and not self._over:
            self._call.changed(seq, state)

    def pin_revoked(self, conference: ConferenceId, venue: VenueId | None) -> None:
        if self._pin != PinHolder(conference, venue) or self._call is None or self._over:
            return
        vouched_for = venue is None and self._venue not in (None, self._guest)
        if not vouched_for:
            self._call.send_away(Prompt.PIN_REVOKED)
            self._report(CallEnd.PIN_REVOKED)

    # --- the end

    def sip(self, event: CallEvent) -> None:
        if isinstance(event, Ended):
            self._end(ENDS[event.why])
        elif self._call is not None:
            self._call.sip(event)

    def hang_up(self, *, unanswered: bool) -> None:
        self._board.agent.hang_up(self._key)

    def _end(self, reason: CallEnd) -> None:
        if self._over:
            return
        self._over = True
        self._board.by_call.pop(self._key, None)
        if self._call is not None:
            self._call.close()
        if self._holder is not None:
            self._board.unseat(self._holder.conference, self._id, self)
        self._report(reason)

    def _report(self, reason: CallEnd) -> None:
        if self._venue is not None and self._holder is not None:
            ended = ReportCallEnded(self._venue, self._id, reason)
            self._board.report(self._holder.conference, ended)
