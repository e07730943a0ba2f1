"""Messages as values: parsed, looked up, changed, written."""

from __future__ import annotations

from dataclasses import replace

import pytest

from podium.telephone.sip.fields import CSeq
from podium.telephone.sip.headers import Headers
from podium.telephone.sip.message import Request, Response, encode, respond, with_to_tag
from podium.telephone.sip.parse import MAX_MESSAGE, BadMessage, is_keep_alive, parse
from podium.telephone.sip.uri import NameAddr, Uri

INVITE = (
    b"INVITE sip:1000@192.0.2.1;transport=tcp SIP/2.0\r\n"
    b"Via: SIP/2.0/TCP [2001:db8::9]:5070;branch=z9hG4bK1;rport, SIP/2.0/UDP a.example\r\n"
    b"v: SIP/2.0/UDP b.example;branch=z9hG4bK2\r\n"
    b"Max-Forwards: 70\r\n"
    b'f: "Li, \\"Wei\\"" <sip:li@a.example>;tag=1\r\n'
    b"t: sip:1000@192.0.2.1\r\n"
    b"i: abc@a.example\r\n"
    b"CSeq: 7 INVITE\r\n"
    b"m: <sip:li@[2001:db8::9]:5070;transport=tcp;ob>\r\n"
    b"Record-Route: <sip:p1.example;lr>, <sip:p2.example;lr>\r\n"
    b"Supported: 100rel, timer\r\n"
    b"Content-Type: Application/SDP ; charset=utf-8\r\n"
    b"Content-Length: 3\r\n"
    b"\r\n"
    b"v=0"
)


def invite() -> Request:
    message = parse(INVITE)
    assert isinstance(message, Request)
    return message


def test_a_request_and_its_fields() -> None:
    request = invite()
    assert (request.method, request.body) == ("INVITE", b"v=0")
    assert (request.uri.user, request.uri.host, request.uri.transport) == (
        "1000",
        "192.0.2.1",
        "tcp",
    )
    assert [via.host for via in request.via] == ["2001:db8::9", "a.example", "b.example"]
    assert request.top_via.sent_by == "[2001:db8::9]:5070"
    assert (request.top_via.branch, request.top_via.rport) == ("z9hG4bK1", "")
    assert (request.from_.display, request.from_.tag) == ('Li, "Wei"', "1")
    assert request.to.tag is None
    assert request.call_id == "abc@a.example"
    assert request.cseq == CSeq(7, "INVITE")
    assert request.max_forwards == 70
    assert request.contact is not None
    assert str(request.contact.uri) == "sip:li@[2001:db8::9]:5070;transport=tcp;ob"
    assert [route.uri.host for route in request.record_routes] == ["p1.example", "p2.example"]
    assert request.supported == {"100rel", "timer"}
    assert request.content_type == "application/sdp"


def test_written_and_read_again_it_is_the_same() -> None:
    request = invite()
    assert parse(encode(request)) == request


def test_an_answer_copies_what_it_must() -> None:
    request = invite()
    reply = respond(request, 486, tag="t1", headers=Headers([("Server", "Podium")]))
    assert (reply.status, reply.reason) == (486, "Busy Here")
    assert reply.via == request.via
    assert (reply.from_, reply.call_id, reply.cseq) == (
        request.from_,
        request.call_id,
        request.cseq,
    )
    assert reply.to.tag == "t1"
    assert with_to_tag(reply, "t2").to.tag == "t1"
    assert reply.headers.get("server") == "Podium"
    assert parse(encode(reply)) == reply


@pytest.mark.parametrize(
    ("source", "host", "port"),
    [(("192.0.2.7", 4000), "192.0.2.7", 4000), (("2001:db8::1", 1), "2001:db8::1", 1)],
)
def test_symmetric_answers(source: tuple[str, int], host: str, port: int) -> None:
    via = invite().top_via.seen_from(*source)
    assert (via.received, via.rport) == (host, str(port))
    assert via.reply_to() == (host, port)


def test_without_rport_only_a_different_address_is_noted() -> None:
    via = invite().via[1]
    assert via.seen_from("a.example", 999) == via
    assert via.seen_from("192.0.2.7", 999).reply_to() == ("192.0.2.7", 5060)


@pytest.mark.parametrize("name", ["Call-ID", "CSeq", "WWW-Authenticate", "Min-SE", "X-Some-Thing"])
def test_one_spelling_of_a_name(name: str) -> None:
    assert list(Headers([(name.upper(), ""), (name.lower(), "")])) == [(name, ""), (name, "")]


