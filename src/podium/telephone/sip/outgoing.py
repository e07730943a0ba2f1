"""A call that goes out (RFC 3261 13.2), with the early dialogs that it may lead to."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from podium.telephone.sip import session_timer
from podium.telephone.sip.call_tables import OUTGOING, CallState
from podium.telephone.sip.dialog import MAX_FORWARDS, Dialog, contact
from podium.telephone.sip.events import (
    CallKey,
    Ended,
    Failure,
    Progress,
    Rejected,
    Unreachable,
    Why,
)
from podium.telephone.sip.exchange import Draft, Signer
from podium.telephone.sip.flow import Flow
from podium.telephone.sip.headers import Headers
from podium.telephone.sip.inviting import Inviting
from podium.telephone.sip.line import ALLOW, SUPPORTED, Line, option_tags, with_sdp
from podium.telephone.sip.message import Request, Response
from podium.telephone.sip.negotiation import Negotiation
from podium.telephone.sip.session import Session
from podium.telephone.sip.syntax import SipSyntaxError, parse_number
from podium.telephone.sip.transaction import ServerTransaction
from podium.telephone.sip.uri import NameAddr, Uri

_Q850: Final = re.compile(r"^\s*Q\.850\s*;(?:[^,]*;)?\s*cause\s*=\s*([0-9]{1,3})\b", re.IGNORECASE)
_FORKS: Final = 16
"""Early dialogs of one call; more are not kept."""


@dataclass(frozen=True, slots=True)
class Invitation:
    """Whom to call, and how."""

    target: Uri = field(repr=False)
    """The Request-URI."""
    offer: bytes = field(repr=False)
    """SDP."""
    from_: NameAddr = field(repr=False)
    """Without a tag."""
    where: tuple[Flow | Uri, ...] = field(default=(), repr=False)
    """Where to send it, in this order; nothing: where ``target`` leads."""
    signer: Signer | None = field(default=None, repr=False)
    headers: Headers = field(default_factory=Headers, repr=False)
    """More header fields, such as P-Asserted-Identity."""


class Outgoing:
    """``forget`` is told when nothing more can come for it."""

    def __init__(
        self, line: Line, key: CallKey, invitation: Invitation, forget: Callable[[], None]
    ) -> None:
        self.key = key
        self.state = CallState.CALLING
        self.session: Session | None = None
        self._line = line
        self._forget = forget
        self._invitation = invitation
        self._from = invitation.from_.with_tag(line.core.token())
        self._call_id = line.core.token()
        self._number = 0
        self._early: dict[str, Session] = {}
        self._rseq: dict[str, int] = {}
        self._policy = line.policy.session
        self._inviting = Inviting(line, self._draft(), self)
        self._patience = line.core.after(line.policy.ring_limit, self._unanswered_in_time)

    @property
    def dialog_id(self) -> tuple[str, str]:
        return (self._call_id, self._from.tag or "")

    def start(self) -> None:
        self._inviting.start()

    def hang_up(self) -> None:
        self._leave(Why.RELEASED)

    def requested(self, transaction: ServerTransaction) -> None:
        tag = transaction.request.from_.tag or ""
        session = self.session or self._early.get(tag)
        if session is None:
            transaction.respond(481)
        else:
            session.requested(transaction)

    def receive_ack(self, ack: Request) -> None:
        if self.session is not None:
            self.session.negotiation.receive_ack(ack)

    # --- the INVITE

    def progressed(self, inviting: Inviting, response: Response) -> None:
        if response.status == 100 or self.state is CallState.UP or not self._go("1xx"):
            return
        answer = Negotiation.body_of(response)
        session = self._early_session(inviting, response)
        reliable = "100rel" in option_tags(response, "Require")
        if session is not None:
            if reliable and not self._acknowledge(session, response):
                return
            if answer is not None:
                session.negotiation.note_early(answer, reliable=reliable)
        if self.state is CallState.RINGING:
            self._line.core.emit(Progress(self.key, response.status, answer))

    def succeeded(self, inviting: Inviting, response: Response) -> None:
        session = self._early_session(inviting, response) or self._new_session(inviting, response)
        dialog = session.dialog
        dialog.refresh_target(response)
        dialog.routes = response.record_routes[::-1]
        inviting.acknowledge(dialog, response)
        first = self.session is None and self.state is not CallState.LEAVING
        if not self._go("2xx") or not first:
            # Cancelled, or another phone of the same number was the first.
            session.hang_up()
            if self.state is CallState.ENDED:
                self._end(None)
            return
        self._line.core.alarms.cancel(self._patience)
        self.session = session
        for other in self._early.values():
            if other is not session:
                other.close()
        self._early.clear()
        self._stand(session, response)

    def refused(self, inviting: Inviting, response: Response) -> None:
        was = self.state
        if response.status == 422 and was is not CallState.LEAVING and self._ask_longer(response):
            return
        if self._go("300-699"):
            if was is not CallState.LEAVING:
                refusal = Rejected(
                    self.key,
                    response.status,
                    response.reason,
                    _retry_after(response),
                    _cause(response),
                )
                self._line.core.emit(refusal)
            self._end(None)

    def unanswered(self, inviting: Inviting, failure: Failure) -> None:
        was = self.state
        if self._go("failure"):
            if was is not CallState.LEAVING:
                self._line.core.emit(Unreachable(self.key, failure))
            self._end(None)

    # --- inside

    def _go(self, trigger: str) -> bool:
        after = OUTGOING.after(self.state, trigger)
        if after is None:
            return False
        self.state = after
        return True

    def _draft(self) -> Draft:
        where = self._invitation.where or (self._invitation.target,)
        return Draft(self._compose, self._next_number, where, self._invitation.signer)

    def _next_number(self) -> int:
        self._number += 1
        return self._number

    def _compose(self, flow: Flow, number: int) -> Request:
        invitation = self._invitation
        to = invitation.target
        headers = Headers(
            [
                MAX_FORWARDS,
                ("From", str(self._from)),
                ("To", str(NameAddr(to.bare() if to.is_sip else to))),
                ("Call-ID", self._call_id),
                ("CSeq", f"{number} INVITE"),
                contact(self._line.core, flow, self._line.policy.user),
                ALLOW,
                SUPPORTED,
                *session_timer.offer(self._policy),
                *invitation.headers,
            ]
        )
        body = invitation.offer
        return Request("INVITE", to, with_sdp(headers, body), body)

    def _ask_longer(self, response: Response) -> bool:
        least = session_timer.demanded(response)
        if least is None or least <= self._policy.least:
            return False
        self._policy = self._policy.raised_to(least)
        self._inviting = Inviting(self._line, self._draft(), self)
        self._inviting.start()
        return True

    def _early_session(self, inviting: Inviting, response: Response) -> Session | None:
        tag = response.to.tag
        if tag is None:
            return None
        if tag not in self._early and len(self._early) < _FORKS:
            self._early[tag] = self._new_session(inviting, response)
        return self._early.get(tag)

    def _new_session(self, inviting: Inviting, response: Response) -> Session:
        direct = all(isinstance(where, Flow) for where in self._invitation.where or (None,))
        dialog = Dialog.answered(inviting.request, response, inviting.flow, direct=direct)
        signer = self._invitation.signer
        session = Session(self._line, self.key, dialog, signer, caller=True, over=self._over)
        session.negotiation.go("our offer")
        session.negotiation.local = self._invitation.offer
        session.negotiation.refresher.learn(response)
        return session

    def _acknowledge(self, session: Session, response: Response) -> bool:
        """PRACK (RFC 3262 4); whether the response is new and in order."""
        tag = response.to.tag or ""
        try:
            rseq = parse_number(response.headers.get("RSeq") or "", 2**32 - 1, "RSeq")
        except SipSyntaxError:
            return False
        if tag in self._rseq and rseq != self._rseq[tag] + 1:
            return False
        self._rseq[tag] = rseq
        rack = ("RAck", f"{rseq} {response.cseq}")

        def compose(flow: Flow, number: int) -> Request:
            return session.dialog.request("PRACK", number, Headers([rack]))

        session.send(compose)
        return True

    def _stand(self, session: Session, response: Response) -> None:
        negotiation = session.negotiation
        negotiation.refresher.learn(response)
        negotiation.refresher.run(session_timer.agreed(response, self._policy))
        negotiation.settle(response)
        if self.state is CallState.UP:
            negotiation.stand()

    def _over(self, why: Why) -> None:
        if self.state is CallState.RINGING and why is Why.HUNG_UP:
            return  # One fork of several: its final response is still to come.
        if self._go("BYE" if why is Why.HUNG_UP else "session lost"):
            self._end(why)

    def _leave(self, why: Why) -> None:
        if not self._go("hang up"):
            return
        self._line.core.alarms.cancel(self._patience)
        self._line.core.emit(Ended(self.key, why))
        if self.state is CallState.LEAVING:
            self._inviting.cancel()
        else:
            if self.session is not None:
                self.session.hang_up()
            self._end(None)

    def _unanswered_in_time(self) -> None:
        self._leave(Why.NO_ANSWER)

    def _end(self, why: Why | None) -> None:
        self._line.core.alarms.cancel(self._patience)
        for session in self._early.values():
            session.close()
        self._early.clear()
        if why is not None:
            self._line.core.emit(Ended(self.key, why))
        self._forget()


def _cause(response: Response) -> int | None:
    found = (_Q850.search(value) for value in response.headers.all("Reason"))
    return next((int(match[1]) for match in found if match), None)


def _retry_after(response: Response) -> int | None:
    value = (response.headers.get("Retry-After") or "").partition(";")[0].partition("(")[0]
    try:
        return parse_number(value.strip(), 24 * 3600, "Retry-After")
    except SipSyntaxError:
        return None
