"""One request of ours until its final response: addresses one after the other (RFC 3263 4.3),
digest challenges (RFC 3261 22), CANCEL (9.1)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol

from podium.telephone.sip.core import Core
from podium.telephone.sip.events import Failure
from podium.telephone.sip.fields import MAGIC_COOKIE, Via
from podium.telephone.sip.flow import Flow, Transport
from podium.telephone.sip.headers import Headers
from podium.telephone.sip.locate import Unreachable, literal
from podium.telephone.sip.message import Request, Response, encode
from podium.telephone.sip.timers import Alarm
from podium.telephone.sip.transaction import ClientTransaction, cancel_of
from podium.telephone.sip.transaction_tables import State
from podium.telephone.sip.transactions import Transactions
from podium.telephone.sip.uri import Uri

_CHALLENGES: Final = 3
"""How often one exchange answers challenges: wrong stage, stale nonce, and no more."""


class Signer(Protocol):
    """Answers a digest challenge."""

    def sign(self, request: Request, challenge: Response) -> Headers | None:
        """All credentials that the request shall carry, as header fields; ``None`` where the
        challenge cannot be answered. ``request``: as it was challenged."""
        ...


class ExchangeUser(Protocol):
    def responded(self, response: Response) -> None:
        """Each response but the challenges that were answered; of an INVITE each 2xx."""
        ...

    def failed(self, failure: Failure) -> None: ...


@dataclass(frozen=True, slots=True)
class Draft:
    """A request to be. ``compose(flow, number)`` makes it, with a CSeq of that number and
    without a Via; ``number()`` counts the CSeq on."""

    compose: Callable[[Flow, int], Request]
    number: Callable[[], int]
    where: tuple[Flow | Uri, ...]
    """Tried in this order."""
    signer: Signer | None = None


class Exchange:
    def __init__(
        self, core: Core, transactions: Transactions, draft: Draft, user: ExchangeUser
    ) -> None:
        self._core = core
        self._transactions = transactions
        self._draft = draft
        self._user = user
        self._where = list(draft.where)
        self._hops: list[Flow] = []
        self._number = 0
        self._credentials = Headers()
        self._challenges = 0
        self._transaction: ClientTransaction | None = None
        self._detour = False
        """It went by TCP for its size alone."""
        self._cancelled = False
        self._cancel_sent = False
        self._patience: Alarm | None = None
        self._over = False

    def start(self) -> None:
        self._number = self._draft.number()
        self._look_further(Failure.UNRESOLVED)

    @property
    def request(self) -> Request | None:
        """The last one that was sent."""
        return self._transaction.request if self._transaction else None

    @property
    def flow(self) -> Flow | None:
        return self._transaction.flow if self._transaction else None

    def cancel(self) -> None:
        """Of an INVITE. Sent once a provisional response is here; then the final response is
        waited for, which may still be a 2xx."""
        if self._cancelled or self._over:
            return
        self._cancelled = True
        if self._transaction is None:
            self._fail(Failure.CANCELLED)
        elif self._transaction.state is State.PROCEEDING:
            self._send_cancel(self._transaction)

    def abandon(self) -> None:
        """Nobody waits for the answer any more."""
        self._over = True
        self._core.alarms.cancel(self._patience)

    def _look_further(self, failure: Failure) -> None:
        """On to the next place; ``failure`` is what is told where there is none."""
        if not self._where:
            self._fail(failure)
            return
        where = self._where.pop(0)
        if isinstance(where, Flow):
            self._found([where])
            return
        try:
            flow = literal(where)
        except Unreachable:
            self._look_further(failure)
            return
        if flow is None:
            self._core.look_up(where, self._found)
        else:
            self._found([flow])

    def _found(self, hops: Sequence[Flow]) -> None:
        if self._over:
            return
        self._hops = list(hops)
        if self._hops:
            self._send()
        else:
            self._look_further(Failure.UNRESOLVED)

    def _send(self) -> None:
        """A request that turns out too large for UDP is written anew, for TCP."""
        hop = self._hops[0]
        request = self._written(hop)
        flow = self._core.detours.way(hop, len(encode(request)), self._core.now)
        self._detour = flow is not hop
        self._transaction = self._transactions.send(
            self._written(flow) if self._detour else request,
            flow,
            self._responded,
            self._transaction_failed,
        )

    def _written(self, flow: Flow) -> Request:
        request = self._draft.compose(flow, self._number)
        via = Via(
            flow.transport,
            *self._core.local.towards(flow),
            params=(("branch", f"{MAGIC_COOKIE}{self._core.token()}"),),
        )
        if flow.transport is Transport.UDP:
            via = via.with_param("rport", None)
        headers = Headers([("Via", str(via)), *request.headers, *self._credentials])
        return replace(request, headers=headers)

    def _responded(self, response: Response) -> None:
        if response.status < 200:
            if self._cancelled and self._transaction is not None:
                self._send_cancel(self._transaction)
            if not self._over:
                self._user.responded(response)
            return
        self._core.alarms.cancel(self._patience)
        if response.status in (401, 407) and self._challenged(response):
            return
        if response.status == 503 and self._next_hop(Failure.TRANSPORT):
            return
        if not self._over or response.is_success:
            self._over = True
            self._user.responded(response)

    def _challenged(self, response: Response) -> bool:
        """Whether the request was sent again with credentials."""
        if self._over or self._cancelled or self._draft.signer is None or self.request is None:
            return False
        self._challenges += 1
        if self._challenges > _CHALLENGES:
            return False
        credentials = self._draft.signer.sign(self.request, response)
        if credentials is None:
            return False
        self._credentials = credentials
        self._number = self._draft.number()
        self._send()
        return True

    def _next_hop(self, failure: Failure) -> bool:
        """Whether there is another address to try (RFC 3263 4.3)."""
        if self._over or self._cancelled or (len(self._hops) < 2 and not self._where):
            return False
        del self._hops[0]
        if self._hops:
            self._send()
        else:
            self._look_further(failure)
        return True

    def _transaction_failed(self, failure: Failure) -> None:
        if self._detour and failure is Failure.TRANSPORT and not (self._over or self._cancelled):
            self._core.detours.refused(self._hops[0], self._core.now)
            self._send()
            return
        if not self._next_hop(failure):
            self._fail(failure)

    def _fail(self, failure: Failure) -> None:
        self._core.alarms.cancel(self._patience)
        if not self._over:
            self._over = True
            self._user.failed(failure)

    def _send_cancel(self, transaction: ClientTransaction) -> None:
        if self._cancel_sent:
            return
        self._cancel_sent = True
        self._transactions.send(
            cancel_of(transaction.request), transaction.flow, lambda _: None, lambda _: None
        )
        self._patience = self._core.after(
            self._core.timers.cancelled, lambda: self._give_up(transaction)
        )

    def _give_up(self, transaction: ClientTransaction) -> None:
        """The peer never answers the INVITE: after so long it counts as cancelled (9.1)."""
        transaction.drop()
        self._fail(Failure.CANCELLED)
