"""Offer and answer (RFC 3264) as pure functions; RFC 6337 where that leaves room.

One audio stream is taken; everything else that is offered is rejected in its place. What an
answer is made of besides the offer is constant for a leg, so the answer to an unchanged offer is
unchanged, and its version too.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Final

from podium.hall.legs import LegCodec, LegMedia, SrtpKeys
from podium.telephone.sip.agreement import (
    Capabilities,
    LocalLeg,
    Mismatch,
    Negotiated,
    NotAcceptable,
)
from podium.telephone.sip.sdes import (
    Crypto,
    SrtpPolicy,
    cryptos_of,
    own_key,
)
from podium.telephone.sip.sdp import (
    Attributes,
    Direction,
    Media,
    Origin,
    SessionDescription,
    is_unicast,
    parse_rtcp,
)
from podium.telephone.sip.sdp_formats import (
    EVENT_FORMATS,
    OURS,
    Format,
    events_for,
    formats_of,
)

_PLAIN: Final = ("RTP/AVP", "RTP/AVPF")
_SECURE: Final = ("RTP/SAVP", "RTP/SAVPF")
_NOWHERE: Final = ("0.0.0.0", "::")  # noqa: S104 - hold as in RFC 2543, no address to bind
_LONGEST_PTIME: Final = 1000
_MILLISECONDS: Final = re.compile(r"[0-9]{1,4}(?![0-9])")


def answer(
    offer: SessionDescription,
    can: Capabilities,
    leg: LocalLeg,
    previous: SessionDescription | None = None,
    wanted: Direction = Direction.SENDRECV,
) -> Negotiated | NotAcceptable:
    """Answer an offer (RFC 3264, 6) by the first audio that can be taken, encrypted before plain.

    ``previous``: our last description in this dialog, for the version. ``wanted``: less than
    ``SENDRECV`` to hold the peer. Raises ``SipSyntaxError`` if the offer is malformed within.
    """
    refusals: list[Mismatch] = []
    audio = [n for n, media in enumerate(offer.media) if media.kind == "audio" and media.port]
    for index in sorted(audio, key=lambda n: offer.media[n].protocol not in _SECURE):
        media = offer.media[index]
        taken = _answer_audio(offer, media, can, leg, wanted)
        if isinstance(taken, Mismatch):
            refusals.append(taken)
            continue
        section, agreed = taken
        sections = [other.rejected() for other in offer.media]
        sections[index] = section
        return Negotiated(_described(leg, tuple(sections), previous), agreed)
    return NotAcceptable(refusals[0] if refusals else Mismatch.NO_AUDIO)


def make_offer(
    can: Capabilities,
    leg: LocalLeg,
    previous: SessionDescription | None = None,
    wanted: Direction = Direction.SENDRECV,
) -> SessionDescription:
    """Offer (RFC 3264, 5), also late in a 200.

    With ``previous``, our last description in this dialog, it is offered again with another
    direction (8): all keeps its place, its codecs and its keys, and a mere refresh its version.
    """
    if previous is not None:
        at = _live_audio(previous)
        sections = list(previous.media)
        sections[at] = _turned(sections[at], wanted)
        return _described(leg, tuple(sections), previous)
    codecs = [OURS[codec] for codec in can.codecs]
    clocks = sorted({codec.clock for codec in codecs})
    cryptos: tuple[Crypto, ...] = ()
    if can.srtp is not SrtpPolicy.REFUSED:
        cryptos = tuple(
            Crypto(tag, profile, own_key(leg.srtp_seed, profile))
            for tag, profile in enumerate(can.profiles, 1)
        )
    protocol = "RTP/SAVP" if can.srtp is SrtpPolicy.MANDATORY else "RTP/AVP"
    formats = (*codecs, *(EVENT_FORMATS[clock] for clock in clocks))
    section = _section(leg, protocol, formats, cryptos, wanted, can.ptime, mux=True)
    return _described(leg, (section,), None)


def accept_answer(
    offer: SessionDescription, theirs: SessionDescription, can: Capabilities, leg: LocalLeg
) -> Negotiated | NotAcceptable:
    """What the answer to our ``offer`` means (RFC 3264, 7).

    Of several codecs in the answer its first counts. Raises ``SipSyntaxError`` if the answer is
    malformed within.
    """
    at = _live_audio(offer)
    media = theirs.media[at] if at < len(theirs.media) else None
    if media is None or media.kind != "audio" or media.port == 0:
        return NotAcceptable(Mismatch.NO_AUDIO)
    ours = offer.media[at]
    chosen = _choose(formats_of(media), {found.codec for found in formats_of(ours)})
    if chosen is None:
        return NotAcceptable(Mismatch.NO_COMMON_CODEC)
    crypto = _answered_crypto(cryptos_of(ours), cryptos_of(media))
    encrypted = _encryption(media, crypto, can)
    if encrypted is None and crypto is None and media.get("crypto") is not None:
        encrypted = Mismatch.ENCRYPTION_REFUSED
    if encrypted is not None:
        return NotAcceptable(encrypted)
    direction = theirs.direction_of(media).seen_from_there()
    said = offer.direction_of(ours)
    agreed = _leg_media(theirs, media, chosen, crypto, direction.within(said), can, leg)
    if agreed is None:
        return NotAcceptable(Mismatch.ADDRESS)
    return Negotiated(offer, agreed)


@dataclass(frozen=True, slots=True)
class _Chosen:
    codec: Format
    ours: LegCodec
    events: Format | None


def _answer_audio(
    offer: SessionDescription,
    media: Media,
    can: Capabilities,
    leg: LocalLeg,
    wanted: Direction,
) -> tuple[Media, LegMedia] | Mismatch:
    if media.protocol not in (*_PLAIN, *_SECURE):
        return Mismatch.ENCRYPTION_REFUSED
    crypto = None
    if can.srtp is not SrtpPolicy.REFUSED:
        usable = (found for found in cryptos_of(media) if found.profile in can.profiles)
        crypto = next(usable, None)
    encrypted = _encryption(media, crypto, can)
    if encrypted is not None:
        return encrypted
    chosen = _choose(formats_of(media), can.codecs)
    if chosen is None:
        return Mismatch.NO_COMMON_CODEC
    direction = offer.direction_of(media).seen_from_there().within(wanted)
    agreed = _leg_media(offer, media, chosen, crypto, direction, can, leg)
    if agreed is None:
        return Mismatch.ADDRESS
    cryptos: tuple[Crypto, ...] = ()
    if crypto is not None:
        key = own_key(leg.srtp_seed, crypto.profile)
        cryptos = (Crypto(crypto.tag, crypto.profile, key),)
    section = _section(
        leg,
        media.protocol,
        _answered_formats(chosen),
        cryptos,
        Direction((agreed.sends, agreed.receives)),
        agreed.ptime_ms,
        mux=agreed.remote_rtcp is None,
    )
    return section, agreed


def _encryption(media: Media, crypto: Crypto | None, can: Capabilities) -> Mismatch | None:
    """What stands against this section's protection or lack of it."""
    if crypto is not None:
        return None
    if media.protocol in _SECURE:
        refused = can.srtp is SrtpPolicy.REFUSED
        return Mismatch.ENCRYPTION_REFUSED if refused else Mismatch.ENCRYPTION_NEEDED
    return Mismatch.ENCRYPTION_NEEDED if can.srtp is SrtpPolicy.MANDATORY else None


