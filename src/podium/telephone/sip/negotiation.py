"""Offers and answers within a dialog, one at a time (RFC 3261 14, RFC 3264, RFC 3311)."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Final

from podium.machine import Machine, Transition
from podium.telephone.sip import session_timer
from podium.telephone.sip.answering import Answering
from podium.telephone.sip.dialog import Dialog, contact
from podium.telephone.sip.events import Answered, CallKey, Failure, Reoffered, ReofferRefused, Why
from podium.telephone.sip.exchange import Draft, Signer
from podium.telephone.sip.flow import Flow
from podium.telephone.sip.headers import Headers
from podium.telephone.sip.inviting import Inviting
from podium.telephone.sip.line import (
    ACCEPT,
    ALLOW,
    SUPPORTED,
    BodyRefused,
    Line,
    session_body,
    with_sdp,
)
from podium.telephone.sip.message import Request, Response
from podium.telephone.sip.refresh import GONE, Refresher, is_gone
from podium.telephone.sip.timers import Alarm
from podium.telephone.sip.transaction import ServerTransaction


class Offer(StrEnum):
    """Who owes whom an answer."""

    IDLE = "idle"
    OFFERED = "offered"
    """The peer owes."""
    OWED = "owed"
    """We owe."""


OFFER: Final = Machine(
    title="Offer and answer",
    about="""\
