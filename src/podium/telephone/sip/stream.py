"""Messages on a stream: TCP and TLS (RFC 3261, 18.3; keep-alives of RFC 5626, 3.5.1 and 4.4.1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from podium.telephone.sip.message import Message
from podium.telephone.sip.parse import MAX_HEAD, BadMessage, Head, finish, parse_head, refuse
from podium.telephone.sip.syntax import SipSyntaxError

_END: Final = b"\r\n\r\n"
_LINE: Final = b"\r\n"
PONG: Final = b"\r\n"
"""What answers a ``Ping``."""
PING: Final = b"\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Ping:
    """A double line end: wants ``PONG``."""


@dataclass(frozen=True, slots=True)
class Pong:
    """A single line end. May be the first half of a ping, which then follows as ``Ping``."""


@dataclass(frozen=True, slots=True)
class Malformed:
    """A message that cannot be taken; the next one begins where it ends."""

    error: BadMessage


@dataclass(frozen=True, slots=True)
class Broken:
    """Where a message ends is unknown: answer ``error.refusal`` and close the connection."""

    error: BadMessage


Framed = Message | Ping | Pong | Malformed | Broken


class Framer:
    """Cuts one connection's octets into messages. Holds at most one message's octets."""

    __slots__ = ("_broken", "_buffer", "_half_ping", "_head", "_searched")

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._head: Head | None = None
        self._searched = 0
        self._half_ping = False
        self._broken = False

    def feed(self, data: bytes) -> list[Framed]:
        """What the octets complete, in order. After ``Broken`` nothing more ever comes."""
        if self._broken:
            return []
        self._buffer += data
        framed: list[Framed] = []
        while (item := self._next()) is not None:
            framed.append(item)
            if isinstance(item, Broken):
                self._broken = True
                self._buffer.clear()
                break
        return framed

    def _next(self) -> Framed | None:
        if self._head is None:
            line = self._line_end()
            if line is not None:
                return line
            broken = self._find_head()
            if broken is not None:
                return broken
        return self._body()

    def _line_end(self) -> Ping | Pong | None:
        if not self._buffer or self._buffer == b"\r":
            return None
        half, self._half_ping = self._half_ping, False
        if self._buffer[:2] == _LINE and half:
            del self._buffer[:2]
            return Ping()
        if self._buffer[:4] == _END:
            del self._buffer[:4]
            return Ping()
        if self._buffer[:2] == _LINE and self._buffer[2:3] != b"\r":
            self._half_ping = len(self._buffer) == 2
            del self._buffer[:2]
            return Pong()
        return None

    def _find_head(self) -> Broken | None:
        end = self._buffer.find(_END, max(0, self._searched - len(_END) + 1))
        if end < 0:
            self._searched = len(self._buffer)
            if self._searched > MAX_HEAD:
                return Broken(BadMessage("the header fields are too large", 513))
            return None
        raw = bytes(self._buffer[:end])
        del self._buffer[: end + len(_END)]
        self._searched = 0
        try:
            head = parse_head(raw)
        except BadMessage as error:
            return Broken(error)
        if head.length is None:
            return Broken(refuse(head, SipSyntaxError("Content-Length is missing on a stream")))
        self._head = head
        return None

    def _body(self) -> Message | Malformed | None:
        head = self._head
        if head is None or head.length is None or len(self._buffer) < head.length:
            return None
        body = bytes(self._buffer[: head.length])
        del self._buffer[: head.length]
        self._head = None
        try:
            return finish(head, body)
        except BadMessage as error:
            return Malformed(error)
