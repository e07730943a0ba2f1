"""Session descriptions (RFC 8866) as far as a telephone call needs them: read and written."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from enum import Enum
from ipaddress import ip_address
from typing import Final

from podium.telephone.sip.syntax import SipSyntaxError, parse_number, parse_port

MAX_SIZE: Final = 16_384
"""Octets of a session description."""
MAX_LINES: Final = 400
MAX_MEDIA: Final = 16
_MAX_FORMATS: Final = 64
_BROADCAST: Final = "255.255.255.255"

_MEDIA: Final = re.compile(r"([!-~]+) ([0-9]+)(?:/[0-9]+)? ([A-Za-z0-9/]+)((?: [!-~]+)+)")
_ORIGIN: Final = re.compile(r"([^ ]+) ([0-9]+) ([0-9]+) IN IP[46] ([^ ]+)")
_CONNECTION: Final = re.compile(r"IN IP([46]) ([^ /]+)(?:/[0-9/]+)?")
_HOST_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9.\-]*")

Attributes = tuple[tuple[str, str | None], ...]
"""``a=`` lines in order: name, and value or ``None`` for a flag."""


class Direction(Enum):
    """Who sends, from the side of whoever says it (RFC 3264, 5.1): (sends, receives)."""

    SENDRECV = (True, True)
    SENDONLY = (True, False)
    RECVONLY = (False, True)
    INACTIVE = (False, False)

    @property
    def sends(self) -> bool:
        return self.value[0]

    @property
    def receives(self) -> bool:
        return self.value[1]

    @property
    def word(self) -> str:
        return self.name.lower()

    def seen_from_there(self) -> Direction:
        return Direction((self.receives, self.sends))

    def within(self, other: Direction) -> Direction:
        """Only what both allow."""
        return Direction((self.sends and other.sends, self.receives and other.receives))


_DIRECTIONS: Final = {direction.word: direction for direction in Direction}


@dataclass(frozen=True, slots=True)
class Origin:
    """``id`` and ``version`` as decimal text, for they may be longer than any integer type."""

    username: str = field(repr=False)
    id: str
    version: str
    address: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Media:
    """One ``m=`` section. Port 0: rejected or switched off (RFC 3264, 5.1 and 6)."""

    kind: str
    port: int
    protocol: str
    formats: tuple[str, ...]
    address: str | None = field(default=None, repr=False)
    """Of its own ``c=`` line."""
    attributes: Attributes = field(default=(), repr=False)

    def all(self, name: str) -> tuple[str, ...]:
        """Values of all attributes of this name; ``""`` for flags."""
        return tuple(value or "" for key, value in self.attributes if key == name)

    def get(self, name: str) -> str | None:
        values = self.all(name)
        return values[0] if values else None

    def rejected(self) -> Media:
        """The section that says no to this one (RFC 3264, 6)."""
        return Media(self.kind, 0, self.protocol, self.formats)


@dataclass(frozen=True, slots=True)
class SessionDescription:
    origin: Origin
    address: str | None = field(repr=False)
    """Of the session's ``c=`` line."""
    media: tuple[Media, ...]
    attributes: Attributes = field(default=(), repr=False)

    def address_of(self, media: Media) -> str | None:
        return self.address if media.address is None else media.address

    def direction_of(self, media: Media) -> Direction:
        """``sendrecv`` where nothing is said (RFC 8866, 6.7)."""
        for attributes in (media.attributes, self.attributes):
            for name, _ in attributes:
                if name in _DIRECTIONS:
                    return _DIRECTIONS[name]
        return Direction.SENDRECV

    def with_version(self, version: int) -> SessionDescription:
        return replace(self, origin=replace(self.origin, version=str(version)))

    def __str__(self) -> str:
        """The text for a body, lines ended by CRLF."""
        origin = self.origin
        lines = [
            "v=0",
            f"o={origin.username} {origin.id} {origin.version} {_connection(origin.address)}",
            "s=-",
        ]
        if self.address is not None:
            lines.append(f"c={_connection(self.address)}")
        lines.append("t=0 0")
        lines += _attribute_lines(self.attributes)
        for media in self.media:
            lines.append(f"m={media.kind} {media.port} {media.protocol} {' '.join(media.formats)}")
            if media.address is not None:
                lines.append(f"c={_connection(media.address)}")
            lines += _attribute_lines(media.attributes)
        return "\r\n".join([*lines, ""])


