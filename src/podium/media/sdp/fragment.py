"""``application/trickle-ice-sdpfrag`` (RFC 8840, section 9), as WHIP and WHEP use it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from podium.media.sdp.answer import candidate_lines
from podium.media.sdp.grammar import SdpError, split
from podium.media.sdp.transport import Credentials, credentials

MAX_BYTES = 16 * 1024
MAX_CANDIDATES = 100


@dataclass(frozen=True, slots=True)
class Fragment:
    """``candidates`` as they came: an ICE-lite agent learns addresses from the checks alone."""

    credentials: Credentials | None
    candidates: tuple[str, ...]
    complete: bool


def parse_fragment(text: str) -> Fragment:
    """Raises ``SdpError``."""
    found: dict[str, str] = {}
    candidates: list[str] = []
    complete = False
    lines = split(text, limit=MAX_BYTES)
    if not lines:
        raise SdpError("the fragment is empty")
    for type_, value in lines:
        if type_ not in ("a", "m"):
            raise SdpError(f'"{type_}=" has no place in an ICE fragment')
        name, _, rest = value.partition(":")
        if type_ == "a" and name in ("ice-ufrag", "ice-pwd"):
            if found.setdefault(name, rest) != rest:
                raise SdpError("the fragment has two different sets of ICE credentials")
        elif type_ == "a" and name == "candidate":
            candidates.append(rest)
        elif type_ == "a" and name == "end-of-candidates":
            complete = True
    if len(candidates) > MAX_CANDIDATES:
        raise SdpError(f"the fragment has more than {MAX_CANDIDATES} candidates")
    own = credentials(found.get("ice-ufrag"), found.get("ice-pwd")) if found else None
    return Fragment(own, tuple(candidates), complete)


def write_fragment(
    local: Credentials, mid: str, kind: str, candidates: Sequence[tuple[str, int]]
) -> str:
    """The server's side of an ICE restart (RFC 9725, section 4.3.3)."""
    lines = [
        "a=ice-lite",
        f"a=ice-ufrag:{local.ufrag}",
        f"a=ice-pwd:{local.pwd}",
        f"m={kind} 9 UDP/TLS/RTP/SAVPF 0",
        f"a=mid:{mid}",
        *candidate_lines(candidates),
    ]
    return "\r\n".join(lines) + "\r\n"