def test_headers_change_by_copy() -> None:
    headers = Headers([("v", "1"), ("To", "x"), ("VIA", "2, 3")])
    assert headers.all("via") == ("1", "2", "3")
    assert headers.set("Via", "4").lines("v") == ("4",)
    assert next(iter(headers.prepend("Via", "0"))) == ("Via", "0")
    assert "To" not in headers.without("t")
    assert list(headers.set("Via", "4")) == [("Via", "4"), ("To", "x")]
    assert len(headers) == 3


@pytest.mark.parametrize("value", ["a\r\nEvil: 1", "a\nb", "\r"])
def test_no_header_field_can_be_smuggled(value: str) -> None:
    with pytest.raises(ValueError, match="line end"):
        Headers().add("Subject", value)
    reply = Response(200, value, Headers())
    assert encode(reply).count(b"\n") == 3


def test_nothing_private_shows_in_a_repr() -> None:
    request = replace(invite(), uri=Uri.parse("sip:12345678@192.0.2.1"))
    for text in (repr(request), repr(request.from_), repr(request.top_via), repr(request.uri)):
        assert "12345678" not in text
        assert "192.0.2" not in text
        assert "db8" not in text
        assert "Wei" not in text


def test_a_fault_carries_the_refusal_that_it_deserves() -> None:
    with pytest.raises(BadMessage) as caught:
        parse(INVITE.replace(b"CSeq: 7 INVITE", b"CSeq: 7 BYE"))
    refusal = caught.value.refusal
    assert refusal is not None
    assert refusal.status == caught.value.status == 400
    assert refusal.headers.get("Call-ID") == "abc@a.example"
    assert len(refusal.via) == 3
    assert parse(encode(refusal)) == refusal


def test_a_bad_ack_is_not_answered() -> None:
    with pytest.raises(BadMessage) as caught:
        parse(INVITE.replace(b"INVITE sip", b"ACK sip"))
    assert caught.value.refusal is None


def test_sizes_are_bounded() -> None:
    many = INVITE.replace(b"Max-Forwards", b"X: y\r\n" * 300 + b"Max-Forwards")
    long = INVITE.replace(b"Max-Forwards", b"X: " + b"y" * 9000 + b"\r\nMax-Forwards")
    for datagram in (many, long, INVITE + b"x" * MAX_MESSAGE):
        with pytest.raises(BadMessage) as caught:
            parse(datagram)
        assert caught.value.status == 513


def test_octets_after_the_body_are_dropped_and_a_missing_length_means_all() -> None:
    assert parse(INVITE + b"INVITE more").body == b"v=0"
    assert parse(INVITE.replace(b"Content-Length: 3\r\n", b"") + b"\r\n").body == b"v=0\r\n"


@pytest.mark.parametrize("stray", [b"\r", b"\n"])
@pytest.mark.parametrize("place", [b"INVITE", b"1000", b";transport", b" SIP/2.0\r\nVia", b"70"])
def test_stray_line_ends_are_refused(place: bytes, stray: bytes) -> None:
    with pytest.raises(BadMessage):
        parse(INVITE.replace(place, place[:1] + stray + place[1:], 1))


def test_keep_alives_are_told_apart() -> None:
    assert all(is_keep_alive(datagram) for datagram in (b"", b"\r\n", b"\r\n\r\n", b"\0"))
    assert not is_keep_alive(INVITE)
    assert parse(b"\r\n\r\n" + INVITE) == invite()


def test_bytes_that_are_not_utf_8_come_back_as_they_came() -> None:
    gbk = "会场".encode("gbk")
    raw = INVITE.replace(b"f: ", b"Subject: " + gbk + b"\r\nf: ").replace(b"Li,", gbk)
    request = parse(raw)
    assert gbk in encode(request)
    request.from_.display.encode()


@pytest.mark.parametrize(
    ("text", "display", "uri", "tag"),
    [
        ("<sip:a@b>", "", "sip:a@b", None),
        ("A. B <sip:a@b>;tag=x", "A. B", "sip:a@b", "x"),
        ("sip:a@b;tag=x", "", "sip:a@b", "x"),
        ("<sip:a@b;tag=no>", "", "sip:a@b;tag=no", None),
        ('"<;>,\\\\"<sip:a@b> ; tag = x', "<;>,\\", "sip:a@b", "x"),
        ("北京 <tel:+86-10-1;phone-context=x>", "北京", "tel:+86-10-1;phone-context=x", None),
    ],
)
def test_addresses(text: str, display: str, uri: str, tag: str | None) -> None:
    address = NameAddr.parse(text)
    assert (address.display, str(address.uri), address.tag) == (display, uri, tag)
    assert NameAddr.parse(str(address)) == address
