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
    last = 0
    with av.open(str(part)) as source, av.open(str(scratch), "w", format=form) as target:
        streams = {s.index: target.add_stream_from_template(s) for s in source.streams}
        try:
            for packet in source.demux():
                if packet.dts is None or packet.pts is None:
                    continue
                if packet.time_base is not None:
                    last = max(last, int(packet.pts * packet.time_base * 1000))
                packet.stream = streams[packet.stream.index]
                if count == 0:
                    _set_chapters(target, began, chapters)
                target.mux(packet)
                count += 1
        except av.FFmpegError:
            pass  # the file ends in the middle of a packet
    return count


def _set_chapters(target: Any, began: datetime, chapters: Sequence[Chapter]) -> None:
    """Those that begin within the file have their places in it, in milliseconds."""
    found = []
    for number, chapter in enumerate(chapters, 1):
        start = max(0, round((chapter.began - began).total_seconds() * 1000))
        end = (
            None if chapter.ended is None else round((chapter.ended - began).total_seconds() * 1000)
        )
        if end is not None and end <= 0:
            continue
        found.append(
            {
                "id": number,
                "start": start,
                "end": max(start + 1, end if end is not None else start + 1),
                "time_base": _MILLISECONDS,
                "metadata": {"title": chapter.title},
            }
        )
    if found:
        target.set_chapters(found)
