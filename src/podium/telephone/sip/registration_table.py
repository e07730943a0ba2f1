"""The life of our connection with a trunk, as a table."""

from __future__ import annotations

from typing import Final

from podium.machine import Machine, Transition
from podium.telephone.sip.events import TrunkHealth

ANSWERS: Final = "answers"
REFUSES: Final = "refuses"
SILENT: Final = "is silent"

REGISTRATION: Final = Machine(
    title="Trunk",
    about="""\
A trunk is asked for its OPTIONS every half minute. Where we register with it, only that decides:
silence leads to a new registration at once, and so does the first answer after it. Elsewhere any
answer to OPTIONS will do. `is silent` is a time-out, a broken connection, or a 5xx.""",
    initial=TrunkHealth.UNKNOWN,
    transitions=tuple(
        Transition(health, trigger, target)
        for trigger, target in (
            (ANSWERS, TrunkHealth.UP),
            (REFUSES, TrunkHealth.REFUSED),
            (SILENT, TrunkHealth.DOWN),
        )
        for health in TrunkHealth
        if health is not target
    ),
)
