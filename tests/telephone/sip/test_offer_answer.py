"""Offer and answer: what phones say, and what comes of it."""

from __future__ import annotations

import base64
from dataclasses import replace

import pytest

from podium.hall.legs import LegMedia, SrtpProfile
from podium.telephone.sip.agreement import (
    Capabilities,
    LocalLeg,
    Mismatch,
    Negotiated,
    NotAcceptable,
)
from podium.telephone.sip.offer_answer import accept_answer, answer, make_offer
from podium.telephone.sip.sdes import KEY_LENGTHS, Crypto, SrtpPolicy, cryptos_of, own_key
from podium.telephone.sip.sdp import Direction, SessionDescription, parse_sdp
from podium.telephone.sip.sdp_formats import formats_of

CAN = Capabilities()
LEG = LocalLeg("192.0.2.9", 30000, 77, b"s" * 32)
PEER = LocalLeg("198.51.100.3", 40000, 5, b"p" * 32)
REFUSED, OPTIONAL, MANDATORY = SrtpPolicy.REFUSED, SrtpPolicy.OPTIONAL, SrtpPolicy.MANDATORY

LINPHONE = """v=0
o=li 3502 2402 IN IP4 198.51.100.3
s=Talk
c=IN IP4 198.51.100.3
t=0 0
a=rtcp-xr:rcvr-rtt=all:10000 stat-summary=loss,dup,jitt,TTL voip-metrics
m=audio 7078 RTP/AVP 96 97 98 0 8 101 99 100
a=rtpmap:96 opus/48000/2
a=fmtp:96 useinbandfec=1
a=rtpmap:97 speex/16000
a=fmtp:97 vbr=on
a=rtpmap:98 speex/8000
a=rtpmap:101 telephone-event/48000
a=rtpmap:99 telephone-event/16000
a=rtpmap:100 telephone-event/8000
a=rtcp-fb:* trr-int 1000
m=video 9078 RTP/AVP 96
a=rtpmap:96 VP8/90000
"""

BARESIP = """v=0
o=- 2890844526 1 IN IP6 2001:db8::3
s=-
c=IN IP6 2001:db8::3
t=0 0
a=tool:baresip 1.0.0
m=audio 10064 RTP/AVP 9 101
a=rtpmap:9 G722/8000
a=rtpmap:101 telephone-event/8000
a=fmtp:101 0-15
a=rtcp:10065 IN IP6 2001:db8::4
a=sendrecv
a=label:1
a=rtcp-rsize
a=ssrc:2763435 cname:sip:a@b
a=ptime:20
"""

SIPP = """v=0
o=user1 53655765 2353687637 IN IP4 198.51.100.3
s=-
c=IN IP4 198.51.100.3
t=0 0
m=audio 6000 RTP/AVP 0
a=rtpmap:0 PCMU/8000
"""


def read(text: str) -> SessionDescription:
    return parse_sdp(text.replace("\n", "\r\n").encode())


def agreed(result: Negotiated | NotAcceptable) -> Negotiated:
    assert isinstance(result, Negotiated)
    return result


def answered(text: str, can: Capabilities = CAN) -> Negotiated:
    return agreed(answer(read(text), can, LEG))


def refused(text: str, can: Capabilities = CAN) -> Mismatch:
    result = answer(read(text), can, LEG)
    assert isinstance(result, NotAcceptable)
    return result.why


def test_linphone_digits_are_taken_at_the_clock_of_the_codec() -> None:
    result = answered(LINPHONE)
    assert result.media == LegMedia(
        ("198.51.100.3", 7078),
        ("198.51.100.3", 7079),
        "opus",
        96,
        101,
        20,
        sends=True,
        receives=True,
        srtp=None,
    )
    assert str(result.local) == (
        "v=0\r\no=- 77 1 IN IP4 192.0.2.9\r\ns=-\r\nc=IN IP4 192.0.2.9\r\nt=0 0\r\n"
        "m=audio 30000 RTP/AVP 96 101\r\n"
        "a=rtpmap:96 opus/48000/2\r\na=fmtp:96 useinbandfec=1\r\n"
        "a=rtpmap:101 telephone-event/48000\r\na=fmtp:101 0-15\r\n"
        "a=ptime:20\r\na=sendrecv\r\n"
        "m=video 0 RTP/AVP 96\r\n"
    )
    narrow = answered(LINPHONE, replace(CAN, codecs=("PCMA", "PCMU")))
    assert (narrow.media.codec, narrow.media.payload_type) == ("PCMU", 0)
    assert narrow.media.events_payload_type == 100


