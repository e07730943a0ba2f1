"""One INVITE of a peer until it is acknowledged: ringing, reliably where required (RFC 3262),
the 2xx repeated until its ACK comes (RFC 3261 13.3.1.4)."""

from __future__ import annotations

from typing import Final, Protocol

from podium.telephone.sip.core import Core
from podium.telephone.sip.headers import Headers
from podium.telephone.sip.line import option_tags
from podium.telephone.sip.message import Request, Response
from podium.telephone.sip.timers import Alarm
from podium.telephone.sip.transaction import ServerTransaction

_REMINDER: Final = 60.0
"""A provisional response at least that often, or proxies give up (13.3.1.1)."""


class AnsweringUser(Protocol):
    def acknowledged(self, answering: Answering, ack: Request) -> None:
        """Once: the 2xx has arrived."""
        ...

    def unacknowledged(self, answering: Answering) -> None:
        """Neither ACK nor PRACK came in 64 T1."""
        ...


class Answering:
    def __init__(self, core: Core, transaction: ServerTransaction, user: AnsweringUser) -> None:
        self._core = core
        self._user = user
        self.transaction = transaction
        self.request = transaction.request
        self.number = transaction.request.cseq.number
        self._reliable = "100rel" in option_tags(transaction.request, "Require")
        self._rseq = 0
        self._unacknowledged: Response | None = None
        """What is repeated until its PRACK or ACK comes."""
        self._repeat: Alarm | None = None
        self._deadline: Alarm | None = None
        self._reminder: Alarm | None = None
        self.accepted = False
        self._acknowledged = False
        transaction.on_ack = self.receive_ack

    @property
    def late_offer(self) -> bool:
        return not self.request.body.strip()

    def ring(self, status: int, headers: Headers) -> None:
        """One of 101 to 199. Nothing where the caller requires it reliable and gave no offer,
        because ours would have to go with it (RFC 3262, 5); the 100 has to do."""
        if self.transaction.answered or self._unacknowledged is not None:
            return
        if not self._reliable:
            self.transaction.respond(status, headers=headers)
            self._core.alarms.cancel(self._reminder)
            self._reminder = self._core.after(_REMINDER, lambda: self.ring(status, headers))
        elif not self.late_offer:
            first = self._rseq == 0
            self._rseq = 1 + self._core.chance.getrandbits(16) if first else self._rseq + 1
            headers = Headers([*headers, ("Require", "100rel"), ("RSeq", str(self._rseq))])
            self._await(self.transaction.respond(status, headers=headers))

    def acknowledge_provisional(self, prack: Request) -> bool:
        """Whether the PRACK belongs to the provisional response that waits for it."""
        rack = (prack.headers.get("RAck") or "").split()
        waiting = self._unacknowledged
        if (
            waiting is None
            or self.accepted
            or rack
            != [
                str(self._rseq),
                str(self.number),
                "INVITE",
            ]
        ):
            return False
        self._stop()
        return True

    def accept(self, headers: Headers, body: bytes) -> None:
        self._stop()
        if self.transaction.answered:
            return
        self.accepted = True
        self._await(self.transaction.respond(200, headers=headers, body=body))

    def refuse(
        self, status: int, reason: str | None = None, headers: Headers | None = None
    ) -> None:
        self._stop()
        self.transaction.respond(status, reason, headers)

    def receive_ack(self, ack: Request) -> None:
        if self.accepted and not self._acknowledged:
            self._acknowledged = True
            self._stop()
            self._user.acknowledged(self, ack)

    def stop(self) -> None:
        """Nothing more is repeated: the dialog is over."""
        self._stop()

    def _await(self, response: Response) -> None:
        """Repeats ``response`` until it is acknowledged, on any transport: a proxy on the way
        may lose it."""
        self._unacknowledged = response
        self._again(response, self._core.timers.t1)
        self._deadline = self._core.after(self._core.timers.give_up, self._give_up)

    def _again(self, response: Response, wait: float) -> None:
        def repeat() -> None:
            self.transaction.repeat(response)
            longer = wait * 2
            self._again(response, min(longer, self._core.timers.t2) if self.accepted else longer)

        self._repeat = self._core.after(wait, repeat)

    def _give_up(self) -> None:
        self._stop()
        self._user.unacknowledged(self)

    def _stop(self) -> None:
        self._unacknowledged = None
        for alarm in (self._repeat, self._deadline, self._reminder):
            self._core.alarms.cancel(alarm)
