"""What it costs to send one leg its 20 ms of sound, and what it would cost at best.

The engine runs in this process, the telephones in another; nobody signals.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from podium.bench import audiobridge, janus
from podium.bench.fanout import machine
from podium.bench.programs import (
    PHONE_PORTS,
    Line,
    Program,
    build,
    host_and_port,
    left_out,
    legs_at,
    output,
    rate_of,
    running,
)
from podium.bench.server import BenchFailed
from podium.bench.table import aligned
from podium.bench.threads import NOTHING, Cpu, Snapshot
from podium.media import engine as e

_LIMIT_SECONDS: Final = 5.0
_WORKER: Final = "podium-phones"
_SOUND: Final = "podium-sound"
_ROOM: Final = e.RoomNumber(1)
_MOUTH_AND_EAR_MS: Final = 40.0
"""What a telephone adds to the way over the network: 20 ms to fill the packet that it sends, and
20 ms of buffer before it plays one."""


@dataclass(frozen=True, slots=True)
class PhonesOptions:
    """``seconds``: length of the steady window. ``janus``: measures Janus AudioBridge, too.
    ``voices``: listeners' telephones send all the time, as real ones do."""

    listeners: Sequence[int]
    speakers: int
    seconds: float
    janus: bool = False
    voices: bool = False
    codec: str = "PCMA"


@dataclass(frozen=True, slots=True)
class Row:
    """One number of listeners. ``threads``: CPU seconds per second while steady."""

    listeners: int
    steady: Line
    threads: Mapping[str, Cpu]
    limit: Line

    @property
    def packets_per_second(self) -> float:
        return rate_of(self.steady)

    @property
    def sending(self) -> Cpu:
        """Share of a core that the legs' threads take."""
        used = NOTHING
        for name, cpu in self.threads.items():
            if name.startswith(_WORKER):
                used = used.plus(cpu)
        return used

    @property
    def us_per_packet(self) -> float:
        return max(1e-3, self.sending.total * 1e6 / max(1.0, self.packets_per_second))

    @property
    def process_us(self) -> float:
        """The same of the whole process: mixing and everything else."""
        used = sum(cpu.total for cpu in self.threads.values())
        return used * 1e6 / max(1.0, self.packets_per_second)

    @property
    def legs_per_core(self) -> int:
        """Listening legs that one core would carry at this cost, 50 packets a second each."""
        return legs_at(self.us_per_packet)

    @property
    def ratio(self) -> float:
        return self.us_per_packet / float(self.limit["us"])

    @property
    def loss(self) -> float:
        """Share of the packets that were due: also those that the engine was too slow to send."""
        return left_out(self.steady, self.listeners)

    @property
    def latency(self) -> Mapping[str, float | None]:
        """From sending a packet to the arrival of one that holds its sound, ms."""
        found: Mapping[str, float | None] = self.steady["latency_ms"]
        return found

    def shape(self) -> Mapping[str, Any]:
        """For programs."""
        ear = {
            name: None if value is None else round(value + _MOUTH_AND_EAR_MS, 1)
            for name, value in self.latency.items()
        }
        return {
            "listeners": self.listeners,
            "packets_per_second": round(self.packets_per_second),
            "us_per_leg_packet": round(self.us_per_packet, 3),
            "us_per_leg_packet_process": round(self.process_us, 3),
            "legs_per_core": self.legs_per_core,
            "core_share": {name: round(cpu.total, 4) for name, cpu in self.threads.items()},
            "limit": self.limit,
            "ratio": round(self.ratio, 3),
            "loss": self.loss,
            "silent": self.steady["silent"],
            "mix_latency_ms": self.latency,
            "mouth_to_ear_ms": ear,
        }


def phones(options: PhonesOptions) -> tuple[str, str]:
    """Measures each number of listeners; JSON and a table. Raises ``BenchFailed``."""
    programs = build()
    with_janus = options.janus and janus.program() is not None
    rows: list[Row] = []
    beside: list[audiobridge.Beside] = []
    for listeners in options.listeners:
        row = _measure(programs, listeners, options)
        rows.append(row)
        if with_janus:
            task = audiobridge.Task(programs, listeners, options.speakers, options.seconds)
            beside.append(audiobridge.measure(task, row.process_us))
    shape: dict[str, Any] = {
        "machine": machine(),
        "codec": options.codec,
        "speakers": options.speakers,
        "voices": options.voices,
        "results": [row.shape() for row in rows],
    }
    text = _table(rows)
    if options.janus:
        if with_janus:
            shape["janus"] = audiobridge.report(beside)
            text += "\n\n" + audiobridge.table(beside)
        else:
            shape["janus"] = {"skipped": audiobridge.MISSING}
            text += "\n\n" + audiobridge.MISSING
    return json.dumps(shape, indent=2), text


