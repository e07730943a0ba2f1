"""Telephones of the house that neither register nor prove who they are: by where they call from."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Final, Protocol

from podium.telephone.sip.flow import Flow
from podium.telephone.sip.gate import Admit, Gate, Verdict
from podium.telephone.sip.message import Request

Network = IPv4Network | IPv6Network
NEAR: Final = "near"
"""By whose right they call; no trunk and no telephone has this name."""
_ASKED: Final = frozenset({"INVITE", "OPTIONS"})


class KnowingGate(Gate, Protocol):
    def knows(self, source: Flow) -> bool:
        """Whether a trunk or a registered telephone is heard there."""
        ...


class NearGate:
    """Admits calls from ``networks`` that ``door`` would not. Whoever claims to be a telephone of
    the house, or is heard where one has registered, must prove it all the same."""

    def __init__(self, door: KnowingGate, networks: Sequence[Network]) -> None:
        self._door = door
        self._networks = tuple(networks)

    def judge(self, request: Request, source: Flow, now: float) -> Verdict:
        verdict = self._door.judge(request, source, now)
        if isinstance(verdict, Admit) or request.method not in _ASKED:
            return verdict
        claims = request.headers.get("Authorization") is not None or self._door.knows(source)
        return verdict if claims or not self._is_near(source) else Admit(NEAR)

    def _is_near(self, source: Flow) -> bool:
        address = ip_address(source.host)
        return any(address in network for network in self._networks)
