"""The one place where a command becomes events, or is refused.

Who may ask comes first (``policy``), then the rule of the command. A command that repeats what is
already so yields no events.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

from podium.work import commands as c
from podium.work import refusals as r
from podium.work.commands import Actor, Command
from podium.work.policy import objection
from podium.work.rules import assign, bodies, follow, plan
from podium.work.rules.common import Decision, Rule
from podium.work.state import Programme

RULES: Final[Mapping[type, Rule]] = {
    **plan.RULES,
    **bodies.RULES,
    **assign.RULES,
    **follow.RULES,
}


def decide(state: Programme | None, command: Command, actor: Actor, today: date) -> Decision:
    """What follows from ``command``. ``today`` is the day in the programme's time zone."""
    refused = objection(state, actor, command)
    if refused is not None:
        return refused
    if isinstance(command, c.CreateProgramme):
        return plan.create(command) if state is None else r.PROGRAMME_EXISTS
    if state is None:
        return r.NO_SUCH_PROGRAMME
    return RULES[type(command)](state, command, today)
