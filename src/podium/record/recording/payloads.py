"""What RTP payloads of one picture hold: VP8 by RFC 7741, VP9 by RFC 9628, H.264 by RFC 6184 (to
Annex B), AV1 by its RTP specification. ``None`` where they do not hold together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from podium.record.recording.obus import temporal_unit

_START: Final = b"\x00\x00\x00\x01"


def _vp8(payloads: Sequence[bytes]) -> bytes | None:
    parts = [_behind_vp8(payload) for payload in payloads]
    return None if any(part is None for part in parts) else b"".join(p for p in parts if p)


def _behind_vp8(payload: bytes) -> bytes | None:
    """What follows the payload descriptor (RFC 7741, 4.2)."""
    if not payload:
        return None
    at = 1
    if payload[0] & 0x80:
        if len(payload) < 2:
            return None
        extension, at = payload[1], 2
        if extension & 0x80:
            if len(payload) <= at:
                return None
            at += 2 if payload[at] & 0x80 else 1
        at += 1 if extension & 0x40 else 0
        at += 1 if extension & 0x30 else 0
    return payload[at:] if len(payload) > at else None


def _vp9(payloads: Sequence[bytes]) -> bytes | None:
    parts = [_behind_vp9(payload) for payload in payloads]
    return None if any(part is None for part in parts) else b"".join(p for p in parts if p)


def _behind_vp9(payload: bytes) -> bytes | None:
    """What follows the payload descriptor (RFC 9628, 4.2)."""
    try:
        return payload[_vp9_descriptor(payload) :] or None
    except IndexError:
        return None


def _vp9_descriptor(payload: bytes) -> int:
    """Its length. Raises ``IndexError`` where it is cut off."""
    first, at = payload[0], 1
    flexible = bool(first & 0x10)
    if first & 0x80:
        at += 2 if payload[at] & 0x80 else 1
    if first & 0x20:
        at += 1 if flexible else 2
    if flexible and first & 0x40:
        for _ in range(3):
            at += 1
            if not payload[at - 1] & 0x01:
                break
    if first & 0x02:
        at += _vp9_structure(payload, at)
    return at


def _vp9_structure(payload: bytes, at: int) -> int:
    head, length = payload[at], 1
    if head & 0x10:
        length += 4 * ((head >> 5) + 1)
    if head & 0x08:
        groups = payload[at + length]
        length += 1
        for _ in range(groups):
            length += 1 + ((payload[at + length] >> 2) & 0x03)
    return length


def _h264(payloads: Sequence[bytes]) -> bytes | None:
    out = bytearray()
    fragment = bytearray()
    for payload in payloads:
        if len(payload) < 2:
            return None
        kind = payload[0] & 0x1F
        if 1 <= kind <= 23:
            out += _START + payload
        elif kind == 24:
            if not _aggregated(out, payload):
                return None
        elif kind == 28:
            if payload[1] & 0x80:
                fragment = bytearray([payload[0] & 0xE0 | payload[1] & 0x1F])
            elif not fragment:
                return None
            fragment += payload[2:]
            if payload[1] & 0x40:
                out += _START + fragment
                fragment = bytearray()
        else:
            return None
    return None if fragment or not out else bytes(out)


def _aggregated(out: bytearray, payload: bytes) -> bool:
    """STAP-A: each unit behind its length."""
    at = 1
    while at + 2 <= len(payload):
        length = int.from_bytes(payload[at : at + 2])
        unit = payload[at + 2 : at + 2 + length]
        if not unit or len(unit) != length:
            return False
        out += _START + unit
        at += 2 + length
    return at == len(payload)


JOINS: Final[Mapping[str, Callable[[Sequence[bytes]], bytes | None]]] = {
    "vp8": _vp8,
    "vp9": _vp9,
    "h264": _h264,
    "av1": temporal_unit,
}
