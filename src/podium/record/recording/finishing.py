"""Makes a finished file of one that was being recorded: seekable, in the container that browsers
play its codec in, with a chapter for each item.

Packets are copied. A file that a crash left unended is read as far as it goes.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import av

from podium.record.recording.chapters import Chapter, marks, set_chapters
from podium.record.recording.naming import PART, track_of

NEW: Final = ".new"
"""Ends the name of a file that is being made from finished or unfinished ones."""
_FORMS: Final = {".webm": "webm", ".mp4": "mp4"}


def finish(part: Path, began: datetime, chapters: Sequence[Chapter]) -> Path | None:
    """The finished file; the unfinished one is removed. ``None`` where nothing in it plays: then
    it is removed too. Raises ``OSError``. Takes a while; to be run in a thread."""
    final = part.with_name(part.name.removesuffix(PART))
    scratch = part.with_name(final.name + NEW)
    length = _length(part)
    if length is None:
        part.unlink()
        return None
    try:
        _copy(part, scratch, began, length, chapters)
        settle(scratch, final)
    except av.FFmpegError as error:
        raise OSError(str(error)) from error
    finally:
        scratch.unlink(missing_ok=True)
    part.unlink()
    return final


def settle(scratch: Path, final: Path) -> None:
    """A file is there as a whole or not at all. Raises ``OSError``."""
    with scratch.open("rb") as done:
        os.fsync(done.fileno())
    scratch.replace(final)


def packets(source: Any) -> Iterator[Any]:
    """Those that are whole."""
    try:
        for packet in source.demux():
            if packet.pts is not None and packet.dts is not None:
                yield packet
    except av.FFmpegError:
        pass  # the file ends in the middle of a packet


def copied_stream(target: Any, template: Any) -> Any:
    """A stream for packets that are copied from such a one."""
    stream = target.add_stream_from_template(template, opaque=True)
    stream.time_base = template.time_base
    return stream


def _copy(
    part: Path, scratch: Path, began: datetime, length: Fraction, chapters: Sequence[Chapter]
) -> None:
    leads = track_of(part.name).leads
    form = _FORMS[Path(part.name.removesuffix(PART)).suffix]
    with av.open(str(part)) as source, av.open(str(scratch), "w", format=form) as target:
        kept = [s for s in source.streams if leads or s.type == "video"]
        streams = {s.index: copied_stream(target, s) for s in kept}
        if leads:
            set_chapters(target, marks(began, float(length), chapters))
        for packet in _lasting(packets(source), length):
            if packet.stream.index in streams:
                packet.stream = streams[packet.stream.index]
                target.mux(packet)


def _lasting(found: Iterator[Any], length: Fraction) -> Iterator[Any]:
    """The last picture stands until the end."""
    last = None
    for packet in found:
        if packet.stream.type != "video":
            yield packet
            continue
        if last is not None:
            yield last
        last = packet
    if last is not None:
        left = length / last.time_base - last.pts
        last.duration = max(round(left), last.duration or 0)
        yield last


def _length(part: Path) -> Fraction | None:
    """Seconds until it was ended; to the newest packet where it was not. ``None`` where nothing in
    it plays."""
    try:
        with av.open(str(part)) as source:
            newest = max((p.pts * p.time_base for p in packets(source)), default=None)
            told = Fraction(source.duration or 0, av.time_base)
    except av.FFmpegError:
        return None
    return None if newest is None else max(newest, told)
