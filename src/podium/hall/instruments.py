"""What a conference directs: rooms whose plan follows from its state.

An instrument remembers the plan that it was last told and passes on the difference alone. It
outlives a hall that stops and opens again, so that what plays on is not started anew.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

from podium.conference.effects import effects, plan
from podium.conference.state import Conference, ConferenceId
from podium.conference.telephone import call_effects, telephone_plan
from podium.hall.ports import Media, Telephone

logger = logging.getLogger("podium.hall")

PlanT = TypeVar("PlanT")
EffectT = TypeVar("EffectT")


class Instrument(Generic[PlanT, EffectT]):
    """One room, as one conference directs it."""

    def __init__(
        self,
        name: str,
        plan: Callable[[Conference | None], PlanT],
        effects: Callable[[PlanT | None, PlanT], Sequence[EffectT]],
        apply: Callable[[ConferenceId, Sequence[EffectT]], None],
    ) -> None:
        self.name = name
        self._plan = plan
        self._effects = effects
        self._apply = apply
        self._told: PlanT | None = None
        """Nothing, at first."""

    def direct(self, conference: ConferenceId, state: Conference | None) -> None:
        """An instrument does not fail; should it, the next change tries again."""
        wanted = self._plan(state)
        todo = self._effects(self._told, wanted)
        if todo:
            try:
                self._apply(conference, todo)
            except Exception:
                logger.exception("%s did not take %d effects", self.name, len(todo))
                return
        self._told = wanted


Instruments = Sequence[Instrument[Any, Any]]


def instruments(media: Media, telephone: Telephone) -> Instruments:
    """Media first: a call is put through to a room that is open."""
    return (
        Instrument("media", plan, effects, media.apply),
        Instrument("telephone", telephone_plan, call_effects, telephone.apply),
    )
