"""Trunks: registering with them, refreshing it, and asking whether they are there (RFC 3261 10.2,
11)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

from podium.telephone.sip.dialog import MAX_FORWARDS, contact
from podium.telephone.sip.digest import Login
from podium.telephone.sip.events import Failure, TrunkHealth, TrunkState
from podium.telephone.sip.exchange import Draft, Exchange
from podium.telephone.sip.flow import Flow
from podium.telephone.sip.headers import Headers
from podium.telephone.sip.line import ACCEPT, Line
from podium.telephone.sip.login import LoginSigner
from podium.telephone.sip.message import Request, Response
from podium.telephone.sip.registration_table import (
    ANSWERS,
    REFUSES,
    REGISTRATION,
    SILENT,
)
from podium.telephone.sip.syntax import SipSyntaxError, parse_number
from podium.telephone.sip.timers import Alarm
from podium.telephone.sip.uri import NameAddr, Uri

_FIRST_PAUSE: Final = 5.0
_LONGEST_PAUSE: Final = 600.0
_RANK: Final = {
    TrunkHealth.UP: 0,
    TrunkHealth.UNKNOWN: 1,
    TrunkHealth.REFUSED: 2,
    TrunkHealth.DOWN: 3,
}


@dataclass(frozen=True, slots=True)
class Trunk:
    """A telephone company's or an organisation's gateway. Seconds."""

    name: str
    server: Uri = field(repr=False)
    """Where calls, registrations and pings go: ``sip:host:port;transport=tcp``."""
    identity: Uri = field(repr=False)
    """Who we are there: the From of calls, and what is registered."""
    login: Login | None = field(default=None, repr=False)
    registers: bool = False
    expires: int = 600
    ping: float = 30.0


class Trunks:
    """In the order of preference in which they are given."""

    def __init__(self, line: Line, trunks: Iterable[Trunk]) -> None:
        self._links = [TrunkLink(line, trunk) for trunk in trunks]

    def start(self) -> None:
        for link in self._links:
            link.start()

    def stop(self) -> None:
        """Takes the registrations back, as far as the answer is not waited for."""
        for link in self._links:
            link.stop()

    def usable(self) -> tuple[Trunk, ...]:
        """All, those that are up before those that may be; each group in its order."""
        links = sorted(self._links, key=lambda link: _RANK[link.health])
        return tuple(link.trunk for link in links)

    def health(self, name: str) -> TrunkHealth:
        return next(
            (link.health for link in self._links if link.trunk.name == name), TrunkHealth.UNKNOWN
        )


class TrunkLink:
    def __init__(self, line: Line, trunk: Trunk) -> None:
        self.trunk = trunk
        self.health = TrunkHealth.UNKNOWN
        self._line = line
        self._signer = LoginSigner(trunk.login, line.core.chance) if trunk.login else None
        self._call_id = line.core.token()
        self._numbers = 0
        self._expires = trunk.expires
        self._failures = 0
        self._registering = False
        self._next_ping: Alarm | None = None
        self._next_registration: Alarm | None = None
        self._stopped = False

    def start(self) -> None:
        if self.trunk.registers:
            # Who does not know us yet may not answer our OPTIONS.
            self._ping_later()
            self._register(self._expires)
        else:
            self._ping()

    def stop(self) -> None:
        self._stopped = True
        for alarm in (self._next_ping, self._next_registration):
            self._line.core.alarms.cancel(alarm)
        if self.trunk.registers and self.health is TrunkHealth.UP:
            self._register(0)

    def _go(self, trigger: str, status: int | None) -> None:
        before = self.health
        self.health = REGISTRATION.after(before, trigger) or before
        if self.health is not before:
            self._line.core.emit(TrunkState(self.trunk.name, self.health, status))

    # --- OPTIONS

    def _ping(self) -> None:
        def compose(flow: Flow, number: int) -> Request:
            return self._request("OPTIONS", flow, number, ACCEPT)

        self._send(compose, self._pinged, lambda _: self._unheard(None))
        self._ping_later()

    def _ping_later(self) -> None:
        self._next_ping = self._line.core.after(self.trunk.ping, self._ping)

    def _pinged(self, response: Response) -> None:
        """Whatever it says to OPTIONS: it is there."""
        if response.status in (408, 503):
            self._unheard(response.status)
        elif not self.trunk.registers:
            self._go(ANSWERS, response.status)
        elif self.health is TrunkHealth.DOWN:
            self._failures = 0
            self._register_in(0.0)

    def _unheard(self, status: int | None) -> None:
        if not self.trunk.registers:
            self._go(SILENT, status)
        elif self.health is TrunkHealth.UP:
            self._register_in(0.0)

    # --- REGISTER

    def _register(self, seconds: int) -> None:
        if self._registering and seconds:
            return
        self._registering = True

        def compose(flow: Flow, number: int) -> Request:
            return self._request("REGISTER", flow, number, ("Expires", str(seconds)))

        self._send(compose, self._registered, self._register_failed)

    def _registered(self, response: Response) -> None:
        self._registering = False
        if self._stopped:
            return
        if response.is_success:
            self._failures = 0
            self._go(ANSWERS, response.status)
            granted = self._granted(response)
            self._register_in(max(granted * 0.5, granted - 60.0))
        elif response.status == 423 and self._longer(response):
            self._register(self._expires)
        elif response.status >= 500 or response.status == 408:
            self._go(SILENT, response.status)
            self._register_in(self._pause())
        else:
            self._go(REFUSES, response.status)
            self._register_in(self._pause())

    def _register_failed(self, failure: Failure) -> None:
        self._registering = False
        if not self._stopped:
            self._go(SILENT, None)
            self._register_in(self._pause())

    def _register_in(self, seconds: float) -> None:
        core = self._line.core
        core.alarms.cancel(self._next_registration)
        self._next_registration = core.after(seconds, lambda: self._register(self._expires))

    def _pause(self) -> float:
        """Doubles with each failure; drawn, so that many servers do not come back at once."""
        longest = min(_FIRST_PAUSE * 2.0**self._failures, _LONGEST_PAUSE)
        self._failures = min(self._failures + 1, 10)
        return self._line.core.chance.uniform(longest / 2, longest)

    def _granted(self, response: Response) -> int:
        """Seconds, of our contact."""
        ours = [
            found.expires
            for found in response.contacts
            if found.uri.user == self._line.policy.user and found.expires
        ]
        return max(30, min(ours, default=response.expires or self._expires))

    def _longer(self, response: Response) -> bool:
        try:
            least = parse_number(response.headers.get("Min-Expires") or "", 86_400, "Min-Expires")
        except SipSyntaxError:
            return False
        if least <= self._expires:
            return False
        self._expires = least
        return True

    # --- both

    def _send(
        self,
        compose: Callable[[Flow, int], Request],
        on_response: Callable[[Response], None],
        on_failure: Callable[[Failure], None],
    ) -> None:
        draft = Draft(compose, self._number, (self.trunk.server,), self._signer)
        user = _Final(on_response, on_failure)
        Exchange(self._line.core, self._line.transactions, draft, user).start()

    def _number(self) -> int:
        self._numbers += 1
        return self._numbers

    def _request(self, method: str, flow: Flow, number: int, line: tuple[str, str]) -> Request:
        identity = NameAddr(self.trunk.identity)
        register = method == "REGISTER"
        target = Uri(self.trunk.server.scheme, "", self.trunk.identity.host)
        headers = Headers(
            [
                MAX_FORWARDS,
                ("From", str(identity.with_tag(self._line.core.token()))),
                ("To", str(identity if register else NameAddr(target))),
                ("Call-ID", self._call_id if register else self._line.core.token()),
                ("CSeq", f"{number} {method}"),
                contact(self._line.core, flow, self._line.policy.user),
                line,
            ]
        )
        return Request(method, target, headers)


@dataclass(frozen=True, slots=True)
class _Final:
    """Only the final response counts."""

    on_response: Callable[[Response], None]
    on_failure: Callable[[Failure], None]

    def responded(self, response: Response) -> None:
        if not response.is_provisional:
            self.on_response(response)

    def failed(self, failure: Failure) -> None:
        self.on_failure(failure)
