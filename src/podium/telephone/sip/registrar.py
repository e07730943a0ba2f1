"""Telephones that register with us (RFC 3261 10.3): who is where, for how long."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from ipaddress import ip_address
from typing import Final

from podium.telephone.sip.core import Core, KeepAlive
from podium.telephone.sip.events import Registered, Unregistered
from podium.telephone.sip.flow import Flow, Transport
from podium.telephone.sip.headers import Headers
from podium.telephone.sip.message import Request
from podium.telephone.sip.timers import Alarm
from podium.telephone.sip.transaction import ServerTransaction
from podium.telephone.sip.uri import DEFAULT_EXPIRY, NameAddr, Uri

KEEP_ALIVE: Final = 25.0
"""Seconds; NATs forget UDP after 30 and more (RFC 5626 4.4.2)."""


@dataclass(frozen=True, slots=True)
class RegistrarPolicy:
    least: int = 60
    """Seconds; who asks for less is told so (423)."""
    most: int = 3600
    contacts: int = 5
    """Of one account; the oldest gives way."""


@dataclass(slots=True)
class Binding:
    """Where one telephone of an account is."""

    account: str
    contact: Uri = field(repr=False)
    flow: Flow
    where: tuple[Flow | Uri, ...] = field(repr=False)
    """How it is reached; for an ``Invitation``, with ``contact`` as its target."""
    call_id: str = field(repr=False)
    number: int
    until: float
    expiry: Alarm | None = None
    beat: Alarm | None = None


@dataclass(frozen=True, slots=True)
class _Wish:
    contact: Uri
    seconds: int


class Registrar:
    def __init__(self, core: Core, policy: RegistrarPolicy | None = None) -> None:
        self._core = core
        self._policy = policy or RegistrarPolicy()
        self._bindings: dict[str, list[Binding]] = {}
        self._by_flow: dict[Flow, str] = {}

    def bindings(self, account: str) -> tuple[Binding, ...]:
        """The one heard of last comes first; nothing for an account that is not here."""
        return tuple(reversed(self._bindings.get(account, [])))

    def account_at(self, flow: Flow) -> str | None:
        """Whose telephone is heard there."""
        return self._by_flow.get(flow)

    def requested(self, transaction: ServerTransaction, account: str) -> None:
        """A REGISTER of somebody who has proved to be ``account``."""
        request = transaction.request
        if request.to.uri.username != account:
            transaction.respond(403)
            return
        if request.contact_is_star:
            self._remove_all(transaction, account)
            return
        wishes = self._wishes(request)
        if any(0 < wish.seconds < self._policy.least for wish in wishes):
            transaction.respond(423, headers=Headers([("Min-Expires", str(self._policy.least))]))
        elif len(wishes) > self._policy.contacts or any(not wish.contact.is_sip for wish in wishes):
            transaction.respond(400)
        elif not self._in_order(request, account):
            transaction.respond(500)
        else:
            for wish in wishes:
                self._grant(transaction, account, wish)
            self._answer(transaction, account)

    def broken(self, flow: Flow) -> None:
        """A connection is gone: a telephone that can only be reached by it is, too."""
        account = self._by_flow.get(flow)
        if account is None or not flow.reliable:
            return
        for binding in self.bindings(account):
            if binding.flow == flow and binding.contact.host != flow.host:
                self._remove(binding)

    def _wishes(self, request: Request) -> list[_Wish]:
        general = request.expires
        wishes: list[_Wish] = []
        for contact in request.contacts:
            asked = contact.expires if contact.expires is not None else general
            seconds = DEFAULT_EXPIRY if asked is None else asked
            wishes.append(_Wish(contact.uri, min(seconds, self._policy.most)))
        return wishes

    def _in_order(self, request: Request, account: str) -> bool:
        """A REGISTER that was overtaken by a later one changes nothing (10.3, step 7)."""
        return not any(
            binding.call_id == request.call_id and binding.number >= request.cseq.number
            for binding in self.bindings(account)
        )

    def _find(self, account: str, contact: Uri) -> Binding | None:
        known = self._bindings.get(account, ())
        return next((binding for binding in known if binding.contact.same_as(contact)), None)

    def _grant(self, transaction: ServerTransaction, account: str, wish: _Wish) -> None:
        request, flow = transaction.request, transaction.source
        old = self._find(account, wish.contact)
        if wish.seconds == 0:
            if old is not None:
                self._remove(old)
            return
        if old is not None:
            self._detach(old)
        where = _where(wish.contact, flow)
        until = self._core.now + wish.seconds
        binding = Binding(
            account, wish.contact, flow, where, request.call_id, request.cseq.number, until
        )
        binding.expiry = self._core.after(wish.seconds, partial(self._remove, binding))
        self._by_flow[flow] = account
        here = self._bindings.setdefault(account, [])
        here.append(binding)
        if where == (flow,):
            self._keep_alive(binding)
        if len(here) > self._policy.contacts:
            self._remove(here[0])
        self._core.emit(Registered(account, wish.contact, wish.seconds))

    def _keep_alive(self, binding: Binding) -> None:
        def beat() -> None:
            self._core.emit(KeepAlive(binding.flow))
            self._keep_alive(binding)

        binding.beat = self._core.after(KEEP_ALIVE, beat)

    def _detach(self, binding: Binding) -> None:
        self._core.alarms.cancel(binding.expiry)
        self._core.alarms.cancel(binding.beat)
        here = self._bindings[binding.account]
        here.remove(binding)
        if not any(other.flow == binding.flow for other in here):
            self._by_flow.pop(binding.flow, None)
        if not here:
            del self._bindings[binding.account]

    def _remove(self, binding: Binding) -> None:
        self._detach(binding)
        self._core.emit(Unregistered(binding.account, binding.contact))

    def _remove_all(self, transaction: ServerTransaction, account: str) -> None:
        request = transaction.request
        if request.expires != 0 or request.contacts:
            transaction.respond(400)
        elif not self._in_order(request, account):
            transaction.respond(500)
        else:
            for binding in self.bindings(account):
                self._remove(binding)
            self._answer(transaction, account)

    def _answer(self, transaction: ServerTransaction, account: str) -> None:
        lines = []
        for binding in self.bindings(account):
            left = str(max(1, round(binding.until - self._core.now)))
            lines.append(("Contact", str(NameAddr(binding.contact).with_param("expires", left))))
        transaction.respond(200, headers=Headers(lines))


def _where(contact: Uri, flow: Flow) -> tuple[Flow | Uri, ...]:
    """The connection that the telephone keeps, and the address that it names unless it is behind
    a NAT."""
    try:
        reachable = ip_address(contact.host) == ip_address(flow.host)
    except ValueError:
        reachable = True
    if flow.transport is not Transport.UDP:
        return (flow, contact) if reachable else (flow,)
    return (contact,) if reachable else (flow,)