def parse_sdp(body: bytes) -> SessionDescription:
    """Raises ``SipSyntaxError``. Lines that a call does not need are passed over.

    Line ends may be CRLF or LF; ``s=`` and ``t=`` may be missing, as they are in the wild.
    """
    if len(body) > MAX_SIZE:
        raise SipSyntaxError("the session description is too long")
    lines = body.decode("utf-8", "replace").replace("\r\n", "\n").strip("\n").split("\n")
    if len(lines) > MAX_LINES:
        raise SipSyntaxError("the session description has too many lines")
    if lines[0].rstrip() != "v=0":
        raise SipSyntaxError("the body is no session description")
    sections: list[list[tuple[str, str]]] = [[]]
    for line in lines[1:]:
        if line[1:2] != "=":
            raise SipSyntaxError("a line of the session description has no type")
        if line[0] == "m":
            sections.append([])
        sections[-1].append((line[0], line[2:].strip()))
    if len(sections) > MAX_MEDIA + 1:
        raise SipSyntaxError("the session description has too many media")
    session, *media = sections
    return SessionDescription(
        _parse_origin(session),
        _parse_address(session),
        tuple(_parse_media(section) for section in media),
        _parse_attributes(session),
    )


def is_ip(address: str) -> bool:
    try:
        ip_address(address)
    except ValueError:
        return False
    return "%" not in address


def is_unicast(address: str) -> bool:
    """An IP address of one host, as far as it can be told."""
    return is_ip(address) and not ip_address(address).is_multicast and address != _BROADCAST


def parse_rtcp(value: str) -> tuple[int, str | None]:
    """``a=rtcp:53020 IN IP4 192.0.2.1`` (RFC 3605): port, and the address if it says one."""
    port, _, connection = value.partition(" ")
    return parse_port(port), _read_connection(connection) if connection else None


def _parse_origin(section: list[tuple[str, str]]) -> Origin:
    found = next((_ORIGIN.fullmatch(value) for kind, value in section if kind == "o"), None)
    if found is None:
        raise SipSyntaxError("the origin of the session description is missing or malformed")
    return Origin(found[1], found[2], found[3], found[4])


def _parse_address(section: list[tuple[str, str]]) -> str | None:
    value = next((value for kind, value in section if kind == "c"), None)
    return None if value is None else _read_connection(value)


def _read_connection(value: str) -> str:
    found = _CONNECTION.fullmatch(value)
    if found is None:
        raise SipSyntaxError("a connection line is malformed")
    version, address = found[1], found[2]
    if not (is_ip(address) or _HOST_NAME.fullmatch(address)) or (version == "4") == (
        ":" in address
    ):
        raise SipSyntaxError("a connection line has no proper address")
    return address


def _parse_media(section: list[tuple[str, str]]) -> Media:
    found = _MEDIA.fullmatch(section[0][1])
    if found is None:
        raise SipSyntaxError("a media line is malformed")
    formats = tuple(found[4].split())
    if len(formats) > _MAX_FORMATS:
        raise SipSyntaxError("a media line has too many formats")
    return Media(
        found[1],
        parse_number(found[2], 65535, "a port"),
        found[3].upper(),
        formats,
        _parse_address(section),
        _parse_attributes(section),
    )


def _parse_attributes(section: list[tuple[str, str]]) -> Attributes:
    attributes: list[tuple[str, str | None]] = []
    for kind, value in section:
        if kind == "a":
            name, colon, content = value.partition(":")
            attributes.append((name.strip().lower(), content.strip() if colon else None))
    return tuple(attributes)


def _connection(address: str) -> str:
    return f"IN IP{6 if ':' in address else 4} {address}"


def _attribute_lines(attributes: Attributes) -> list[str]:
    return [f"a={name}" if value is None else f"a={name}:{value}" for name, value in attributes]
