"""Who may speak with us at all. A stranger is not worth an answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from podium.telephone.sip.flow import Flow
from podium.telephone.sip.headers import Headers
from podium.telephone.sip.message import Request


@dataclass(frozen=True, slots=True)
class Admit:
    by: str
    """Whose right it is: the name of a trunk or of an account."""


@dataclass(frozen=True, slots=True)
class Refuse:
    """401 with a challenge, 403, and their like."""

    status: int
    headers: Headers


@dataclass(frozen=True, slots=True)
class Drop:
    """No answer."""


Verdict = Admit | Refuse | Drop


class Gate(Protocol):
    def judge(self, request: Request, source: Flow, now: float) -> Verdict:
        """Of each request that belongs to no call. ``now``: seconds, monotonic."""
        ...
