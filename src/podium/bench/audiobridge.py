"""The telephones' work on Janus AudioBridge, beside Podium's in the same run."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from podium.bench import janus
from podium.bench.programs import Line, Program, left_out, legs_at, rate_of, running
from podium.bench.server import BenchFailed
from podium.bench.table import aligned
from podium.bench.threads import Cpu, of_process

MISSING: Final = (
    "Janus was not measured: the program 'janus' is missing; "
    "on Debian 'apt-get install --no-install-recommends janus' installs it"
)


@dataclass(frozen=True, slots=True)
class Task:
    """``programs``: folder of the load program. ``seconds``: length of the steady window."""

    programs: Path
    listeners: int
    speakers: int
    seconds: float

    @property
    def warm(self) -> float:
        """Seconds before the window. Janus tells everybody of everybody who comes, and again when
        their sound is there: that grows with the square and is not what is measured."""
        return 3.0 + (self.listeners / 250) ** 2


@dataclass(frozen=True, slots=True)
class Measured:
    """``used``: CPU seconds of all of Janus within the window. ``events``: what it still told of
    its participants meanwhile. ``podium_us``: what Podium's whole process took per packet."""

    listeners: int
    steady: Line
    used: Cpu
    threads: int
    events: int
    podium_us: float

    @property
    def packets_per_second(self) -> float:
        return rate_of(self.steady)

    @property
    def us_per_packet(self) -> float:
        return max(1e-3, self._per_packet(self.used.total))

    @property
    def legs_per_core(self) -> int:
        return legs_at(self.us_per_packet)

    @property
    def times_podium(self) -> float:
        return self.us_per_packet / max(1e-3, self.podium_us)

    @property
    def loss(self) -> float:
        """Share of the packets that were due: also those that Janus did not send."""
        return left_out(self.steady, self.listeners)

    def _per_packet(self, seconds: float) -> float:
        return seconds * 1e6 / max(1, int(self.steady["packets"]))

    def shape(self) -> Mapping[str, Any]:
        """For programs."""
        return {
            "listeners": self.listeners,
            "packets": self.steady["packets"],
            "packets_per_second": round(self.packets_per_second),
            "us_per_leg_packet_process": round(self.us_per_packet, 3),
            "user_us": round(self._per_packet(self.used.user), 3),
            "system_us": round(self._per_packet(self.used.system), 3),
            "times_podium": round(self.times_podium, 2),
            "legs_per_core": self.legs_per_core,
            "threads": self.threads,
            "events_in_window": self.events,
            "lost": self.steady["lost"],
            "loss": self.loss,
            "silent": self.steady["silent"],
            "mix_latency_ms": self.steady["latency_ms"],
        }


@dataclass(frozen=True, slots=True)
class Failed:
    """Janus did not bear so many."""

    listeners: int
    why: str

    def shape(self) -> Mapping[str, Any]:
        """For programs."""
        return {"listeners": self.listeners, "failed": self.why}


Beside = Measured | Failed


def measure(task: Task, podium_us: float) -> Beside:
    """One number of listeners, in a Janus of its own."""
    try:
        return asyncio.run(_measure(task, podium_us))
    except BenchFailed as fault:
        return Failed(task.listeners, str(fault))


async def _measure(task: Task, podium_us: float) -> Measured:
    arguments = [
        *("--listeners", str(task.listeners), "--speakers", str(task.speakers)),
        *("--seconds", str(task.seconds), "--warm", str(task.warm)),
    ]
    async with janus.serving() as server:
        with running(task.programs / "podium-phone-load", arguments) as load:
            await _connect(server.room, load)
            await asyncio.to_thread(load.phase, "steady")
            told, before = server.room.events, of_process(server.pid)
            steady = await asyncio.to_thread(load.phase, "done")
            used = of_process(server.pid).minus(before)
            events = server.room.events - told
            threads = server.threads
    return Measured(task.listeners, steady, used, threads, events, podium_us)


async def _connect(room: janus.Room, load: Program) -> None:
    """Everybody joins; listeners, too, are told where to: Janus sends to nobody unheard."""
    bound = await asyncio.to_thread(load.phase, "bound")
    targets = [await room.join(address, muted=False) for address in bound["speakers"]]
    targets += [await room.join(address, muted=True) for address in bound["listeners"]]
    load.tell(" ".join(map(str, targets)))


def report(found: Sequence[Beside]) -> Mapping[str, Any]:
    """For programs."""
    return {"codec": "PCMA", "sampling_rate": 8000, "results": [one.shape() for one in found]}


def table(found: Sequence[Beside]) -> str:
    """For people."""
    head = (
        "listeners", "packets/s", "us/packet of Janus", "of Podium's process", "times",
        "legs per core", "packets", "lost", "loss %", "silent", "threads", "latency p50 ms",
        "latency p99 ms",
    )  # fmt: skip
    cells = [_cells(one) for one in found if isinstance(one, Measured)]
    failed = [
        f"Janus failed with {one.listeners} listeners: {one.why}"
        for one in found
        if isinstance(one, Failed)
    ]
    return "\n".join([aligned(head, cells), *failed])


def _cells(one: Measured) -> Sequence[str]:
    latency = one.steady["latency_ms"]
    return (
        str(one.listeners),
        f"{one.packets_per_second:,.0f}",
        f"{one.us_per_packet:.2f}",
        f"{one.podium_us:.2f}",
        f"{one.times_podium:.2f}",
        f"{one.legs_per_core:,}",
        f"{one.steady['packets']:,}",
        f"{one.steady['lost']:,}",
        f"{100 * one.loss:.4f}",
        str(one.steady["silent"]),
        str(one.threads),
        *("-" if latency[name] is None else f"{latency[name]:.1f}" for name in ("p50", "p99")),
    )
