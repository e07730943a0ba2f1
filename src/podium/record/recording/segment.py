"""One file of a recording, written by PyAV as it comes, without coding anything anew.

It is Matroska, which needs no end: what is written plays. The muxer writes a cluster of at most
half a second at once, but only when the next begins, and a packet only when the other track is as
far. So the mix's silence is written too, and where no picture comes an empty packet, which leaves
nothing in the file: without them a crash would cost a picture that stands still.
"""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import av

from podium.record.recording.pictures import CodedPicture
from podium.record.recording.tap import SoundTick

_MICROSECONDS: Final = Fraction(1, 1_000_000)
_OPTIONS: Final = {"cluster_time_limit": "500", "flush_packets": "1"}
SILENCE: Final = b"\xfc\xff\xfe"
"""20 ms of stereo silence in Opus: one CELT frame (RFC 6716, 3.1) whose silence flag is set."""
_TICK: Final = 20_000
_STILL: Final = 500_000
"""After so long without a picture an empty packet is due."""
_LATE: Final = 500_000
"""What comes may be so much later than the engine's clock."""
JUMP: Final = 30_000_000
"""Microseconds. A longer gap between two pictures, or between picture and sound, is none: a sender
whose clock is mapped wrongly, or an adjournment."""
_DECODERS: Final = {"av1": "libdav1d"}


class Segment:
    """Begins with a keyframe where it has pictures. ``began``: microseconds on the engine's clock.
    Where the clock of a picture or of the sound jumps, it goes on from where the file is."""

    def __init__(self, path: Path, began: int, first: CodedPicture | None, *, mix: bool) -> None:
        """``mix``: it holds the mix. Raises ``ValueError`` for a keyframe that cannot be read,
        ``OSError``."""
        size = None if first is None else _size(first)
        self.codec = None if first is None else first.codec
        self.began = began
        self._container = av.open(str(path), "w", format="matroska", options=_OPTIONS)
        self._video: Any = None
        self._audio: Any = None
        try:
            if first is not None and size is not None:
                self._video = self._container.add_mux_stream(
                    first.codec, rate=30, width=size[0], height=size[1], time_base=_MICROSECONDS
                )
            if mix:
                # Its encoder is never used; it is made for the header that describes its packets.
                self._audio = self._container.add_stream("libopus", rate=48_000, layout="stereo")
        except BaseException:
            self._container.close()
            raise
        self._last = {id(self._video): -1_000, id(self._audio): -_TICK}
        self._zero = {id(self._video): began, id(self._audio): began}

    def picture(self, picture: CodedPicture) -> None:
        at = self._at(self._video, picture.taken)
        if at >= 0:
            self._mux(self._video, at, picture.data, keyframe=picture.keyframe)

    def sound(self, tick: SoundTick) -> None:
        at = self._at(self._audio, tick.taken)
        if at >= 0:
            self._fill(at - _TICK)
            self._mux(self._audio, at, tick.packet, keyframe=True)

    def beat(self, now: int) -> None:
        """It is so late, whether or not anything came."""
        at = now - self.began - _LATE
        if at - self._newest() > JUMP:
            return
        if self._audio is not None:
            self._fill(at)
        if self._video is not None and at - self._last[id(self._video)] > _STILL:
            self._mux(self._video, at, b"", keyframe=False)

    def close(self, now: int) -> None:
        """What it shows, it showed until ``now``."""
        at = now - self.began
        if 0 <= at - self._newest() <= JUMP:
            if self._audio is not None:
                self._fill(at)
            if self._video is not None:
                self._mux(self._video, at, b"", keyframe=False)
        self._container.close()

    def _newest(self) -> int:
        return max(*self._last.values(), 0)

    def _at(self, stream: Any, taken: int) -> int:
        """Microseconds from the file's beginning."""
        at, newest = taken - self._zero[id(stream)], self._newest()
        if abs(at - newest) > JUMP:
            self._zero[id(stream)], at = taken - newest, newest
        return at

    def _fill(self, until: int) -> None:
        while (at := self._last[id(self._audio)] + _TICK) <= until:
            self._mux(self._audio, at, SILENCE, keyframe=True)

    def _mux(self, stream: Any, at: int, data: bytes, *, keyframe: bool) -> None:
        """Time never goes back within a stream."""
        at = max(at, self._last[id(stream)] + 1_000, 0)
        self._last[id(stream)] = at
        packet = av.Packet(data)
        packet.stream = stream
        packet.time_base = _MICROSECONDS
        packet.pts = packet.dts = at
        packet.is_keyframe = keyframe
        self._container.mux_one(packet)


def _size(first: CodedPicture) -> tuple[int, int]:
    """Width and height of a keyframe in pixels. Raises ``ValueError``."""
    decoder = av.CodecContext.create(_DECODERS.get(first.codec, first.codec), "r")
    try:
        frames = [*decoder.decode(av.Packet(first.data)), *decoder.decode(None)]  # type: ignore[attr-defined]
    except av.FFmpegError as error:
        raise ValueError("the keyframe cannot be read") from error
    if not frames:
        raise ValueError("the keyframe holds no picture")
    return frames[0].width, frames[0].height
