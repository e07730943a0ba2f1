"""All transactions: which message belongs to which (RFC 3261 sections 17.1.3, 17.2.3, 8.2.2.2)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Final, Protocol

from podium.telephone.sip.core import Core
from podium.telephone.sip.events import Failure
from podium.telephone.sip.fields import MAGIC_COOKIE
from podium.telephone.sip.flow import Flow, Transport
from podium.telephone.sip.message import Message, Request, Response
from podium.telephone.sip.transaction import ClientTransaction, ServerTransaction

MOST: Final = 100_000
"""Server transactions at one time; what comes beyond is dropped, as a full network would."""

_Key = tuple[str, ...]


class TransactionUser(Protocol):
    """Who is behind the transactions."""

    def requested(self, transaction: ServerTransaction) -> None:
        """A new request; neither ACK nor CANCEL."""
        ...

    def acknowledged(self, ack: Request) -> None:
        """An ACK of a 2xx."""
        ...


class Transactions:
    def __init__(self, core: Core, user: TransactionUser, most: int = MOST) -> None:
        self._core = core
        self._user = user
        self._most = most
        self._servers: dict[_Key, ServerTransaction] = {}
        self._merged: dict[_Key, _Key] = {}
        self._clients: dict[_Key, ClientTransaction] = {}
        self._by_flow: defaultdict[Flow, set[ClientTransaction]] = defaultdict(set)

    def __len__(self) -> int:
        return len(self._servers) + len(self._clients)

    @property
    def unanswered(self) -> int:
        """Requests of ours whose final response is not here."""
        return sum(client.waits for client in self._clients.values())

    # --- ours

    def send(
        self,
        request: Request,
        flow: Flow,
        on_response: Callable[[Response], None],
        on_failure: Callable[[Failure], None],
    ) -> ClientTransaction:
        """``request`` has its Via, with a branch that is new but for CANCEL."""
        transaction = ClientTransaction(self._core, request, flow, on_response, on_failure)
        key = (request.top_via.branch or "", request.method)
        self._clients[key] = transaction
        if flow.reliable:
            self._by_flow[flow].add(transaction)
        transaction.on_end = partial(self._client_ended, key, transaction)
        transaction.start()
        return transaction

    def broken(self, flow: Flow) -> None:
        """The connection is gone, or could not be made."""
        for transaction in tuple(self._by_flow.get(flow, ())):
            transaction.broken()

    def _client_ended(self, key: _Key, transaction: ClientTransaction) -> None:
        self._clients.pop(key, None)
        if transaction.flow.reliable:
            here = self._by_flow[transaction.flow]
            here.discard(transaction)
            if not here:
                del self._by_flow[transaction.flow]

    # --- theirs

    def receive(self, message: Message, source: Flow) -> None:
        if isinstance(message, Response):
            transaction = self._clients.get((message.top_via.branch or "", message.cseq.method))
            if transaction is not None:
                transaction.receive(message)
        else:
            self._request(message, source)

    def _request(self, request: Request, source: Flow) -> None:
        key = _server_key(request, "INVITE" if request.method == "ACK" else request.method)
        known = self._servers.get(key)
        if known is not None:
            known.receive(request)
        elif request.method == "ACK":
            self._user.acknowledged(request)
        elif len(self._servers) < self._most:
            self._begin(key, request, source)

    def _begin(self, key: _Key, request: Request, source: Flow) -> None:
        request, flow = _seen_from(request, source)
        transaction = ServerTransaction(self._core, request, source, flow)
        self._servers[key] = transaction
        merged = _merge_key(request)
        transaction.on_end = partial(self._server_ended, key, merged)
        if request.method == "CANCEL":
            self._cancel(transaction)
        elif merged is not None and self._merged.setdefault(merged, key) != key:
            transaction.respond(482)
        else:
            self._user.requested(transaction)

    def _server_ended(self, key: _Key, merged: _Key | None) -> None:
        self._servers.pop(key, None)
        if merged is not None and self._merged.get(merged) == key:
            del self._merged[merged]

    def _cancel(self, cancel: ServerTransaction) -> None:
        """9.2: it is answered in any case, and changes nothing after a final response."""
        invite = self._servers.get(_server_key(cancel.request, "INVITE"))
        if invite is None:
            cancel.respond(481)
            return
        cancel.tag = invite.tag
        cancel.respond(200)
        if not invite.answered and invite.on_cancel is not None:
            invite.on_cancel()


def _server_key(request: Request, method: str) -> _Key:
    via = request.top_via
    branch = via.branch or ""
    if branch.startswith(MAGIC_COOKIE):
        return (branch, via.sent_by, method)
    # RFC 2543: the fields that a retransmission, a CANCEL and an ACK have in common.
    from_tag = request.from_.tag or ""
    number = str(request.cseq.number)
    return (str(request.uri), request.call_id, from_tag, number, via.sent_by, method)


def _merge_key(request: Request) -> _Key | None:
    """What two copies of one request have in common that came by different ways."""
    if request.method == "CANCEL" or request.to.tag is not None:
        return None
    return (request.from_.tag or "", request.call_id, str(request.cseq))


def _seen_from(request: Request, source: Flow) -> tuple[Request, Flow]:
    """The request with ``received`` and ``rport`` in its top Via (18.2.1, RFC 3581), and where
    its answers go (18.2.2). ``maddr`` is not believed: answers go to where requests come from."""
    via = request.top_via
    seen = via.seen_from(source.host, source.port)
    if seen is not via:
        _, *others = request.headers.all("Via")
        headers = request.headers.set("Via", str(seen), *others)
        request = replace(request, headers=headers)
    if source.transport is not Transport.UDP or seen.rport:
        return request, source
    return request, replace(source, port=via.port or source.transport.port)
