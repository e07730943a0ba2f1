"""What the telephone says is all there, in both languages, and can be heard."""

from __future__ import annotations

import array
import re
import wave
from math import log10, sqrt
from pathlib import Path

import pytest

from podium.telephone.prompts import RATE, PromptUnusable, load_prompts, name_of
from podium.telephone.prompts.texts import TEXTS, Language, Prompt

SHIPPED = load_prompts()


def write(path: Path, pcm: bytes, rate: int = RATE, channels: int = 1) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(pcm)


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("prompt", list(Prompt))
def test_every_prompt_is_long_and_loud_enough(prompt: Prompt, language: Language) -> None:
    samples = array.array("h", SHIPPED[name_of(language, prompt)])
    assert 0.3 < len(samples) / RATE < 10
    spoken = [s / 32768 for s in samples if abs(s) > 200]
    level = 20 * log10(sqrt(sum(s * s for s in spoken) / len(spoken)))
    assert -23 < level < -18
    assert max(map(abs, samples)) < 32767


@pytest.mark.parametrize("prompt", list(Prompt))
def test_every_prompt_has_its_words(prompt: Prompt) -> None:
    words = TEXTS[prompt]
    characters = re.sub(r"[^一-鿿]", "", words.zh)
    syllables = re.findall(r"[a-z]+[1-5]", words.pinyin)
    assert len(characters) == len(syllables), "one syllable for each character"
    assert words.en.isascii()
    assert words.en


def test_nothing_else_is_shipped() -> None:
    assert set(SHIPPED) == {name_of(lang, p) for lang in Language for p in Prompt}


def test_an_organisation_s_own_recordings_replace_ours(tmp_path: Path) -> None:
    own = array.array("h", [100] * RATE).tobytes()
    write(tmp_path / "zh" / "welcome.wav", own)
    write(tmp_path / "venues" / "henan.wav", own)
    write(tmp_path / "zh" / "unknown.wav", own)
    found = load_prompts(tmp_path)
    assert found["zh/welcome"] == found["venues/henan"] == own
    assert found["en/welcome"] == SHIPPED["en/welcome"]
    assert set(found) == {*SHIPPED, "venues/henan"}


@pytest.mark.parametrize(("rate", "channels", "size"), [(8000, 1, 9), (RATE, 2, 9), (RATE, 1, 0)])
def test_a_recording_of_another_form_is_named(
    tmp_path: Path, rate: int, channels: int, size: int
) -> None:
    write(tmp_path / "zh" / "welcome.wav", b"\0\0" * size * channels, rate, channels)
    with pytest.raises(PromptUnusable, match=r"zh/welcome\.wav must be WAV of 16000 Hz"):
        load_prompts(tmp_path)


def test_what_is_no_recording_is_named(tmp_path: Path) -> None:
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "keys.wav").write_bytes(b"nothing")
    with pytest.raises(PromptUnusable, match=r"en/keys\.wav cannot be read as WAV"):
        load_prompts(tmp_path)
    with pytest.raises(PromptUnusable, match="does not exist"):
        load_prompts(tmp_path / "absent")
