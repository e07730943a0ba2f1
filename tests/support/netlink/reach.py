"""A clean path from the test itself to one end of a link, so that only the other end suffers."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from tests.support.netlink.link import Link, Side


@contextmanager
def reachable(link: Link, side: Side) -> Iterator[str]:
    """Joins that end to the test's own network by a veth pair; gives the end's address there.

    The other end reaches the same address over the link.
    """
    namespace = link.namespaces[side]
    third = link.address(side).split(".")[2]
    here, there = f"10.79.{third}.1", f"10.79.{third}.2"
    outer, inner = f"pdv{third}o", f"pdv{third}i"
    _run(f"ip link add {outer} type veth peer name {inner} netns {namespace}")
    try:
        _run(f"ip addr add {here}/24 dev {outer}")
        _run(f"ip link set {outer} up")
        _run(f"ip -n {namespace} addr add {there}/24 dev {inner}")
        _run(f"ip -n {namespace} link set {inner} up")
        yield there
    finally:
        _run(f"ip link del {outer}")


def _run(command: str) -> None:
    subprocess.run(command.split(), check=True)
