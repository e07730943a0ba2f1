"""What it costs to forward one packet to one viewer, and what it would cost at best."""

from __future__ import annotations

import json
import os
import platform
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from podium.bench.conference import hold
from podium.bench.programs import Line, build, output, running
from podium.bench.server import BenchFailed, serving
from podium.bench.table import aligned
from podium.bench.threads import NOTHING, Cpu, Snapshot

_LIMIT_SECONDS: Final = 6.0
_WORKER: Final = "podium-egress"
"""Names of the threads that serve viewers begin so."""
_PROFILES: Final = {"AEAD_AES_128_GCM": "128", "AEAD_AES_256_GCM": "256"}


@dataclass(frozen=True, slots=True)
class FanoutOptions:
    """``rate``: joins a second. ``seconds``: length of the steady window."""

    viewers: Sequence[int]
    rate: float
    seconds: float
    workers: int


@dataclass(frozen=True, slots=True)
class Result:
    """One number of viewers. ``threads``: CPU seconds per second while steady."""

    viewers: int
    joined: Line
    steady: Line
    threads: Mapping[str, Cpu]
    limit: Line

    @property
    def packets_per_second(self) -> float:
        return float(self.steady["packets"]) / float(self.steady["window_s"])

    @property
    def workers(self) -> Cpu:
        """Microseconds per forwarded packet of the threads that serve viewers."""
        return self._per_packet(name for name in self.threads if name.startswith(_WORKER))

    @property
    def process(self) -> Cpu:
        """The same of the whole server: ingest, mixing, Python."""
        return self._per_packet(self.threads)

    @property
    def ratio(self) -> float:
        return self.workers.total / float(self.limit["us"])

    @property
    def loss(self) -> float:
        return float(self.steady["lost"]) / max(1, int(self.steady["expected"]))

    def _per_packet(self, names: Any) -> Cpu:
        used = NOTHING
        for name in names:
            used = used.plus(self.threads[name])
        return used.times(1e6 / max(1.0, self.packets_per_second))

    def shape(self) -> Mapping[str, Any]:
        """For programs."""
        return {
            "viewers": self.viewers,
            "packets_per_second": round(self.packets_per_second),
            "us_per_packet": {
                "fanout": _cpu(self.workers),
                "process": _cpu(self.process),
                "threads": {name: _cpu(self._per_packet([name])) for name in self.threads},
            },
            "limit": self.limit,
            "ratio": round(self.ratio, 3),
            "loss": self.loss,
            "joined": self.joined,
            "steady": self.steady,
        }


def _cpu(cpu: Cpu) -> Mapping[str, float]:
    return {
        "user": round(cpu.user, 4),
        "system": round(cpu.system, 4),
        "total": round(cpu.total, 4),
    }


def fanout(options: FanoutOptions) -> tuple[str, str]:
    """Measures each number of viewers; JSON and a table. Raises ``BenchFailed``."""
    programs = build()
    results = [_measure(programs, viewers, options) for viewers in options.viewers]
    report = {"machine": machine(), "results": [result.shape() for result in results]}
    return json.dumps(report, indent=2), _table(results)


def machine() -> Mapping[str, Any]:
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    return {"cpu": model, "cores": os.cpu_count(), "kernel": platform.release()}


def _measure(programs: Path, viewers: int, options: FanoutOptions) -> Result:
    with tempfile.TemporaryDirectory(prefix="podium-bench-") as folder:
        data = Path(folder)
        settings = {"PODIUM_MEDIA_WORKERS": str(options.workers)}
        with serving(data, settings) as server:
            held = hold(server, viewers)
            tokens, publisher = data / "tokens", data / "publisher"
            tokens.write_text("\n".join(held.branches), encoding="ascii")
            publisher.write_text(held.main, encoding="ascii")
            arguments = [
                *("--url", server.url, "--viewers", str(viewers)),
                *("--tokens", str(tokens), "--publish-token-file", str(publisher)),
                *("--rate", str(options.rate), "--seconds", str(options.seconds)),
            ]
            with running(programs / "podium-load", arguments) as load:
                joined = load.phase("joined")
                if joined["connected"] == 0:
                    raise BenchFailed(f"no viewer connected: {joined['failed']} {joined['errors']}")
                load.phase("steady")
                before = Snapshot.of(server.pid)
                steady = load.phase("done")
                after = Snapshot.of(server.pid)
        limit = _limit(programs, data, viewers, joined)
        return Result(viewers, joined, steady, after.since(before), limit)


def _limit(programs: Path, data: Path, receivers: int, joined: Line) -> Line:
    """The limit program towards as many receivers, with the profile that was negotiated."""
    profile = max(joined["profiles"], key=joined["profiles"].get)
    ports = data / "ports"
    with running(programs / "podium-load", ["--sink", str(receivers)]) as sink:
        found = sink.phase("receiving")["ports"]
        ports.write_text("\n".join(str(port) for port in found), encoding="ascii")
        arguments = [
            *("--ports", str(ports), "--seconds", str(_LIMIT_SECONDS)),
            *("--profile", _PROFILES.get(profile, "128")),
        ]
        limit = output(programs / "podium-limit", arguments)
        sink.end_input()
        received = sink.phase("done")
    lost = 1 - int(received["packets"]) / max(1, int(received["expected"]))
    return {**limit, "loss": lost}


def _table(results: Sequence[Result]) -> str:
    head = (
        "viewers", "connected", "packets/s", "us/packet", "user", "system", "whole process",
        "limit", "ratio", "loss %", "join p50 ms", "join p99 ms", "forward p50 ms",
        "forward p99 ms",
    )  # fmt: skip
    rows = [
        (
            str(one.viewers),
            str(one.joined["connected"]),
            f"{one.packets_per_second:,.0f}",
            f"{one.workers.total:.2f}",
            f"{one.workers.user:.2f}",
            f"{one.workers.system:.2f}",
            f"{one.process.total:.2f}",
            f"{one.limit['us']:.2f}",
            f"{one.ratio:.2f}",
            f"{100 * one.loss:.4f}",
            _milliseconds(one.joined["first_picture_ms"]["p50"]),
            _milliseconds(one.joined["first_picture_ms"]["p99"]),
            _milliseconds(one.steady["latency_ms"]["p50"]),
            _milliseconds(one.steady["latency_ms"]["p99"]),
        )
        for one in results
    ]
    threads = [
        f"{one.viewers} viewers, share of a core by thread: "
        + ", ".join(f"{name} {100 * cpu.total:.1f} %" for name, cpu in one.threads.items())
        for one in results
    ]
    return "\n".join((aligned(head, rows), "", *threads))


def _milliseconds(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f}"
