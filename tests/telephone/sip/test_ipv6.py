"""IPv6 in messages, after the cases of RFC 5118, 4."""

from __future__ import annotations

import pytest
from tests.telephone.sip.torture import wire

from podium.telephone.sip.agreement import Capabilities, LocalLeg, Negotiated
from podium.telephone.sip.message import Request, encode
from podium.telephone.sip.offer_answer import answer
from podium.telephone.sip.parse import BadMessage, parse
from podium.telephone.sip.sdp import parse_sdp
from podium.telephone.sip.uri import Uri

TEXT = """\
    REGISTER sip:[2001:db8::10] SIP/2.0
    To: sip:user@example.com
    From: sip:user@example.com;tag=81x2
    Via: SIP/2.0/UDP [2001:db8::9:1];branch=z9hG4bKas3-111
    Call-ID: SSG9559905523997077@hlau_4100
    Max-Forwards: 70
    Contact: "Caller" <sip:caller@[2001:db8::1]>
    CSeq: 98176 REGISTER
    Content-Length: 0
    """


def read(text: str = TEXT) -> Request:
    message = parse(wire(text))
    assert isinstance(message, Request)
    assert parse(encode(message)) == message
    return message


def test_4_1_references_in_brackets() -> None:
    request = read()
    assert (request.uri.host, request.uri.port) == ("2001:db8::10", None)
    assert request.top_via.host == "2001:db8::9:1"
    assert request.contact is not None
    assert request.contact.uri.host == "2001:db8::1"


def test_4_2_references_without_brackets_are_refused() -> None:
    with pytest.raises(BadMessage) as caught:
        read(TEXT.replace("[2001:db8::10]", "2001:db8::10"))
    assert caught.value.status == 400


def test_4_3_and_4_4_whose_port_it_is() -> None:
    inside = read(TEXT.replace("[2001:db8::10]", "[2001:db8::10:5070]")).uri
    outside = read(TEXT.replace("[2001:db8::10]", "[2001:db8::10]:5070")).uri
    assert (inside.host, inside.port) == ("2001:db8::10:5070", None)
    assert (outside.host, outside.port) == ("2001:db8::10", 5070)


@pytest.mark.parametrize("received", ["[2001:db8::9:255]", "2001:db8::9:255"])
def test_4_5_received_with_and_without_brackets(received: str) -> None:
    via = read(TEXT.replace(";branch", f";received={received};branch")).top_via
    assert via.received == "2001:db8::9:255"
    assert via.reply_to() == ("2001:db8::9:255", 5060)


def test_4_6_and_4_8_both_families_side_by_side() -> None:
    more = "    Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKas3\n    Call-ID"
    assert [via.host for via in read(TEXT.replace("    Call-ID", more)).via] == [
        "2001:db8::9:1",
        "192.0.2.1",
    ]


def test_4_9_addresses_of_both_families_in_a_session_description() -> None:
    offer = parse_sdp(
        b"v=0\r\no=bob 280744730 28977631 IN IP4 host.example.com\r\ns=\r\nt=0 0\r\n"
        b"m=audio 22334 RTP/AVP 0\r\nc=IN IP4 192.0.2.1\r\n"
        b"m=video 6024 RTP/AVP 107\r\nc=IN IP6 2001:db8::1\r\n"
    )
    leg = LocalLeg("2001:db8::9", 30000, 1, b"s" * 32)
    result = answer(offer, Capabilities(), leg)
    assert isinstance(result, Negotiated)
    assert result.media.remote == ("192.0.2.1", 22334)
    assert "c=IN IP6 2001:db8::9" in str(result.local)


def test_4_10_ipv4_mapped_addresses() -> None:
    uri = Uri.parse("sip:user@[::ffff:192.0.2.10]:19823")
    assert (uri.host, uri.port) == ("::ffff:192.0.2.10", 19823)
    assert str(uri) == "sip:user@[::ffff:192.0.2.10]:19823"
