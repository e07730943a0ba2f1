"""How the web is set up. The application fills it in from the configuration."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path

PAGES = Path(__file__).parent / "static"
"""Where the page build puts its files."""

Network = IPv4Network | IPv6Network
LOOPBACK: tuple[Network, ...] = (ip_network("127.0.0.0/8"), ip_network("::1/128"))


@dataclass(frozen=True, slots=True)
class WebSettings:
    version: str
    public_url: str | None = None
    """What links to stations begin with, without a trailing slash; ``None``: as requested."""
    secure_cookie: bool = False
    """Send the session cookie over TLS only. It always is where the request came over TLS."""
    metrics_from: tuple[Network, ...] = LOOPBACK
    records: bool = False
    """New conferences are recorded from the beginning of the session."""
    pages: Path = PAGES
