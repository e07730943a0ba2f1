"""Session descriptions, their payload formats and their keys: read and written."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podium.hall.legs import SrtpProfile
from podium.telephone.sip.sdes import KEY_LENGTHS, Crypto, cryptos_of, own_key
from podium.telephone.sip.sdp import (
    MAX_SIZE,
    Direction,
    Media,
    is_unicast,
    parse_rtcp,
    parse_sdp,
)
from podium.telephone.sip.sdp_formats import formats_of
from podium.telephone.sip.syntax import SipSyntaxError

OFFER = b"""v=0\r
o=alice 18446744073709551616 2890844526 IN IP6 2001:db8::1\r
s= \r
i=nothing\r
c=IN IP6 2001:db8::1\r
b=AS:380\r
t=0 0\r
a=sendonly\r
m=audio 49170 RTP/AVP 98 0 101 18 100\r
c=IN IP4 224.2.1.1/127/3\r
a=rtpmap:98 opus/48000/2\r
a=fmtp:98 useinbandfec=1\r
a=rtpmap:101 telephone-event/8000\r
a=fmtp:101 0-16\r
a=rtcp-mux\r
a=ptime:20\r
m=video 51372/2 RTP/AVP 31\r
a=inactive\r
"""


def test_what_a_call_needs_is_read() -> None:
    session = parse_sdp(OFFER)
    audio, video = session.media
    assert session.origin.id == "18446744073709551616"
    assert session.address_of(audio) == "224.2.1.1"
    assert session.address_of(video) == "2001:db8::1"
    assert session.direction_of(audio) is Direction.SENDONLY
    assert session.direction_of(video) is Direction.INACTIVE
    assert (audio.port, audio.protocol) == (49170, "RTP/AVP")
    assert (audio.get("ptime"), audio.get("rtcp-mux"), audio.get("rtcp")) == ("20", "", None)
    assert (video.port, video.formats) == (51372, ("31",))


def test_formats_are_explained_and_what_nothing_explains_is_left_out() -> None:
    audio = parse_sdp(OFFER).media[0]
    assert [
        (found.payload_type, found.encoding, found.clock, found.channels, found.parameters)
        for found in formats_of(audio)
    ] == [
        (98, "opus", 48000, 2, "useinbandfec=1"),
        (0, "PCMU", 8000, 1, ""),
        (101, "telephone-event", 8000, 1, "0-16"),
    ]


def test_written_and_read_again_it_is_the_same() -> None:
    session = parse_sdp(OFFER)
    assert parse_sdp(str(session).encode()) == session


def test_bare_line_feeds_and_missing_lines_are_borne() -> None:
    text = b"v=0\no=- 1 1 IN IP4 192.0.2.1\nc=IN IP4 192.0.2.1\nm=audio 4000 RTP/AVP 8\n\n"
    assert parse_sdp(text).media[0].formats == ("8",)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"v=0", b"v=1"),
        (b"o=alice", b"x=alice"),
        (b"2890844526", b"two"),
        (b"c=IN IP6 2001:db8::1", b"c=IN IP4 2001:db8::1"),
        (b"c=IN IP6 2001:db8::1", b"c=IN IP6 192.0.2.1"),
        (b"c=IN IP4 224.2.1.1/127/3", b"c=IN IP4"),
        (b"m=audio 49170", b"m=audio 99999"),
        (b"m=audio 49170", b"m=audio port"),
        (b"RTP/AVP 31", b"RTP/AVP"),
        (b"b=AS:380", b"nonsense"),
        (b"m=video 51372/2 RTP/AVP 31\r\n", b"m=video 1 RTP/AVP 31\r\n" * 20),
        (b"a=ptime:20\r\n", b"a=x\r\n" * 500),
        (b"a=ptime:20", b"a=ptime:" + b"0" * MAX_SIZE),
        (b"98 0 101 18 100", b" ".join([b"0"] * 100)),
    ],
)
def test_malformed(old: bytes, new: bytes) -> None:
    assert old in OFFER
    with pytest.raises(SipSyntaxError):
        parse_sdp(OFFER.replace(old, new))


@pytest.mark.parametrize(
    "line",
    ["rtpmap:98 opus", "rtpmap:x opus/48000", "rtpmap:98 opus/x", "rtpmap:999 opus/48000/2"],
)
def test_malformed_formats(line: str) -> None:
    name, _, value = line.partition(":")
    with pytest.raises(SipSyntaxError):
        formats_of(Media("audio", 1, "RTP/AVP", ("98",), None, ((name, value),)))


def test_formats_must_be_payload_types() -> None:
    with pytest.raises(SipSyntaxError):
        formats_of(Media("audio", 1, "RTP/AVP", ("128",)))


def test_rtcp_elsewhere() -> None:
    assert parse_rtcp("53020") == (53020, None)
    assert parse_rtcp("53020 IN IP6 2001:db8::2") == (53020, "2001:db8::2")
    for value in ("", "x", "70000", "1 IN IP4 nonsense!"):
        with pytest.raises(SipSyntaxError):
            parse_rtcp(value)


@pytest.mark.parametrize(
    ("address", "fits"),
    [
        ("192.0.2.1", True),
        ("2001:db8::1", True),
        ("224.0.0.1", False),
        ("ff02::1", False),
        ("255.255.255.255", False),
        ("host.example", False),
        ("fe80::1%eth0", False),
    ],
)
def test_where_packets_may_be_sent(address: str, fits: bool) -> None:
    assert is_unicast(address) is fits


@pytest.mark.parametrize("direction", list(Direction))
def test_directions(direction: Direction) -> None:
    assert direction.seen_from_there().seen_from_there() is direction
    assert direction.within(Direction.SENDRECV) is direction
    assert direction.within(Direction.INACTIVE) is Direction.INACTIVE


def b64(length: int) -> str:
    return base64.b64encode(bytes(range(length))).decode()


@pytest.mark.parametrize("profile", list(KEY_LENGTHS))
def test_keys_are_read_and_written(profile: SrtpProfile) -> None:
    key = bytes(range(KEY_LENGTHS[profile]))
    crypto = Crypto(3, profile, key)
    assert Crypto.parse(str(crypto)) == crypto
    assert Crypto.parse(f"{crypto}|2^31") == crypto
    assert Crypto.parse(f"{crypto}|1048576 WSH=128") == crypto
    assert Crypto.parse(str(crypto).rstrip("=")) == crypto
    assert b64(4)[:4] not in repr(crypto)


def test_the_example_of_rfc_4568() -> None:
    line = "1 AES_CM_128_HMAC_SHA1_80 inline:NzB4d1BINUAvLEw6UzF3WSJ+PSdFcGdUJShpX1Zj|2^20"
    assert Crypto.parse(line).key == b"70xwPH5@/,L:S1wY\"~='EpgT%(i_Vc"


@pytest.mark.parametrize(
    "line",
    [
        "",
        "x AES_CM_128_HMAC_SHA1_80 inline:" + b64(30),
        "1 F8_128_HMAC_SHA1_80 inline:" + b64(30),
        "1 AES_CM_128_HMAC_SHA1_80 " + b64(30),
        "1 AES_CM_128_HMAC_SHA1_80 inline:" + b64(29),
        "1 AES_CM_128_HMAC_SHA1_80 inline:" + "?" * 40,
        f"1 AES_CM_128_HMAC_SHA1_80 inline:{b64(30)}|2^20|1:4",
        f"1 AES_CM_128_HMAC_SHA1_80 inline:{b64(30)}|1:4",
        f"1 AES_CM_128_HMAC_SHA1_80 inline:{b64(30)};inline:{b64(30)}",
        f"1 AES_CM_128_HMAC_SHA1_80 inline:{b64(30)} UNENCRYPTED_SRTP",
        f"1 AES_CM_128_HMAC_SHA1_80 inline:{b64(30)} UNAUTHENTICATED_SRTP",
        f"1 AES_CM_128_HMAC_SHA1_80 inline:{b64(30)} KDR=1",
    ],
)
def test_keys_that_cannot_be_used_are_passed_over(line: str) -> None:
    good = f"2 AEAD_AES_128_GCM inline:{b64(28)}"
    media = Media("audio", 1, "RTP/SAVP", ("0",), None, (("crypto", line), ("crypto", good)))
    assert [crypto.tag for crypto in cryptos_of(media)] == [2]


def test_own_keys_differ_by_profile_and_by_leg() -> None:
    keys = {own_key(seed * 32, profile) for seed in (b"a", b"b") for profile in KEY_LENGTHS}
    assert len(keys) == 8
    assert {len(key) for key in keys} == {28, 30, 44}
    with pytest.raises(ValueError, match="random"):
        own_key(b"short", "AEAD_AES_128_GCM")


@given(st.binary(max_size=200))
def test_garbage_is_refused(octets: bytes) -> None:
    with pytest.raises(SipSyntaxError):
        parse_sdp(octets)


@given(st.integers(0, len(OFFER)), st.integers(0, len(OFFER)), st.binary(max_size=6))
def test_spliced(start: int, end: int, middle: bytes) -> None:
    try:
        session = parse_sdp(OFFER[:start] + middle + OFFER[end:])
    except SipSyntaxError:
        return
    assert parse_sdp(str(session).encode()) == session
