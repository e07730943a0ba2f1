"""Transactions (RFC 3261 section 17): a table each, run on a core's clock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from podium.telephone.sip.core import Core, Send
from podium.telephone.sip.events import Failure
from podium.telephone.sip.flow import Flow
from podium.telephone.sip.headers import Headers
from podium.telephone.sip.message import Message, Request, Response, respond
from podium.telephone.sip.timers import Alarm, Timer
from podium.telephone.sip.transaction_tables import (
    ACK,
    BROKEN,
    CLIENT,
    INVITE_CLIENT,
    INVITE_SERVER,
    REQUEST,
    SERVER,
    Act,
    State,
    Table,
    response_class,
    sent,
)

_REPEATING: Final = frozenset({Timer.A, Timer.E, Timer.G})


class Transaction:
    """What client and server share: the table, its timers, the message to be repeated."""

    def __init__(self, core: Core, table: Table, flow: Flow) -> None:
        self.core = core
        self.table = table
        self.flow = flow
        self.state = table.initial
        self.on_end: Callable[[], None] | None = None
        self._message: Message | None = None
        self._running: dict[Timer, Alarm | None] = {}

    @property
    def reliable(self) -> bool:
        return self.flow.reliable

    def trigger(self, name: str, message: Message | None = None) -> bool:
        """Follows the arrow; ``False`` where there is none, so that ``name`` means nothing."""
        rule = self.table.by_trigger.get((self.state, name))
        if rule is None:
            return False
        self.state = rule.target
        for act in rule.acts:
            self._do(act, message)
        self._run_timers()
        if self.state is State.TERMINATED:
            self._end()
        return True

    def drop(self) -> None:
        """Ends without a word."""
        self.state = State.TERMINATED
        self._run_timers()
        self._end()

    def _end(self) -> None:
        if self.on_end is not None:
            on_end, self.on_end = self.on_end, None
            on_end()

    def _do(self, act: Act, message: Message | None) -> None:
        match act:
            case Act.SEND if message is not None:
                self._message = message
                self.core.emit(Send(self.flow, message))
            case Act.RESEND if self._message is not None:
                self.core.emit(Send(self.flow, self._message))
            case _:
                pass

    def _run_timers(self) -> None:
        """Timers of the state that was left are stopped, those of the new one started. One that
        both states have goes on."""
        wanted = self.table.timers.get(self.state, ())
        for timer in [timer for timer in self._running if timer not in wanted]:
            self.core.alarms.cancel(self._running.pop(timer))
        for timer in wanted:
            if timer not in self._running:
                self._start(timer, self.core.timers.first(timer, reliable=self.reliable))

    def _start(self, timer: Timer, seconds: float | None) -> None:
        if seconds is None:
            self._running[timer] = None
            return
        wait = seconds
        self._running[timer] = self.core.after(wait, lambda: self._fire(timer, wait))

    def _fire(self, timer: Timer, waited: float) -> None:
        self._running[timer] = None
        if timer in _REPEATING:
            proceeding = self.state is State.PROCEEDING
            timers = self.core.timers
            self._start(timer, timers.t2 if proceeding else timers.again(timer, waited))
        self.trigger(timer)


class ClientTransaction(Transaction):
    """A request of ours. ``request`` has its Via; ``flow`` is where it goes."""

    def __init__(
        self,
        core: Core,
        request: Request,
        flow: Flow,
        on_response: Callable[[Response], None],
        on_failure: Callable[[Failure], None],
    ) -> None:
        super().__init__(core, INVITE_CLIENT if request.method == "INVITE" else CLIENT, flow)
        self.request = request
        self._on_response = on_response
        self._on_failure = on_failure

    @property
    def waits(self) -> bool:
        """For its final response."""
        return self.state in (State.CALLING, State.TRYING, State.PROCEEDING)

    def start(self) -> None:
        self._do(Act.SEND, self.request)
        self._run_timers()

    def receive(self, response: Response) -> None:
        self.trigger(response_class(response.status), response)

    def broken(self) -> None:
        self.trigger(BROKEN)

    def _do(self, act: Act, message: Message | None) -> None:
        match act:
            case Act.PASS if isinstance(message, Response):
                self._on_response(message)
            case Act.ACK if isinstance(message, Response):
                ack = acknowledge_failure(self.request, message)
                self.core.emit(Send(self.flow, ack))
            case Act.TIMED_OUT:
                self._on_failure(Failure.TIMEOUT)
            case Act.BROKEN:
                self._on_failure(Failure.TRANSPORT)
            case _:
                super()._do(act, message)


class ServerTransaction(Transaction):
    """A request of a peer. ``source`` is where it came from, ``flow`` where answers go."""

    def __init__(self, core: Core, request: Request, source: Flow, flow: Flow) -> None:
        super().__init__(core, INVITE_SERVER if request.method == "INVITE" else SERVER, flow)
        self.request = request
        self.source = source
        self.tag = core.token()
        """The To tag of every answer of ours (8.2.6.2)."""
        self.on_ack: Callable[[Request], None] | None = None
        self.on_cancel: Callable[[], None] | None = None
        self._run_timers()

    @property
    def answered(self) -> bool:
        """Whether a final response was sent."""
        return self.state not in (State.TRYING, State.PROCEEDING)

    def respond(
        self,
        status: int,
        reason: str | None = None,
        headers: Headers | None = None,
        body: bytes = b"",
    ) -> Response:
        """Sends a response, unless a final one was sent before. Returns it."""
        tag = None if status == 100 else self.tag
        response = respond(self.request, status, reason, tag=tag, headers=headers, body=body)
        self.trigger(sent(response_class(status)), response)
        return response

    def repeat(self, response: Response) -> None:
        """Sends a 2xx again (13.3.1.4), or a reliable provisional response (RFC 3262, 3)."""
        self.core.emit(Send(self.flow, response))

    def receive(self, request: Request) -> None:
        """The same request again, or an ACK of it."""
        self.trigger(ACK if request.method == "ACK" else REQUEST, request)

    def _do(self, act: Act, message: Message | None) -> None:
        match act:
            case Act.PASS if isinstance(message, Request) and self.on_ack is not None:
                self.on_ack(message)
            case Act.TRYING if self._message is None:
                super()._do(Act.SEND, respond(self.request, 100))
            case _:
                super()._do(act, message)


def acknowledge_failure(invite: Request, response: Response) -> Request:
    """The ACK of a failure, which is part of the transaction (17.1.1.3)."""
    return _beside(invite, "ACK", to=response.headers.get("To"))


def cancel_of(invite: Request) -> Request:
    """The CANCEL of ``invite`` (9.1)."""
    return _beside(invite, "CANCEL", to=None)


def _beside(invite: Request, method: str, to: str | None) -> Request:
    headers = Headers(
        [
            ("Via", invite.headers.all("Via")[0]),
            ("Max-Forwards", "70"),
            *invite.headers.only("Route", "From"),
            ("To", to or invite.headers.get("To") or ""),
            ("Call-ID", invite.call_id),
            ("CSeq", f"{invite.cseq.number} {method}"),
        ]
    )
    return replace(invite, method=method, headers=headers, body=b"")
