"""Renders what the telephone says: ``PYTHONPATH=src python scripts/prompts.py``.

Needs the Debian packages espeak-ng, flite and sox. The recordings are kept with the sources, so
this runs only when a text changes. An organisation replaces them by its own voices.
"""

from __future__ import annotations

import array
import subprocess
import sys
import tempfile
import wave
from math import sqrt
from pathlib import Path

from podium.telephone.prompts import RATE, SHIPPED
from podium.telephone.prompts.texts import TEXTS, Language, Prompt

LOUDNESS = 10 ** (-20 / 20)
"""RMS of the spoken parts, of full scale."""
PEAK = 10 ** (-1.5 / 20)


def main() -> None:
    chosen = [Prompt(name) for name in sys.argv[1:]] or list(Prompt)
    with tempfile.TemporaryDirectory() as directory:
        raw = Path(directory, "raw.wav")
        trimmed = Path(directory, "trimmed.wav")
        for prompt in chosen:
            for language in Language:
                speak(language, prompt, raw)
                trim(raw, trimmed)
                target = SHIPPED / language / f"{prompt}.wav"
                target.parent.mkdir(exist_ok=True)
                level(trimmed, target)


def speak(language: Language, prompt: Prompt, target: Path) -> None:
    words = TEXTS[prompt]
    if language is Language.ZH:
        voice = ["espeak-ng", "-v", "cmn-latn-pinyin", "-s", "150", "-w", str(target), words.pinyin]
    else:
        voice = ["flite", "-voice", "slt", "-o", str(target), "-t", words.en]
    run(voice)


def run(command: list[str]) -> None:
    subprocess.run(command, check=True)  # noqa: S603 - our own texts, no shell


def trim(source: Path, target: Path) -> None:
    """Mono at our rate, without rumble and without silence at the ends but a short breath."""
    silence = ["silence", "1", "0.02", "0.5%"]
    form = ["-r", str(RATE), "-c", "1", "-b", "16"]
    ends = [*silence, "reverse", *silence, "reverse", "pad", "0.08", "0.12"]
    effects = ["highpass", "120", *ends]
    run(["sox", "-V1", "-R", str(source), *form, str(target), *effects])


def level(source: Path, target: Path) -> None:
    with wave.open(str(source), "rb") as file:
        samples = array.array("h", file.readframes(file.getnframes()))
    spoken = [s / 32768 for s in samples if abs(s) > 200]
    loud = sqrt(sum(s * s for s in spoken) / len(spoken))
    gain = LOUDNESS / loud
    top = PEAK * 32767
    levelled = array.array("h", (round(max(-top, min(top, s * gain))) for s in samples))
    with wave.open(str(target), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(levelled.tobytes())


if __name__ == "__main__":
    main()
