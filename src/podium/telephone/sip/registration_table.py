"""The life of our connection with a trunk, as a table."""

from __future__ import annotations

from typing import Final

from podium.machine import Machine, Transition
from podium.telephone.sip.events import TrunkHealth

REGISTERED: Final = "registered"
ANSWERS: Final = "answers"
REFUSED: Final = "refused"
SILENT: Final = "no answer"

_ANY: Final = (TrunkHealth.UNKNOWN, TrunkHealth.UP, TrunkHealth.REFUSED, TrunkHealth.DOWN)

REGISTRATION: Final = Machine(
    title="Trunk",
    about="""\
A trunk is asked for its OPTIONS every half minute. Where we register, only a registration makes it
`up`, and an answer after a silence leads to a new one at once. `no answer` is a time-out, a broken
connection, or a 5xx.""",
    initial=TrunkHealth.UNKNOWN,
    transitions=(
        *(Transition(health, REGISTERED, TrunkHealth.UP) for health in _ANY),
        *(Transition(health, REFUSED, TrunkHealth.REFUSED) for health in _ANY),
        *(Transition(health, SILENT, TrunkHealth.DOWN) for health in _ANY),
        Transition(TrunkHealth.UNKNOWN, ANSWERS, TrunkHealth.UNKNOWN),
        Transition(TrunkHealth.UP, ANSWERS, TrunkHealth.UP),
        Transition(TrunkHealth.REFUSED, ANSWERS, TrunkHealth.REFUSED),
        Transition(TrunkHealth.DOWN, ANSWERS, TrunkHealth.UNKNOWN),
    ),
)
