"""CPU times of a process, whole and by thread, from ``/proc``."""

from __future__ import annotations

import os
import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_TICKS: Final = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Cpu:
    """Seconds."""

    user: float
    system: float

    @property
    def total(self) -> float:
        return self.user + self.system

    def plus(self, other: Cpu) -> Cpu:
        return Cpu(self.user + other.user, self.system + other.system)

    def minus(self, other: Cpu) -> Cpu:
        return Cpu(self.user - other.user, self.system - other.system)

    def times(self, factor: float) -> Cpu:
        return Cpu(self.user * factor, self.system * factor)


NOTHING: Final = Cpu(0.0, 0.0)


def of_process(pid: int) -> Cpu:
    """Of all of its threads together: exact where each of many uses less than a tick (10 ms)."""
    return parse_stat(Path(f"/proc/{pid}/stat").read_text(encoding="utf-8"))[1]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What every thread had used at a moment (monotonic seconds), by the thread's name."""

    at: float
    threads: Mapping[str, Cpu]

    @classmethod
    def of(cls, pid: int) -> Snapshot:
        """Threads of one name are added up; one that ends meanwhile is left out."""
        threads: defaultdict[str, Cpu] = defaultdict(lambda: NOTHING)
        at = time.monotonic()
        for task in Path(f"/proc/{pid}/task").iterdir():
            try:
                name, cpu = parse_stat((task / "stat").read_text())
            except OSError:
                continue
            threads[name] = threads[name].plus(cpu)
        return cls(at, dict(threads))

    def since(self, earlier: Snapshot) -> Mapping[str, Cpu]:
        """Seconds of CPU per second, by thread; threads that did nothing are left out."""
        factor = 1 / (self.at - earlier.at)
        used = {
            name: cpu.minus(earlier.threads.get(name, NOTHING)).times(factor)
            for name, cpu in self.threads.items()
        }
        return {name: cpu for name, cpu in sorted(used.items()) if cpu.total > 0}


def parse_stat(line: str) -> tuple[str, Cpu]:
    """Name and times of one ``stat`` line (proc(5)); the name may hold blanks and brackets."""
    name, _, rest = line.partition("(")[2].rpartition(")")
    fields = rest.split()
    return name, Cpu(int(fields[11]) / _TICKS, int(fields[12]) / _TICKS)
