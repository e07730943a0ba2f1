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


def coded(codec: str, venues: list[int], frames: int) -> Iterator[tuple[bool, bytes]]:
    """Pictures that show each venue in turn for ``frames`` pictures; a keyframe at each change."""
    encoder: Any = av.CodecContext.create(
        {"vp8": "libvpx", "vp9": "libvpx-vp9", "h264": "libx264"}[codec], "w"
    )
    encoder.width, encoder.height, encoder.pix_fmt = WIDTH, HEIGHT, "yuv420p"
    encoder.time_base = Fraction(1, RATE)
    encoder.bit_rate = 600_000
    encoder.options = (
        {"tune": "zerolatency", "preset": "ultrafast", "bf": "0"}
        if codec == "h264"
        else {"deadline": "realtime", "cpu-used": "8", "lag-in-frames": "0"}
    )
    number = 0
    for venue in venues:
        for place in range(frames):
            yield from _encoded(encoder, venue, number, keyframe=place == 0)
            number += 1
    yield from ((p.is_keyframe, bytes(p)) for p in encoder.encode(None))


def _encoded(
    encoder: Any, venue: int, number: int, *, keyframe: bool
) -> Iterator[tuple[bool, bytes]]:
    luma = np.full((HEIGHT, WIDTH), 128, dtype=np.uint8)
    draw(luma, Marker(venue, (number * 1000 // RATE) % 4096))
    chroma = np.full((HEIGHT // 2, WIDTH), 128, dtype=np.uint8)
    frame = av.VideoFrame.from_ndarray(np.vstack([luma, chroma]), format="yuv420p")
    frame.pts = number
    if keyframe:
        frame.pict_type = av.video.frame.PictureType.I
    yield from ((p.is_keyframe, bytes(p)) for p in encoder.encode(frame))


def payloads(codec: str, data: bytes) -> list[bytes]:
    """RTP payloads of a coded picture."""
    if codec == "h264":
        return list(_h264(data))
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