def test_baresip_by_ipv6_with_rtcp_elsewhere() -> None:
    media = answered(BARESIP).media
    assert media.remote == ("2001:db8::3", 10064)
    assert media.remote_rtcp == ("2001:db8::4", 10065)
    assert (media.codec, media.payload_type, media.events_payload_type) == ("G722", 9, 101)


def test_g722_keeps_its_clock_of_8000_even_if_the_phone_knows_better() -> None:
    result = answered(BARESIP.replace("G722/8000", "G722/16000"))
    assert result.media.codec == "G722"
    assert "G722/8000" in str(result.local)
    assert result.media.events_payload_type == 101


def test_digits_at_8000_are_better_than_none() -> None:
    only = LINPHONE.replace("a=rtpmap:101 telephone-event/48000\n", "")
    assert answered(only).media.events_payload_type == 100


def test_sipp_without_digits() -> None:
    media = answered(SIPP).media
    assert (media.codec, media.events_payload_type) == ("PCMU", None)


def test_static_numbers_need_no_rtpmap() -> None:
    media = answered(SIPP.replace("AVP 0\na=rtpmap:0 PCMU/8000", "AVP 18 8")).media
    assert (media.codec, media.payload_type) == ("PCMA", 8)


@pytest.mark.parametrize(
    ("said", "sends", "receives", "ours"),
    [
        ("a=sendrecv", True, True, "sendrecv"),
        ("a=sendonly", False, True, "recvonly"),
        ("a=recvonly", True, False, "sendonly"),
        ("a=inactive", False, False, "inactive"),
        ("a=x", True, True, "sendrecv"),
    ],
)
def test_hold(said: str, sends: bool, receives: bool, ours: str) -> None:
    for text in (SIPP + said + "\n", SIPP.replace("t=0 0", "t=0 0\n" + said)):
        result = answered(text)
        assert (result.media.sends, result.media.receives) == (sends, receives)
        assert result.on_hold is not sends
        assert result.local.media[0].get(ours) == ""


@pytest.mark.parametrize("nowhere", ["IP4 0.0.0.0", "IP6 ::"])
def test_hold_as_in_rfc_2543(nowhere: str) -> None:
    result = answered(SIPP.replace("c=IN IP4 198.51.100.3", f"c=IN {nowhere}"))
    assert result.on_hold
    assert result.media.receives
    assert result.local.media[0].get("recvonly") == ""


def test_we_can_hold_in_an_answer() -> None:
    result = agreed(answer(read(SIPP), CAN, LEG, None, Direction.SENDONLY))
    assert (result.media.sends, result.media.receives) == (True, False)
    assert result.local.media[0].get("sendonly") == ""


@pytest.mark.parametrize(
    ("lines", "ptime"),
    [
        ("", 20),
        ("a=ptime:30\n", 30),
        ("a=ptime:25\n", 20),
        ("a=ptime:5\n", 10),
        ("a=ptime:120\n", 60),
        ("a=maxptime:10\n", 10),
        ("a=ptime:40\na=maxptime:30\n", 30),
        ("a=ptime:20.0\n", 20),
        ("a=ptime:\n", 20),
        ("a=ptime:99999\n", 20),
        ("a=ptime:0\n", 20),
    ],
)
def test_packet_times(lines: str, ptime: int) -> None:
    result = answered(SIPP + lines)
    assert result.media.ptime_ms == ptime
    assert result.local.media[0].get("ptime") == str(ptime)


