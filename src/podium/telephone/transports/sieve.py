"""What is thrown away before it costs anything: floods, scanners, nonsense of strangers."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from typing import Final

from podium.rates import Buckets
from podium.telephone.sip.flow import Flow
from podium.telephone.sip.message import Message, Response
from podium.telephone.sip.parse import BadMessage, is_keep_alive, parse
from podium.telephone.transports.settings import Limits

_AGENT: Final = re.compile(rb"^user-agent[ \t]*:([^\r\n]*)", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Refusal:
    """To be sent back to where a malformed request came from."""

    response: Response


@dataclass(slots=True)
class Dropped:
    """How many messages, by reason; for the metrics."""

    flood: int = 0
    scanner: int = 0
    malformed: int = 0


class Sieve:
    """``knows``: whether a flow is of a trunk or of a registered telephone."""

    def __init__(self, limits: Limits, knows: Callable[[Flow], bool]) -> None:
        self._knows = knows
        self._strangers = Buckets(limits.strangers)
        self._known = Buckets(limits.known)
        names = b"|".join(re.escape(name.lower().encode()) for name in limits.scanners)
        self._scanners = re.compile(names) if names else None
        self.dropped = Dropped()

    def knows(self, source: Flow) -> bool:
        return self._knows(source)

    def admits(self, source: Flow, now: float) -> bool:
        """Before parsing: whether this address may send one more message."""
        buckets = self._known if self._knows(source) else self._strangers
        if buckets.take(place(source.host), now):
            return True
        self.dropped.flood += 1
        return False

    def is_scanner(self, data: bytes) -> bool:
        """Of the octets of one message, unparsed."""
        if self._scanners is None:
            return False
        found = _AGENT.search(data, 0, 8192)
        if found is None or self._scanners.search(found[1].lower()) is None:
            return False
        self.dropped.scanner += 1
        return True

    def message(self, datagram: bytes, source: Flow, now: float) -> Message | Refusal | None:
        """Of one datagram: a message for the agent; or an answer to what cannot be taken, which
        only those get who are known; or nothing."""
        if is_keep_alive(datagram) or not self.admits(source, now) or self.is_scanner(datagram):
            return None
        try:
            return parse(datagram)
        except BadMessage as error:
            refusal = self.refusal(error, source)
            return None if refusal is None else Refusal(refusal)

    def refusal(self, error: BadMessage, source: Flow) -> Response | None:
        self.dropped.malformed += 1
        return error.refusal if self._knows(source) else None


def place(host: str) -> str:
    """An address as a limiter's key: whoever has one IPv6 address has all of its /64."""
    address = ip_address(host)
    if isinstance(address, IPv6Address):
        mapped = address.ipv4_mapped
        return str(mapped) if mapped else address.exploded[:19]
    return host
