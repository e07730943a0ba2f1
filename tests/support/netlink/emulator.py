"""The process between the two ends. Its arguments: SEED A B ADDRESS_A ADDRESS_B.

A and B are names of network namespaces. It makes a TUN device in each, says ``{"up": true}``, and
then obeys lines of JSON on its standard input: ``{"a2b": {...}}`` and ``{"b2a": {...}}`` change
conditions, ``{}`` asks for the counts; each is answered by a line with the counts. It ends with
its input.
"""

from __future__ import annotations

import fcntl
import json
import os
import select
import struct
import subprocess
import sys
import time
from dataclasses import dataclass

from tests.support.netlink.conditions import Conditions, Direction

_TUNSETIFF = 0x400454CA
_IFF_TUN = 0x0001
_IFF_NO_PI = 0x1000
_READS_A_ROUND = 64


def make_tun(namespace: str, address: str, device: str) -> int:
    """A TUN device with ``address`` and the default route in a namespace; its descriptor."""
    tun = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(tun, _TUNSETIFF, struct.pack("16sH", device.encode(), _IFF_TUN | _IFF_NO_PI))
    # The descriptor stays ours when the device moves into the namespace.
    for command in (
        f"ip link set {device} netns {namespace}",
        f"ip -n {namespace} addr add {address}/24 dev {device}",
        f"ip -n {namespace} link set {device} up mtu 1500 txqueuelen 5000",
        # Firefox gathers no candidates where there is no default route.
        f"ip -n {namespace} route add default dev {device}",
    ):
        subprocess.run(command.split(), check=True)
    return tun


@dataclass(slots=True)
class Path:
    """One direction with its two descriptors."""

    source: int
    target: int
    direction: Direction

    def read(self) -> None:
        for _ in range(_READS_A_ROUND):
            try:
                packet = os.read(self.source, 65_536)
            except BlockingIOError:
                return
            # Addresses are IPv4; the kernel's own IPv6 chatter is not part of the test.
            if packet and packet[0] >> 4 == 4:
                self.direction.admit(packet, time.monotonic())

    def write(self) -> None:
        for packet in self.direction.take_due(time.monotonic()):
            os.write(self.target, packet)


def serve(paths: dict[str, Path]) -> None:
    """Passes packets until the standard input ends."""
    sources = {path.source: path for path in paths.values()}
    control = sys.stdin.fileno()
    orders = os.fdopen(control, "rb", buffering=0, closefd=False)
    while True:
        dues = [d for p in paths.values() if (d := p.direction.next_due()) is not None]
        timeout = max(0.0, min(dues) - time.monotonic()) if dues else None
        ready, _, _ = select.select([*sources, control], [], [], timeout)
        for descriptor in ready:
            if descriptor == control:
                line = orders.readline()
                if not line:
                    return
                obey(paths, json.loads(line))
            else:
                sources[descriptor].read()
        for path in paths.values():
            path.write()


def obey(paths: dict[str, Path], order: dict[str, dict[str, float]]) -> None:
    for name, conditions in order.items():
        paths[name].direction.change(Conditions(**conditions))
    counts = {
        name: {
            "sent": path.direction.sent,
            "delivered": path.direction.delivered,
            "lost": path.direction.lost,
            "overflowed": path.direction.overflowed,
        }
        for name, path in paths.items()
    }
    print(json.dumps(counts), flush=True)


def main() -> None:
    seed, a, b = int(sys.argv[1]), sys.argv[2], sys.argv[3]
    address_a, address_b = sys.argv[4], sys.argv[5]
    tun_a = make_tun(a, address_a, f"pdm{os.getpid()}a")
    tun_b = make_tun(b, address_b, f"pdm{os.getpid()}b")
    print(json.dumps({"up": True}), flush=True)
    serve(
        {
            "a2b": Path(tun_a, tun_b, Direction(seed)),
            "b2a": Path(tun_b, tun_a, Direction(seed + 1)),
        }
    )


if __name__ == "__main__":
    main()
