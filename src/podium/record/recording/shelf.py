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
from podium.record.recording.chapters import Chapter
from podium.record.recording.combining import Take, combine
from podium.record.recording.finishing import NEW, finish
from podium.record.recording.naming import (
    MEDIA_TYPES,
    PART,
    Track,
    began_of,
    is_recording,
    track_of,
)
from podium.record.recording.recorder import Recorder

logger = logging.getLogger("podium.record")

WHOLE: Final = "program.mkv"
"""Everything in one file; made when it is asked for, and not kept for long."""
_WHOLE_KEPT: Final = timedelta(days=1)
_LONGEST_NAME: Final = 64
_JOIN_SECONDS: Final = 5.0
_SWEEP: Final = timedelta(hours=6)
Chapters = Callable[[ConferenceId], Awaitable[Sequence[Chapter]]]


@dataclass(frozen=True, slots=True)
class Recording:
    """``seconds`` is ``None`` while it is being recorded. Of the same moment, files of different
    tracks keep together to the millisecond of ``began``."""

    id: str
    track: Track
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
        self._running: list[Recorder] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._combining = asyncio.Lock()
        self._left = sorted(folder.glob(f"*/*{PART}"))
        """By a crash, before anything begins here."""
        for scratch in folder.glob(f"*/*{NEW}"):
            scratch.unlink(missing_ok=True)

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
        recorder.start()
        self._running = [*(r for r in self._running if r.running), recorder]
        return write

    # --- the web's side

    async def list(self, conference: ConferenceId) -> Sequence[Recording]:
        """In the order of time."""
        return await asyncio.to_thread(self._list, conference)

    async def file(self, conference: ConferenceId, id_: str) -> tuple[Path, str] | None:
        """The file of a finished recording, and its media type; of all of them for ``WHOLE``,
        which takes a while where nobody asked for it lately."""
        if id_ == WHOLE:
            return await self._whole(conference)
        # Asked for with every range that a player wants: the files are not all looked into.
        path = self._of(conference) / id_
        named = len(id_) <= _LONGEST_NAME and path.name == id_ and is_recording(path)
        if not named or path.suffix not in MEDIA_TYPES:
            return None
        if not await asyncio.to_thread(path.is_file):
            return None
        return path, MEDIA_TYPES[path.suffix]

    # --- the house's side

    async def recover(self) -> None:
        """Finishes what a crash left unfinished."""
        for part in self._left:
            await self._finish(self._conference(part.parent), part)

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
        for recorder in self._running:
            await asyncio.to_thread(recorder.join, _JOIN_SECONDS)
        await asyncio.sleep(0)
        while self._tasks:
            await asyncio.wait(self._tasks)

    def _of(self, conference: ConferenceId) -> Path:
        """Identifiers may hold anything that is printed; names of folders may not."""
        plain = conference.isascii() and conference.replace("-", "").replace("_", "").isalnum()
        return self._folder / (conference if plain else f"{_CODED}{conference.encode().hex()}")

    def _conference(self, folder: Path) -> ConferenceId:
        """Whose folder it is."""
        with suppress(ValueError):
            coded = ConferenceId(bytes.fromhex(folder.name.removeprefix(_CODED)).decode())
            if self._of(coded) == folder:
                return coded
        return ConferenceId(folder.name)

    def _finish_later(self, conference: ConferenceId, part: Path) -> None:
        task = asyncio.create_task(self._finish(conference, part))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _finish(self, conference: ConferenceId, part: Path) -> None:
        began = began_of(part.name)
        if began is None or not is_recording(part):
            return
        try:
            chapters = await self._chapters(conference)
            await asyncio.to_thread(finish, part, began, chapters)
        except OSError as error:
            logger.error("a recording stays unfinished: %s", error)

    async def _whole(self, conference: ConferenceId) -> tuple[Path, str] | None:
        folder = self._of(conference)
        whole = folder / WHOLE
        takes = [
            Take(folder / r.id, r.track, r.began, r.seconds)
            for r in await self.list(conference)
            if r.seconds is not None
        ]
        if not takes:
            return None
        chapters = await self._chapters(conference)
        async with self._combining:  # one at a time: it is all disk
            if not await asyncio.to_thread(_is_newer, whole, takes):
                try:
                    await asyncio.to_thread(combine, takes, chapters, whole)
                except (OSError, av.FFmpegError) as error:
                    logger.error("the recordings are not made one file: %s", error)
                    return None
        return whole, "video/x-matroska"

    def _list(self, conference: ConferenceId) -> Sequence[Recording]:
        folder = self._of(conference)
        found = []
        for path in sorted(folder.iterdir()) if folder.is_dir() else ():
            began = began_of(path.name)
            if began is None or not is_recording(path):
                continue
            with suppress(FileNotFoundError):  # it has just been finished, or removed
                seconds = None if path.suffix == PART else _seconds(path)
                bytes_ = path.stat().st_size
                found.append(Recording(path.name, track_of(path.name), began, seconds, bytes_))
        return found

    def _sweep(self) -> None:
        now = self._clock.now()
        for path in self._folder.glob(f"*/{WHOLE}"):
            if now.timestamp() - path.stat().st_mtime > _WHOLE_KEPT.total_seconds():
                path.unlink(missing_ok=True)
        if self._keep is None:
            return
        for path in self._folder.glob("*/*"):
            began = began_of(path.name)
            if began is not None and began < now - self._keep and path.suffix in MEDIA_TYPES:
                path.unlink(missing_ok=True)
                path.with_name(WHOLE).unlink(missing_ok=True)
        for folder in self._folder.glob("*"):
            if folder.is_dir() and not any(folder.iterdir()):
                shutil.rmtree(folder, ignore_errors=True)


_CODED: Final = "x"


def _is_newer(whole: Path, takes: Sequence[Take]) -> bool:
    """Than all that it is made of."""
    if not whole.exists():
        return False
    return whole.stat().st_mtime >= max(take.path.stat().st_mtime for take in takes)


def _seconds(path: Path) -> float:
    try:
        with av.open(str(path)) as source:
            return (source.duration or 0) / 1e6
    except av.FFmpegError:
        return 0.0