def _answered_crypto(offered: tuple[Crypto, ...], answered: tuple[Crypto, ...]) -> Crypto | None:
    """By tag and suite (RFC 4568, 5.1.3); by the suite alone for those who count anew."""
    for same_tag in (True, False):
        for theirs in answered:
            for ours in offered:
                if theirs.profile == ours.profile and (theirs.tag == ours.tag or not same_tag):
                    return theirs
    return None


def _choose(formats: tuple[Format, ...], ours: Collection[LegCodec | None]) -> _Chosen | None:
    """The peer's first codec that is one of ``ours``, and its digits."""
    for found in formats:
        if found.codec is not None and found.codec in ours:
            return _Chosen(found, found.codec, events_for(found, formats))
    return None


def _answered_formats(chosen: _Chosen) -> tuple[Format, ...]:
    ours = OURS[chosen.ours]
    formats = [
        Format(chosen.codec.payload_type, ours.encoding, ours.clock, ours.channels, ours.parameters)
    ]
    if chosen.events is not None:
        events = chosen.events
        formats.append(Format(events.payload_type, events.encoding, events.clock, 1, "0-15"))
    return tuple(formats)


def _leg_media(
    theirs: SessionDescription,
    media: Media,
    chosen: _Chosen,
    crypto: Crypto | None,
    direction: Direction,
    can: Capabilities,
    leg: LocalLeg,
) -> LegMedia | None:
    """``None``: the address is not one to which packets can be sent."""
    address = theirs.address_of(media)
    if address is None or not is_unicast(address):
        return None
    if address in _NOWHERE:
        direction = direction.within(Direction.RECVONLY)
    srtp = None
    if crypto is not None:
        srtp = SrtpKeys(crypto.profile, own_key(leg.srtp_seed, crypto.profile), crypto.key)
    return LegMedia(
        (address, media.port),
        _rtcp_of(media, address),
        chosen.ours,
        chosen.codec.payload_type,
        None if chosen.events is None else chosen.events.payload_type,
        _ptime_of(media, can),
        direction.sends,
        direction.receives,
        srtp,
    )


