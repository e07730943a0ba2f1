"""Names of a recording's files: ``<when it began, UTC>.<track>.<webm or mp4>``.

They sort by time. ``.part`` is added while a file is unfinished.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Final

PART: Final = ".part"
MEDIA_TYPES: Final = {".webm": "video/webm", ".mp4": "video/mp4"}
"""What browsers play, by suffix."""
_STAMP: Final = "%Y%m%dT%H%M%S"


class Track(StrEnum):
    """What a file holds: the main picture with the mix, the mix alone where there was no main
    picture, or the second picture or the content without sound."""

    MAIN = "main"
    SECOND = "second"
    CONTENT = "content"
    SOUND = "sound"

    @property
    def leads(self) -> bool:
        """Holds the mix, so that it gives the others their time when it is played."""
        return self in (Track.MAIN, Track.SOUND)


def suffix(codec: str | None) -> str:
    """Of the finished file; ``None`` for sound alone. WebM knows no H.264."""
    return ".mp4" if codec == "h264" else ".webm"


def file_name(began: datetime, track: Track, codec: str | None) -> str:
    """``began`` to the millisecond."""
    stamp = f"{began.astimezone(UTC):{_STAMP}}{began.microsecond // 1000:03}Z"
    return f"{stamp}.{track}{suffix(codec)}"


def began_of(name: str) -> datetime | None:
    """When a recording of that file name began."""
    stamp = name.partition(".")[0]
    try:
        at = datetime.strptime(stamp[:15], _STAMP).replace(tzinfo=UTC)
        return at + timedelta(milliseconds=int(stamp[15:18]))
    except ValueError:
        return None


def track_of(name: str) -> Track:
    """What it holds; the main picture where a name does not say it."""
    word = name.split(".")[1]
    return next((track for track in Track if track == word), Track.MAIN)


def is_recording(path: Path) -> bool:
    """Finished or not."""
    ending = Path(path.name.removesuffix(PART)).suffix
    return began_of(path.name) is not None and ending in MEDIA_TYPES
