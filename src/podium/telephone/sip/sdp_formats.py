"""Payload formats: what numbers mean (RFC 3551, RFC 4733, RFC 7587) and which are ours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from podium.hall.legs import LegCodec
from podium.telephone.sip.sdp import Attributes, Media
from podium.telephone.sip.syntax import SipSyntaxError, parse_number

EVENTS: Final = "telephone-event"
_LARGEST_PAYLOAD_TYPE: Final = 127
_LARGEST_CLOCK: Final = 192_000
_DYNAMIC: Final = range(96, 128)


@dataclass(frozen=True, slots=True)
class Format:
    """``encoding`` as ours is spelled, else as sent; ``clock`` in Hz."""

    payload_type: int
    encoding: str
    clock: int
    channels: int = 1
    parameters: str = ""
    """Of its ``fmtp``."""

    @property
    def codec(self) -> LegCodec | None:
        """The codec that Podium has for it."""
        return _BY_KIND.get((self.encoding.lower(), self.clock))

    @property
    def is_events(self) -> bool:
        return self.encoding.lower() == EVENTS

    def attributes(self) -> Attributes:
        channels = f"/{self.channels}" if self.channels > 1 else ""
        rtpmap = f"{self.payload_type} {self.encoding}/{self.clock}{channels}"
        if not self.parameters:
            return (("rtpmap", rtpmap),)
        return (("rtpmap", rtpmap), ("fmtp", f"{self.payload_type} {self.parameters}"))


OURS: Final[dict[LegCodec, Format]] = {
    "PCMA": Format(8, "PCMA", 8000),
    "PCMU": Format(0, "PCMU", 8000),
    # Sampled at 16 kHz, but its RTP clock is 8000 by an old mistake (RFC 3551, 4.5.2).
    "G722": Format(9, "G722", 8000),
    "opus": Format(96, "opus", 48000, 2, "useinbandfec=1"),
}
EVENT_FORMATS: Final = {
    8000: Format(101, EVENTS, 8000, parameters="0-15"),
    48000: Format(102, EVENTS, 48000, parameters="0-15"),
}
"""By clock."""

_BY_KIND: Final[dict[tuple[str, int], LegCodec]] = {
    ("pcma", 8000): "PCMA",
    ("pcmu", 8000): "PCMU",
    ("g722", 8000): "G722",
    ("g722", 16000): "G722",
    ("opus", 48000): "opus",
}
_STATIC: Final = {
    ours.payload_type: ours for ours in OURS.values() if ours.payload_type not in _DYNAMIC
}


def formats_of(media: Media) -> tuple[Format, ...]:
    """Of an RTP section, in its order. Numbers that nothing explains are left out.

    Raises ``SipSyntaxError``.
    """
    maps = dict(_parse_rtpmap(value) for value in media.all("rtpmap"))
    parameters = dict(_parse_fmtp(value) for value in media.all("fmtp"))
    formats: list[Format] = []
    for text in media.formats:
        number = parse_number(text, _LARGEST_PAYLOAD_TYPE, "a payload type")
        known = maps.get(number) or _STATIC.get(number)
        if known is not None:
            fitting = parameters.get(number, "")
            formats.append(Format(number, known.encoding, known.clock, known.channels, fitting))
    return tuple(formats)


def events_for(codec: Format, offered: tuple[Format, ...]) -> Format | None:
    """The digits' format that goes with a codec: the one at its clock (RFC 4733, 2.5.1.1).

    Some phones offer only 8000 whatever the codec; digits can be told apart all the same.
    """
    events = [fitting for fitting in offered if fitting.is_events]
    for clock in (codec.clock, 8000):
        found = next((fitting for fitting in events if fitting.clock == clock), None)
        if found is not None:
            return found
    return None


def _parse_rtpmap(value: str) -> tuple[int, Format]:
    number, _, rest = value.partition(" ")
    parts = rest.strip().split("/")
    if not 2 <= len(parts) <= 3 or not parts[0]:
        raise SipSyntaxError("an rtpmap is malformed")
    payload_type = parse_number(number, _LARGEST_PAYLOAD_TYPE, "a payload type")
    clock = parse_number(parts[1].strip(), _LARGEST_CLOCK, "a clock rate")
    channels = parse_number(parts[2].strip(), 255, "a channel count") if len(parts) == 3 else 1
    return payload_type, Format(payload_type, parts[0], clock, channels)


def _parse_fmtp(value: str) -> tuple[int, str]:
    number, _, rest = value.partition(" ")
    return parse_number(number, _LARGEST_PAYLOAD_TYPE, "a payload type"), rest.strip()
