"""Who speaks is told from the sound alone."""

from __future__ import annotations

from fractions import Fraction

import av
import numpy as np
import pytest
from av.audio.codeccontext import AudioCodecContext
from numpy.typing import NDArray

from podium.demo import tone

VENUES = list(range(20))


def hear(sound: NDArray[np.float64]) -> list[frozenset[int]]:
    listener = tone.Listener(VENUES)
    heard: list[frozenset[int]] = []
    for start in range(0, len(sound), 960):
        heard += listener.feed(sound[start : start + 960])
    return heard


def voice(venue: int, seconds: float, amplitude: float = 6_000.0) -> NDArray[np.float64]:
    return tone.speak(venue, 0, int(seconds * tone.SAMPLE_RATE), amplitude).astype(np.float64)


def test_pitches_differ() -> None:
    assert len({tone.pitch(v) for v in range(53)}) == 53


@pytest.mark.parametrize("venue", [0, 1, 7, 19])
def test_one_voice_is_told_from_its_neighbours(venue: int) -> None:
    assert hear(voice(venue, 1.0)) == [frozenset({venue})] * 5


def test_two_voices_at_once() -> None:
    assert set(hear(voice(3, 1.0) + voice(4, 1.0, 3_000.0))) == {frozenset({3, 4})}


def test_silence_and_noise_are_nobody() -> None:
    noise = np.random.default_rng(1).normal(0, 800, tone.SAMPLE_RATE)
    assert set(hear(np.zeros(tone.SAMPLE_RATE))) == {frozenset()}
    assert set(hear(noise)) == {frozenset()}


def test_the_voice_goes_on_without_a_click() -> None:
    whole = tone.speak(5, 0, 1_920)
    assert (whole == np.concatenate([tone.speak(5, 0, 960), tone.speak(5, 960, 960)])).all()


def test_it_survives_opus() -> None:
    encoder = AudioCodecContext.create("libopus", "w")
    encoder.sample_rate, encoder.layout, encoder.format = 48_000, "mono", "s16"
    encoder.bit_rate, encoder.time_base = 24_000, Fraction(1, 48_000)
    decoder = AudioCodecContext.create("libopus", "r")
    decoder.sample_rate, decoder.layout = 48_000, "mono"
    received = []
    for index in range(100):
        samples = tone.speak(8, index * 960, 960).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(samples, format="s16", layout="mono")
        frame.sample_rate, frame.pts = 48_000, index * 960
        for packet in encoder.encode(frame):
            for decoded in decoder.decode(packet):
                array = decoded.to_ndarray().astype(np.float64)
                received.append(array.reshape(-1) * (32767 if array.dtype.kind == "f" else 1))
    sound = np.concatenate(received)
    if np.abs(sound).max() < 2:
        sound = sound * 32767
    assert set(hear(sound)[1:]) == {frozenset({8})}
