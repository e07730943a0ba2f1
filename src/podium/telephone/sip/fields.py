"""Header fields that have a structure of their own: Via, CSeq."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Final, Self

from podium.telephone.sip.syntax import (
    Params,
    SipSyntaxError,
    find_param,
    is_token,
    parse_host_port,
    parse_number,
    parse_params,
    parse_port,
    print_host,
    print_params,
    with_param,
)

MAGIC_COOKIE: Final = "z9hG4bK"
"""Every branch of RFC 3261 begins so (8.1.1.7)."""
LARGEST_CSEQ: Final = 2**31 - 1
DEFAULT_PORT: Final = {"UDP": 5060, "TCP": 5060, "TLS": 5061}

_VIA: Final = re.compile(
    r"SIP[ \t]*/[ \t]*2\.0[ \t]*/[ \t]*([A-Za-z0-9\-.!%*_+`'~]+)[ \t]+([^;]+)(.*)",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Via:
    """RFC 3261, 20.42. ``transport`` is in upper case, ``host`` without brackets."""

    transport: str
    host: str = field(repr=False)
    port: int | None = None
    params: Params = field(default=(), repr=False)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises ``SipSyntaxError``."""
        found = _VIA.fullmatch(text.strip())
        if found is None:
            raise SipSyntaxError("a Via is malformed")
        host, port = parse_host_port(found[2].strip())
        via = cls(found[1].upper(), host, port, parse_params(found[3]))
        if via.branch == MAGIC_COOKIE:
            raise SipSyntaxError("a Via has an empty branch")
        if via.rport:
            parse_port(via.rport)
        return via

    @property
    def sent_by(self) -> str:
        """As on the wire, in lower case: what transactions compare (RFC 3261, 17.2.3)."""
        port = "" if self.port is None else f":{self.port}"
        return f"{print_host(self.host)}{port}".lower()

    @property
    def branch(self) -> str | None:
        return find_param(self.params, "branch") or None

    @property
    def received(self) -> str | None:
        """Without the brackets that some put around IPv6."""
        value = find_param(self.params, "received")
        return value.strip("[]") if value else None

    @property
    def rport(self) -> str | None:
        """RFC 3581: ``""`` asks for it, digits are the answer, ``None``: not there."""
        return find_param(self.params, "rport")

    @property
    def maddr(self) -> str | None:
        value = find_param(self.params, "maddr")
        return value.strip("[]") if value else None

    def with_param(self, name: str, value: str | None) -> Self:
        return replace(self, params=with_param(self.params, name, value))

    def seen_from(self, host: str, port: int) -> Self:
        """What a server adds to the top Via (RFC 3261, 18.2.1; RFC 3581, 4)."""
        if self.rport is not None:
            return self.with_param("received", host).with_param("rport", str(port))
        if self.host.lower() != host.lower():
            return self.with_param("received", host)
        return self

    def reply_to(self) -> tuple[str, int]:
        """Host and port to which an answer goes (RFC 3261, 18.2.2; RFC 3581, 4)."""
        port = self.port or DEFAULT_PORT.get(self.transport, 5060)
        if self.maddr:
            return self.maddr, port
        if self.received:
            return self.received, int(self.rport) if self.rport else port
        return self.host, port

    def __str__(self) -> str:
        port = "" if self.port is None else f":{self.port}"
        return f"SIP/2.0/{self.transport} {print_host(self.host)}{port}{print_params(self.params)}"


@dataclass(frozen=True, slots=True)
class CSeq:
    """RFC 3261, 20.16."""

    number: int
    method: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises ``SipSyntaxError``."""
        parts = text.split()
        if len(parts) != 2 or not is_token(parts[1]):
            raise SipSyntaxError("the CSeq is malformed")
        return cls(parse_number(parts[0], LARGEST_CSEQ, "the CSeq"), parts[1])

    def __str__(self) -> str:
        return f"{self.number} {self.method}"
