"""What every call works with."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from podium.telephone.sip.core import Core
from podium.telephone.sip.headers import Headers
from podium.telephone.sip.message import Message
from podium.telephone.sip.session_timer import SessionPolicy
from podium.telephone.sip.syntax import SipSyntaxError
from podium.telephone.sip.transactions import Transactions

ALLOW: Final = (
    "Allow",
    "INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, UPDATE, PRACK, REGISTER",
)
SUPPORTED: Final = ("Supported", "timer, 100rel")
EXTENSIONS: Final = frozenset({"timer", "100rel"})
"""Option tags that a Require may name."""
SDP: Final = "application/sdp"
SDP_TYPE: Final = ("Content-Type", SDP)
ACCEPT: Final = ("Accept", "application/sdp, application/dtmf-relay, application/dtmf")


@dataclass(frozen=True, slots=True)
class Policy:
    """What the user agent grants and expects. Seconds."""

    user: str = "podium"
    """The user part of our Contact."""
    session: SessionPolicy = field(default_factory=SessionPolicy)
    ring_limit: float = 180.0
    """A call that nobody answers is given up then."""
    calls: int = 5000
    """Calls at one time, as many as have sound by default; more are refused with 503."""
    calls_per_second: float = 400.0
    """New calls; more are refused with 503."""
    retry_after: tuple[int, int] = (5, 15)
    """Drawn from this range, so that the refused do not come back all at once."""


@dataclass(frozen=True, slots=True)
class Line:
    core: Core
    transactions: Transactions
    policy: Policy


class BodyRefused(Exception):
    """415: a body that is not SDP."""


def session_body(message: Message) -> bytes | None:
    """The SDP of a message, or ``None`` where there is none. Raises ``BodyRefused``."""
    if not message.body.strip():
        return None
    encoding = message.headers.get("Content-Encoding")
    if encoding not in (None, "identity"):
        raise BodyRefused
    if message.content_type == SDP:
        return message.body
    part = _sdp_part(message) if message.content_type == "multipart/mixed" else None
    if part is None:
        raise BodyRefused
    return part


def _sdp_part(message: Message) -> bytes | None:
    """The SDP beside what else a trunk sends (RFC 5621): ISUP, locations."""
    _, _, params = (message.headers.get("Content-Type") or "").partition(";")
    boundary = ""
    for param in params.split(";"):
        name, _, value = param.strip().partition("=")
        if name.lower() == "boundary":
            boundary = value.strip('"')
    if not boundary:
        return None
    for part in message.body.split(b"--" + boundary.encode())[1:]:
        head, _, body = part.lstrip(b"\r\n").partition(b"\r\n\r\n")
        if b"application/sdp" in head.lower():
            return body.rstrip(b"\r\n") + b"\r\n"
    return None


def with_sdp(headers: Headers, body: bytes | None) -> Headers:
    return headers.add(*SDP_TYPE) if body else headers


def option_tags(message: Message, name: str) -> frozenset[str]:
    """Of a list that only advises: one that is malformed says nothing."""
    try:
        return message.option_tags(name)
    except SipSyntaxError:
        return frozenset()
