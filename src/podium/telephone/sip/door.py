"""The gate of a house: trunks by their address, telephones by their password, strangers by the
house's rule."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Final, Protocol

from podium.rates import Buckets, Rate
from podium.telephone.sip.core import Chance
from podium.telephone.sip.digest import SALT_LENGTH, Authenticated, DigestServer, Stale
from podium.telephone.sip.digest_fields import Credentials, Ha1s
from podium.telephone.sip.flow import Flow
from podium.telephone.sip.gate import Admit, Drop, Refuse, Verdict
from podium.telephone.sip.headers import Headers
from podium.telephone.sip.message import Request

Network = IPv4Network | IPv6Network

CHALLENGES: Final = Rate(20, 0.5)
"""Of one address that has not proved who it is; what comes beyond gets no answer."""
GUESSES: Final = Rate(30, 0.2)
"""Wrong passwords of one name, from all addresses."""
_PROVING: Final = frozenset({"INVITE", "REGISTER"})
"""What a telephone is challenged for. Anything else of a stranger is not answered."""
_STRANGERS: Final = frozenset({"INVITE", "OPTIONS"})


class Accounts(Protocol):
    def ha1s(self, username: str) -> Ha1s | None:
        """What is kept of the account's password; ``None`` if there is no such account."""
        ...


class Strangers(StrEnum):
    """What happens to somebody who is neither trunk nor telephone of the house."""

    DROP = "drop"
    ADMIT = "admit"
    """They may call, and type a PIN."""


@dataclass(frozen=True, slots=True)
class House:
    """``phones``: whether telephones may register at all. ``near``: from where strangers may call
    even where others may not."""

    trunks: Mapping[str, Sequence[Network]]
    strangers: Strangers
    phones: bool
    near: Sequence[Network] = ()


class Door:
    """``account_at`` tells whose registered telephone is heard at a flow."""

    def __init__(
        self,
        house: House,
        digest: DigestServer,
        accounts: Accounts,
        chance: Chance,
        account_at: Callable[[Flow], str | None],
    ) -> None:
        self._house = house
        self._digest = digest
        self._accounts = accounts
        self._chance = chance
        self._account_at = account_at
        self._challenges = Buckets(CHALLENGES)
        self._guesses = Buckets(GUESSES)

    def knows(self, source: Flow) -> bool:
        """Whether it is a trunk or a registered telephone."""
        return self._trunk(source) is not None or self._account_at(source) is not None

    def judge(self, request: Request, source: Flow, now: float) -> Verdict:
        trunk = self._trunk(source)
        if trunk is not None:
            return Refuse(403, Headers()) if request.method == "REGISTER" else Admit(trunk)
        if self._house.phones:
            credentials = self._digest.credentials(request)
            if credentials is not None:
                return self._prove(request, credentials, source, now)
        account = self._account_at(source)
        if account is not None and request.method not in _PROVING:
            return Admit(account)
        stranger = account is None and request.method in _STRANGERS
        if stranger and (self._house.strangers is Strangers.ADMIT or self._is_near(source)):
            return Admit("")
        if self._house.phones and request.method in _PROVING:
            return self._challenge(source, now, stale=False)
        return Drop()

    def _prove(
        self, request: Request, credentials: Credentials, source: Flow, now: float
    ) -> Verdict:
        ha1s = self._accounts.ha1s(credentials.username)
        verdict = self._digest.verify(credentials, request, ha1s, now)
        match verdict:
            case Authenticated(username):
                return Admit(username)
            case Stale():
                return self._challenge(source, now, stale=True)
            case _ if not self._guesses.take(credentials.username, now):
                return Drop()
            case _:
                return self._challenge(source, now, stale=False)

    def _challenge(self, source: Flow, now: float, *, stale: bool) -> Verdict:
        """The same for an unknown name and for a wrong password."""
        if not self._challenges.take(source.host, now):
            return Drop()
        salt = self._chance.getrandbits(8 * SALT_LENGTH).to_bytes(SALT_LENGTH, "big")
        values = self._digest.challenges(now, salt, stale=stale)
        return Refuse(401, Headers([("WWW-Authenticate", value) for value in values]))

    def _is_near(self, source: Flow) -> bool:
        address = ip_address(source.host)
        return any(address in network for network in self._house.near)

    def _trunk(self, source: Flow) -> str | None:
        address = ip_address(source.host)
        for name, networks in self._house.trunks.items():
            if any(address in network for network in networks):
                return name
        return None
