"""What the transports are given."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from podium.rates import Rate

SCANNERS: Final = (
    "friendly-scanner",
    "friendly-request",
    "sipvicious",
    "sip-scan",
    "sipsak",
    "sundayddr",
    "iwar",
    "vaxsipuseragent",
    "pplsip",
    "sipcli",
    "gulp",
    "siparmyknife",
    "smap",
    "zmeu",
)
"""User-Agents, or parts of them in lower case, of programs that only look for open doors."""


@dataclass(frozen=True, slots=True)
class Limits:
    """On what anybody may send. Seconds and bytes."""

    strangers: Rate = field(default_factory=lambda: Rate(200, 20))
    """Messages of one address that is neither trunk nor registered telephone."""
    known: Rate = field(default_factory=lambda: Rate(20_000, 4_000))
    connections: int = 2000
    connections_of_stranger: int = 20
    """Of one address."""
    idle_stranger: float = 30.0
    """A connection that only brings keep-alives, or nothing, is closed then."""
    idle_known: float = 3900.0
    """Longer than a registration lasts."""
    lag: float = 2.0
    """So late may the loop be before new calls are refused."""
    handshake: float = 10.0
    connect: float = 5.0
    write_buffer: int = 1_048_576
    """Of one connection that does not read; beyond, it is closed."""
    waiting: int = 64
    """Messages that wait for a connection to be made."""
    scanners: tuple[str, ...] = SCANNERS


@dataclass(frozen=True, slots=True)
class Tls:
    port: int
    certificate: Path
    """PEM: certificate and chain."""
    key: Path


@dataclass(frozen=True, slots=True)
class Listening:
    """``hosts``: at most one address of IPv4 and one of IPv6; ports 0: any free one."""

    hosts: tuple[str, ...] = ("127.0.0.1",)
    port: int = 5060
    """Of UDP and TCP."""
    tls: Tls | None = None
    public: str | None = None
    """How peers reach us, where that is not the address that we send from (NAT)."""
    authorities: Path | None = None
    """PEM: who signs the certificates of trunks; those of the system, where it is not set."""
    limits: Limits = field(default_factory=Limits)
