"""The Rust programs of the measurement: found in a checkout, run, and read line by line."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from podium.bench.server import BenchFailed

_ENGINE: Final = Path(__file__).parents[3] / "engine"
PACKETS_PER_SECOND: Final = 50
"""That a telephone gets."""
PHONE_PORTS: Final = (10_000, 32_766)
"""Of the bridge that is measured: below those that the system gives to the telephones on the same
machine."""

Line = Mapping[str, Any]


def build() -> Path:
    """Builds the programs, optimised, and returns the folder they are in.

    Raises ``BenchFailed`` outside a checkout or if they do not build.
    """
    if not (_ENGINE / "Cargo.toml").is_file():
        raise BenchFailed("measuring needs a checkout of Podium's sources and a Rust toolchain")
    cargo = shutil.which("cargo")
    if cargo is None:
        raise BenchFailed("cargo is missing: install a Rust toolchain")
    done = subprocess.run(  # noqa: S603 - a fixed command
        [cargo, "build", "--quiet", "--locked", "--release", "-p", "podium-client"],
        cwd=_ENGINE,
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode != 0:
        raise BenchFailed(f"the measuring programs did not build:\n{done.stderr[-2000:]}")
    return _ENGINE / "target" / "release"


def host_and_port(address: str) -> tuple[str, int]:
    """Of "ip:port", as the programs print it."""
    host, _, port = address.rpartition(":")
    return host, int(port)


def rate_of(steady: Line) -> float:
    """Of a load program's steady phase, those that all telephones got."""
    return float(steady["packets"]) / float(steady["window_s"])


def legs_at(us_per_packet: float) -> int:
    """Listening legs that one core would carry at this cost."""
    return int(1e6 / (PACKETS_PER_SECOND * us_per_packet))


def left_out(steady: Line, listeners: int) -> float:
    """Share of the packets that were due: also those that nobody sent."""
    due = listeners * PACKETS_PER_SECOND * float(steady["window_s"])
    return max(0.0, 1 - int(steady["packets"]) / due)


class Program:
    """A running program that prints one JSON object per phase."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def phase(self, name: str) -> Line:
        """Reads up to that phase. Raises ``BenchFailed`` if the program ends before it."""
        assert self._process.stdout is not None
        for text in self._process.stdout:
            line: Line = json.loads(text)
            if line.get("phase") == name:
                return line
        said = "" if self._process.stderr is None else self._process.stderr.read().strip()
        raise BenchFailed(f"the load program ended before '{name}': {said}")

    def tell(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def end_input(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()


@contextmanager
def running(program: Path, arguments: Sequence[str]) -> Iterator[Program]:
    process = subprocess.Popen(  # noqa: S603 - our own program
        [str(program), *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield Program(process)
        process.wait(timeout=30)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        for pipe in (process.stdin, process.stdout, process.stderr):
            if pipe is not None and not pipe.closed:
                pipe.close()


def output(program: Path, arguments: Sequence[str]) -> Line:
    """Runs a program to its end; its one line. Raises ``BenchFailed``."""
    done = subprocess.run(  # noqa: S603 - our own program
        [str(program), *arguments], check=False, capture_output=True, text=True, timeout=600
    )
    if done.returncode != 0:
        raise BenchFailed(f"{program.name}: {done.stderr.strip()}")
    line: Line = json.loads(done.stdout)
    return line