A re-INVITE or an UPDATE with an offer is answered 491 in `offered` and 500 in `owed`. An INVITE
without an offer is owed too, until our own offer goes out in its 2xx.""",
    initial=Offer.IDLE,
    transitions=(
        Transition(Offer.IDLE, "our offer", Offer.OFFERED),
        Transition(Offer.IDLE, "their offer", Offer.OWED),
        Transition(Offer.OFFERED, "their answer", Offer.IDLE),
        Transition(Offer.OFFERED, "refused", Offer.IDLE),
        Transition(Offer.OWED, "our answer", Offer.IDLE),
        Transition(Offer.OWED, "our offer", Offer.OFFERED),
        Transition(Offer.OWED, "refused", Offer.IDLE),
    ),
)


class Negotiation:
    """``over`` ends the session, with a BYE."""

    def __init__(
        self,
        line: Line,
        key: CallKey,
        dialog: Dialog,
        signer: Signer | None,
        *,
        caller: bool,
        over: Callable[[Why], None],
    ) -> None:
        self._line = line
        self._key = key
        self._dialog = dialog
        self._signer = signer
        self._caller = caller
        """Whether the Call-ID is ours, which decides who waits longer after glare (14.1)."""
        self._over = over
        self.refresher = Refresher(line, dialog, signer, self._refresh, over)
        self.state = Offer.IDLE
        self.local = b""
        """The SDP that we sent last."""
        self.remote = b""
        self._early: bytes | None = None
        """Their answer before the 2xx of the first INVITE."""
        self._answered: tuple[bytes, bytes] | None = None
        self._theirs: Answering | ServerTransaction | None = None
        self._ours: Inviting | None = None
        self._queued: bytes | None = None
        self._again: Alarm | None = None
        self._quiet = False
        """Our INVITE only refreshes the session: nobody asked for it."""
        self.ready = False
        """Whether the call stands, so that we may send an INVITE in it."""
        self._agreed: session_timer.Agreed | None = None
        self._closed = False

    def go(self, trigger: str) -> None:
        after = OFFER.after(self.state, trigger)
        assert after is not None, f"{trigger} in {self.state}"
        self.state = after

    @property
    def busy(self) -> bool:
        return self.state is not Offer.IDLE or self._ours is not None or self._theirs is not None

    def stand(self) -> None:
        """The call is answered and acknowledged."""
        self.ready = True
        self._next()

    def close(self) -> None:
        self._closed = True
        self.refresher.close()
        self._line.core.alarms.cancel(self._again)
        if isinstance(self._theirs, Answering):
            self._theirs.refuse(487)
        elif self._theirs is not None:
            self._theirs.respond(487)

    # --- theirs

    def receive(self, transaction: ServerTransaction) -> None:
        """A re-INVITE or an UPDATE."""
        request = transaction.request
        judged = session_timer.judge(request, self.refresher.policy)
        try:
            body = session_body(request)
        except BodyRefused:
            transaction.respond(415, headers=Headers([ACCEPT]))
            return
        if isinstance(judged, session_timer.Refused):
            transaction.respond(judged.status, headers=judged.headers)
        elif request.method == "UPDATE" and body is None:
            self._agreed = judged
            self._take(request)
            transaction.respond(200, headers=self._grant(transaction.source))
        elif self.state is Offer.OWED:
            wait = round(self._line.core.chance.uniform(0, 10))
            transaction.respond(500, headers=Headers([("Retry-After", str(wait))]))
        elif self.busy:
            transaction.respond(491)
        else:
            self._agreed = judged
            self._take(request)
            self._owe(transaction, body)

    def _owe(self, transaction: ServerTransaction, body: bytes | None) -> None:
        self.go("their offer")
        if transaction.request.method == "INVITE":
            self._theirs = Answering(self._line.core, transaction, self)
            transaction.on_cancel = lambda: self.refuse(487)
        else:
            self._theirs = transaction
        if body is not None:
            self.remote = body
            if self._answered is not None and self._answered[0] == body:
                # A refresh: what was offered and answered stands (RFC 4028, 7.4).
                self.answer(self._answered[1])
                return
        self._line.core.emit(Reoffered(self._key, body))

    def answer(self, body: bytes) -> None:
        """Our answer to ``Reoffered``, or our offer where there was none in it."""
        theirs = self._theirs
        if self.state is not Offer.OWED or theirs is None:
            return
        self.local = body
        if isinstance(theirs, Answering):
            late = theirs.late_offer
            self.go("our offer" if late else "our answer")
            headers = self._grant(theirs.transaction.source)
            theirs.accept(with_sdp(headers, body), body)
        else:
            late = False
            self.go("our answer")
            self._theirs = None
            theirs.respond(200, headers=with_sdp(self._grant(theirs.source), body), body=body)
        if not late:
            self.note_answered(body)
        self._next()

    def refuse(self, status: int) -> None:
        theirs = self._theirs
        if self.state is not Offer.OWED or theirs is None:
            return
        self.go("refused")
        self._theirs = None
        if isinstance(theirs, Answering):
            theirs.refuse(status)
        else:
            theirs.respond(status)
        self._next()

    def acknowledged(self, answering: Answering, ack: Request) -> None:
        """Of the 2xx of a re-INVITE."""
        self._theirs = None
        if answering.late_offer:
            self.receive_answer(ack)
        self._next()

    def unacknowledged(self, answering: Answering) -> None:
        self._theirs = None
        self._over(Why.UNACKNOWLEDGED)

    def receive_ack(self, ack: Request) -> None:
        theirs = self._theirs
        if isinstance(theirs, Answering) and theirs.number == ack.cseq.number:
            theirs.receive_ack(ack)

    def receive_answer(self, message: Request | Response) -> None:
        """What the peer owed; without it the session has no sense."""
        body = self.body_of(message)
        if body is None:
            self._over(Why.NO_MEDIA_ANSWER)
            return
        self.go("their answer")
        self.remote = body
        self._answered = None
        self._line.core.emit(Answered(self._key, body))

    @staticmethod
    def body_of(message: Request | Response) -> bytes | None:
        try:
            return session_body(message)
        except BodyRefused:
            return None

    def settle(self, response: Response) -> None:
        """The answer in the 2xx of the first INVITE, unless it was given before (RFC 3262 5).
        Some give it only in a 183 that nobody had to acknowledge."""
        early = self._early
        if early is None or (self.state is Offer.OFFERED and self.body_of(response) is not None):
            self.receive_answer(response)
            return
        if self.state is Offer.OFFERED:
            self.go("their answer")
        self._line.core.emit(Answered(self._key, early))

    def note_early(self, answer: bytes, *, reliable: bool) -> None:
        """Early media; the answer itself where it was acknowledged (PRACK)."""
        if self.state is Offer.OFFERED:
            self._early = self.remote = answer
            if reliable:
                self.go("their answer")

    def note_answered(self, answer: bytes) -> None:
        """``answer`` is ours to what they offered last."""
        self._answered = (self.remote, answer)

    def _grant(self, source: Flow) -> Headers:
        """For a 2xx; with it the session timer begins anew."""
        named = contact(self._line.core, source, self._line.policy.user)
        extra: Headers = Headers()
        if self._agreed is not None:
            extra = self._agreed.headers
            self.refresher.run(self._agreed.timer)
        return Headers([named, ALLOW, SUPPORTED, *extra])

    def _take(self, message: Request | Response) -> None:
        self._dialog.refresh_target(message)
        self.refresher.learn(message)

    # --- ours

    def reoffer(self, offer: bytes) -> None:
        """At once, or when what is under way is over."""
        if self._closed:
            return
        self._queued = offer
        self._next()

    def _next(self) -> None:
        if self._queued is None or not self._may_invite:
            return
        offer, self._queued = self._queued, None
        self._invite(offer, quiet=False)

    @property
    def _may_invite(self) -> bool:
        return self.ready and not self.busy and self._again is None and not self._closed

    def _refresh(self) -> None:
        if self._queued is None and self._may_invite:
            self._invite(self.local, quiet=True)

    def _invite(self, offer: bytes, *, quiet: bool) -> None:
        self.go("our offer")
        self.local = offer
        self._quiet = quiet

        def compose(flow: Flow, number: int) -> Request:
            named = contact(self._line.core, flow, self._line.policy.user)
            asked = session_timer.offer(self.refresher.policy, self.refresher.timer)
            headers = Headers([named, ALLOW, SUPPORTED, *asked])
            return self._dialog.request("INVITE", number, with_sdp(headers, offer), offer)

        draft = Draft(compose, self._dialog.next_number, self._dialog.where(), self._signer)
        self._ours = Inviting(self._line, draft, self)
        self._ours.start()

    def progressed(self, inviting: Inviting, response: Response) -> None:
        """Nothing rings in a call that stands."""

    def succeeded(self, inviting: Inviting, response: Response) -> None:
        self._take(response)
        inviting.acknowledge(self._dialog, response)
        if self._closed:
            return
        self._ours = None
        self.refresher.run(session_timer.agreed(response, self.refresher.policy))
        if self._quiet and self.body_of(response) == self.remote:
            self.go("their answer")
        else:
            self.receive_answer(response)
        self._next()

    def refused(self, inviting: Inviting, response: Response) -> None:
        if self._closed:
            return
        self._ours = None
        self.go("refused")
        if self._quiet and response.status not in GONE:
            self.refresher.try_again()
            self._next()
        elif response.status == 491:
            low, high = (2.1, 4.0) if self._caller else (0.0, 2.0)
            self._queued = self._queued or self.local
            wait = self._line.core.chance.uniform(low, high)
            self._again = self._line.core.after(wait, self._glare_over)
        elif response.status == 422 and self.refresher.raise_least(response):
            self._queued = self._queued or self.local
            self._next()
        elif response.status in GONE:
            self._over(Why.GONE)
        else:
            self._line.core.emit(ReofferRefused(self._key, response.status))
            self._next()

    def _glare_over(self) -> None:
        self._again = None
        self._next()

    def unanswered(self, inviting: Inviting, failure: Failure) -> None:
        self._ours = None
        if not self._closed and is_gone(failure):
            self._over(Why.GONE)
