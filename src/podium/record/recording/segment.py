"""One file of a recording, written by PyAV as it comes, without coding anything anew.

A cluster of at most a second is written at once, so that a crash costs no more than that.
"""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import av

from podium.record.recording.pictures import CodedPicture
from podium.record.recording.tap import SoundTick

_MICROSECONDS: Final = Fraction(1, 1_000_000)
_OPTIONS: Final = {"cluster_time_limit": "1000", "flush_packets": "1"}


def container(codec: str) -> str:
    """WebM where browsers play it, else Matroska at large."""
    return "webm" if codec in ("vp8", "vp9") else "matroska"


JUMP: Final = 30_000_000
"""Microseconds. A longer gap between two pictures, or between picture and sound, is none: a sender
whose clock is mapped wrongly, or an adjournment."""


class Segment:
    """Begins with a keyframe. ``began``: microseconds on the engine's clock. Where the clock of a
    picture or of the sound jumps, it goes on from where the file is."""

    def __init__(self, path: Path, first: CodedPicture) -> None:
        """Raises ``ValueError`` for a keyframe that cannot be read, ``OSError``."""
        width, height = _size(first)
        self.codec = first.codec
        self.began = first.taken
        self._container = av.open(str(path), "w", format=container(first.codec), options=_OPTIONS)
        try:
            self._video: Any = self._container.add_mux_stream(
                first.codec, rate=30, width=width, height=height, time_base=_MICROSECONDS
            )
            # Its encoder is never used; it is made for the header that describes its packets.
            self._audio: Any = self._container.add_stream("libopus", rate=48_000, layout="stereo")
        except BaseException:
            self._container.close()
            raise
        self._last = {id(self._video): -1, id(self._audio): -1}
        self._zero = {id(self._video): self.began, id(self._audio): self.began}

    def picture(self, picture: CodedPicture) -> None:
        self._mux(self._video, picture.data, picture.taken, keyframe=picture.keyframe)

    def sound(self, tick: SoundTick) -> None:
        self._mux(self._audio, tick.packet, tick.taken, keyframe=True)

    def close(self) -> None:
        self._container.close()

    def _mux(self, stream: Any, data: bytes, taken: int, *, keyframe: bool) -> None:
        """Time never goes back within a stream; what was before the beginning is left out."""
        newest = max(*self._last.values(), 0)
        at = taken - self._zero[id(stream)]
        if abs(at - newest) > JUMP:
            self._zero[id(stream)], at = taken - newest, newest
        if at < 0:
            return
        at = max(at, self._last[id(stream)] + 1_000)
        self._last[id(stream)] = at
        packet = av.Packet(data)
        packet.stream = stream
        packet.time_base = _MICROSECONDS
        packet.pts = packet.dts = at
        packet.is_keyframe = keyframe
        self._container.mux_one(packet)


def _size(first: CodedPicture) -> tuple[int, int]:
    """Width and height of a keyframe in pixels. Raises ``ValueError``."""
    decoder = av.CodecContext.create(first.codec, "r")
    try:
        frames = [*decoder.decode(av.Packet(first.data)), *decoder.decode(None)]  # type: ignore[attr-defined]
    except av.FFmpegError as error:
        raise ValueError("the keyframe cannot be read") from error
    if not frames:
        raise ValueError("the keyframe holds no picture")
    return frames[0].width, frames[0].height
