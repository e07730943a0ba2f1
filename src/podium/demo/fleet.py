"""The demo's side of its processes of synthetic venues: what each sees and hears now."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from podium.demo.messages import (
    AskForFloor,
    Assignment,
    Finish,
    Hears,
    Joining,
    News,
    Sees,
    Trouble,
    VenueReport,
    VenueSpec,
    Watching,
    news_from,
    to_line,
)

_VENUES_A_PROCESS: Final = 6
_REPORT_SECONDS: Final = 20


@dataclass(slots=True)
class VenueNow:
    """What a synthetic venue perceives at the moment."""

    spec: VenueSpec
    watching: bool = False
    shown: dict[str, int] = field(default_factory=dict)
    heard: frozenset[int] = frozenset()
    troubles: list[str] = field(default_factory=list)
    report: VenueReport | None = None

    def gone(self) -> None:
        """It perceives nothing any more, or not yet."""
        self.watching, self.shown, self.heard = False, {}, frozenset()


@dataclass(slots=True)
class Fleet:
    """All synthetic venues, by number. ``numbers``: every voice that they listen for."""

    server: str
    logs: Path
    venues: Mapping[int, VenueNow]
    numbers: tuple[int, ...] = ()
    _processes: list[Process] = field(default_factory=list)
    _readers: list[asyncio.Task[None]] = field(default_factory=list)
    _started: int = 0
    _homes: dict[int, Process] = field(default_factory=dict)
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    @classmethod
    async def start(
        cls,
        server: str,
        specs: Sequence[VenueSpec],
        logs: Path,
        others: Sequence[int] = (),
        apart: Sequence[VenueSpec] = (),
    ) -> Fleet:
        """Starts the processes; their complaints go to files in ``logs``. ``others``: numbers
        beside the fleet's own whose voices are listened for. ``apart``: those of ``specs`` whose
        link is to be cut."""
        numbers = (*(spec.number for spec in specs), *others)
        fleet = cls(server, logs, {spec.number: VenueNow(spec) for spec in specs}, numbers)
        together = [spec for spec in specs if spec not in apart]
        count = min(max(1, os.cpu_count() or 1), -(-len(together) // _VENUES_A_PROCESS))
        for share in [together[index::count] for index in range(count)] + [[s] for s in apart]:
            await fleet._launch(tuple(share))
        return fleet

    async def _launch(self, share: tuple[VenueSpec, ...]) -> None:
        self._started += 1
        with (self.logs / f"synthetic-{self._started}.log").open("wb") as log:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "podium.demo.fleet_process"),
                stdin=PIPE,
                stdout=PIPE,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for us; we end them in order
            )
        self._processes.append(process)
        self._homes.update(dict.fromkeys((spec.number for spec in share), process))
        self._readers.append(asyncio.ensure_future(self._read(process)))
        await _write(process, to_line(Assignment(self.server, share, self.numbers)))

    async def cut(self, number: int) -> None:
        """A venue that stands apart vanishes without a word, as by a cut cable."""
        process = self._homes[number]
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        self.venues[number].gone()

    async def restore(self, number: int) -> None:
        """The venue that was cut comes back."""
        await self._launch((self.venues[number].spec,))

    async def until(self, so: Callable[[VenueNow], bool], seconds: float) -> list[VenueNow]:
        """Waits until every venue is ``so``; the venues that are not by the end of the time."""
        end = time.monotonic() + seconds
        async with self._changed:
            with suppress(TimeoutError):
                async with asyncio.timeout(end - time.monotonic()):
                    await self._changed.wait_for(lambda: all(map(so, self.venues.values())))
        return [venue for venue in self.venues.values() if not so(venue)]

    async def ask_for_floor(self, number: int) -> None:
        await _write(self._homes[number], to_line(AskForFloor(number)))

    async def finish(self) -> list[VenueReport]:
        """Ends the processes; the reports of all venues that could still give one."""
        for process in self._processes:
            await _write(process, to_line(Finish()))
        with suppress(TimeoutError):
            async with asyncio.timeout(_REPORT_SECONDS):
                await asyncio.gather(*self._readers)
                await asyncio.gather(*(process.wait() for process in self._processes))
        await self.kill()
        reports = (venue.report for venue in self.venues.values())
        return [report for report in reports if report is not None]

    async def kill(self) -> None:
        for process in self._processes:
            if process.returncode is None:
                with suppress(ProcessLookupError):
                    process.kill()
            await process.wait()
        for reader in self._readers:
            reader.cancel()
        await asyncio.gather(*self._readers, return_exceptions=True)

    async def _read(self, process: Process) -> None:
        assert process.stdout is not None
        while line := await process.stdout.readline():
            self._note(news_from(line))
            async with self._changed:
                self._changed.notify_all()

    def _note(self, news: News) -> None:
        venue = self.venues[news.number]
        match news:
            case Joining():
                venue.gone()
            case Watching():
                venue.watching = True
            case Sees(slot=slot, shown=shown):
                venue.shown[slot] = shown
            case Hears(heard=heard):
                venue.heard = frozenset(heard)
            case Trouble(text=text):
                venue.troubles.append(text)
            case VenueReport():
                venue.report = news


async def _write(process: Process, line: bytes) -> None:
    assert process.stdin is not None
    with suppress(ConnectionError):
        process.stdin.write(line)
        await process.stdin.drain()
