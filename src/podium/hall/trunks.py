"""The lines to the telephone network, as the console is told of them. Values only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class TrunkCondition(StrEnum):
    """``reachable``: needs no registration and answers. ``refused``: the provider turns the
    registration down. ``unreachable``: it does not answer."""

    REGISTERED = "registered"
    REACHABLE = "reachable"
    REGISTERING = "registering"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"


@dataclass(frozen=True, slots=True)
class TrunkState:
    """``name`` is what the configuration calls it; no address."""

    name: str
    condition: TrunkCondition
    since: datetime | None = None

    @property
    def works(self) -> bool:
        return self.condition in (TrunkCondition.REGISTERED, TrunkCondition.REACHABLE)
