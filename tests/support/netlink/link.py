"""Two namespaces and the emulator between them, as a test sees them."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO, Final, Literal

from tests.support.netlink.conditions import Conditions

Side = Literal["a", "b"]

_ROOT: Final = Path(__file__).parents[3]
_NUMBERS: Final = itertools.count(1)


@cache
def why_not() -> str | None:
    """Why this machine cannot have such a link, in words for a skipped test; None if it can."""
    if shutil.which("ip") is None:
        return "the ip command is missing (Debian package iproute2)"
    if os.geteuid() != 0:
        return "network namespaces need root"
    if not os.access("/dev/net/tun", os.R_OK | os.W_OK):
        return "/dev/net/tun is missing or closed to us"
    name = f"podium-probe-{os.getpid()}"
    made = subprocess.run(["ip", "netns", "add", name], capture_output=True, text=True, check=False)
    if made.returncode != 0:
        return f"network namespaces are not allowed here: {made.stderr.strip()}"
    subprocess.run(["ip", "netns", "del", name], check=True)
    return None


@dataclass(frozen=True, slots=True)
class Counts:
    """Packets of one direction since the link came up."""

    sent: int
    delivered: int
    lost: int
    overflowed: int


@dataclass(frozen=True, slots=True)
class Link:
    """A link that is up; ends "a" and "b"."""

    namespaces: dict[str, str]
    addresses: dict[str, str]
    _orders: IO[str]
    _answers: IO[str]

    @staticmethod
    @contextmanager
    def up(seed: int = 1) -> Iterator[Link]:
        """Makes namespaces and link, both perfect at first; removes them at the end. Losses and
        jitter follow ``seed``."""
        number = next(_NUMBERS)
        names = {side: f"podium-{os.getpid()}-{number}{side}" for side in ("a", "b")}
        addresses = {"a": f"10.78.{number % 256}.1", "b": f"10.78.{number % 256}.2"}
        with ExitStack() as stack:
            for name in names.values():
                subprocess.run(["ip", "netns", "add", name], check=True)
                stack.callback(subprocess.run, ["ip", "netns", "del", name], check=True)
                subprocess.run(["ip", "-n", name, "link", "set", "lo", "up"], check=True)
            emulator = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "tests.support.netlink.emulator",
                    *(str(seed), *names.values(), *addresses.values()),
                ],
                cwd=_ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            stack.callback(_end, emulator)
            assert emulator.stdin is not None
            assert emulator.stdout is not None
            if not emulator.stdout.readline():
                raise RuntimeError("the link emulator did not come up; its error is above")
            yield Link(names, addresses, emulator.stdin, emulator.stdout)

    def address(self, side: Side) -> str:
        return self.addresses[side]

    def within(self, side: Side) -> list[str]:
        """The beginning of a command line that is to run at that end."""
        return ["ip", "netns", "exec", self.namespaces[side]]

    def set(
        self,
        *,
        both: Conditions | None = None,
        a2b: Conditions | None = None,
        b2a: Conditions | None = None,
    ) -> None:
        """Changes conditions; returns when they hold."""
        orders = {"a2b": a2b or both, "b2a": b2a or both}
        self._ask({name: c.as_json() for name, c in orders.items() if c is not None})

    def counts(self) -> dict[str, Counts]:
        """Of "a2b" and "b2a"."""
        return self._ask({})

    def _ask(self, order: dict[str, dict[str, float]]) -> dict[str, Counts]:
        self._orders.write(json.dumps(order) + "\n")
        self._orders.flush()
        answer = json.loads(self._answers.readline())
        return {name: Counts(**counts) for name, counts in answer.items()}


def _end(emulator: subprocess.Popen[str]) -> None:
    assert emulator.stdin is not None
    assert emulator.stdout is not None
    emulator.stdin.close()
    try:
        emulator.wait(timeout=5)
    except subprocess.TimeoutExpired:
        emulator.kill()
        emulator.wait()
    emulator.stdout.close()
