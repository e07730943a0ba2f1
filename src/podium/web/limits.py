"""Limits on what anybody can send. All of it is kept in memory, and never logged."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from ipaddress import IPv6Address, ip_address

from starlette.types import Message, Receive, Scope

from podium.rates import Bucket, Buckets, Rate
from podium.web.errors import ApiError

KIB = 1024
MIB = 1024 * KIB

SDP_BYTES = 512 * KIB
"""An offer for a wall of 64 pictures fits."""
CSV_BYTES = 5 * MIB
FILE_BYTES = 20 * MIB
"""Of a file that a report refers to, or a document of a conference."""
COMMAND_BYTES = 4 * MIB
"""An invitation of 10,000 venues fits."""
JSON_BYTES = MIB
SIGN_IN_BYTES = 4 * KIB
WS_MESSAGE_BYTES = 256 * KIB
HELLO_BYTES = 4 * KIB
HEADER_BYTES = 32 * KIB
BODY_SECONDS = 30.0
SLOWEST_BYTES = 128 * KIB
"""In a second more, for what may be large: an office's uplink of 1 Mbit/s sends documents."""

BODY_BYTES: Mapping[tuple[str, str], int] = {
    ("POST", "/api/session"): SIGN_IN_BYTES,
    ("POST", "/api/directory/import"): CSV_BYTES,
    ("POST", "/api/conferences/{conference}/commands"): COMMAND_BYTES,
    ("POST", "/api/conferences/{conference}/documents"): FILE_BYTES,
    ("POST", "/api/work/programmes/{programme}/commands"): COMMAND_BYTES,
    ("POST", "/api/work/programmes/{programme}/import"): CSV_BYTES,
    ("POST", "/api/work/programmes/{programme}/files"): FILE_BYTES,
    ("POST", "/api/situation/import"): CSV_BYTES,
    ("POST", "/whip"): SDP_BYTES,
    ("POST", "/whep"): SDP_BYTES,
    ("PATCH", "/whip/{session}"): SDP_BYTES,
    ("PATCH", "/whep/{session}"): SDP_BYTES,
}
"""Largest body by method and route; ``JSON_BYTES`` for every other."""


SIGN_INS = Rate(10, 1 / 6)
"""Per address; and per name, so that many addresses cannot guess one password."""
FAILURES = Rate(60, 1)
"""Wrong credentials, per address. A whole province may sit behind one."""
REQUESTS = Rate(300, 30)
"""Per credential."""
MEDIA_REQUESTS = Rate(60, 2)
"""New WHIP and WHEP sessions, per credential."""
STRANGERS_SOCKETS = Rate(6000, 100)
"""WebSockets that have not said who they are, per address."""
MESSAGES = Rate(120, 20)
"""WebSocket messages, per connection."""


class Limiter:
    """Buckets by key, on the machine's clock."""

    def __init__(
        self, rate: Rate, *, keys: int = 20_000, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._rate = rate
        self._clock = clock
        self._buckets = Buckets(rate, keys)

    def allows(self, key: str) -> bool:
        return self._buckets.take(key, self._clock())

    def check(self, key: str) -> None:
        """Raises ``rate_limited``."""
        if not self.allows(key):
            wait = max(1, round(1 / self._rate.per_second))
            raise ApiError("rate_limited", headers={"Retry-After": str(wait)})


class Limits:
    """The limiters of one application."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self.sign_ins = Limiter(SIGN_INS, clock=clock)
        self.failures = Limiter(FAILURES, clock=clock)
        self.requests = Limiter(REQUESTS, clock=clock)
        self.media = Limiter(MEDIA_REQUESTS, clock=clock)
        self.sockets = Limiter(STRANGERS_SOCKETS, clock=clock)

    def messages(self) -> Callable[[], bool]:
        """For one WebSocket: whether one more message is allowed now."""
        bucket = Bucket(MESSAGES, self.clock())
        return lambda: bucket.take(self.clock())


def peer_of(scope: Scope) -> str:
    """The peer as a limiter's key: an IPv4 address, an IPv6 /64, or "local"."""
    client = scope.get("client")
    if not client:
        return "local"
    try:
        address = ip_address(client[0])
    except ValueError:
        return str(client[0])
    if isinstance(address, IPv6Address):
        mapped = address.ipv4_mapped
        return str(mapped) if mapped else address.exploded[:19]
    return str(address)


async def read_body(scope: Scope, receive: Receive, limit: int) -> bytes:
    """The whole body. Raises ``too_large`` beyond ``limit`` bytes, at once where the length is
    announced, and ``bad_request`` where it is late or breaks off."""
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit() and int(value) > limit:
            raise ApiError("too_large", {"limit": limit})
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS + limit / SLOWEST_BYTES):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise ApiError("bad_request")
                body += message.get("body", b"")
                if len(body) > limit:
                    raise ApiError("too_large", {"limit": limit})
                if not message.get("more_body", False):
                    return bytes(body)
    except TimeoutError:
        raise ApiError("bad_request") from None


def replay(body: bytes, receive: Receive) -> Receive:
    """A ``receive`` that gives ``body`` once, then what comes after it."""
    waiting = [body]

    async def again() -> Message:
        if waiting:
            return {"type": "http.request", "body": waiting.pop(), "more_body": False}
        return await receive()

    return again
