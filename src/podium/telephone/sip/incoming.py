"""A call that comes in (RFC 3261 13.3)."""

from __future__ import annotations

from collections.abc import Callable

from podium.telephone.sip.answering import Answering
from podium.telephone.sip.call_tables import INCOMING, CallState
from podium.telephone.sip.dialog import Dialog, contact
from podium.telephone.sip.events import CallKey, Confirmed, Ended, Why
from podium.telephone.sip.headers import Headers
from podium.telephone.sip.line import ALLOW, SUPPORTED, Line, with_sdp
from podium.telephone.sip.message import Request
from podium.telephone.sip.session import Session
from podium.telephone.sip.session_timer import Agreed
from podium.telephone.sip.transaction import ServerTransaction


class Incoming:
    """``forget`` is told when nothing more can come for it."""

    def __init__(
        self,
        line: Line,
        key: CallKey,
        transaction: ServerTransaction,
        offer: bytes | None,
        agreed: Agreed,
        forget: Callable[[], None],
    ) -> None:
        self.key = key
        self.state = CallState.ARRIVED
        self._line = line
        self._forget = forget
        self._agreed = agreed
        self._transaction = transaction
        self._answering = Answering(line.core, transaction, self)
        number = 1 + line.core.chance.getrandbits(16)
        dialog = Dialog.answering(transaction.request, transaction.tag, transaction.source, number)
        self.session = Session(line, key, dialog, None, caller=False, over=self._over)
        self.session.ringing = self._answering
        negotiation = self.session.negotiation
        negotiation.refresher.learn(transaction.request)
        negotiation.go("their offer")
        negotiation.remote = offer or b""
        transaction.on_cancel = self._cancelled
        patience = line.policy.ring_limit
        expires = transaction.request.expires
        if expires:
            patience = min(patience, float(expires))
        self._patience = line.core.after(patience, self._unanswered)

    @property
    def dialog_id(self) -> tuple[str, str]:
        return (self._transaction.request.call_id, self._transaction.tag)

    def _go(self, trigger: str) -> bool:
        after = INCOMING.after(self.state, trigger)
        if after is None:
            return False
        self.state = after
        return True

    # --- what we do

    def ring(self, status: int) -> None:
        if self._go("ring"):
            self._answering.ring(status, self._headers())

    def accept(self, body: bytes) -> None:
        if not self._go("accept"):
            return
        self._line.core.alarms.cancel(self._patience)
        negotiation = self.session.negotiation
        negotiation.local = body
        if negotiation.remote:
            negotiation.go("our answer")
            negotiation.note_answered(body)
        else:
            negotiation.go("our offer")
        negotiation.refresher.run(self._agreed.timer)
        headers = Headers([*self._headers(), *self._agreed.headers])
        self._answering.accept(with_sdp(headers, body), body)

    def reject(self, status: int, reason: str | None, retry_after: int | None) -> None:
        if self._go("reject"):
            headers = None
            if retry_after is not None:
                headers = Headers([("Retry-After", str(retry_after))])
            self._answering.refuse(status, reason, headers)
            self.session.close()
            self._end(None)

    def hang_up(self) -> None:
        if self.state in (CallState.ARRIVED, CallState.RINGING):
            self.reject(480, None, None)
        elif self._go("hang up"):
            if self.state is CallState.ENDED:
                self.session.hang_up()
                self._end(Why.RELEASED)
            else:
                self._line.core.emit(Ended(self.key, Why.RELEASED))

    # --- what happens

    def requested(self, transaction: ServerTransaction) -> None:
        self.session.requested(transaction)

    def receive_ack(self, ack: Request) -> None:
        if ack.cseq.number == self._answering.number:
            self._answering.receive_ack(ack)
        else:
            self.session.negotiation.receive_ack(ack)

    def acknowledged(self, answering: Answering, ack: Request) -> None:
        if not self._go("ACK"):
            return
        if self.state is CallState.ENDED:
            self.session.hang_up()
            self._end(None)
            return
        negotiation = self.session.negotiation
        if answering.late_offer:
            negotiation.receive_answer(ack)
        if self.state is CallState.UP:
            self._line.core.emit(Confirmed(self.key))
            negotiation.stand()

    def unacknowledged(self, answering: Answering) -> None:
        was = self.state
        if not self._go("unacknowledged"):
            return
        if was is CallState.RINGING:
            answering.refuse(500)
            self.session.close()
        else:
            self.session.hang_up()
        self._end(None if was is CallState.LEAVING else Why.UNACKNOWLEDGED)

    def _cancelled(self) -> None:
        if self._go("CANCEL"):
            self._answering.refuse(487)
            self.session.close()
            self._end(Why.CANCELLED)

    def _unanswered(self) -> None:
        if self._go("no answer"):
            self._answering.refuse(480)
            self.session.close()
            self._end(Why.NO_ANSWER)

    def _over(self, why: Why) -> None:
        was = self.state
        if self._go("BYE" if why is Why.HUNG_UP else "session lost"):
            self._answering.stop()
            if was in (CallState.ARRIVED, CallState.RINGING):
                self._answering.refuse(487)
            self._end(None if was is CallState.LEAVING else why)

    def _end(self, why: Why | None) -> None:
        """``None``: who uses the agent knows already."""
        self._line.core.alarms.cancel(self._patience)
        if why is not None:
            self._line.core.emit(Ended(self.key, why))
        self._forget()

    def _headers(self) -> Headers:
        """What makes the dialog (12.1.1)."""
        named = contact(self._line.core, self._transaction.source, self._line.policy.user)
        routes = self._transaction.request.headers.only("Record-Route")
        return Headers([*routes, named, ALLOW, SUPPORTED])
