"""How settings are spelled: each parser takes text or a TOML value, and raises ``ValueError``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

Network = IPv4Network | IPv6Network


class ConfigError(ValueError):
    """A setting that is not allowed. ``args[0]`` names it, who set it, and what is allowed."""


@dataclass(frozen=True, slots=True)
class Key:
    """One setting: ``parse`` takes text or a TOML value and raises ``ValueError``."""

    section: str
    name: str
    parse: Callable[[Any], Any]
    allowed: str

    @property
    def dotted(self) -> str:
        return f"{self.section}.{self.name}"

    @property
    def variable(self) -> str:
        return f"PODIUM_{self.section}_{self.name}".upper()


def text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError
    return value.strip()


def number(low: int, high: int) -> Callable[[Any], int]:
    def parse(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int | str):
            raise ValueError
        number = int(value)
        if not low <= number <= high:
            raise ValueError
        return number

    return parse


def many(item: Callable[[Any], Any]) -> Callable[[Any], tuple[Any, ...]]:
    def parse(value: Any) -> tuple[Any, ...]:
        parts = value.split(",") if isinstance(value, str) else value
        if not isinstance(parts, list | tuple):
            raise ValueError
        return tuple(item(part) for part in parts)

    return parse


def one_of(*choices: str) -> Callable[[Any], str]:
    def parse(value: Any) -> str:
        if value not in choices:
            raise ValueError
        return str(value)

    return parse


def switch(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    return {"on": True, "true": True, "1": True, "off": False, "false": False, "0": False}[
        text(value).lower()
    ]


def path(value: Any) -> Path:
    return Path(text(value)).expanduser()


def file(value: Any) -> Path:
    found = path(value)
    if not found.is_file():
        raise ValueError
    return found


def address(value: Any) -> str:
    return str(ip_address(text(value)))


def public(value: Any) -> str:
    """``ip``, ``ip:port`` or ``[ip6]:port``."""
    given = text(value)
    try:
        found = ip_address(given)
    except ValueError:
        parts = urlsplit(f"//{given}")
        found = ip_address(parts.hostname or "")
        if not parts.port:
            raise ValueError from None
    if found.is_unspecified:
        raise ValueError
    return given


def network(value: Any) -> Network:
    return ip_network(text(value))


def origin(value: Any) -> str:
    parts = urlsplit(text(value))
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError
    if parts.path.strip("/") or parts.query or parts.fragment or parts.username:
        raise ValueError
    return f"{parts.scheme}://{parts.netloc}"


def database(value: Any) -> str:
    given = text(value)
    if not given.startswith(("sqlite:///", "postgresql://", "postgres://")):
        raise ValueError
    return given


def ports(value: Any) -> tuple[int, int]:
    """``first-last``."""
    first, _, last = text(value).partition("-")
    low, high = int(first), int(last)
    if not 1024 <= low < high <= 65535:
        raise ValueError
    return low, high


def prefix(value: Any) -> str:
    """Digits, with a plus sign before them or not."""
    found = text(value)
    if not (found.isascii() and found.removeprefix("+").isdecimal()):
        raise ValueError
    return found


def directory(value: Any) -> Path:
    found = path(value)
    if not found.is_dir():
        raise ValueError
    return found
