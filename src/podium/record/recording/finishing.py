"""Makes a finished file of one that was being recorded: seekable, with a chapter for each item.

Packets are copied. A file that a crash left unended is read as far as it goes.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import av

from podium.record.recording.recorder import PART

_MILLISECONDS: Final = Fraction(1, 1_000)


@dataclass(frozen=True, slots=True)
class Chapter:
    """An agenda item that ran; ``ended`` is ``None`` while it does."""

    title: str
    began: datetime
    ended: datetime | None


def finish(part: Path, began: datetime, chapters: Sequence[Chapter]) -> Path | None:
    """The finished file; the unfinished one is removed. ``None`` where nothing in it plays: then
    it is removed too. Raises ``OSError``. Takes a while; to be run in a thread."""
    final = part.with_name(part.name.removesuffix(PART))
    scratch = part.with_name(f"{final.name}.new")
    try:
        length = _copied(part, scratch, began, chapters)
    except av.FFmpegError:
        length = 0
    if length == 0:
        scratch.unlink(missing_ok=True)
        part.unlink()
        return None
    with scratch.open("rb") as done:
        os.fsync(done.fileno())
    scratch.replace(final)
    part.unlink()
    return final


def _copied(part: Path, scratch: Path, began: datetime, chapters: Sequence[Chapter]) -> int:
    """How many packets there were."""
    form = "webm" if part.name.endswith(f".webm{PART}") else "matroska"
    count = 0
    length = _length(part)
    with av.open(str(part)) as source, av.open(str(scratch), "w", format=form) as target:
        streams = {s.index: target.add_stream_from_template(s) for s in source.streams}
        try:
            for packet in source.demux():
                if packet.dts is None or packet.pts is None:
                    continue
                packet.stream = streams[packet.stream.index]
                if count == 0:
                    _set_chapters(target, began, length, chapters)
                target.mux(packet)
                count += 1
        except av.FFmpegError:
            pass  # the file ends in the middle of a packet
    return count


def _length(part: Path) -> int:
    """Milliseconds to the newest packet; an unfinished file does not say it itself."""
    newest = Fraction(0)
    with av.open(str(part)) as source:
        try:
            for packet in source.demux():
                if packet.pts is not None and packet.time_base is not None:
                    newest = max(newest, packet.pts * packet.time_base)
        except av.FFmpegError:
            pass  # as above
    return round(newest * 1000)


def _set_chapters(target: Any, began: datetime, length: int, chapters: Sequence[Chapter]) -> None:
    """The parts of them that lie within the file, which is ``length`` milliseconds long."""
    found = []
    for number, chapter in enumerate(chapters, 1):
        start = max(0, _since(began, chapter.began))
        end = length if chapter.ended is None else min(length, _since(began, chapter.ended))
        if start < end:
            found.append(
                {
                    "id": number,
                    "start": start,
                    "end": end,
                    "time_base": _MILLISECONDS,
                    "metadata": {"title": chapter.title},
                }
            )
    if found:
        target.set_chapters(found)


def _since(began: datetime, at: datetime) -> int:
    """Milliseconds."""
    return round((at - began).total_seconds() * 1000)
