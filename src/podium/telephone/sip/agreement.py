"""What offer and answer work with, and what comes of them: values."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from podium.hall.legs import LegCodec, LegMedia, SrtpProfile
from podium.telephone.sip.sdes import SrtpPolicy
from podium.telephone.sip.sdp import SessionDescription


class Mismatch(Enum):
    """Why there is no common ground: the warn-code and text of RFC 3261, 20.43."""

    NO_AUDIO = (304, "Media type not available")
    NO_COMMON_CODEC = (305, "Incompatible media format")
    ENCRYPTION_NEEDED = (302, "Incompatible transport protocol: SRTP is required")
    ENCRYPTION_REFUSED = (302, "Incompatible transport protocol: SRTP is not available")
    ADDRESS = (301, "Incompatible network address formats")


@dataclass(frozen=True, slots=True)
class NotAcceptable:
    """To be answered with 488, or to be ended by BYE where an answer cannot be used."""

    why: Mismatch

    def warning(self, agent: str) -> str:
        """The value of Warning; ``agent``: our host or a pseudonym."""
        code, text = self.why.value
        return f'{code} {agent} "{text}"'


@dataclass(frozen=True, slots=True)
class Negotiated:
    local: SessionDescription
    """What we have said, now or before: the answer to send, or the offer that was answered."""
    media: LegMedia

    @property
    def on_hold(self) -> bool:
        """The peer wants to hear nothing now."""
        return not self.media.sends


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What any leg of this server can do."""

    codecs: tuple[LegCodec, ...] = ("opus", "G722", "PCMA", "PCMU")
    """In the order in which we offer them; in answers the peer's order counts."""
    srtp: SrtpPolicy = SrtpPolicy.OPTIONAL
    profiles: tuple[SrtpProfile, ...] = (
        "AES_CM_128_HMAC_SHA1_80",
        "AES_CM_128_HMAC_SHA1_32",
        "AEAD_AES_256_GCM",
        "AEAD_AES_128_GCM",
    )
    """In the order in which we offer them."""
    ptimes: tuple[int, ...] = (10, 20, 30, 40, 60)
    """Packet lengths that we can send, in ms, ascending."""
    ptime: int = 20
    """Where the peer has no wish."""


@dataclass(frozen=True, slots=True)
class LocalLeg:
    """Our side of one leg, the same for as long as it lives."""

    address: str = field(repr=False)
    port: int
    """Of RTP; RTCP is on the next one, or on the same if the peer can."""
    session_id: int
    """Of the origin: unique for this host (RFC 8866, 5.2)."""
    srtp_seed: bytes = field(repr=False)
    """``sdes.SEED_LENGTH`` secret random octets."""
