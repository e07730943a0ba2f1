"""The telephone's recordings: those that come with Podium, and an organisation's own.

A directory of one's own has the same layout, ``zh/<prompt>.wav`` and ``en/<prompt>.wav``, and
replaces what is in it. ``venues/<venue>.wav`` speaks a venue's name: there are none to begin
with, for the names are the organisation's and no free voice reads them well.
"""

from __future__ import annotations

import re
import wave
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from podium.telephone.prompts.texts import Language, Prompt

RATE: Final = 16_000
"""Hz; 16 bit, mono."""
SHIPPED: Final = Path(__file__).parent
LONGEST_FILE: Final = 60 * RATE
"""Samples: whoever records more does not mean a prompt."""
_VENUE: Final = re.compile(r"[\w.-]{1,64}")


class PromptUnusable(Exception):
    """The administrator's fault: ``args[0]`` names the file and says what it must be."""


def load_prompts(own: Path | None = None) -> Mapping[str, bytes]:
    """PCM (s16le, 16 kHz, mono) by name: ``zh/welcome``, ``venues/<venue>``. Files in ``own``
    replace those that are shipped. Raises ``PromptUnusable``."""
    found = dict(_files(SHIPPED))
    if own is not None:
        if not own.is_dir():
            raise PromptUnusable(f"the directory of prompts {own} does not exist")
        found |= dict(_files(own))
    return {name: _read(path) for name, path in found.items()}


def name_of(language: Language, prompt: Prompt) -> str:
    return f"{language}/{prompt}"


def venue_name(venue: str) -> str:
    return f"venues/{venue}"


def _files(root: Path) -> Iterator[tuple[str, Path]]:
    for language in Language:
        for prompt in Prompt:
            path = root / language / f"{prompt}.wav"
            if path.is_file():
                yield name_of(language, prompt), path
    for path in sorted(root.glob("venues/*.wav")):
        if _VENUE.fullmatch(path.stem):
            yield venue_name(path.stem), path


def _read(path: Path) -> bytes:
    try:
        with wave.open(str(path), "rb") as file:
            form = (file.getframerate(), file.getsampwidth(), file.getnchannels())
            frames = file.getnframes()
            if form != (RATE, 2, 1) or not 0 < frames <= LONGEST_FILE:
                raise PromptUnusable(
                    f"{path} must be WAV of {RATE} Hz, 16 bit, mono, and at most "
                    f"{LONGEST_FILE // RATE} seconds: sox IN -r {RATE} -c 1 -b 16 OUT"
                )
            return file.readframes(frames)
    except (OSError, EOFError, wave.Error) as error:
        raise PromptUnusable(f"{path} cannot be read as WAV: {error}") from None
