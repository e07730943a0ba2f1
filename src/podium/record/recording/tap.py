"""Reads the engine's tap: the format of ``engine/crates/net/src/tap.rs``. Without I/O."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from podium.conference.state import Slot

MAGIC: Final = b"PODTAP1\n"
_SLOTS: Final = (Slot.MAIN, Slot.SECOND, Slot.CONTENT)
CODECS: Final = ("vp8", "vp9", "h264", "av1")
_PICTURE: Final = struct.Struct(">BBBIQIqH")
_SOUND: Final = struct.Struct(">Iq")
_DARK: Final = struct.Struct(">Bq")
_LARGEST: Final = 16 * 1024 * 1024
"""Longest record; more is no tap."""


class NoTap(ValueError):
    """The stream is not a tap's, or is broken."""


@dataclass(frozen=True, slots=True)
class PictureRun:
    """Payloads of one picture, in order. ``taken``: microseconds on the engine's clock."""

    slot: Slot
    codec: str
    keyframe: bool
    begins: bool
    ends: bool
    epoch: int
    taken: int
    payloads: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class SoundTick:
    """20 ms of the mix: one Opus packet."""

    taken: int
    packet: bytes


@dataclass(frozen=True, slots=True)
class DarkSlot:
    """A slot that had a picture has none any more."""

    slot: Slot
    taken: int


TapRecord = PictureRun | SoundTick | DarkSlot


class TapReader:
    """Takes bytes as they come and gives the records that are complete."""

    def __init__(self) -> None:
        self._pending = bytearray()
        self._begun = False

    def feed(self, data: bytes) -> Iterator[TapRecord]:
        """Raises ``NoTap``."""
        self._pending += data
        if not self._begun:
            if len(self._pending) < len(MAGIC):
                return
            if self._pending[: len(MAGIC)] != MAGIC:
                raise NoTap("the stream does not begin as a tap does")
            del self._pending[: len(MAGIC)]
            self._begun = True
        while len(self._pending) >= 4:
            length = int.from_bytes(self._pending[:4])
            if not 1 <= length <= _LARGEST:
                raise NoTap(f"a record of {length} bytes")
            if len(self._pending) < 4 + length:
                return
            body = bytes(self._pending[4 : 4 + length])
            del self._pending[: 4 + length]
            record = _parsed(body)
            if record is not None:
                yield record


def _parsed(body: bytes) -> TapRecord | None:
    """``None`` for a kind of record that is of another version."""
    try:
        if body[0] == 1:
            return _picture(body)
        if body[0] == 2:
            _, taken = _SOUND.unpack_from(body, 1)
            return SoundTick(taken, body[1 + _SOUND.size :])
        if body[0] == 3:
            slot, taken = _DARK.unpack_from(body, 1)
            return DarkSlot(_SLOTS[slot], taken)
    except (struct.error, IndexError) as error:
        raise NoTap("a record is shorter than it says") from error
    return None


def _picture(body: bytes) -> PictureRun:
    slot, codec, flags, epoch, _, _, taken, count = _PICTURE.unpack_from(body, 1)
    payloads, at = [], 1 + _PICTURE.size
    for _ in range(count):
        (length,) = struct.unpack_from(">H", body, at)
        payload = body[at + 2 : at + 2 + length]
        if len(payload) != length:
            raise NoTap("a payload is shorter than it says")
        payloads.append(payload)
        at += 2 + length
    return PictureRun(
        slot=_SLOTS[slot],
        codec=CODECS[codec],
        keyframe=bool(flags & 1),
        begins=bool(flags & 2),
        ends=bool(flags & 4),
        epoch=epoch,
        taken=taken,
        payloads=tuple(payloads),
    )
