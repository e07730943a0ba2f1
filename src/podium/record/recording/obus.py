"""AV1: from RTP payloads (RTP Payload Format For AV1, 4) to a temporal unit in the low-overhead
bitstream format (AV1 specification, 5.2), without temporal delimiters, as files hold it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

_CONTINUES, _CONTINUED, _COUNT = 0x80, 0x40, 0x30
_HAS_EXTENSION, _HAS_SIZE = 0x04, 0x02
_LEFT_OUT: Final = (2, 8, 15)
"""Temporal delimiter, tile list, padding."""
_LONGEST: Final = 8


def temporal_unit(payloads: Sequence[bytes]) -> bytes | None:
    """``None`` where the payloads do not hold together."""
    units: list[bytes] = []
    open_ = False
    """The newest unit goes on in the next payload."""
    for payload in payloads:
        try:
            elements = _elements(payload)
        except IndexError:
            return None
        if bool(payload[0] & _CONTINUES) != open_:
            return None
        if open_:
            units[-1] += elements.pop(0)
        units += elements
        open_ = bool(payload[0] & _CONTINUED)
    if open_ or not all(units):
        return None
    return b"".join(_sized(unit) for unit in units if _type(unit) not in _LEFT_OUT) or None


def _elements(payload: bytes) -> list[bytes]:
    """Behind the aggregation header; at least one. Raises ``IndexError``."""
    count, at = (payload[0] & _COUNT) >> 4, 1
    found: list[bytes] = []
    while at < len(payload):
        if len(found) + 1 == count:
            found.append(payload[at:])
            return found
        length, at = _leb128(payload, at)
        if at + length > len(payload):
            raise IndexError
        found.append(payload[at : at + length])
        at += length
    if not found or count:
        raise IndexError
    return found


def _leb128(data: bytes, at: int) -> tuple[int, int]:
    """The number, and where what follows it begins. Raises ``IndexError``."""
    value = 0
    for place in range(_LONGEST):
        byte = data[at + place]
        value |= (byte & 0x7F) << (7 * place)
        if not byte & 0x80:
            return value, at + place + 1
    raise IndexError


def _as_leb128(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def _type(unit: bytes) -> int:
    return (unit[0] >> 3) & 0x0F


def _sized(unit: bytes) -> bytes:
    """With its size field, which RTP leaves out."""
    if unit[0] & _HAS_SIZE:
        return unit
    head = 2 if unit[0] & _HAS_EXTENSION else 1
    body = unit[head:]
    return bytes([unit[0] | _HAS_SIZE]) + unit[1:head] + _as_leb128(len(body)) + body
