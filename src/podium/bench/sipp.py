"""Callers, played by sipp (Debian package sip-tester), and what it says of them."""

from __future__ import annotations

import csv
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from podium.bench.server import BenchFailed

MISSING: Final = "the program 'sipp' is missing: install the Debian package sip-tester"
_SCENARIO: Final = Path(__file__).with_name("calls.xml")
_HOST: Final = "127.0.0.1"
_GIVE_UP: Final = 64
"""Seconds after the last call until it must be over: twice the time of a transaction."""


def program() -> str | None:
    return shutil.which("sipp")


@contextmanager
def sink() -> Iterator[int]:
    """A UDP port that takes sound and throws it away: what the kernel's small buffer does not hold
    it drops."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as never_read:
        never_read.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
        never_read.bind((_HOST, 0))
        yield int(never_read.getsockname()[1])


@dataclass(frozen=True, slots=True)
class Calls:
    """``rate`` calls a second, each from and to the next of ``pairs``, hung up after ``hold``
    seconds; ``count`` of them."""

    pairs: Sequence[tuple[str, str]]
    count: int
    rate: float
    hold: float


@dataclass(frozen=True, slots=True)
class Said:
    """What sipp counted. ``answer_ms``: from each INVITE to its 200. ``answering``: seconds from
    the first answer to the last."""

    succeeded: int
    retransmissions: int
    answer_ms: Sequence[float]
    answering: float

    def percentile(self, share: float) -> float | None:
        ordered = sorted(self.answer_ms)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else None


class Callers:
    """A running sipp."""

    def __init__(self, process: subprocess.Popen[bytes], folder: Path) -> None:
        self._process = process
        self._folder = folder

    def stand(self, up: Callable[[], int], count: int, seconds: float) -> None:
        """Returns when ``up()`` is ``count``. Raises ``BenchFailed`` if that takes too long."""
        until = time.monotonic() + seconds
        while (here := up()) < count:
            if self._process.poll() is not None or time.monotonic() > until:
                raise BenchFailed(f"only {here} of {count} calls stand: {self._trouble()}")
            time.sleep(0.2)

    def finish(self, seconds: float) -> Said:
        """Raises ``BenchFailed`` where sipp itself fails."""
        try:
            code = self._process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            raise BenchFailed(f"sipp does not come to an end: {self._trouble()}") from None
        if code not in (0, 1):  # 1: a call failed, which is a figure
            raise BenchFailed(f"sipp ended with {code}: {self._trouble()}")
        return read(self._folder)

    def _trouble(self) -> str:
        said = self._folder / "errors"
        text = said.read_text(errors="replace") if said.exists() else ""
        return "\n".join(text.splitlines()[:5]) or "it gives no reason"


@contextmanager
def calling(calls: Calls, port: int, sink_port: int, folder: Path) -> Iterator[Callers]:
    """Calls the telephone at ``port`` of this machine. Raises ``BenchFailed``."""
    found = program()
    if found is None:
        raise BenchFailed(MISSING)
    folder.mkdir()
    pairs = "".join(f"{caller};{number}\n" for caller, number in calls.pairs)
    (folder / "pairs.csv").write_text(f"SEQUENTIAL\n{pairs}", encoding="ascii")
    command = [
        *(found, f"{_HOST}:{port}", "-sf", str(_SCENARIO), "-inf", str(folder / "pairs.csv")),
        *("-i", _HOST, "-t", "u1", "-nostdin", "-key", "sink", str(sink_port)),
        *("-r", str(calls.rate), "-m", str(calls.count), "-l", str(calls.count)),
        *("-d", str(round(calls.hold * 1000)), "-buff_size", "8388608"),
        *("-trace_err", "-error_file", str(folder / "errors")),
        *("-trace_stat", "-stf", str(folder / "stat.csv"), "-fd", "1"),
        *("-trace_rtt", "-rtt_freq", "1"),
    ]
    process = subprocess.Popen(  # noqa: S603 - sipp with our own scenario
        command,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield Callers(process, folder)
    finally:
        process.kill()
        process.wait()


def longest(calls: Calls) -> float:
    """Seconds that they may take, all together."""
    return calls.count / calls.rate + calls.hold + _GIVE_UP


def read(folder: Path) -> Said:
    """From the files that sipp has left."""
    with (folder / "stat.csv").open(encoding="ascii", newline="") as file:
        last = list(csv.DictReader(file, delimiter=";"))[-1]
    answers: list[tuple[float, float]] = []
    for path in folder.glob("*_rtt.csv"):
        with path.open(encoding="ascii", newline="") as file:
            rows = csv.DictReader(file, delimiter=";")
            answers += [(float(row["Date_ms"]), float(row["response_time_ms"])) for row in rows]
    moments = [at for at, _ in answers] or [0.0]
    return Said(
        succeeded=int(last["SuccessfulCall(C)"]),
        retransmissions=int(last["Retransmissions(C)"]),
        answer_ms=[took for _, took in answers],
        answering=(max(moments) - min(moments)) / 1000,
    )
