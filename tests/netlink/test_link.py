"""The link between two real namespaces."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from collections.abc import Iterator

import pytest
from tests.support.netlink import Conditions, Link, why_not

pytestmark = [
    pytest.mark.network,
    pytest.mark.skipif(why_not() is not None, reason=why_not() or ""),
]

ECHO = """
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind((sys.argv[1], 7000))
print("bound", flush=True)
while True:
    data, peer = s.recvfrom(2000)
    s.sendto(data, peer)
"""
PROBE = """
import json, socket, struct, sys, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout(0.5)
count, gap = int(sys.argv[2]), float(sys.argv[3])
times = []
for n in range(count):
    s.sendto(struct.pack("!d", time.monotonic()) + bytes(92), (sys.argv[1], 7000))
    end = time.monotonic() + gap
    while (left := end - time.monotonic()) > 0:
        s.settimeout(left)
        try:
            sent = struct.unpack("!d", s.recv(2000)[:8])[0]
            times.append(time.monotonic() - sent)
        except TimeoutError:
            break
print(json.dumps(times))
"""


@pytest.fixture(scope="module")
def link() -> Iterator[Link]:
    with Link.up(seed=11) as link:
        echo = subprocess.Popen(
            [*link.within("b"), sys.executable, "-c", ECHO, link.address("b")],
            stdout=subprocess.PIPE,
        )
        assert echo.stdout is not None
        with echo.stdout:
            assert echo.stdout.readline() == b"bound\n"
            yield link
            echo.kill()
            echo.wait()


def probe(link: Link, count: int, gap: float) -> list[float]:
    """Round-trip times in seconds of the probes that came back in time."""
    answer = subprocess.run(
        [*link.within("a"), sys.executable, "-c", PROBE, link.address("b"), str(count), str(gap)],
        capture_output=True,
        check=True,
    )
    times: list[float] = json.loads(answer.stdout)
    return times


def test_delay(link: Link) -> None:
    link.set(both=Conditions(delay=0.02))
    times = probe(link, 20, 0.06)
    assert len(times) == 20
    assert min(times) >= 0.04
    assert statistics.median(times) < 0.05


def test_loss(link: Link) -> None:
    link.set(a2b=Conditions(loss=0.2), b2a=Conditions())
    before = link.counts()
    probe(link, 500, 0.002)
    after = link.counts()
    assert after["a2b"].sent - before["a2b"].sent == 500
    assert after["a2b"].lost - before["a2b"].lost == pytest.approx(100, abs=30)
    assert after["b2a"].lost == before["b2a"].lost


def test_rate(link: Link) -> None:
    # 156 bytes on the wire each 5 ms are 250 kbit/s, into 100 kbit/s.
    link.set(a2b=Conditions(rate=100_000, queue=0.05), b2a=Conditions())
    before = link.counts()
    probe(link, 400, 0.005)
    dropped = link.counts()["a2b"].overflowed - before["a2b"].overflowed
    assert dropped == pytest.approx(240, abs=45)


def test_there_is_no_other_path(link: Link) -> None:
    link.set(both=Conditions(loss=1))
    assert probe(link, 5, 0.05) == []
