"""How many calls a second the telephone answers while others are up.

A whole server with its engine in a process of its own; the callers are sipp. Those that are up have
come in by their venues' PINs and hear the conference; those that are answered hear the welcome.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx

from podium.bench import sipp
from podium.bench.conference import hold_by_telephone
from podium.bench.fanout import machine
from podium.bench.server import BenchFailed, Server, free_port, serving
from podium.bench.sipp import Calls, Said
from podium.bench.table import aligned
from podium.bench.threads import Cpu, Snapshot

_RTP: Final = "20000-29999"
_ACCESS: Final = "9000"
_COMING_IN: Final = 50.0
"""Calls a second that come to be up: each is an event of the conference, kept before it counts."""


@dataclass(frozen=True, slots=True)
class CallsOptions:
    """``up``: calls that stand meanwhile. ``rate``: calls to be answered a second, for
    ``seconds``, each hung up after ``hold`` seconds."""

    up: int
    rate: float
    seconds: float
    hold: float = 2.0


@dataclass(frozen=True, slots=True)
class Row:
    """``threads``: CPU seconds per second meanwhile. ``up_after``: calls that still stood then."""

    options: CallsOptions
    said: Said
    up_after: int
    threads: Mapping[str, Cpu]

    @property
    def offered(self) -> int:
        return round(self.options.rate * self.options.seconds)

    @property
    def lost(self) -> int:
        """Calls that were not answered, or not ended as they should be."""
        return self.offered - self.said.succeeded

    @property
    def answered_per_second(self) -> float:
        """Over the time that it took; callers that fall behind do not count as answered in time."""
        return self.said.succeeded / max(self.options.seconds, self.said.answering)

    @property
    def cpu(self) -> Cpu:
        total = Cpu(0.0, 0.0)
        for used in self.threads.values():
            total = total.plus(used)
        return total

    def shape(self) -> Mapping[str, Any]:
        """For programs."""
        return {
            "up": self.options.up,
            "up_after": self.up_after,
            "offered_per_second": self.options.rate,
            "seconds": self.options.seconds,
            "hold_s": self.options.hold,
            "answered_per_second": round(self.answered_per_second, 2),
            "lost": self.lost,
            "retransmissions": self.said.retransmissions,
            "answer_ms": {
                "p50": self.said.percentile(0.50),
                "p99": self.said.percentile(0.99),
                "max": max(self.said.answer_ms, default=None),
            },
            "cpu_share": round(self.cpu.total, 4),
            "core_share": {name: round(cpu.total, 4) for name, cpu in self.threads.items()},
        }


def calls(options: CallsOptions) -> tuple[str, str]:
    """JSON and a table. Raises ``BenchFailed``."""
    if sipp.program() is None:
        raise BenchFailed(sipp.MISSING)
    row = _measure(options)
    report = {"machine": machine(), "results": [row.shape()]}
    return json.dumps(report, indent=2), _table([row])


def _measure(options: CallsOptions) -> Row:
    with tempfile.TemporaryDirectory(prefix="podium-bench-") as folder, sipp.sink() as sink:
        data = Path(folder)
        port = free_port()
        (data / "podium.toml").write_text(_settings(port), encoding="ascii")
        with serving(data, {"PODIUM_CONFIG": str(data / "podium.toml")}) as server:
            held = hold_by_telephone(server, options.up)
            stand = Calls(
                [(f"1{n:09}", pin) for n, pin in enumerate(held.pins)],
                options.up,
                min(_COMING_IN, options.rate),
                3600.0,
            )
            with sipp.calling(stand, port, sink, data / "up") as standing:
                standing.stand(
                    lambda: _up(server, held.id), options.up, 60 + 2 * options.up / stand.rate
                )
                return _answer(options, server, held.id, port, sink, data / "answered")


def _answer(
    options: CallsOptions, server: Server, conference: str, port: int, sink: int, folder: Path
) -> Row:
    count = round(options.rate * options.seconds)
    pairs = [(f"2{n:09}", _ACCESS) for n in range(min(count, 10_000))]
    wanted = Calls(pairs, count, options.rate, options.hold)
    before = Snapshot.of(server.pid)
    with sipp.calling(wanted, port, sink, folder) as callers:
        said = callers.finish(sipp.longest(wanted))
    threads = Snapshot.of(server.pid).since(before)
    return Row(options, said, _up(server, conference), threads)


def _up(server: Server, conference: str) -> int:
    """Venues that attend by telephone."""
    answer = httpx.get(
        f"{server.url}/api/conferences/{conference}",
        headers={"Authorization": f"Bearer {server.token}"},
        timeout=60,
        trust_env=False,
    )
    answer.raise_for_status()
    telephone: int = answer.json()["view"]["counts"]["telephone"]
    return telephone


def _settings(port: int) -> str:
    """This machine is a trunk, so that it is not slowed as a stranger is; the trunk itself, which
    is asked how it is, is a port where nobody is."""
    return f"""\
[telephone]
hosts = ["127.0.0.1"]
port = {port}
rtp_ports = "{_RTP}"
access_numbers = ["{_ACCESS}"]

[[telephone.trunks]]
name = "bench"
host = "127.0.0.1"
port = {free_port()}
transport = "tcp"
sources = ["127.0.0.0/8"]
"""


def _table(rows: Sequence[Row]) -> str:
    head = (
        "up",
        "offered/s",
        "answered/s",
        "lost",
        "retransmitted",
        "p50 ms",
        "p99 ms",
        "CPU, cores",
        "up after",
    )
    return aligned(head, [_cells(row) for row in rows])


def _cells(row: Row) -> Sequence[str]:
    def ms(share: float) -> str:
        found = row.said.percentile(share)
        return "-" if found is None else f"{found:.0f}"

    return (
        f"{row.options.up:,}",
        f"{row.options.rate:g}",
        f"{row.answered_per_second:.1f}",
        str(row.lost),
        str(row.said.retransmissions),
        ms(0.50),
        ms(0.99),
        f"{row.cpu.total:.2f}",
        f"{row.up_after:,}",
    )
