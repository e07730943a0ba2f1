"""Publishes a venue's picture and voice by FFmpeg's WHIP muxer until it is killed.

Usage: whip_player.py URL NUMBER CERTIFICATE KEY; the token comes by the standard input.
"""

from __future__ import annotations

import sys
import time
from fractions import Fraction

import av
import numpy as np

from podium.demo import tone
from podium.demo.picture import Picture

RATE = 12
STEP = 960


def main() -> None:
    url, number, certificate, key = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4]
    token = sys.stdin.readline().strip()
    options = {"authorization": token, "cert_file": certificate, "key_file": key}
    output = av.open(url, "w", format="whip", options=options)
    settings = {"profile": "baseline", "tune": "zerolatency", "preset": "ultrafast", "g": "12"}
    video = output.add_stream("libx264", rate=RATE, options=settings)
    video.width, video.height, video.pix_fmt = 640, 360, "yuv420p"
    video.bit_rate = 600_000
    sound = output.add_stream("libopus", rate=tone.SAMPLE_RATE)
    sound.layout = "stereo"
    picture = Picture(number, "设备", "WHIP device", 640, 360)
    began = time.monotonic()
    position = index = 0
    while True:
        frame = picture.frame(time.time_ns() // 1_000_000)
        frame.pts, frame.time_base = index, Fraction(1, RATE)
        output.mux(video.encode(frame))
        index += 1
        while position < index * tone.SAMPLE_RATE // RATE:
            mono = tone.speak(number, position, STEP)
            samples = av.AudioFrame.from_ndarray(
                np.repeat(mono, 2).reshape(1, -1), format="s16", layout="stereo"
            )
            samples.sample_rate, samples.pts = tone.SAMPLE_RATE, position
            output.mux(sound.encode(samples))
            position += STEP
        time.sleep(max(0.0, began + index / RATE - time.monotonic()))


if __name__ == "__main__":
    main()