def _measure(programs: Path, listeners: int, options: PhonesOptions) -> Row:
    # Only here: everything else in this package runs without the binary.
    from podium.media.native import NativeEngine

    arguments = [
        *("--listeners", str(listeners), "--speakers", str(options.speakers)),
        *("--seconds", str(options.seconds), "--voices", str(int(options.voices))),
    ]
    engine = NativeEngine(listen=["127.0.0.1:0"], phones="127.0.0.1", phone_ports=PHONE_PORTS)
    try:
        with running(programs / "podium-phone-load", arguments) as load:
            _connect(engine, load, options)
            load.phase("steady")
            before = Snapshot.of(os.getpid())
            steady = load.phase("done")
            after = Snapshot.of(os.getpid())
    except e.EngineFailed as error:
        raise BenchFailed(str(error)) from error
    finally:
        engine.close()
    limit = _limit(programs, listeners)
    return Row(listeners, steady, after.since(before), limit)


def _connect(engine: e.EnginePort, load: Program, options: PhonesOptions) -> None:
    """A room with everybody in it; the speakers' microphones are open."""
    bound = load.phase("bound")
    engine.submit(e.OpenRoom(_ROOM))
    targets: list[int] = []
    for number, address in enumerate((*bound["speakers"], *bound["listeners"])):
        leg = e.SessionNumber(number + 1)
        _, own = engine.open_leg(leg)
        engine.submit(_agreed(leg, address, options.codec))
        engine.submit(e.AttachLeg(leg, _ROOM))
        if number < options.speakers:
            engine.submit(e.SetMicrophone(leg, True))
        if number < options.speakers or options.voices:
            targets.append(own)
    load.tell(" ".join(map(str, targets)))


def _agreed(leg: e.SessionNumber, address: str, codec: str) -> e.SetLeg:
    host, port = host_and_port(address)
    return e.SetLeg(
        session=leg,
        remote_address=host,
        remote_port=port,
        remote_rtcp_port=None,
        codec=codec,
        payload_type=8,
        events_payload_type=101,
        ptime=20,
        sends=True,
        receives=True,
        srtp_profile=None,
        srtp_local=b"",
        srtp_remote=b"",
    )


def _limit(programs: Path, receivers: int) -> Line:
    """The limit program towards as many listeners."""
    with tempfile.TemporaryDirectory(prefix="podium-bench-") as folder:
        file = Path(folder) / "receivers"
        count = ["--listeners", str(receivers), "--speakers", "0", "--seconds"]
        with running(programs / "podium-phone-load", [*count, str(_LIMIT_SECONDS + 1)]) as sink:
            found = sink.phase("bound")["listeners"]
            sink.tell("")
            file.write_text("\n".join(found), encoding="ascii")
            arguments = ["--receivers", str(file), "--seconds", str(_LIMIT_SECONDS)]
            limit = output(programs / "podium-phone-limit", arguments)
            received = sink.phase("done")
    return {**limit, "lost": received["lost"]}


def _table(rows: Sequence[Row]) -> str:
    head = (
        "listeners", "packets/s", "us/packet", "limit", "ratio", "legs per core", "loss %",
        "mixing %", "latency p50 ms", "latency p99 ms", "mouth to ear p99 ms",
    )  # fmt: skip
    cells = [
        (
            str(row.listeners),
            f"{row.packets_per_second:,.0f}",
            f"{row.us_per_packet:.2f}",
            f"{row.limit['us']:.2f}",
            f"{row.ratio:.2f}",
            f"{row.legs_per_core:,}",
            f"{100 * row.loss:.4f}",
            f"{100 * row.threads.get(_SOUND, NOTHING).total:.1f}",
            _milliseconds(row.latency["p50"]),
            _milliseconds(row.latency["p99"]),
            _milliseconds(row.latency["p99"], _MOUTH_AND_EAR_MS),
        )
        for row in rows
    ]
    return aligned(head, cells)


def _milliseconds(value: float | None, more: float = 0.0) -> str:
    return "-" if value is None else f"{value + more:.1f}"
