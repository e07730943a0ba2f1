"""Voices that a program can tell apart: every synthetic venue speaks at a pitch of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

SAMPLE_RATE: Final = 48_000
"""Hz; what Opus decodes to."""
_LOWEST: Final = 400
_STEP: Final = 50
_PITCHES: Final = 53
_WINDOW: Final = 9_600
"""Samples a decision: 200 ms, so neighbouring pitches are ten bins apart."""
_MIN_AMPLITUDE: Final = 300.0
"""Of 32767; below it a pitch is not heard."""

Samples = NDArray[np.int16]


def pitch(venue: int) -> int:
    """Hz of a venue's voice: 400, 450 ... 3000, then round again."""
    return _LOWEST + _STEP * (venue % _PITCHES)


def speak(venue: int, start: int, count: int, amplitude: float = 6_000.0) -> Samples:
    """``count`` mono samples from sample ``start`` on, swelling four times a second like
    syllables but never silent."""
    at = np.arange(start, start + count, dtype=np.float64) / SAMPLE_RATE
    swell = 0.75 + 0.25 * np.sin(2 * np.pi * 4.0 * at)
    wave = amplitude * swell * np.sin(2 * np.pi * pitch(venue) * at)
    return wave.astype(np.int16)


@dataclass(slots=True)
class Listener:
    """Tells from received sound which venues speak. Feed it; it answers every 200 ms.

    Goertzel's bins at the venues' pitches; a Hann window keeps a loud voice out of the others'.
    """

    venues: Sequence[int]
    _turns: NDArray[np.complex128] = field(init=False)
    _waiting: list[NDArray[np.float64]] = field(init=False, default_factory=list)
    _count: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        hann = np.hanning(_WINDOW)
        at = np.arange(_WINDOW) / SAMPLE_RATE
        pitches = np.array([pitch(v) for v in self.venues], dtype=np.float64)
        self._turns = np.exp(-2j * np.pi * np.outer(pitches, at)) * (hann * 2 / hann.sum())

    def feed(self, samples: NDArray[np.float64]) -> list[frozenset[int]]:
        """Takes mono samples at 48 kHz; for every full window, the venues heard in it."""
        self._waiting.append(samples)
        self._count += len(samples)
        if self._count < _WINDOW:
            return []
        sound = np.concatenate(self._waiting)
        windows = len(sound) // _WINDOW
        rest = sound[windows * _WINDOW :]
        self._waiting, self._count = [rest], len(rest)
        return [self._hear(sound[i * _WINDOW : (i + 1) * _WINDOW]) for i in range(windows)]

    def _hear(self, window: NDArray[np.float64]) -> frozenset[int]:
        levels = np.abs(self._turns @ window)
        floor = max(_MIN_AMPLITUDE, float(levels.max(initial=0.0)) * 0.1)
        return frozenset(
            venue for venue, level in zip(self.venues, levels, strict=True) if level >= floor
        )
