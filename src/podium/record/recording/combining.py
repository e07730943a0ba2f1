"""One Matroska file of everything that was recorded of a conference: a video track for each slot,
the mix, a chapter for each item. For players outside the page; packets are copied."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import av

from podium.record.recording.chapters import Chapter, Mark, set_chapters
from podium.record.recording.finishing import NEW, copied_stream, packets, settle
from podium.record.recording.naming import Track

_MILLISECONDS: Final = Fraction(1, 1_000)
_LONGEST_GAP: Final = timedelta(seconds=30)
"""A longer time of which there is nothing is left out."""
_TITLES: Final = {
    Track.MAIN: "主画面 Main picture",
    Track.SECOND: "第二画面 Second picture",
    Track.CONTENT: "辅流 Content",
    Track.SOUND: "混音 Sound",
}


@dataclass(frozen=True, slots=True)
class Take:
    """A finished file."""

    path: Path
    track: Track
    began: datetime
    seconds: float

    @property
    def ended(self) -> datetime:
        return self.began + timedelta(seconds=self.seconds)


class Timeline:
    """Where moments are in a file that holds all takes without long gaps."""

    def __init__(self, takes: Sequence[Take]) -> None:
        self._stretches: list[tuple[datetime, datetime]] = []
        for take in sorted(takes, key=lambda take: take.began):
            if self._stretches and take.began - self._stretches[-1][1] <= _LONGEST_GAP:
                began, ended = self._stretches.pop()
                self._stretches.append((began, max(ended, take.ended)))
            else:
                self._stretches.append((take.began, take.ended))

    def seconds(self, at: datetime | None) -> float:
        """From the file's beginning; what was in a gap or outside is at its edge. ``None`` is the
        end."""
        passed = timedelta()
        for began, ended in self._stretches:
            until = ended if at is None else min(max(at, began), ended)
            passed += until - began
        return passed.total_seconds()

    def marks(self, chapters: Sequence[Chapter]) -> Sequence[Mark]:
        found = (Mark(c.title, self.seconds(c.began), self.seconds(c.ended)) for c in chapters)
        return [mark for mark in found if mark.start < mark.end]


def combine(takes: Sequence[Take], chapters: Sequence[Chapter], final: Path) -> None:
    """Makes ``final``. Raises ``OSError``, ``av.FFmpegError``. Takes a while; to be run in a
    thread."""
    scratch = final.with_name(final.name + NEW)
    try:
        _write(takes, chapters, scratch)
        settle(scratch, final)
    finally:
        scratch.unlink(missing_ok=True)


def _write(takes: Sequence[Take], chapters: Sequence[Chapter], scratch: Path) -> None:
    timeline = Timeline(takes)
    with ExitStack() as stack:
        sources = [(take, stack.enter_context(av.open(str(take.path)))) for take in takes]
        target = stack.enter_context(av.open(str(scratch), "w", format="matroska"))
        streams = _streams(target, sources)
        set_chapters(target, timeline.marks(chapters))
        newest = dict.fromkeys(streams, -1)
        runs = (_shifted(take, source, timeline) for take, source in sources)
        for at, key, packet in heapq.merge(*runs, key=lambda found: found[0]):
            # Where one file ends and the next begins, their ends may overlap by a packet.
            newest[key] = max(at, newest[key] + 1)
            packet.stream = streams[key]
            packet.time_base = _MILLISECONDS
            packet.pts = packet.dts = newest[key]
            target.mux(packet)


Key = tuple[Track, str]
"""A track of the file: what it shows, and its codec, since a track has one."""


def _key(take: Take, stream: Any) -> Key:
    track = take.track if stream.type == "video" else Track.SOUND
    return track, stream.codec_context.codec.canonical_name


def _streams(target: Any, sources: Sequence[tuple[Take, Any]]) -> dict[Key, Any]:
    """In the order of the tracks."""
    templates: dict[Key, Any] = {}
    for take, source in sources:
        for stream in source.streams:
            if stream.type in ("video", "audio"):
                templates.setdefault(_key(take, stream), stream)
    order = list(Track)
    streams = {}
    for key in sorted(templates, key=lambda key: order.index(key[0])):
        streams[key] = copied_stream(target, templates[key])
        streams[key].metadata["title"] = _TITLES[key[0]]
    return streams


def _shifted(take: Take, source: Any, timeline: Timeline) -> Iterator[tuple[int, Key, Any]]:
    """Packets with their milliseconds in the whole."""
    start = timeline.seconds(take.began)
    for packet in packets(source):
        if packet.stream.type in ("video", "audio"):
            at = round((float(packet.pts * packet.time_base) + start) * 1_000)
            # Its length is in another time base than the one that it is given.
            if packet.duration:
                packet.duration = round(packet.duration * packet.time_base / _MILLISECONDS)
            yield at, _key(take, packet.stream), packet
