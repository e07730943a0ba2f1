"""What a viewer (WHEP) offers to receive, as far as Podium can send it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from podium.media.engine import CodecChoice, Kind
from podium.media.sdp.grammar import Description, SdpError, Section, number, parse
from podium.media.sdp.transport import Transport, transport

MID_EXTENSION: Final = "urn:ietf:params:rtp-hdrext:sdes:mid"
ABS_SEND_TIME: Final = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"
_FEEDBACK: Final = ("nack", "nack pli", "ccm fir", "goog-remb")
"""What the engine answers to (RFC 4585, RFC 5104, draft-alvestrand-rmcat-remb)."""
_CLOCKS: Final[Mapping[str, str]] = {
    "VP8": "90000",
    "H264": "90000",
    "VP9": "90000",
    "AV1": "90000",
    "opus": "48000/2",
}
_KINDS: Final[Mapping[str, Kind]] = {"audio": "audio", "video": "video"}
_SECURE: Final = "UDP/TLS/RTP/SAVPF"


class NothingToSend(Exception):
    """The peer's fault: good SDP that asks for nothing that Podium could send."""


@dataclass(frozen=True, slots=True)
class Receiving:
    """A section that can be answered."""

    mid: str
    kind: Kind
    codecs: tuple[CodecChoice, ...]
    """In the offer's order of preference, one payload type for each codec."""
    feedback: Mapping[int, tuple[str, ...]]
    """By payload type, what both ends know."""
    mid_extension: int | None
    abs_send_time_extension: int | None
    reduced_size: bool
    """RFC 5506 was offered."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A section that is answered with port 0, and why."""

    kind: str
    protocol: str
    format: str
    mid: str | None
    why: str


@dataclass(frozen=True, slots=True)
class ViewerOffer:
    """``sections`` are all of the offer's, in its order."""

    transport: Transport
    sections: tuple[Receiving | Refused, ...]


def read_viewer_offer(text: str) -> ViewerOffer:
    """Raises ``SdpError`` when it is not a WebRTC offer, ``NothingToSend`` when no section of it
    can be answered."""
    description = parse(text)
    if not description.sections:
        raise SdpError("it has no media description (m=)")
    bundle = _bundle(description)
    sections = tuple(_read(section, bundle) for section in description.sections)
    first = next((n for n, s in enumerate(sections) if isinstance(s, Receiving)), None)
    if first is None:
        reasons = {s.why for s in sections if isinstance(s, Refused)}
        raise NothingToSend("; ".join(sorted(reasons)))
    mids = [s.mid for s in sections if isinstance(s, Receiving)]
    if len(set(mids)) != len(mids):
        raise SdpError("two media descriptions have the same a=mid")
    tagged = _tagged(description, bundle) or description.sections[first]
    return ViewerOffer(transport(description, tagged), sections)


def _bundle(description: Description) -> tuple[str, ...]:
    for group in description.all("group"):
        semantics, *mids = group.split(" ")
        if semantics == "BUNDLE":
            return tuple(mids)
    return ()


def _tagged(description: Description, bundle: tuple[str, ...]) -> Section | None:
    """The section that the whole bundle's transport is taken from (RFC 9143, section 7.2)."""
    return next((s for s in description.sections if bundle and s.first("mid") == bundle[0]), None)


def _read(section: Section, bundle: tuple[str, ...]) -> Receiving | Refused:
    mid = section.first("mid")
    why = _obstacle(section, mid, bundle)
    kind = _KINDS.get(section.kind)
    if why is None and kind is not None and mid is not None:
        codecs = tuple(_codecs(section, kind))
        if codecs:
            return _receiving(section, mid, kind, codecs)
        why = f"no common {kind} codec: Podium sends " + (
            "opus" if kind == "audio" else "VP8, H264 (baseline, packetization-mode 1), VP9 and AV1"
        )
    return Refused(
        section.kind, section.protocol, section.formats[0], mid, why or "only audio and video"
    )


