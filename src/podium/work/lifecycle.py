"""The state machines of an assignment, as tables. ``decide`` asks them; the docs draw them.

``python -m podium.work.lifecycle > docs/work-lifecycle.md`` writes the drawings.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from podium.machine import Machine, Transition
from podium.work.lights import RULES
from podium.work.state import Escalation, Stage

ASSIGNMENT: Final = Machine(
    title="Assignment",
    about="""\
The organisation signs, reports and submits; the issuer verifies and closes, and nobody else can.
Reports on progress move nothing. When bodies merge and both had the measure, the assignment stands
where the less advanced of the two stood.""",
    initial=Stage.ISSUED,
    transitions=(
        Transition(Stage.ISSUED, "sign", Stage.SIGNED),
        Transition(Stage.SIGNED, "report completion", Stage.SUBMITTED),
        Transition(Stage.SUBMITTED, "send_back", Stage.SIGNED),
        Transition(Stage.SUBMITTED, "verify", Stage.VERIFIED),
        Transition(Stage.VERIFIED, "send_back", Stage.SIGNED),
        Transition(Stage.VERIFIED, "close", Stage.CLOSED),
        Transition(Stage.CLOSED, "reopen", Stage.SIGNED),
        Transition(Stage.ISSUED, "withdraw", Stage.WITHDRAWN),
        Transition(Stage.SIGNED, "withdraw", Stage.WITHDRAWN),
        Transition(Stage.SUBMITTED, "withdraw", Stage.WITHDRAWN),
        Transition(Stage.VERIFIED, "withdraw", Stage.WITHDRAWN),
        Transition(Stage.WITHDRAWN, "issue_measures", Stage.ISSUED),
    ),
)

LATE_DAYS: Final[Mapping[Escalation, int]] = {
    Escalation.REMINDED: 1,
    Escalation.DEPARTMENT: 6,
    Escalation.CONFERENCE: 11,
}
"""From how many days of lateness on an assignment is at each level."""

_ORDER: Final = tuple(Escalation)

ESCALATION: Final = Machine(
    title="Escalation",
    about="""\
Once a day. Late is who has not signed, reported or completed in time, counted from the day after
the earliest of these. First the organisation itself is reminded, then the issuing department is
told, then it goes on the agenda of the next conference. Signing, reporting and an extension bring
it back to `none`.""",
    initial=Escalation.NONE,
    transitions=(
        *(
            Transition(source, f"{days} days late" if days > 1 else "1 day late", target)
            for target, days in LATE_DAYS.items()
            for source in _ORDER[: _ORDER.index(target)]
        ),
        *(Transition(level, "met", Escalation.NONE) for level in LATE_DAYS),
    ),
)


def level_of(days_late: int) -> Escalation:
    """Where an assignment that is so late belongs."""
    reached = [level for level, days in LATE_DAYS.items() if days_late >= days]
    return reached[-1] if reached else Escalation.NONE


def is_higher(level: Escalation, than: Escalation) -> bool:
    return _ORDER.index(level) > _ORDER.index(than)


def document() -> str:
    """The whole of ``docs/work-lifecycle.md``."""
    heading = (
        "# Lifecycles of the work\n\n"
        "Drawn from the tables in `src/podium/work/lifecycle.py` by\n"
        "`python -m podium.work.lifecycle > docs/work-lifecycle.md`; do not edit.\n"
    )
    lights = [
        "## Lights\n",
        "The first rule that applies counts.\n",
        "| light | rule | 规则 |",
        "|---|---|---|",
        *(f"| {rule.light} | {rule.text.en} | {rule.text.zh} |" for rule in RULES),
    ]
    parts = (heading, ASSIGNMENT.section(), ESCALATION.section(), "\n".join(lights))
    return "\n".join(parts) + "\n"


if __name__ == "__main__":
    print(document(), end="")
