"""A strip in a picture that a program can read: whose picture this is, and when it was made.

The strip lies along the top edge: 2 rows of 20 square cells, each a twentieth of the picture's
width. Read row by row, a light cell is 1:

======  =======================================================
cells   content
======  =======================================================
4       sync, 1 0 1 0
16      number of the venue, high bit first
12      milliseconds of the wall clock modulo 4096, high bit first
8       CRC-8 (polynomial 0x07) of the 28 bits before it, padded
        with four zero bits to 32
======  =======================================================

``marker.js`` beside this file reads the same strip in a browser.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

Luma = NDArray[np.uint8]

COLUMNS: Final = 20
ROWS: Final = 2
CLOCK_PERIOD_MS: Final = 4096
_SYNC: Final = (1, 0, 1, 0)
_LIGHT: Final = 225
_DARK: Final = 28
_MIN_CONTRAST: Final = 60
"""Between the light and the dark sync cells, in luma steps; less is no strip."""


@dataclass(frozen=True, slots=True)
class Marker:
    """What a strip says. ``venue``: 0..65535. ``clock``: milliseconds modulo 4096."""

    venue: int
    clock: int


def _crc8(payload: int) -> int:
    """CRC-8 of 32 bits, polynomial x^8 + x^2 + x + 1, initial value 0."""
    crc = 0
    for byte in payload.to_bytes(4, "big"):
        crc ^= byte
        for _ in range(8):
            crc = ((crc << 1) ^ 0x07) & 0xFF if crc & 0x80 else crc << 1
    return crc


def _bits(marker: Marker) -> NDArray[np.uint8]:
    payload = (marker.venue << 12) | (marker.clock % CLOCK_PERIOD_MS)
    word = (payload << 8) | _crc8(payload << 4)
    bits = [*_SYNC, *((word >> shift) & 1 for shift in range(35, -1, -1))]
    return np.array(bits, dtype=np.uint8).reshape(ROWS, COLUMNS)


def strip_height(width: int) -> int:
    """Height in pixels of the strip in a picture of that width."""
    return ROWS * (width // COLUMNS)


def draw(luma: Luma, marker: Marker) -> None:
    """Draws the strip into the luma plane (height, width), in place."""
    width = luma.shape[1]
    cell = width // COLUMNS
    values = np.where(_bits(marker) == 1, _LIGHT, _DARK).astype(np.uint8)
    strip = np.kron(values, np.ones((cell, 1), dtype=np.uint8))
    edges = (np.arange(COLUMNS + 1) * width) // COLUMNS
    luma[: ROWS * cell] = np.repeat(strip, np.diff(edges), axis=1)


def read(luma: Luma) -> Marker | None:
    """Reads the strip from a luma plane (height, width) of any size; None where there is none.

    The picture may have been scaled and coded; only the middle of each cell is looked at.
    """
    height, width = luma.shape
    cell = width / COLUMNS
    if cell < 4 or height < ROWS * cell:
        return None
    rows, columns = _samples(width)
    return _parse(luma[rows, columns].reshape(ROWS, 4, COLUMNS, 4).mean(axis=(1, 3)).reshape(-1))


@lru_cache(maxsize=32)
def _samples(width: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Where to look: four lines and four columns in the middle of each cell."""
    within = np.array([0.35, 0.45, 0.55, 0.65])
    cell = width / COLUMNS
    rows = ((np.arange(ROWS)[:, None] + within) * cell).astype(np.intp).reshape(-1, 1)
    columns = ((np.arange(COLUMNS)[:, None] + within) * cell).astype(np.intp).reshape(1, -1)
    return rows, columns


def _parse(means: NDArray[np.float64]) -> Marker | None:
    light = float(means[0] + means[2]) / 2
    dark = float(means[1] + means[3]) / 2
    if light - dark < _MIN_CONTRAST:
        return None
    bits = means > (light + dark) / 2
    if tuple(int(b) for b in bits[:4]) != _SYNC:
        return None
    word = 0
    for bit in bits[4:]:
        word = (word << 1) | int(bit)
    payload, crc = word >> 8, word & 0xFF
    if crc != _crc8(payload << 4):
        return None
    return Marker(venue=payload >> 12, clock=payload & 0xFFF)


def age_ms(marker: Marker, now_ms: int) -> int:
    """How old the picture is, 0..4095 ms, if both clocks are one."""
    return (now_ms - marker.clock) % CLOCK_PERIOD_MS
