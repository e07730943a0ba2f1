"""What conferences have issued, counted while somebody follows them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from podium.conference.state import ConferenceId
from podium.desk.programmes import Programmes
from podium.web.ledgers import Ledgers
from podium.work.deployment import Tally, tally
from podium.work.events import MeasuresIssued, Recorded
from podium.work.values import ProgrammeId

log = logging.getLogger(__name__)

PACE: Final = 0.3
"""Seconds between two counts at least: when all venues sign at once they are counted together."""
RETRY: Final = 5.0
"""Seconds until it is tried again when the store fails."""

Tallies = Mapping[ProgrammeId, Tally]
Tell = Callable[[Tallies], None]


@dataclass(slots=True)
class _Watch:
    """One conference. ``stale``: programmes to be counted; ``None`` is every one there is."""

    tell: Tell
    tallies: dict[ProgrammeId, Tally] = field(default_factory=dict)
    stale: set[ProgrammeId | None] = field(default_factory=lambda: {None})
    wake: asyncio.Event = field(default_factory=asyncio.Event)


class Signings:
    """One per process."""

    def __init__(self, programmes: Programmes, ledgers: Ledgers) -> None:
        self._programmes = programmes
        self._ledgers = ledgers
        self._watches: dict[ConferenceId, _Watch] = {}
        programmes.listen(self._heard)

    def follow(self, conference: ConferenceId, tell: Tell) -> Callable[[], None]:
        """Calls ``tell`` on the event loop with what there is at first, and after every change,
        until the returned function is called. One at a time for each conference."""
        watch = self._watches[conference] = _Watch(tell)
        watch.wake.set()
        task = asyncio.create_task(self._run(conference, watch), name=f"signings {conference}")

        def stop() -> None:
            task.cancel()
            if self._watches.get(conference) is watch:
                del self._watches[conference]

        return stop

    def _heard(self, programme: ProgrammeId, entries: Sequence[Recorded]) -> None:
        for conference, watch in self._watches.items():
            if programme in watch.tallies or any(_issues(e, conference) for e in entries):
                watch.stale.add(programme)
                watch.wake.set()

    async def _run(self, conference: ConferenceId, watch: _Watch) -> None:
        while True:
            await watch.wake.wait()
            watch.wake.clear()
            stale, watch.stale = watch.stale, set()
            try:
                await self._count(conference, watch, stale)
            except OSError as error:
                log.warning("signatures of %s are not counted: %s", conference, error)
                watch.stale |= stale
                watch.wake.set()
                await asyncio.sleep(RETRY)
            await asyncio.sleep(PACE)

    async def _count(
        self, conference: ConferenceId, watch: _Watch, stale: set[ProgrammeId | None]
    ) -> None:
        ids = await self._programmes.ids() if None in stale else [p for p in stale if p is not None]
        fresh = dict(watch.tallies)
        for programme in ids:
            kept = await self._ledgers.of(programme, conference)
            counted = None if kept is None else await asyncio.to_thread(tally, kept)
            if counted is not None and counted.items:
                fresh[programme] = counted
            else:
                fresh.pop(programme, None)
        if fresh != watch.tallies:
            watch.tallies = fresh
            watch.tell(fresh)


def _issues(entry: Recorded, conference: ConferenceId) -> bool:
    return isinstance(entry.event, MeasuresIssued) and entry.event.conference == conference
