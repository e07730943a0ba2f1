"""Legs, the sound of telephone calls, as both sides of that seam see them.

Values and errors only. The telephone says what was agreed by SDP and what is to be heard; media
carries the packets and says what the caller does.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, NewType

LegId = NewType("LegId", int)
"""Of this process, never used again."""

LegCodec = Literal["PCMA", "PCMU", "G722", "opus"]
SrtpProfile = Literal[
    "AES_CM_128_HMAC_SHA1_80",
    "AES_CM_128_HMAC_SHA1_32",
    "AEAD_AES_128_GCM",
    "AEAD_AES_256_GCM",
]


@dataclass(frozen=True, slots=True)
class SrtpKeys:
    """``local``, ``remote``: master key and salt, one after the other, by which the packets that
    we send and those that the peer sends are protected (RFC 4568, RFC 7714)."""

    profile: SrtpProfile
    local: bytes = field(repr=False)
    remote: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class LegMedia:
    """What offer and answer (RFC 3264) have agreed for a leg."""

    remote: tuple[str, int] = field(repr=False)
    """IP address and UDP port where the peer wants RTP."""
    remote_rtcp: tuple[str, int] | None = field(repr=False)
    """Where it wants RTCP; None: on the same port (RFC 5761)."""
    codec: LegCodec
    payload_type: int
    events_payload_type: int | None
    """For keys (RFC 4733); None: there are none."""
    ptime_ms: int
    """Of sound in a packet that we send."""
    sends: bool
    """Whether we send; not while the peer has put us on hold."""
    receives: bool
    srtp: SrtpKeys | None


@dataclass(frozen=True, slots=True)
class OpenLeg:
    """A leg that hears and says nothing yet, and where it receives RTP; RTCP is one port above,
    and on the same."""

    leg: LegId
    address: str = field(repr=False)
    port: int


class NoLegFree(Exception):
    """Our fault: all ports for legs are taken, or the engine does not answer."""


@dataclass(frozen=True, slots=True)
class KeyPressed:
    leg: LegId
    key: str = field(repr=False)
    """One of ``0123456789*#ABCD``."""


@dataclass(frozen=True, slots=True)
class PromptsEnded:
    """Once for every list of prompts that was played, also where another took its place."""

    leg: LegId


@dataclass(frozen=True, slots=True)
class NoiseChanged:
    """The leg's open microphone brings constant noise or echo, or no longer does."""

    leg: LegId
    noisy: bool


LegNotice = KeyPressed | PromptsEnded | NoiseChanged