def test_rtcp_on_the_same_port_only_if_offered() -> None:
    muxed = answered(SIPP + "a=rtcp-mux\na=rtcp:6001\n")
    assert muxed.media.remote_rtcp is None
    assert muxed.local.media[0].get("rtcp-mux") == ""
    assert answered(SIPP).local.media[0].get("rtcp-mux") is None
    assert answered(SIPP + "a=rtcp:7000\n").media.remote_rtcp == ("198.51.100.3", 7000)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (SIPP.replace("m=audio 6000", "m=audio 0"), Mismatch.NO_AUDIO),
        (SIPP.partition("m=")[0], Mismatch.NO_AUDIO),
        (SIPP.replace("m=audio", "m=video"), Mismatch.NO_AUDIO),
        (
            SIPP.replace("AVP 0\na=rtpmap:0 PCMU", "AVP 18\na=rtpmap:18 G729"),
            Mismatch.NO_COMMON_CODEC,
        ),
        (SIPP.replace("PCMU/8000", "PCMU/16000"), Mismatch.NO_COMMON_CODEC),
        (SIPP.replace("RTP/AVP", "UDP/TLS/RTP/SAVPF"), Mismatch.ENCRYPTION_REFUSED),
        (SIPP.replace("c=IN IP4 198.51.100.3\n", ""), Mismatch.ADDRESS),
        (SIPP.replace("c=IN IP4 198.51.100.3", "c=IN IP4 phone.example"), Mismatch.ADDRESS),
        (SIPP.replace("c=IN IP4 198.51.100.3", "c=IN IP4 224.0.1.1/15"), Mismatch.ADDRESS),
    ],
)
def test_no_common_ground(text: str, why: Mismatch) -> None:
    assert refused(text) is why
    assert NotAcceptable(why).warning("podium.example").startswith("30")


def test_everything_else_is_rejected_in_its_place() -> None:
    text = SIPP.replace(
        "m=audio", "m=application 5070 TCP/BFCP *\nm=audio 7000 RTP/AVP 18\nm=audio"
    )
    local = answered(text + "m=image 9 udptl t38\n").local
    assert [(media.kind, media.port) for media in local.media] == [
        ("application", 0),
        ("audio", 0),
        ("audio", 30000),
        ("image", 0),
    ]
    assert local.media[0].formats == ("*",)
    assert local.media[3].protocol == "UDPTL"


def crypto_lines(*profiles: SrtpProfile) -> str:
    return "".join(
        f"a=crypto:{tag} {profile} "
        f"inline:{base64.b64encode(own_key(PEER.srtp_seed, profile)).decode()}\n"
        for tag, profile in enumerate(profiles, 4)
    )


@pytest.mark.parametrize("profile", list(KEY_LENGTHS))
@pytest.mark.parametrize("protocol", ["RTP/SAVP", "RTP/SAVPF", "RTP/AVP", "RTP/AVPF"])
@pytest.mark.parametrize("policy", [OPTIONAL, MANDATORY])
def test_keys_are_exchanged(profile: SrtpProfile, protocol: str, policy: SrtpPolicy) -> None:
    text = SIPP.replace("RTP/AVP", protocol) + crypto_lines(profile)
    result = answered(text, replace(CAN, srtp=policy))
    assert result.media.srtp is not None
    assert result.media.srtp.remote == own_key(PEER.srtp_seed, profile)
    section = result.local.media[0]
    assert section.protocol == protocol
    assert cryptos_of(section) == (Crypto(4, profile, result.media.srtp.local),)
    assert result.media.srtp.local != result.media.srtp.remote


