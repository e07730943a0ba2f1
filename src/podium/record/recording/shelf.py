"""All recordings of this installation: begun, finished, listed, served, and in time removed."""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import av

from podium.conference.state import ConferenceId
from podium.record.ports import Clock
from podium.record.recording.finishing import Chapter, finish
from podium.record.recording.recorder import PART, Recorder, began_of

logger = logging.getLogger("podium.record")

MEDIA_TYPES: Final = {".webm": "video/webm", ".mkv": "video/x-matroska"}
_JOIN_SECONDS: Final = 5.0
_SWEEP: Final = timedelta(hours=6)
Chapters = Callable[[ConferenceId], Awaitable[Sequence[Chapter]]]


@dataclass(frozen=True, slots=True)
class Recording:
    """``seconds`` is ``None`` while it is being recorded."""

    id: str
    began: datetime
    seconds: float | None
    bytes: int


class Shelf:
    """``folder``: where recordings are kept, a folder for each conference. ``keep``: how long;
    ``None`` for ever. Made on the event loop; ``close`` before it ends."""

    def __init__(
        self,
        folder: Path,
        clock: Clock,
        chapters: Chapters,
        *,
        longest: timedelta,
        keep: timedelta | None,
    ) -> None:
        self._folder = folder
        self._clock = clock
        self._chapters = chapters
        self._longest = longest
        self._keep = keep
        self._loop = asyncio.get_running_loop()
        self._running: dict[ConferenceId, Recorder] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._left = sorted(folder.glob(f"*/*{PART}"))
        """By a crash, before anything begins here."""

    # --- the media room's side

    def begin(self, conference: ConferenceId) -> int | None:
        """A descriptor that the tap is to be written to, and that its writer owns; ``None`` where
        nothing can be kept."""
        folder = self._of(conference)
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            read, write = os.pipe()
        except OSError as error:
            logger.error("nothing is recorded: %s", error.strerror)
            return None

        def finished(path: Path) -> None:
            with suppress(RuntimeError):  # the loop is closed: the next start finishes it
                self._loop.call_soon_threadsafe(self._finish_later, conference, path)

        recorder = Recorder(folder, read, self._clock.now, self._longest, finished)
        self._running[conference] = recorder
        recorder.start()
        return write

    # --- the web's side

    async def list(self, conference: ConferenceId) -> Sequence[Recording]:
        """In the order of time."""
        return await asyncio.to_thread(self._list, conference)

    async def file(self, conference: ConferenceId, id_: str) -> tuple[Path, str] | None:
        """The file of a finished recording, and its media type."""
        known = await asyncio.to_thread(self._list, conference)
        found = next((r for r in known if r.id == id_ and r.seconds is not None), None)
        if found is None:
            return None
        path = self._of(conference) / found.id
        return path, MEDIA_TYPES[path.suffix]

    # --- the house's side

    async def recover(self) -> None:
        """Finishes what a crash left unfinished."""
        for part in self._left:
            await self._finish(ConferenceId(part.parent.name), part)

    async def sweep(self) -> None:
        """Removes what is too old."""
        await asyncio.to_thread(self._sweep)

    async def tend(self) -> None:
        """Recovers, and then sweeps now and again until it is cancelled."""
        await self.recover()
        while True:
            await self.sweep()
            await asyncio.sleep(_SWEEP.total_seconds())

    async def close(self) -> None:
        """The engine has closed its taps: waits for the last files."""
        for recorder in self._running.values():
            await asyncio.to_thread(recorder.join, _JOIN_SECONDS)
        await asyncio.sleep(0)
        while self._tasks:
            await asyncio.wait(self._tasks)

    def _of(self, conference: ConferenceId) -> Path:
        """Identifiers may hold anything that is printed; names of folders may not."""
        plain = conference.isascii() and conference.replace("-", "").replace("_", "").isalnum()
        return self._folder / (conference if plain else f"x{conference.encode().hex()}")

    def _finish_later(self, conference: ConferenceId, part: Path) -> None:
        task = asyncio.create_task(self._finish(conference, part))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _finish(self, conference: ConferenceId, part: Path) -> None:
        began = began_of(part.name)
        if began is None:
            return
        try:
            chapters = await self._chapters(conference)
            await asyncio.to_thread(finish, part, began, chapters)
        except OSError as error:
            logger.error("a recording stays unfinished: %s", error)

    def _list(self, conference: ConferenceId) -> Sequence[Recording]:
        folder = self._of(conference)
        found = []
        for path in sorted(folder.iterdir()) if folder.is_dir() else ():
            began = began_of(path.name)
            if began is None or path.suffix not in (*MEDIA_TYPES, PART):
                continue
            seconds = None if path.suffix == PART else _seconds(path)
            found.append(Recording(path.name, began, seconds, path.stat().st_size))
        return found

    def _sweep(self) -> None:
        if self._keep is None:
            return
        oldest = self._clock.now() - self._keep
        for path in self._folder.glob("*/*"):
            began = began_of(path.name)
            if began is not None and began < oldest and path.suffix in MEDIA_TYPES:
                path.unlink(missing_ok=True)
        for folder in self._folder.glob("*"):
            if folder.is_dir() and not any(folder.iterdir()):
                shutil.rmtree(folder, ignore_errors=True)


def _seconds(path: Path) -> float:
    try:
        with av.open(str(path)) as source:
            return (source.duration or 0) / 1e6
    except av.FFmpegError:
        return 0.0
