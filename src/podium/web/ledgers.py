"""Ledgers of what conferences issued, each made from the one before."""

from __future__ import annotations

import asyncio
from typing import Final

from podium.desk.programmes import Programmes
from podium.values.fields import Identifier
from podium.work.deployment import Ledger, ledger
from podium.work.values import ProgrammeId

_KEPT: Final = 32


class Ledgers:
    """One per process."""

    def __init__(self, programmes: Programmes) -> None:
        self._programmes = programmes
        self._kept: dict[tuple[ProgrammeId, Identifier], Ledger] = {}

    async def of(self, programme: ProgrammeId, conference: Identifier) -> Ledger | None:
        """As of now. ``None`` where the conference has issued nothing of the programme."""
        state = await self._programmes.look(programme)
        if state is None or all(d.conference != conference for d in state.deployments):
            return None
        key = programme, conference
        known = self._kept.pop(key, None)
        if known is None or known.state is not state:
            known = await asyncio.to_thread(ledger, state, conference, known)
        self._kept[key] = known
        while len(self._kept) > _KEPT:
            del self._kept[next(iter(self._kept))]
        return known

    async def all(self, conference: Identifier) -> list[Ledger]:
        """Of every programme that the conference has issued something of."""
        found = [await self.of(programme, conference) for programme in await self._programmes.ids()]
        return [kept for kept in found if kept is not None]
