"""Keys of SRTP within the session description (SDES: RFC 4568; AES-GCM: RFC 7714, 14)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Final, Self

from podium.hall.legs import SrtpProfile
from podium.telephone.sip.sdp import Media
from podium.telephone.sip.syntax import SipSyntaxError, parse_number

SEED_LENGTH: Final = 32
"""Random octets from which a leg's own keys are made."""
KEY_LENGTHS: Final[dict[SrtpProfile, int]] = {
    "AES_CM_128_HMAC_SHA1_80": 30,
    "AES_CM_128_HMAC_SHA1_32": 30,
    "AEAD_AES_128_GCM": 28,
    "AEAD_AES_256_GCM": 44,
}
"""Octets of master key and master salt together."""

_LINE: Final = re.compile(
    r"([0-9]{1,9})[ \t]+([A-Za-z0-9_]+)[ \t]+inline:([!-~]+)((?:[ \t]+[!-~]+)*)"
)
_LIFETIME: Final = re.compile(r"2\^[0-9]{1,2}|[0-9]{1,20}")


class SrtpPolicy(Enum):
    """Whether a telephone may, or must, encrypt its sound."""

    REFUSED = auto()
    OPTIONAL = auto()
    MANDATORY = auto()


@dataclass(frozen=True, slots=True)
class Crypto:
    """One ``a=crypto`` that Podium can use."""

    tag: int
    profile: SrtpProfile
    key: bytes = field(repr=False)
    """Master key and salt."""

    @classmethod
    def parse(cls, value: str) -> Self:
        """Raises ``SipSyntaxError`` for what is malformed or cannot be honoured.

        That is: unknown suites, several keys, an MKI, and session parameters other than the window
        size, some of which would switch protection off (RFC 4568, 6.3).
        """
        found = _LINE.fullmatch(value.strip())
        if found is None:
            raise SipSyntaxError("a crypto line is malformed")
        profile = next((known for known in KEY_LENGTHS if known == found[2].upper()), None)
        if profile is None:
            raise SipSyntaxError("a crypto line has an unknown suite")
        if not all(parameter.upper().startswith("WSH=") for parameter in found[4].split()):
            raise SipSyntaxError("a crypto line has a session parameter that is not supported")
        return cls(parse_number(found[1], 10**9, "a crypto tag"), profile, _key(profile, found[3]))

    def __str__(self) -> str:
        return f"{self.tag} {self.profile} inline:{base64.b64encode(self.key).decode()}"


def cryptos_of(media: Media) -> tuple[Crypto, ...]:
    """The usable ones in their order; others are passed over (RFC 4568, 5.1.2)."""
    usable: list[Crypto] = []
    for value in media.all("crypto"):
        try:
            usable.append(Crypto.parse(value))
        except SipSyntaxError:
            continue
    return tuple(usable)


def own_key(seed: bytes, profile: SrtpProfile) -> bytes:
    """Our master key and salt for a profile, from a leg's secret random ``seed``.

    Each profile has its own, for a key must never serve two transforms.
    """
    if len(seed) < SEED_LENGTH:
        raise ValueError(f"SRTP needs {SEED_LENGTH} random octets")
    return hmac.digest(seed, profile.encode(), hashlib.sha512)[: KEY_LENGTHS[profile]]


def _key(profile: SrtpProfile, text: str) -> bytes:
    encoded, _, rest = text.partition("|")
    if rest and _LIFETIME.fullmatch(rest) is None:
        raise SipSyntaxError("a crypto line has an MKI or several keys")
    try:
        key = base64.b64decode(encoded + "=" * (-len(encoded) % 4), validate=True)
    except (binascii.Error, ValueError) as error:
        raise SipSyntaxError("a crypto line's key is malformed") from error
    if len(key) != KEY_LENGTHS[profile]:
        raise SipSyntaxError("a crypto line's key has the wrong length")
    return key
