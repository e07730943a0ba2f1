"""The strip survives drawing, scaling and coding, and nothing else reads as a strip."""

from __future__ import annotations

import json
import shutil
import subprocess
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.video.codeccontext import VideoCodecContext
from hypothesis import given
from hypothesis import strategies as st

import podium.demo
from podium.demo import marker
from podium.demo.marker import Marker
from podium.demo.picture import luma_of

markers = st.builds(Marker, st.integers(0, 65535), st.integers(0, 4095))


def busy_picture(width: int, height: int) -> marker.Luma:
    ramp = np.add.outer(np.arange(height) * 3, np.arange(width) * 5) % 256
    return ramp.astype(np.uint8)


@given(markers, st.sampled_from([(320, 180), (640, 360), (1280, 720), (330, 186)]))
def test_what_is_drawn_is_read(wanted: Marker, size: tuple[int, int]) -> None:
    luma = busy_picture(*size)
    marker.draw(luma, wanted)
    assert marker.read(luma) == wanted


@given(markers)
def test_half_size_is_still_read(wanted: Marker) -> None:
    luma = busy_picture(320, 180)
    marker.draw(luma, wanted)
    half = luma.reshape(90, 2, 160, 2).mean(axis=(1, 3)).astype(np.uint8)
    assert marker.read(half) == wanted


def test_noise_and_plain_pictures_are_no_strip() -> None:
    noise = np.random.default_rng(7)
    pictures = [noise.integers(0, 256, (180, 320), dtype=np.uint8) for _ in range(200)]
    pictures += [np.full((180, 320), level, dtype=np.uint8) for level in (0, 128, 255)]
    assert [p for p in map(marker.read, pictures) if p is not None] == []


def test_one_wrong_cell_is_refused() -> None:
    luma = busy_picture(320, 180)
    marker.draw(luma, Marker(venue=300, clock=77))
    cell = luma[16:32, 96:112]
    cell[:] = 255 - cell
    assert marker.read(luma) is None


def test_too_small_a_picture_is_no_strip() -> None:
    assert marker.read(np.zeros((8, 60), dtype=np.uint8)) is None


@pytest.mark.parametrize("bit_rate", [60_000, 300_000])
def test_it_survives_vp8_at_a_poor_rate(bit_rate: int) -> None:
    encoder = VideoCodecContext.create("libvpx", "w")
    encoder.width, encoder.height, encoder.pix_fmt = 320, 180, "yuv420p"
    encoder.bit_rate, encoder.time_base = bit_rate, Fraction(1, 12)
    encoder.options = {"deadline": "realtime", "cpu-used": "8"}
    decoder = VideoCodecContext.create("vp8", "r")
    wanted, got = [], []
    for index in range(36):
        planes = np.full((270, 320), 128, dtype=np.uint8)
        planes[:180] = np.roll(busy_picture(320, 180), index * 4, axis=1)
        wanted.append(Marker(venue=9, clock=(index * 83) % 4096))
        marker.draw(planes[:180], wanted[-1])
        frame = av.VideoFrame.from_ndarray(planes, format="yuv420p")
        frame.pts = index
        for packet in encoder.encode(frame):
            got += [marker.read(luma_of(decoded)) for decoded in decoder.decode(packet)]
    assert len(got) >= 30
    assert got == wanted[: len(got)]


@pytest.mark.skipif(shutil.which("node") is None, reason="Node is not installed")
def test_the_browsers_script_agrees() -> None:
    wanted = [Marker(0, 0), Marker(65535, 4095), Marker(0x8001, 0x801), Marker(1234, 567)]
    means = []
    for each in wanted:
        luma = busy_picture(320, 180)
        marker.draw(luma, each)
        means.append(luma[8:32:16, 8::16].reshape(-1).tolist())
    script = Path(podium.demo.__file__).with_name("marker.js").read_text()
    program = (
        f"{script};const m = {means}.map(podiumMarker.parse);"
        "const light = m.map(({venue, clock}) => podiumMarker.cells(venue, clock));"
        "const again = light.map((cells) => podiumMarker.parse(cells.map((bit) => bit * 200)));"
        "console.log(JSON.stringify([m, again]))"
    )
    answer = subprocess.run(["node", "-e", program], capture_output=True, check=True, text=True)
    told = [{"venue": m.venue, "clock": m.clock} for m in wanted]
    assert json.loads(answer.stdout) == [told, told]


def test_age_wraps() -> None:
    assert marker.age_ms(Marker(1, 4090), 4096 * 5 + 10) == 16