def _obstacle(section: Section, mid: str | None, bundle: tuple[str, ...]) -> str | None:
    if section.kind not in _KINDS:
        return f'"m={section.kind[:20]}" is not served, only audio and video'
    if section.protocol != _SECURE:
        return f"media is sent as {_SECURE} only"
    if section.port == 0 and not section.has("bundle-only"):
        return "the section is switched off (port 0)"
    if section.has("sendonly") or section.has("inactive"):
        return "the section does not receive"
    if mid is None or not mid.isascii() or not 1 <= len(mid) <= 16 or " " in mid:
        return "a=mid is missing or longer than 16 characters"
    if mid not in bundle:
        return "all media must be in one BUNDLE group"
    if not section.has("rtcp-mux"):
        return "a=rtcp-mux is required"
    return None


def _receiving(
    section: Section, mid: str, kind: Kind, codecs: tuple[CodecChoice, ...]
) -> Receiving:
    extensions = dict(_extensions(section))
    known = () if kind == "audio" else _FEEDBACK
    offered = [value.partition(" ") for value in section.all("rtcp-fb")]
    feedback = {
        codec.payload_type: tuple(
            kind_
            for kind_ in known
            if any(
                pt in ("*", str(codec.payload_type)) and what == kind_ for pt, _, what in offered
            )
        )
        for codec in codecs
    }
    return Receiving(
        mid=mid,
        kind=kind,
        codecs=codecs,
        feedback=feedback,
        mid_extension=extensions.get(MID_EXTENSION),
        abs_send_time_extension=extensions.get(ABS_SEND_TIME),
        reduced_size=section.has("rtcp-rsize"),
    )


def _codecs(section: Section, kind: Kind) -> Iterator[CodecChoice]:
    """The first usable payload type of each codec."""
    maps = dict(_by_payload_type(section, "rtpmap"))
    parameters = dict(_by_payload_type(section, "fmtp"))
    resends = {
        _parameter(parameters.get(pt, ""), "apt"): pt
        for pt, value in maps.items()
        if value.lower() == "rtx/90000"
    }
    wanted = {n.lower(): n for n in _CLOCKS if (n == "opus") == (kind == "audio")}
    taken: set[str] = set()
    for pt in section.formats:
        encoding, _, clock = maps.get(pt, "").partition("/")
        name = wanted.get(encoding.lower())
        fmtp = parameters.get(pt, "")
        if name is None or name in taken or clock != _CLOCKS[name] or not _usable(name, fmtp):
            continue
        taken.add(name)
        rtx = resends.get(pt)
        yield CodecChoice(
            name, _payload_type(pt), fmtp, None if rtx is None else _payload_type(rtx)
        )


def _usable(name: str, fmtp: str) -> bool:
    match name:
        case "H264":
            # RFC 6184, 8.1: without a profile, baseline; FU-A needs packetization-mode 1.
            profile = _parameter(fmtp, "profile-level-id") or "42000a"
            return profile[:2] == "42" and _parameter(fmtp, "packetization-mode") == "1"
        case "VP9":
            return (_parameter(fmtp, "profile-id") or "0") == "0"
        case "AV1":
            return (_parameter(fmtp, "profile") or "0") == "0"
        case _:
            return True


def _parameter(fmtp: str, name: str) -> str | None:
    for part in fmtp.split(";"):
        key, _, value = part.strip().partition("=")
        if key.lower() == name:
            return value.strip().lower()
    return None


def _by_payload_type(section: Section, name: str) -> Iterator[tuple[str, str]]:
    for value in section.all(name):
        pt, _, rest = value.partition(" ")
        yield pt, rest.strip()


def _payload_type(text: str) -> int:
    return number(text, "a payload type", 127)


def _extensions(section: Section) -> Iterator[tuple[str, int]]:
    """URI and id; ids above 14 need two-byte headers (RFC 8285), which Podium does not write."""
    for value in section.all("extmap"):
        id_, _, rest = value.partition(" ")
        uri = rest.split(" ")[0]
        found = number(id_.partition("/")[0], "a header extension's id", 255)
        if 1 <= found <= 14:
            yield uri, found
