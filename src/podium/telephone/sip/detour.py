"""Requests that are too large for UDP go by TCP (RFC 3261 18.1.1), but where that is refused."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import replace
from typing import Final

from podium.telephone.sip.flow import Flow, Transport

LARGEST: Final = 1300
"""Octets of a request by UDP where the path's MTU is not known."""
REMEMBERED_FOR: Final = 600.0
"""Seconds in which a peer that did not take TCP is not asked again."""
REMEMBERED: Final = 1000
"""Peers; the ones heard of last stay."""


class Detours:
    """Time is an argument, in seconds of a steady clock."""

    def __init__(self) -> None:
        self._refused: OrderedDict[tuple[str, int], float] = OrderedDict()

    def way(self, flow: Flow, size: int, now: float) -> Flow:
        """By which a request of ``size`` octets goes."""
        if flow.transport is not Transport.UDP or size <= LARGEST:
            return flow
        refused = self._refused.get((flow.host, flow.port), float("-inf"))
        return flow if now - refused < REMEMBERED_FOR else replace(flow, transport=Transport.TCP)

    def refused(self, flow: Flow, now: float) -> None:
        """No connection could be made."""
        key = flow.host, flow.port
        self._refused.pop(key, None)
        self._refused[key] = now
        if len(self._refused) > REMEMBERED:
            self._refused.popitem(last=False)
