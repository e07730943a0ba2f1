"""One INVITE of ours until its final response, and the ACK of each 2xx (RFC 3261 13.2.2.4)."""

from __future__ import annotations

from typing import Protocol

from podium.telephone.sip.core import Core, Send
from podium.telephone.sip.dialog import Dialog
from podium.telephone.sip.events import Failure
from podium.telephone.sip.exchange import Draft, Exchange
from podium.telephone.sip.fields import MAGIC_COOKIE, Via
from podium.telephone.sip.flow import Flow, Transport
from podium.telephone.sip.headers import Headers
from podium.telephone.sip.line import Line
from podium.telephone.sip.locate import Unreachable, literal
from podium.telephone.sip.message import Request, Response
from podium.telephone.sip.uri import Uri


class InvitingUser(Protocol):
    def progressed(self, inviting: Inviting, response: Response) -> None: ...

    def succeeded(self, inviting: Inviting, response: Response) -> None:
        """A 2xx, once for each To tag. It is to be acknowledged."""
        ...

    def refused(self, inviting: Inviting, response: Response) -> None: ...

    def unanswered(self, inviting: Inviting, failure: Failure) -> None: ...


class Inviting:
    def __init__(self, line: Line, draft: Draft, user: InvitingUser) -> None:
        self._core = line.core
        self._user = user
        self._acks: dict[str | None, list[Send]] = {}
        self._exchange = Exchange(line.core, line.transactions, draft, self)

    def start(self) -> None:
        self._exchange.start()

    def cancel(self) -> None:
        self._exchange.cancel()

    @property
    def request(self) -> Request:
        """As it was sent; there is one as soon as there is a response."""
        assert self._exchange.request is not None
        return self._exchange.request

    @property
    def flow(self) -> Flow:
        assert self._exchange.flow is not None
        return self._exchange.flow

    def acknowledge(self, dialog: Dialog, response: Response) -> None:
        """Sends the ACK, and again whenever the 2xx comes again."""
        credentials = self.request.headers.only("Authorization", "Proxy-Authorization")
        ack = dialog.request("ACK", self.request.cseq.number, credentials)
        sent = self._acks.setdefault(response.to.tag, [])
        send_once(self._core, ack, dialog.where()[0], sent)

    def responded(self, response: Response) -> None:
        if response.is_provisional:
            self._user.progressed(self, response)
        elif not response.is_success:
            self._user.refused(self, response)
        elif response.to.tag in self._acks:
            for ack in self._acks[response.to.tag]:
                self._core.emit(ack)
        else:
            self._acks[response.to.tag] = []
            self._user.succeeded(self, response)

    def failed(self, failure: Failure) -> None:
        self._user.unanswered(self, failure)


def send_once(core: Core, request: Request, where: Flow | Uri, sent: list[Send]) -> None:
    """Sends an ACK, which has no transaction; it is added to ``sent`` when it is gone out."""

    def to(flow: Flow) -> None:
        branch = f"{MAGIC_COOKIE}{core.token()}"
        via = Via(flow.transport, *core.local.towards(flow), params=(("branch", branch),))
        if flow.transport is Transport.UDP:
            via = via.with_param("rport", None)
        headers = Headers([("Via", str(via)), *request.headers])
        send = Send(flow, Request(request.method, request.uri, headers, request.body))
        sent.append(send)
        core.emit(send)

    if isinstance(where, Flow):
        to(where)
        return
    try:
        flow = literal(where)
    except Unreachable:
        return
    if flow is not None:
        to(flow)
    else:
        core.look_up(where, lambda flows: to(flows[0]) if flows else None)
