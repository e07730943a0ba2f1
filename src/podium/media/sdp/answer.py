"""Writes the answer to a viewer (WHEP): ICE-lite, one bundle, every picture its own track."""

from __future__ import annotations

import ipaddress
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from podium.media.engine import StreamChoice
from podium.media.sdp.offer import (
    ABS_SEND_TIME,
    MID_EXTENSION,
    Receiving,
    Refused,
    ViewerOffer,
)
from podium.media.sdp.transport import Credentials, Setup

STREAM = "podium"
"""The MediaStream's id. A track's id is its slot's name for clients that take it from the answer;
a browser's track has the id of the transceiver that the page made: there the order tells."""
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


@dataclass(frozen=True, slots=True)
class ServerEnd:
    """What the engine announces of itself."""

    fingerprint: str
    candidates: Sequence[tuple[str, int]]


def new_credentials() -> Credentials:
    """96 and 190 random bits; RFC 8445, section 5.3, asks for 24 and 128."""
    return Credentials(_letters(16), _letters(32))


def choose_streams(offer: ViewerOffer, sound: str, pictures: Sequence[str]) -> list[StreamChoice]:
    """The first audio section gets the slot ``sound``, the video sections get ``pictures`` in
    order; what is left over of either side stays empty."""
    audio, video = iter([sound]), iter(pictures)
    ssrcs: set[int] = set()
    streams: list[StreamChoice] = []
    for section in offer.sections:
        if isinstance(section, Refused):
            continue
        slot = next(audio if section.kind == "audio" else video, None)
        if slot is None:
            continue
        resends = any(codec.rtx is not None for codec in section.codecs)
        streams.append(
            StreamChoice(
                mid=section.mid,
                kind=section.kind,
                slot=slot,
                ssrc=_ssrc(ssrcs),
                codecs=section.codecs,
                rtx_ssrc=_ssrc(ssrcs) if resends else None,
                mid_extension=section.mid_extension,
                abs_send_time_extension=section.abs_send_time_extension,
            )
        )
    return streams


def dtls_client(offer: ViewerOffer) -> bool:
    """The engine waits to be called, and so chooses the cipher, unless the peer insists."""
    return offer.transport.setup is Setup.PASSIVE


def write_answer(
    offer: ViewerOffer, streams: Sequence[StreamChoice], local: Credentials, server: ServerEnd
) -> str:
    by_mid = {stream.mid: stream for stream in streams}
    lines = [
        "v=0",
        f"o=- {secrets.randbits(62)} 1 IN IP4 0.0.0.0",
        "s=-",
        "t=0 0",
        "a=group:BUNDLE " + " ".join(by_mid),
        "a=ice-lite",
        f"a=msid-semantic:WMS {STREAM}",
    ]
    candidates = list(_candidates(server.candidates))
    for section in offer.sections:
        stream = by_mid.get(section.mid) if isinstance(section, Receiving) else None
        if stream is None or isinstance(section, Refused):
            lines += _rejected(section)
            continue
        lines += _media(section, stream)
        lines += _transport(offer, local, server)
        lines += candidates  # once: the bundle has one transport
        candidates = []
    return "\r\n".join(lines) + "\r\n"


def candidate_lines(addresses: Sequence[tuple[str, int]]) -> list[str]:
    return list(_candidates(addresses))


def _media(section: Receiving, stream: StreamChoice) -> Iterator[str]:
    formats = [str(pt) for c in stream.codecs for pt in (c.payload_type, c.rtx) if pt is not None]
    yield f"m={stream.kind} 9 UDP/TLS/RTP/SAVPF {' '.join(formats)}"
    yield "c=IN IP4 0.0.0.0"
    yield "a=rtcp:9 IN IP4 0.0.0.0"
    yield f"a=mid:{stream.mid}"
    yield "a=sendonly"
    yield f"a=msid:{STREAM} {stream.slot}"
    yield "a=rtcp-mux"
    if section.reduced_size:
        yield "a=rtcp-rsize"
    if stream.mid_extension is not None:
        yield f"a=extmap:{stream.mid_extension} {MID_EXTENSION}"
    if stream.abs_send_time_extension is not None:
        yield f"a=extmap:{stream.abs_send_time_extension} {ABS_SEND_TIME}"
    for codec in stream.codecs:
        clock = "48000/2" if stream.kind == "audio" else "90000"
        yield f"a=rtpmap:{codec.payload_type} {codec.name}/{clock}"
        if codec.fmtp:
            yield f"a=fmtp:{codec.payload_type} {codec.fmtp}"
        for feedback in section.feedback.get(codec.payload_type, ()):
            yield f"a=rtcp-fb:{codec.payload_type} {feedback}"
        if codec.rtx is not None:
            yield f"a=rtpmap:{codec.rtx} rtx/90000"
            yield f"a=fmtp:{codec.rtx} apt={codec.payload_type}"
    if stream.rtx_ssrc is not None:
        yield f"a=ssrc-group:FID {stream.ssrc} {stream.rtx_ssrc}"
    # Chromium takes the first source named for the stream itself.
    yield f"a=ssrc:{stream.ssrc} cname:{STREAM}"
    if stream.rtx_ssrc is not None:
        yield f"a=ssrc:{stream.rtx_ssrc} cname:{STREAM}"


def _transport(offer: ViewerOffer, local: Credentials, server: ServerEnd) -> Iterator[str]:
    yield f"a=ice-ufrag:{local.ufrag}"
    yield f"a=ice-pwd:{local.pwd}"
    yield f"a=fingerprint:{server.fingerprint}"
    yield f"a=setup:{'active' if dtls_client(offer) else 'passive'}"


def _candidates(addresses: Sequence[tuple[str, int]]) -> Iterator[str]:
    for index, (address, port) in enumerate(addresses):
        # RFC 8445, 5.1.2.1: host candidates; IPv6 and earlier addresses before the others.
        version = ipaddress.ip_address(address).version
        local = (65_535 if version == 6 else 65_000) - index
        priority = (126 << 24) | (local << 8) | 255
        yield f"a=candidate:{index + 1} 1 udp {priority} {address} {port} typ host"
    yield "a=end-of-candidates"


def _rejected(section: Receiving | Refused) -> Iterator[str]:
    if isinstance(section, Refused):
        kind, protocol, format_ = section.kind, section.protocol, section.format
    else:
        kind, protocol = section.kind, "UDP/TLS/RTP/SAVPF"
        format_ = str(section.codecs[0].payload_type)
    yield f"m={kind} 0 {protocol} {format_}"
    yield "c=IN IP4 0.0.0.0"
    if section.mid is not None:
        yield f"a=mid:{section.mid}"
    yield "a=inactive"


def _ssrc(taken: set[int]) -> int:
    while True:
        ssrc = secrets.randbits(32)
        if ssrc and ssrc not in taken:
            taken.add(ssrc)
            return ssrc


def _letters(count: int) -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(count))
