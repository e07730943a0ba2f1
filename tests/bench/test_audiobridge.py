"""Janus AudioBridge beside Podium's telephones: its arithmetic, and a small real one."""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import socket
import struct

import pytest

from podium.bench import add_parser, audiobridge, janus
from podium.bench.phones import PhonesOptions
from podium.bench.server import BenchFailed
from podium.bench.threads import Cpu

needs_janus = pytest.mark.skipif(
    janus.program() is None, reason="the program 'janus' (Debian package) is missing"
)


def _measured() -> audiobridge.Measured:
    steady = {
        "packets": 99_000,
        "window_s": 10.0,
        "lost": 3,
        "silent": 1,
        "latency_ms": {"p50": 126.0, "p99": 130.0, "max": None},
    }
    return audiobridge.Measured(200, steady, Cpu(1.1, 0.88), 622, 0, 5.0)


def test_cost_is_that_of_the_whole_process_and_what_was_not_sent_is_lost() -> None:
    found = _measured()
    assert found.us_per_packet == pytest.approx(20.0)
    assert found.legs_per_core == pytest.approx(1000, abs=1)
    assert found.times_podium == pytest.approx(4.0)
    assert found.loss == pytest.approx(0.01)
    shape = found.shape()
    assert (shape["user_us"], shape["system_us"]) == pytest.approx((11.111, 8.889), abs=0.001)


def test_where_it_failed_is_said_below_the_table() -> None:
    text = audiobridge.table([_measured(), audiobridge.Failed(3000, "too many")])
    assert "| 20.00 |" in " ".join(text.split())
    assert text.endswith("Janus failed with 3000 listeners: too many")


def test_janus_is_measured_only_where_asked_for() -> None:
    parser = argparse.ArgumentParser()
    add_parser(parser.add_subparsers())
    assert parser.parse_args(["bench", "phones"]).janus is False
    args = parser.parse_args(["bench", "phones", "--janus", "--json"])
    assert (args.janus, args.json) == (True, "-")
    assert PhonesOptions(args.listeners, args.speakers, args.seconds, args.janus).janus


@needs_janus
async def test_a_participant_that_was_heard_gets_sound_and_janus_ends_with_the_block() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ear:
        ear.bind(("127.0.0.1", 0))
        ear.setblocking(False)
        async with janus.serving() as server:
            target = await server.room.join(f"127.0.0.1:{ear.getsockname()[1]}", muted=True)
            silence = struct.pack("!BBHII", 0x80, 8, 0, 0, 7) + b"\xd5" * 160
            ear.sendto(silence, ("127.0.0.1", target))
            loop = asyncio.get_running_loop()
            async with asyncio.timeout(10):
                packet = await loop.sock_recv(ear, 2000)
            assert (packet[1] & 0x7F, len(packet)) == (8, 172)
    with pytest.raises(ProcessLookupError):
        os.kill(server.pid, 0)


@needs_janus
async def test_a_janus_that_dies_is_said() -> None:
    async def join_a_dead_one() -> None:
        async with janus.serving() as server:
            os.kill(server.pid, signal.SIGKILL)
            await server.room.join("127.0.0.1:9", muted=True)

    with pytest.raises(BenchFailed, match="does not answer"):
        await join_a_dead_one()
