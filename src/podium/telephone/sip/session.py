"""A dialog in use: requests within it, and its end (RFC 3261 12.2, 15; RFC 2976)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from podium.telephone.sip.answering import Answering
from podium.telephone.sip.dialog import Dialog
from podium.telephone.sip.events import CallKey, Digits, Failure, Why
from podium.telephone.sip.exchange import Draft, Exchange, Signer
from podium.telephone.sip.flow import Flow
from podium.telephone.sip.headers import Headers
from podium.telephone.sip.line import ACCEPT, ALLOW, SUPPORTED, Line
from podium.telephone.sip.message import Request, Response
from podium.telephone.sip.negotiation import Negotiation
from podium.telephone.sip.transaction import ServerTransaction

_RELAY: Final = re.compile(
    rb"^\s*Signal\s*=\s*([0-9A-Da-d*#]|10|11)\s*$", re.MULTILINE | re.IGNORECASE
)
_NAMED: Final = {"10": "*", "11": "#"}
_PLAIN: Final = re.compile(rb"\s*([0-9A-Da-d*#])\s*")


class Session:
    """``over`` is told once when the session ends other than by ``hang_up``."""

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
        self._signer = signer
        self._told = over
        self.dialog = dialog
        self.negotiation = Negotiation(line, key, dialog, signer, caller=caller, over=self._fail)
        self.ringing: Answering | None = None
        """Its provisional responses may wait for a PRACK."""
        self._over = False
        self._handlers: dict[str, Callable[[ServerTransaction], None]] = {
            "INVITE": self.negotiation.receive,
            "UPDATE": self.negotiation.receive,
            "BYE": self._bye,
            "INFO": self._info,
            "PRACK": self._prack,
            "OPTIONS": answer_options,
            "REFER": lambda transaction: refuse(transaction, 603),
        }

    def requested(self, transaction: ServerTransaction) -> None:
        request = transaction.request
        if request.from_.tag != self.dialog.remote.tag or self._over:
            transaction.respond(481)
        elif not self.dialog.is_new(request.cseq.number):
            transaction.respond(500)
        elif (handler := self._handlers.get(request.method)) is not None:
            handler(transaction)
        else:
            refuse(transaction, 405)

    def hang_up(self) -> None:
        """Sends a BYE; whatever comes of it, the session is over."""
        if not self._over:
            self.close()
            self.send(lambda _, number: self.dialog.request("BYE", number))

    def close(self) -> None:
        self._over = True
        self.negotiation.close()

    def _fail(self, why: Why) -> None:
        if not self._over:
            self.hang_up()
            self._told(why)

    def _bye(self, transaction: ServerTransaction) -> None:
        transaction.respond(200)
        self.close()
        self._told(Why.HUNG_UP)

    def _info(self, transaction: ServerTransaction) -> None:
        request = transaction.request
        if not request.body.strip():
            transaction.respond(200)
            return
        digit = _digit(request)
        if digit is None:
            transaction.respond(415, headers=Headers([ACCEPT]))
            return
        transaction.respond(200)
        self._line.core.emit(Digits(self._key, digit))

    def _prack(self, transaction: ServerTransaction) -> None:
        ringing = self.ringing
        if ringing is None or not ringing.acknowledge_provisional(transaction.request):
            transaction.respond(481)
        elif transaction.request.body.strip():
            # Only once our answer went out reliably could there be another offer.
            transaction.respond(488)
        else:
            transaction.respond(200)

    def send(self, compose: Callable[[Flow, int], Request]) -> None:
        """A request whose answer changes nothing."""
        draft = Draft(compose, self.dialog.next_number, self.dialog.where(), self._signer)
        Exchange(self._line.core, self._line.transactions, draft, _Whatever()).start()


class _Whatever:
    """The user of a request whose answer changes nothing."""

    def responded(self, response: Response) -> None: ...

    def failed(self, failure: Failure) -> None: ...


def answer_options(transaction: ServerTransaction) -> None:
    """What we can (11.2)."""
    transaction.respond(200, headers=Headers([ALLOW, ACCEPT, SUPPORTED]))


def refuse(transaction: ServerTransaction, status: int) -> None:
    transaction.respond(status, headers=Headers([ALLOW]))


def _digit(request: Request) -> str | None:
    """The one key that an INFO reports."""
    found = None
    if request.content_type == "application/dtmf-relay":
        found = _RELAY.search(request.body)
    elif request.content_type == "application/dtmf":
        found = _PLAIN.fullmatch(request.body)
    if found is None:
        return None
    digit = found[1].decode().upper()
    return _NAMED.get(digit, digit)
