"""All calls: which request belongs to which, and whether there is room for another."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from podium.rates import Bucket, Rate
from podium.telephone.sip import session_timer
from podium.telephone.sip.events import CallKey, IncomingCall
from podium.telephone.sip.headers import Headers
from podium.telephone.sip.incoming import Incoming
from podium.telephone.sip.line import ACCEPT, BodyRefused, Line, session_body
from podium.telephone.sip.message import Request
from podium.telephone.sip.outgoing import Invitation, Outgoing
from podium.telephone.sip.transaction import ServerTransaction

Call = Incoming | Outgoing


class Calls:
    def __init__(self, line: Line, lags: Callable[[], bool]) -> None:
        """``lags``: whether the process falls behind, so that new calls must wait."""
        self._line = line
        self._lags = lags
        self._calls: dict[CallKey, Call] = {}
        self._by_dialog: dict[tuple[str, str], Call] = {}
        self._last = 0
        per_second = line.policy.calls_per_second
        self._pace = Bucket(Rate(per_second, per_second), 0.0)

    def __len__(self) -> int:
        return len(self._calls)

    def find(self, key: CallKey) -> Call | None:
        return self._calls.get(key)

    def invite(self, invitation: Invitation) -> CallKey:
        key = self._next_key()
        call = Outgoing(self._line, key, invitation, partial(self._forget, key))
        self._add(call)
        call.start()
        return key

    def incoming(self, transaction: ServerTransaction, by: str) -> None:
        """An INVITE outside of any dialog, from somebody who may call."""
        request = transaction.request
        try:
            offer = session_body(request)
        except BodyRefused:
            transaction.respond(415, headers=Headers([ACCEPT]))
            return
        if request.contact is None:
            transaction.respond(400, "Contact Missing")
            return
        judged = session_timer.judge(request, self._line.policy.session)
        if isinstance(judged, session_timer.Refused):
            reason = "Bad Session-Expires" if judged.status == 400 else None
            transaction.respond(judged.status, reason, judged.headers)
            return
        if not self._has_room():
            transaction.respond(503, headers=Headers([("Retry-After", self._wait())]))
            return
        key = self._next_key()
        call = Incoming(self._line, key, transaction, offer, judged, partial(self._forget, key))
        self._add(call)
        self._line.core.emit(
            IncomingCall(key, by, transaction.source, request.from_, request.to, request.uri, offer)
        )

    def hang_up_all(self) -> None:
        for call in tuple(self._calls.values()):
            call.hang_up()

    def of(self, request: Request) -> Call | None:
        """The call in whose dialog ``request`` is."""
        return self._by_dialog.get((request.call_id, request.to.tag or ""))

    def _has_room(self) -> bool:
        policy = self._line.policy
        if len(self._calls) >= policy.calls or self._lags():
            return False
        return self._pace.take(self._line.core.now)

    def _wait(self) -> str:
        return str(round(self._line.core.chance.uniform(*self._line.policy.retry_after)))

    def _next_key(self) -> CallKey:
        self._last += 1
        return CallKey(self._last)

    def _add(self, call: Call) -> None:
        self._calls[call.key] = call
        self._by_dialog[call.dialog_id] = call

    def _forget(self, key: CallKey) -> None:
        call = self._calls.pop(key, None)
        if call is not None:
            self._by_dialog.pop(call.dialog_id, None)
