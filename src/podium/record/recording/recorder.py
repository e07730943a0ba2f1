"""Records one conference: a thread reads the tap until the engine closes its end of it."""

from __future__ import annotations

import logging
import os
import select
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import av

from podium.conference.state import Slot
from podium.record.recording.reel import Cutting, EngineTime, Reel
from podium.record.recording.tap import (
    DarkSlot,
    NoTap,
    PictureRun,
    SoundTick,
    TapReader,
    TapRecord,
)

logger = logging.getLogger("podium.record")

_READ: Final = 1 << 16
_IDLE_MILLISECONDS: Final = 500


class Recorder:
    """``read``: the tap's end to read from, which this owns. ``longest``: a file is ended at the
    first keyframe after so long. ``finished`` is called from the thread with each file."""

    def __init__(
        self,
        folder: Path,
        read: int,
        now: Callable[[], datetime],
        longest: timedelta,
        finished: Callable[[Path], None],
    ) -> None:
        self._read = read
        self._time = EngineTime(now)
        cutting = Cutting(folder, self._time, longest.total_seconds() * 1e6, finished)
        self._reels = {slot: Reel(slot, cutting) for slot in Slot}
        self._heard = 0
        """When the newest sound was taken."""
        self._thread = threading.Thread(target=self._run, name="podium-recorder", daemon=True)

    def start(self) -> None:
        self._thread.start()

    @property
    def running(self) -> bool:
        return self._thread.is_alive()

    def join(self, seconds: float) -> None:
        self._thread.join(seconds)

    def _run(self) -> None:
        reader, waiting = TapReader(), select.poll()
        waiting.register(self._read, select.POLLIN)
        try:
            while True:
                if waiting.poll(_IDLE_MILLISECONDS):
                    data = os.read(self._read, _READ)
                    if not data:
                        break
                    for record in reader.feed(data):
                        self._take(record)
                self._beat()
        except (NoTap, OSError, av.FFmpegError):
            # The conference goes on; what was recorded until now stays.
            logger.exception("the recording of a conference has failed")
        finally:
            os.close(self._read)
            for reel in self._reels.values():
                reel.end(self._now())

    def _take(self, record: TapRecord) -> None:
        self._time.see(record.taken)
        match record:
            case PictureRun():
                self._reels[record.slot].take(record)
            case SoundTick():
                self._heard = record.taken
                self._reels[Slot.MAIN].sound(record)
            case DarkSlot():
                self._reels[record.slot].dark(record.taken)

    def _now(self) -> int:
        """On the engine's clock, which is the mix's."""
        return max(self._time.now() or 0, self._heard)

    def _beat(self) -> None:
        now = self._now()
        main = self._reels[Slot.MAIN]
        if not main.seen and any(reel.seen for reel in self._reels.values()):
            main.accompany(now)
        for reel in self._reels.values():
            reel.beat(now)