@pytest.mark.parametrize(
    ("protocol", "lines", "policy", "outcome"),
    [
        ("RTP/AVP", "", OPTIONAL, "plain"),
        ("RTP/AVP", "", REFUSED, "plain"),
        ("RTP/AVP", "", MANDATORY, Mismatch.ENCRYPTION_NEEDED),
        ("RTP/AVP", crypto_lines("AEAD_AES_128_GCM"), REFUSED, "plain"),
        ("RTP/AVP", "a=crypto:1 F8 inline:x\n", OPTIONAL, "plain"),
        ("RTP/AVP", "a=crypto:1 F8 inline:x\n", MANDATORY, Mismatch.ENCRYPTION_NEEDED),
        ("RTP/SAVP", crypto_lines("AEAD_AES_128_GCM"), REFUSED, Mismatch.ENCRYPTION_REFUSED),
        ("RTP/SAVP", "", OPTIONAL, Mismatch.ENCRYPTION_NEEDED),
        ("RTP/SAVP", "a=crypto:1 F8 inline:x\n", OPTIONAL, Mismatch.ENCRYPTION_NEEDED),
    ],
)
def test_the_policy_on_encryption(
    protocol: str, lines: str, policy: SrtpPolicy, outcome: Mismatch | str
) -> None:
    text = SIPP.replace("RTP/AVP", protocol) + lines
    can = replace(CAN, srtp=policy)
    if isinstance(outcome, Mismatch):
        assert refused(text, can) is outcome
    else:
        result = answered(text, can)
        assert result.media.srtp is None
        assert result.local.media[0].get("crypto") is None


def test_the_peers_first_suite_that_we_have_is_taken() -> None:
    text = SIPP + crypto_lines("AEAD_AES_256_GCM", "AES_CM_128_HMAC_SHA1_32")
    can = replace(CAN, profiles=("AES_CM_128_HMAC_SHA1_80", "AES_CM_128_HMAC_SHA1_32"))
    srtp = answered(text, can).media.srtp
    assert srtp is not None
    assert srtp.profile == "AES_CM_128_HMAC_SHA1_32"


def test_encrypted_sound_is_taken_before_plain() -> None:
    secure = "m=audio 6002 RTP/SAVP 0\n" + crypto_lines("AES_CM_128_HMAC_SHA1_80")
    result = answered(SIPP + secure)
    assert [media.port for media in result.local.media] == [0, 30000]
    assert result.media.remote[1] == 6002


def test_an_unchanged_offer_has_an_unchanged_answer() -> None:
    first = answered(LINPHONE)
    again = agreed(answer(read(LINPHONE), CAN, LEG, first.local))
    assert again == first
    elsewhere = agreed(answer(read(f"{LINPHONE}a=inactive\n"), CAN, LEG, again.local))
    assert elsewhere.local.origin.version == "1", "only the rejected video has changed"
    on_hold = LINPHONE.replace("t=0 0", "t=0 0\na=sendonly")
    held = agreed(answer(read(on_hold), CAN, LEG, again.local))
    assert held.local.origin.version == "2"
    resumed = agreed(answer(read(LINPHONE), CAN, LEG, held.local))
    assert resumed.local.origin.version == "3"
    assert resumed.media == first.media


def test_both_sides_of_a_call_agree() -> None:
    for policy in SrtpPolicy:
        can = replace(CAN, srtp=policy)
        offer = make_offer(can, LEG)
        theirs = agreed(answer(parse_sdp(str(offer).encode()), can, PEER))
        ours = agreed(accept_answer(offer, parse_sdp(str(theirs.local).encode()), can, LEG))
        assert (ours.media.codec, theirs.media.codec) == ("opus", "opus")
        assert ours.media.payload_type == theirs.media.payload_type == 96
        assert ours.media.events_payload_type == theirs.media.events_payload_type == 102
        assert ours.media.remote == ("198.51.100.3", 40000)
        assert ours.media.remote_rtcp is theirs.media.remote_rtcp is None
        if policy is REFUSED:
            assert ours.media.srtp is theirs.media.srtp is None
        else:
            assert ours.media.srtp is not None
            assert theirs.media.srtp is not None
            assert ours.media.srtp.local == theirs.media.srtp.remote
            assert ours.media.srtp.remote == theirs.media.srtp.local


def test_what_we_offer() -> None:
    section = make_offer(replace(CAN, srtp=MANDATORY), LEG).media[0]
    assert section.protocol == "RTP/SAVP"
    assert [(found.encoding, found.clock) for found in formats_of(section)] == [
        ("opus", 48000),
        ("G722", 8000),
        ("PCMA", 8000),
        ("PCMU", 8000),
        ("telephone-event", 8000),
        ("telephone-event", 48000),
    ]
    assert [crypto.tag for crypto in cryptos_of(section)] == [1, 2, 3, 4]
    narrow = make_offer(Capabilities(("PCMA",), REFUSED), LEG).media[0]
    assert narrow.formats == ("8", "101")
    assert narrow.protocol == "RTP/AVP"