def _rtcp_of(media: Media, address: str) -> tuple[str, int] | None:
    """RFC 5761 before RFC 3605 before the next port (RFC 3550, 11)."""
    if media.get("rtcp-mux") is not None:
        return None
    said = media.get("rtcp")
    if said is None:
        return address, min(media.port + 1, 65535)
    port, other = parse_rtcp(said)
    return other if other is not None and is_unicast(other) else address, port


def _ptime_of(media: Media, can: Capabilities) -> int:
    """The peer's wish, or the longest of ours below it and below its ``maxptime``."""
    wish, limit = (_milliseconds(media, name) for name in ("ptime", "maxptime"))
    most = min(wish or can.ptime, limit or _LONGEST_PTIME)
    return max((ours for ours in can.ptimes if ours <= most), default=can.ptimes[0])


def _milliseconds(media: Media, name: str) -> int | None:
    """``None`` where nothing sensible is said."""
    found = _MILLISECONDS.match(media.get(name) or "")
    return (int(found[0]) or None) if found is not None else None


def _live_audio(ours: SessionDescription) -> int:
    return next(n for n, media in enumerate(ours.media) if media.kind == "audio" and media.port)


def _turned(section: Media, direction: Direction) -> Media:
    words = {other.word for other in Direction}
    attributes = tuple(
        (direction.word, None) if name in words else (name, value)
        for name, value in section.attributes
    )
    return replace(section, attributes=attributes)


def _section(
    leg: LocalLeg,
    protocol: str,
    formats: tuple[Format, ...],
    cryptos: tuple[Crypto, ...],
    direction: Direction,
    ptime: int,
    *,
    mux: bool,
) -> Media:
    attributes: Attributes = (
        *(attribute for fitting in formats for attribute in fitting.attributes()),
        *(("crypto", str(crypto)) for crypto in cryptos),
        *((("rtcp-mux", None),) if mux else ()),
        ("ptime", str(ptime)),
        (direction.word, None),
    )
    numbers = tuple(str(fitting.payload_type) for fitting in formats)
    return Media("audio", leg.port, protocol, numbers, None, attributes)


def _described(
    leg: LocalLeg, media: tuple[Media, ...], previous: SessionDescription | None
) -> SessionDescription:
    """Version 1, the previous one if nothing else changes, or one more (RFC 3264, 8)."""
    version = int(previous.origin.version) if previous is not None else 1
    origin = Origin("-", str(leg.session_id), str(version), leg.address)
    made = SessionDescription(origin, leg.address, media)
    return made if previous is None or made == previous else made.with_version(version + 1)
