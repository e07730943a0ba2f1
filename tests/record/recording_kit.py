"""A tap without an engine: pictures with strips, coded, and cut into RTP payloads as venues do."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import av
import numpy as np

from podium.demo.marker import Marker, draw
from podium.record.recording.tap import CODECS, MAGIC

WIDTH, HEIGHT, RATE = 320, 180, 25
MTU = 900
SLIDE = 700


def coded(
    codec: str, venues: list[int], frames: int, size: tuple[int, int] = (WIDTH, HEIGHT)
) -> Iterator[tuple[bool, bytes]]:
    """Pictures that show each venue in turn for ``frames`` pictures; a keyframe at each change."""
    encoder = _encoder(codec, size)
    number = 0
    for venue in venues:
        for place in range(frames):
            yield from _encoded(encoder, size, Marker(venue, _clock(number)), number, place == 0)
            number += 1
    yield from ((p.is_keyframe, bytes(p)) for p in encoder.encode(None))


def _encoder(codec: str, size: tuple[int, int]) -> Any:
    encoder: Any = av.CodecContext.create(
        {"vp8": "libvpx", "vp9": "libvpx-vp9", "h264": "libx264", "av1": "libsvtav1"}[codec], "w"
    )
    encoder.width, encoder.height, encoder.pix_fmt = *size, "yuv420p"
    encoder.time_base = Fraction(1, RATE)
    if codec != "av1":
        encoder.bit_rate = 600_000
    realtime = {"deadline": "realtime", "cpu-used": "8", "lag-in-frames": "0"}
    encoder.options = {
        "h264": {"tune": "zerolatency", "preset": "ultrafast", "bf": "0"},
        "av1": {
            "preset": "8",
            "crf": "10",
            "svtav1-params": "pred-struct=1:lp=1:force-key-frames=1",
        },
    }.get(codec, realtime)
    return encoder


def slides_of(
    codec: str, start: float, count: int, step: int = 500
) -> Iterator[tuple[bool, bytes]]:
    """Pictures of a slide, ``step`` milliseconds apart, whose strips hold their time."""
    encoder = _encoder(codec, (WIDTH, HEIGHT))
    for number in range(count):
        shown = Marker(SLIDE, (round(start * 1000) + number * step) % 4096)
        yield from _encoded(encoder, (WIDTH, HEIGHT), shown, number, number == 0)
    yield from ((p.is_keyframe, bytes(p)) for p in encoder.encode(None))


def _clock(number: int) -> int:
    return (number * 1000 // RATE) % 4096


def _encoded(
    encoder: Any, size: tuple[int, int], shown: Marker, number: int, keyframe: bool
) -> Iterator[tuple[bool, bytes]]:
    width, height = size
    luma = np.full((height, width), 128, dtype=np.uint8)
    draw(luma, shown)
    chroma = np.full((height // 2, width), 128, dtype=np.uint8)
    frame = av.VideoFrame.from_ndarray(np.vstack([luma, chroma]), format="yuv420p")
    frame.pts = number
    if keyframe:
        frame.pict_type = av.video.frame.PictureType.I
    yield from ((p.is_keyframe, bytes(p)) for p in encoder.encode(frame))


def payloads(codec: str, data: bytes) -> list[bytes]:
    """RTP payloads of a coded picture."""
    if codec == "h264":
        return list(_h264(data))
    if codec == "av1":
        return list(_av1(data))
    cuts = [data[at : at + MTU] for at in range(0, len(data), MTU)]
    if codec == "vp8":
        # With an extended picture number, as browsers send it (RFC 7741, 4.2).
        return [
            bytes([0x90 if n == 0 else 0x80, 0x80, 0x80, 0x01]) + cut for n, cut in enumerate(cuts)
        ]
    last = len(cuts) - 1
    return [
        bytes([0x80 | (0x08 if n == 0 else 0) | (0x04 if n == last else 0), 0x80, 0x01]) + cut
        for n, cut in enumerate(cuts)
    ]


def _h264(data: bytes) -> Iterator[bytes]:
    units = [
        u for u in data.replace(b"\x00\x00\x00\x01", b"\x00\x00\x01").split(b"\x00\x00\x01") if u
    ]
    for unit in units:
        if len(unit) <= MTU:
            yield unit
            continue
        head, body = unit[0], unit[1:]
        cuts = [body[at : at + MTU] for at in range(0, len(body), MTU)]
        for n, cut in enumerate(cuts):
            flags = (0x80 if n == 0 else 0) | (0x40 if n == len(cuts) - 1 else 0)
            yield bytes([head & 0xE0 | 28, flags | head & 0x1F]) + cut


def _av1(data: bytes) -> Iterator[bytes]:
    """Each unit without its size field, alone in its payloads; cut where it is long."""
    at, begins = 0, True
    while at < len(data):
        extended, head = bool(data[at] & 4), data[at]
        start = at + 2 if extended else at + 1
        length = shift = 0
        while True:
            length |= (data[start] & 0x7F) << shift
            shift += 7
            start += 1
            if not data[start - 1] & 0x80:
                break
        body = data[start : start + length]
        unit = bytes([head & ~2]) + (data[at + 1 : at + 2] if extended else b"") + body
        at = start + length
        if (head >> 3) & 0x0F == 2:
            continue  # a temporal delimiter is not sent
        cuts = [unit[n : n + MTU] for n in range(0, len(unit), MTU)]
        for n, cut in enumerate(cuts):
            flags = (0x80 if n else 0) | (0x40 if n + 1 < len(cuts) else 0) | 0x10
            yield bytes([flags | (8 if begins else 0)]) + cut
            begins = False


def opus(seconds: float) -> list[bytes]:
    encoder: Any = av.CodecContext.create("libopus", "w")
    encoder.sample_rate, encoder.layout, encoder.format = 48_000, "stereo", "flt"
    packets = []
    for number in range(round(seconds * 50)):
        tone = np.sin(2 * np.pi * 440 * (np.arange(960) + number * 960) / 48_000) * 0.3
        both = np.repeat(tone.astype(np.float32), 2).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(both, format="flt", layout="stereo")
        frame.sample_rate, frame.pts = 48_000, number * 960
        packets += [bytes(p) for p in encoder.encode(frame)]
    return packets


def record(kind: int, body: bytes) -> bytes:
    return struct.pack(">IB", len(body) + 1, kind) + body


def picture(
    codec: str,
    run: list[bytes],
    taken: int,
    *,
    keyframe: bool,
    begins: bool = True,
    ends: bool = True,
    epoch: int = 1,
    slot: int = 0,
) -> bytes:
    flags = keyframe | begins << 1 | ends << 2
    head = struct.pack(
        ">BBBIQIqH",
        slot,
        CODECS.index(codec),
        flags,
        epoch,
        7,
        taken * 9 // 100 & 0xFFFFFFFF,
        taken,
        len(run),
    )
    return record(1, head + b"".join(struct.pack(">H", len(p)) + p for p in run))


def sound(packet: bytes, taken: int) -> bytes:
    return record(2, struct.pack(">Iq", taken * 48 // 1000 & 0xFFFFFFFF, taken) + packet)


def dark(slot: int, taken: int) -> bytes:
    return record(3, struct.pack(">Bq", slot, taken))


def tap(codec: str, venues: list[int], frames: int) -> Iterator[bytes]:
    """The bytes of a tap, a piece for each picture with the sound beside it; each venue is a new
    source."""
    yield MAGIC
    ticks = iter(opus(len(venues) * frames / RATE))
    heard = 0
    for number, (keyframe, data) in enumerate(coded(codec, venues, frames)):
        taken = 5_000_000 + number * 1_000_000 // RATE
        piece = picture(
            codec, payloads(codec, data), taken, keyframe=keyframe, epoch=number // frames
        )
        while heard * 20_000 <= number * 1_000_000 // RATE and (tick := next(ticks, None)):
            piece += sound(tick, 5_000_000 + heard * 20_000)
            heard += 1
        yield piece


def program(
    codec: str,
    frames: int,
    *,
    content: tuple[float, float] | None = None,
    pictures: int | None = None,
    step: int = 500,
    silent: tuple[float, float] | None = None,
    second: bool = False,
    since: float = 0.0,
    epoch: int = 1,
    size: tuple[int, int] = (WIDTH, HEIGHT),
) -> list[bytes]:
    """A tap of so many main pictures, beginning at ``since`` seconds, whose strips hold their time
    from there. ``content``: from when to when it is on air, a picture each ``step`` milliseconds,
    the first ``pictures`` of them sent. ``silent``: when there is no mix."""
    base = 5_000_000 + round(since * 1e6)
    shown = coded(codec, [3], frames, size)
    found = _pictures(shown, codec, base, 1_000_000 // RATE, slot=0, epoch=epoch)
    if second:
        also = coded(codec, [4], frames, size)
        found += _pictures(also, codec, base, 1_000_000 // RATE, slot=1, epoch=epoch)
    if content is not None:
        start, end = content
        count = round((end - start) * 1000 / step) if pictures is None else pictures
        slides = slides_of(codec, start, count, step)
        at = base + round(start * 1e6)
        found += _pictures(slides, codec, at, step * 1000, slot=2, epoch=epoch)
        if end * RATE <= frames:
            found.append((base + round(end * 1e6), dark(2, base + round(end * 1e6))))
    for number, packet in enumerate(opus(frames / RATE)):
        if silent is None or not silent[0] <= number / 50 < silent[1]:
            taken = base + number * 20_000
            found.append((taken, sound(packet, taken)))
    found.sort(key=lambda piece: piece[0])
    return [MAGIC, *(piece for _, piece in found)]


def slides(codec: str, start: float, count: int) -> list[bytes]:
    """Content alone: so many pictures, two a second."""
    at = 5_000_000 + round(start * 1e6)
    shown = slides_of(codec, start, count)
    return [piece for _, piece in _pictures(shown, codec, at, 500_000, slot=2, epoch=1)]


def _pictures(
    shown: Iterator[tuple[bool, bytes]], codec: str, base: int, step: int, *, slot: int, epoch: int
) -> list[tuple[int, bytes]]:
    found = []
    for number, (keyframe, data) in enumerate(shown):
        taken, run = base + number * step, payloads(codec, data)
        piece = picture(codec, run, taken, keyframe=keyframe, epoch=epoch, slot=slot)
        found.append((taken, piece))
    return found
