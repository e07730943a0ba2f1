"""The user agent: messages and time in; messages, questions and events out.

Sans-IO. A shell feeds ``receive``, ``resolved``, ``broken`` and ``tick``, each with the time, and
after each of them, and after each command, carries out what ``take`` gives.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from podium.telephone.sip.calls import Calls
from podium.telephone.sip.core import Chance, Core, LocalAddresses, Output
from podium.telephone.sip.events import CallKey
from podium.telephone.sip.flow import Flow
from podium.telephone.sip.gate import Admit, Drop, Gate, Refuse
from podium.telephone.sip.headers import Headers
from podium.telephone.sip.incoming import Incoming
from podium.telephone.sip.line import EXTENSIONS, Line, Policy
from podium.telephone.sip.message import METHODS, Message, Request
from podium.telephone.sip.outgoing import Invitation
from podium.telephone.sip.registrar import Registrar
from podium.telephone.sip.registration import Trunk, Trunks
from podium.telephone.sip.session import Session, answer_options, refuse
from podium.telephone.sip.syntax import SipSyntaxError
from podium.telephone.sip.timers import Timers
from podium.telephone.sip.transaction import ServerTransaction
from podium.telephone.sip.transactions import Transactions
from podium.telephone.sip.uri import Uri

_NEED_A_DIALOG: Final = frozenset({"BYE", "INFO", "PRACK", "UPDATE"})


class UserAgent:
    def __init__(
        self,
        chance: Chance,
        local: LocalAddresses,
        gate: Gate,
        policy: Policy | None = None,
        timers: Timers | None = None,
        trunks: Iterable[Trunk] = (),
    ) -> None:
        """Trunks in the order of preference."""
        self.core = Core(timers or Timers(), chance, local)
        self.transactions = Transactions(self.core, self)
        self._gate = gate
        self._line = Line(self.core, self.transactions, policy or Policy())
        self.lagging = False
        """Set by the shell while it falls behind; new calls are then refused with 503."""
        self.calls = Calls(self._line, lambda: self.lagging)
        self.registrar = Registrar(self.core)
        self.trunks = Trunks(self._line, trunks)

    def start(self, now: float) -> None:
        """Registers with the trunks and begins to ask whether they are there."""
        self.core.tick(now)
        self.trunks.start()

    def stop(self, now: float) -> None:
        """Hangs up and takes the registrations back; what is sent is not waited for."""
        self.core.tick(now)
        self.calls.hang_up_all()
        self.trunks.stop()

    # --- inputs

    def receive(self, message: Message, source: Flow, now: float) -> None:
        self.core.tick(now)
        self.transactions.receive(message, source)

    def resolved(self, uri: Uri, flows: Sequence[Flow], now: float) -> None:
        """The answer to ``Resolve``: in order of preference, empty where nothing is known."""
        self.core.tick(now)
        self.core.resolved(uri, flows)

    def broken(self, flow: Flow, now: float) -> None:
        """A connection is gone, or could not be made."""
        self.core.tick(now)
        self.transactions.broken(flow)
        self.registrar.broken(flow)

    def tick(self, now: float) -> None:
        self.core.tick(now)

    # --- outputs

    @property
    def deadline(self) -> float | None:
        """When ``tick`` is due next."""
        return self.core.alarms.next

    def take(self) -> Sequence[Output]:
        """What is to be done, in order; it is given once."""
        return self.core.take()

    # --- commands. One for a call that is over does nothing: calls end at any time.

    def invite(self, invitation: Invitation, now: float) -> CallKey:
        self.core.tick(now)
        return self.calls.invite(invitation)

    def ring(self, call: CallKey, now: float, status: int = 180) -> None:
        """``status``: 180 rings, 183 only says that something happens."""
        self.core.tick(now)
        if isinstance(found := self.calls.find(call), Incoming):
            found.ring(status)

    def accept(self, call: CallKey, sdp: bytes, now: float) -> None:
        """``sdp``: our answer, or our offer where ``IncomingCall.offer`` is ``None``."""
        self.core.tick(now)
        if isinstance(found := self.calls.find(call), Incoming):
            found.accept(sdp)

    def reject(
        self,
        call: CallKey,
        status: int,
        now: float,
        reason: str | None = None,
        retry_after: int | None = None,
    ) -> None:
        """Of an incoming call that was not accepted. ``status``: 300 to 699."""
        self.core.tick(now)
        if isinstance(found := self.calls.find(call), Incoming):
            found.reject(status, reason, retry_after)

    def reoffer(self, call: CallKey, sdp: bytes, now: float) -> None:
        """A re-INVITE: at once, or when what is under way is over, also after glare. ``Answered``
        or ``ReofferRefused`` follows."""
        self.core.tick(now)
        if (session := self._session(call)) is not None:
            session.negotiation.reoffer(sdp)

    def answer_reoffer(self, call: CallKey, sdp: bytes, now: float) -> None:
        """``sdp``: our answer, or our offer where ``Reoffered.offer`` is ``None``."""
        self.core.tick(now)
        if (session := self._session(call)) is not None:
            session.negotiation.answer(sdp)

    def refuse_reoffer(self, call: CallKey, now: float, status: int = 488) -> None:
        self.core.tick(now)
        if (session := self._session(call)) is not None:
            session.negotiation.refuse(status)

    def hang_up(self, call: CallKey, now: float) -> None:
        """Ends the call in any state: CANCEL, a refusal (480) or BYE, as is right."""
        self.core.tick(now)
        if (found := self.calls.find(call)) is not None:
            found.hang_up()

    def _session(self, call: CallKey) -> Session | None:
        found = self.calls.find(call)
        return found.session if found is not None else None

    # --- what the transactions bring

    def requested(self, transaction: ServerTransaction) -> None:
        try:
            self._requested(transaction)
        except SipSyntaxError as error:
            # A field that only some requests need, and that is looked up late.
            transaction.respond(error.status)

    def acknowledged(self, ack: Request) -> None:
        if (call := self.calls.of(ack)) is not None:
            call.receive_ack(ack)

    def _requested(self, transaction: ServerTransaction) -> None:
        request = transaction.request
        if (call := self.calls.of(request)) is not None:
            if self._understood(transaction):
                call.requested(transaction)
            return
        verdict = self._gate.judge(request, transaction.source, self.core.now)
        match verdict:
            case Drop():
                transaction.drop()
            case Refuse(status, headers):
                transaction.respond(status, headers=headers)
            case Admit(by):
                self._admitted(transaction, by)

    def _understood(self, transaction: ServerTransaction) -> bool:
        """420 for what we would have to be able to do (8.2.2.3)."""
        unknown = transaction.request.required - EXTENSIONS
        if unknown:
            transaction.respond(420, headers=Headers([("Unsupported", ", ".join(sorted(unknown)))]))
        return not unknown

    def _admitted(self, transaction: ServerTransaction, by: str) -> None:
        method = transaction.request.method
        if transaction.request.to.tag is not None or method in _NEED_A_DIALOG:
            transaction.respond(481)
        elif not self._understood(transaction):
            return
        elif method == "INVITE":
            self.calls.incoming(transaction, by)
        elif method == "REGISTER":
            self.registrar.requested(transaction, by)
        elif method == "OPTIONS":
            answer_options(transaction)
        else:
            refuse(transaction, 405 if method in METHODS else 501)
