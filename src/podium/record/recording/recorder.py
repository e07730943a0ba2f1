"""Records one conference: a thread reads the tap until the engine closes its end of it.

A file is ``<when it began, UTC>.<webm or mkv>.part`` until it is finished (see ``shelf``).
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import av

from podium.conference.state import Slot
from podium.record.recording.pictures import Assembler, CodedPicture
from podium.record.recording.segment import JUMP, Segment, container
from podium.record.recording.tap import NoTap, PictureRun, SoundTick, TapReader, TapRecord

logger = logging.getLogger("podium.record")

PART: Final = ".part"
_NAME: Final = "%Y%m%dT%H%M%S"
_SUFFIX: Final = {"webm": ".webm", "matroska": ".mkv"}
_READ: Final = 1 << 16


def file_name(began: datetime, codec: str) -> str:
    """Sorts by time. ``began`` to the millisecond."""
    stamp = f"{began.astimezone(UTC):{_NAME}}{began.microsecond // 1000:03}Z"
    return stamp + _SUFFIX[container(codec)]


def began_of(name: str) -> datetime | None:
    """When a recording of that file name began."""
    stamp = name.partition(".")[0]
    try:
        at = datetime.strptime(stamp[:15], _NAME).replace(tzinfo=UTC)
        return at + timedelta(milliseconds=int(stamp[15:18]))
    except ValueError:
        return None


class Recorder:
    """``read``: the tap's end to read from, which this owns. ``longest``: a file is ended at the
    first keyframe after so long, and at one that comes after a long gap, so that what follows an
    adjournment has the time of day that it had. ``finished`` is called from the thread with each
    file."""

    def __init__(
        self,
        folder: Path,
        read: int,
        now: Callable[[], datetime],
        longest: timedelta,
        finished: Callable[[Path], None],
    ) -> None:
        self._folder = folder
        self._read = read
        self._now = now
        self._longest = longest.total_seconds() * 1e6
        self._finished = finished
        self._pictures = Assembler()
        self._segment: Segment | None = None
        self._latest = 0
        """When the newest picture was taken."""
        self._path = folder
        self._thread = threading.Thread(target=self._run, name="podium-recorder", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def join(self, seconds: float) -> None:
        self._thread.join(seconds)

    def _run(self) -> None:
        reader = TapReader()
        try:
            while data := os.read(self._read, _READ):
                for record in reader.feed(data):
                    self._take(record)
        except (NoTap, OSError, av.FFmpegError):
            # The conference goes on; what was recorded until now stays.
            logger.exception("the recording of a conference has failed")
        finally:
            os.close(self._read)
            self._end()

    def _take(self, record: TapRecord) -> None:
        match record:
            case PictureRun(slot=Slot.MAIN):
                picture = self._pictures.take(record)
                if picture is not None:
                    self._show(picture)
            case SoundTick() if self._segment is not None:
                self._segment.sound(record)
            case _:
                pass  # second picture and content are not recorded; sound waits for a picture

    def _show(self, picture: CodedPicture) -> None:
        if picture.keyframe and self._is_due(picture):
            self._end()
        if self._segment is None:
            if not picture.keyframe:
                return
            self._begin(picture)
        self._latest = picture.taken
        if self._segment is not None:
            self._segment.picture(picture)

    def _is_due(self, picture: CodedPicture) -> bool:
        segment = self._segment
        if segment is None:
            return False
        jumped = abs(picture.taken - self._latest) > JUMP
        long = picture.taken - segment.began > self._longest
        return jumped or long or picture.codec != segment.codec

    def _begin(self, picture: CodedPicture) -> None:
        path = self._folder / (file_name(self._now(), picture.codec) + PART)
        try:
            self._segment = Segment(path, picture)
        except ValueError as error:
            logger.warning("a keyframe is passed over: %s", error)
            return
        self._path = path

    def _end(self) -> None:
        segment, self._segment = self._segment, None
        if segment is None:
            return
        try:
            segment.close()
        except (OSError, av.FFmpegError):
            logger.exception("a recording could not be ended in order; it is kept as it is")
        self._finished(self._path)
