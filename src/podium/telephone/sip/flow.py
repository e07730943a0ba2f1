"""Where messages come from and go to."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Transport(StrEnum):
    UDP = "UDP"
    TCP = "TCP"
    TLS = "TLS"

    @property
    def reliable(self) -> bool:
        return self is not Transport.UDP

    @property
    def port(self) -> int:
        """Where it is without a port in the URI (RFC 3261, 19.1.2)."""
        return 5061 if self is Transport.TLS else 5060


@dataclass(frozen=True, slots=True)
class Flow:
    """A peer's address by one transport; of TCP and TLS, the one connection with it.

    ``host`` is an IP address in its shortest form, without brackets.
    """

    transport: Transport
    host: str = field(repr=False)
    port: int = field(repr=False)

    @property
    def reliable(self) -> bool:
        return self.transport.reliable