def test_offering_again_keeps_what_was_agreed() -> None:
    first = answered(LINPHONE)
    refresh = make_offer(CAN, LEG, first.local)
    assert refresh == first.local
    hold = make_offer(CAN, LEG, refresh, Direction.SENDONLY)
    assert hold.origin.version == "2"
    assert hold.media[0].get("sendonly") == ""
    assert hold.media[0].formats == ("96", "101")
    assert hold.media[1] == first.local.media[1]
    reply = LINPHONE.replace("m=video 9078", "a=recvonly\nm=video 0").replace(
        "96 97 98 0 8 101 99 100", "96 101"
    )
    held = agreed(accept_answer(hold, read(reply), CAN, LEG))
    assert (held.media.sends, held.media.receives) == (True, False)
    resumed = make_offer(CAN, LEG, hold)
    assert (resumed.origin.version, resumed.media) == ("3", first.local.media)


def answer_to(offer: SessionDescription, text: str) -> Mismatch | LegMedia:
    result = accept_answer(offer, read(text), CAN, LEG)
    return result.why if isinstance(result, NotAcceptable) else result.media


def test_the_answers_that_end_a_call() -> None:
    offer = make_offer(CAN, LEG)
    assert answer_to(offer, SIPP.replace("m=audio 6000", "m=audio 0")) is Mismatch.NO_AUDIO
    assert answer_to(offer, SIPP.partition("m=")[0]) is Mismatch.NO_AUDIO
    other = SIPP.replace("AVP 0\na=rtpmap:0 PCMU", "AVP 18\na=rtpmap:18 G729")
    assert answer_to(offer, other) is Mismatch.NO_COMMON_CODEC
    nowhere = SIPP.replace("c=IN IP4 198.51.100.3", "c=IN IP4 phone.example")
    assert answer_to(offer, nowhere) is Mismatch.ADDRESS
    bad_key = SIPP + "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:x\n"
    assert answer_to(offer, bad_key) is Mismatch.ENCRYPTION_REFUSED
    must = make_offer(replace(CAN, srtp=MANDATORY), LEG)
    plain = accept_answer(must, read(SIPP), replace(CAN, srtp=MANDATORY), LEG)
    assert plain == NotAcceptable(Mismatch.ENCRYPTION_NEEDED)


def test_an_answer_cannot_take_more_than_was_offered() -> None:
    media = answer_to(make_offer(CAN, LEG, None, Direction.SENDONLY), SIPP + "a=sendrecv\n")
    assert isinstance(media, LegMedia)
    assert (media.sends, media.receives) == (True, False)


def test_an_answer_with_what_was_not_offered_is_no_use() -> None:
    offer = make_offer(Capabilities(("PCMA",)), LEG)
    assert answer_to(offer, SIPP) is Mismatch.NO_COMMON_CODEC


def test_an_answer_with_several_codecs_means_its_first() -> None:
    reply = SIPP.replace("AVP 0\n", "AVP 8 0 101\na=rtpmap:101 telephone-event/8000\n")
    media = answer_to(make_offer(CAN, LEG), reply)
    assert isinstance(media, LegMedia)
    assert (media.codec, media.events_payload_type, media.srtp) == ("PCMA", 101, None)


def test_a_key_under_a_tag_of_its_own_is_understood() -> None:
    reply = SIPP + crypto_lines("AES_CM_128_HMAC_SHA1_32")
    media = answer_to(make_offer(CAN, LEG), reply)
    assert isinstance(media, LegMedia)
    assert media.srtp is not None
    assert media.srtp.local == own_key(LEG.srtp_seed, "AES_CM_128_HMAC_SHA1_32")


def test_addresses_and_keys_do_not_show() -> None:
    text = SIPP + crypto_lines("AES_CM_128_HMAC_SHA1_32")
    for value in (read(text), answered(text), LEG):
        assert "198.51" not in repr(value)
        assert "192.0.2" not in repr(value)
        assert "crypto" not in repr(value)
