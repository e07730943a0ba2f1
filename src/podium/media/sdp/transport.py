"""What an offer says about ICE and DTLS (RFC 8839, RFC 8842): one transport for all sections."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from podium.media.sdp.grammar import Description, SdpError, Section

# RFC 8839 allows no dash and underscore, but some senders use them, and they harm nobody.
_ICE_CHARS = re.compile(r"[A-Za-z0-9+/_-]+")
_SHA_256 = re.compile(r"[0-9A-F]{2}(:[0-9A-F]{2}){31}")


class Setup(StrEnum):
    """Who opens the DTLS handshake (RFC 4145)."""

    ACTPASS = "actpass"
    ACTIVE = "active"
    PASSIVE = "passive"


@dataclass(frozen=True, slots=True)
class Credentials:
    """Of one ICE agent."""

    ufrag: str
    pwd: str


@dataclass(frozen=True, slots=True)
class Transport:
    credentials: Credentials
    fingerprint: str
    """As in SDP: "sha-256 AB:CD:..."."""
    setup: Setup


def credentials(ufrag: str | None, pwd: str | None) -> Credentials:
    """Raises ``SdpError``. Lengths by RFC 8839, section 5.4."""
    if ufrag is None or pwd is None:
        raise SdpError("ICE credentials (a=ice-ufrag, a=ice-pwd) are missing")
    if not (4 <= len(ufrag) <= 256 and _ICE_CHARS.fullmatch(ufrag)):
        raise SdpError("a=ice-ufrag must have 4 to 256 letters and digits")
    if not (22 <= len(pwd) <= 256 and _ICE_CHARS.fullmatch(pwd)):
        raise SdpError("a=ice-pwd must have 22 to 256 letters and digits")
    return Credentials(ufrag, pwd)


def transport(description: Description, first: Section) -> Transport:
    """Of the bundle whose tagged section is ``first``. Raises ``SdpError``."""

    def find(name: str) -> str | None:
        return first.first(name) or description.first(name)

    return Transport(
        credentials(find("ice-ufrag"), find("ice-pwd")),
        _fingerprint([*first.all("fingerprint"), *description.all("fingerprint")]),
        _setup(find("setup")),
    )


def offered_credentials(description: Description) -> Credentials:
    """Of whichever section has them first. Raises ``SdpError``."""
    for section in description.sections:
        if section.has("ice-ufrag"):
            return credentials(section.first("ice-ufrag"), section.first("ice-pwd"))
    return credentials(description.first("ice-ufrag"), description.first("ice-pwd"))


def _fingerprint(offered: list[str]) -> str:
    if not offered:
        raise SdpError("there is no DTLS fingerprint: media must be encrypted")
    for value in offered:
        algorithm, _, digest = value.partition(" ")
        if algorithm.lower() == "sha-256":
            digest = digest.strip().upper()
            if not _SHA_256.fullmatch(digest):
                raise SdpError("the sha-256 fingerprint must have 32 bytes in hexadecimal")
            return f"sha-256 {digest}"
    raise SdpError("the DTLS fingerprint must be given as sha-256")


def _setup(value: str | None) -> Setup:
    if value is None:
        return Setup.ACTPASS
    try:
        return Setup(value)
    except ValueError:
        raise SdpError(f'a=setup must be actpass, active or passive, not "{value[:20]}"') from None
