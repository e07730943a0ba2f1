"""Two clocks that are one: the steady one that guards count by, and the one that people read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from podium.hall.ports import Clock


@dataclass(frozen=True, slots=True)
class Times:
    """``now``: seconds of a steady clock, which begins anew with every start."""

    now: Callable[[], float]
    clock: Clock

    def moment(self, steady: float) -> datetime:
        return self.clock.now() + timedelta(seconds=steady - self.now())

    def steady(self, moment: datetime) -> float:
        return self.now() + (moment - self.clock.now()).total_seconds()
