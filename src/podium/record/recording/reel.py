"""The files of one slot, one after the other.

A slot has a file while it has a picture: what was not on air is in no file. The main picture's
files hold the mix too; without a main picture the mix has files of its own.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import av

from podium.conference.state import Slot
from podium.record.recording.naming import PART, Track, file_name
from podium.record.recording.pictures import Assembler, CodedPicture
from podium.record.recording.segment import JUMP, SILENCE, Segment
from podium.record.recording.tap import PictureRun, SoundTick

logger = logging.getLogger("podium.record")

_PATIENCE: Final = 2_000_000
"""Microseconds that the mix waits for a main picture to be recorded with."""
_NOTHING: Final = 8
"""Bytes of a packet of the mix in which there is nothing: an encoder refreshes silence, too."""


class EngineTime:
    """The engine's clock beside the time of day. One for a whole recording: so files of different
    slots keep together, whenever each of them began and however late that was seen."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._zero: int | None = None

    def see(self, taken: int) -> None:
        """Something that was just taken."""
        if self._zero is None:
            self._zero = self._micros() - taken

    def now(self) -> int | None:
        """Microseconds on the engine's clock; ``None`` before anything was seen."""
        return None if self._zero is None else self._micros() - self._zero

    def at(self, taken: int) -> datetime:
        """The time of day; now, where the clock that ``taken`` is of is mapped wrongly."""
        now = self._now()
        engine = self.now()
        ago = 0 if engine is None else engine - taken
        return now - timedelta(microseconds=ago) if abs(ago) <= JUMP else now

    def _micros(self) -> int:
        return round(self._now().timestamp() * 1e6)


@dataclass(frozen=True, slots=True)
class Cutting:
    """How files are made. ``longest``: microseconds; a file is ended at the first keyframe after
    so long. ``finished`` is called with each."""

    folder: Path
    time: EngineTime
    longest: float
    finished: Callable[[Path], None]

    def made(self, began: int, track: Track, codec: str | None) -> Path:
        """A new and empty file that begins then. Raises ``OSError``."""
        at = self.time.at(began)
        while True:
            path = self.folder / (file_name(at, track, codec) + PART)
            with suppress(FileExistsError):
                path.touch(exist_ok=False)
                if not path.with_suffix("").exists():
                    return path
                path.unlink()
            at += timedelta(milliseconds=1)


class Reel:
    """A file is ended also at a keyframe that comes after a long gap, so that what follows an
    adjournment has the time of day that it had."""

    def __init__(self, slot: Slot, cutting: Cutting) -> None:
        self._track = Track(slot)
        self._cutting = cutting
        self._pictures = Assembler()
        self._segment: Segment | None = None
        self._path = cutting.folder
        self._latest = 0
        """When the newest picture was taken."""
        self._heard = 0
        """When something was last heard."""
        self._held: list[SoundTick] = []
        """Sound without a file."""

    @property
    def seen(self) -> bool:
        """A picture is being recorded."""
        return self._segment is not None and self._segment.codec is not None

    def take(self, run: PictureRun) -> None:
        picture = self._pictures.take(run)
        if picture is None:
            return
        if picture.keyframe and self._is_due(picture):
            self.end(picture.taken)
        if self._segment is None and picture.keyframe:
            self._begin(picture)
        if self._segment is not None and self._segment.codec is not None:
            self._latest = picture.taken
            self._segment.picture(picture)

    def sound(self, tick: SoundTick) -> None:
        heard = len(tick.packet) > _NOTHING
        self._end_sound(tick.taken)
        self._heard = tick.taken if heard else self._heard
        if self._segment is not None:
            self._segment.sound(tick)
        elif heard or self._held:
            if self._held and not 0 <= tick.taken - self._held[-1].taken <= JUMP:
                self._held = []
            self._held.append(tick)
            self._begin_sound(tick.taken)

    def accompany(self, now: int) -> None:
        """Another slot's pictures need the mix's time, whether or not anything is heard."""
        self._heard = now
        if self._segment is None and not self._held:
            self._held = [SoundTick(now, SILENCE)]

    def beat(self, now: int) -> None:
        """It is so late on the engine's clock."""
        self._end_sound(now)
        if self._segment is not None:
            self._segment.beat(now)
        else:
            self._begin_sound(now)

    def _begin_sound(self, now: int) -> None:
        if self._held and now - self._held[0].taken > _PATIENCE:
            self._begin(None)

    def _end_sound(self, now: int) -> None:
        """Of the mix alone: a file that is long, or in which nothing was heard for long."""
        segment = self._segment
        if segment is None or segment.codec is not None:
            return
        if now - self._heard > JUMP or self._is_long(segment, now):
            self.end(now)

    def dark(self, at: int) -> None:
        """There is no picture any more."""
        if self._segment is not None and self._segment.codec is not None:
            self.end(at)

    def end(self, at: int) -> None:
        segment, self._segment = self._segment, None
        if segment is None:
            return
        try:
            segment.close(at)
        except (OSError, av.FFmpegError):
            logger.exception("a recording could not be ended in order; it is kept as it is")
        self._cutting.finished(self._path)

    def _is_due(self, picture: CodedPicture) -> bool:
        segment = self._segment
        if segment is None:
            return False
        jumped = abs(picture.taken - self._latest) > JUMP
        return jumped or self._is_long(segment, picture.taken) or picture.codec != segment.codec

    def _is_long(self, segment: Segment, taken: int) -> bool:
        return taken - segment.began > self._cutting.longest

    def _begin(self, first: CodedPicture | None) -> None:
        held, self._held = self._held, []
        began = held[0].taken if first is None else first.taken
        if held and 0 <= began - held[0].taken <= JUMP:
            began = held[0].taken
        track = Track.SOUND if first is None else self._track
        codec = None if first is None else first.codec
        path = self._cutting.made(began, track, codec)
        try:
            self._segment = Segment(path, began, first, mix=track.leads)
        except ValueError as error:
            logger.warning("a keyframe is passed over: %s", error)
            path.unlink()
            self._held = held
            return
        self._path = path
        for tick in held:
            self._segment.sound(tick)
