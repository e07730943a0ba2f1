"""RFC 4475: what is valid means what the RFC says, what is not is refused as it suggests."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.telephone.sip import torture

from podium.telephone.sip.message import Request, Response, encode
from podium.telephone.sip.parse import BadMessage, parse
from podium.telephone.sip.stream import Broken, Framer


def request(octets: bytes) -> Request:
    message = parse(octets)
    assert isinstance(message, Request)
    assert parse(encode(message)) == message
    return message


def response(octets: bytes) -> Response:
    message = parse(octets)
    assert isinstance(message, Response)
    assert parse(encode(message)) == message
    return message


def refused(octets: bytes) -> BadMessage:
    with pytest.raises(BadMessage) as caught:
        parse(octets)
    return caught.value


def test_3_1_1_1_a_short_tortuous_invite() -> None:
    invite = request(torture.WSINV)
    assert str(invite.uri) == "sip:vivekg@chair-dnrc.example.com;unknownparam"
    assert invite.to.tag == "1918181833n"
    assert (invite.from_.display, invite.from_.tag) == ('J Rosenberg \\"', "98asjd8")
    assert invite.max_forwards == 68
    assert (invite.cseq.number, invite.cseq.method) == (9, "INVITE")
    assert [(via.transport, via.host, via.branch) for via in invite.via] == [
        ("UDP", "192.0.2.2", "390skdjuw"),
        ("TCP", "spindle.example.com", "z9hG4bK9ikj8"),
        ("UDP", "192.168.255.111", "z9hG4bK30239"),
    ]
    assert invite.headers.get("Subject") == ""
    assert invite.headers.get("newfangledheader") == "newfangled value continued newfangled value"
    assert invite.headers.get("UnknownHeaderWithUnusualValue") == ";;,,;;,;"
    assert invite.routes[0].uri.is_loose_router
    assert invite.contact is not None
    assert invite.contact.display == 'Quoted string ""'
    assert (invite.contact.param("newparam"), invite.contact.param("q")) == ("newvalue", "0.33")
    assert invite.contact.param("secondparam") == ""
    assert invite.body == torture.SDP.replace("\n", "\r\n").encode()


def test_3_1_1_2_wide_range_of_valid_characters() -> None:
    message = request(torture.INTMETH)
    assert message.method == "!interesting-Method0123456789_*+`.%indeed'~"
    assert message.uri.user == "1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*"
    assert message.uri.host == "example.com"
    assert message.to.display == "BEL:\x07 NUL:\x00 DEL:\x7f"
    assert message.from_.display == "token1~` token2'+_ token3*%!.-"
    assert message.from_.param("fromparam''~+*_!.-%") == "работающий"
    assert message.from_.tag == "_token~1'+`*%!-."
    assert message.call_id == "intmeth.word%ZK-!.*_+'@word`~)(><:\\/\"][?}{"
    assert message.max_forwards == 255
    assert message.headers.get("extensionHeader-!.%*+_`'~") == "大停電"


def test_3_1_1_3_valid_use_of_the_percent_escape() -> None:
    invite = request(torture.ESC01)
    assert (invite.uri.username, invite.uri.host) == ("sips:user@example.com", "example.net")
    assert invite.to.uri.username == "user"
    assert invite.from_.uri.username == "I have spaces"
    assert invite.contact is not None
    assert invite.contact.uri.username == "caller"


def test_3_1_1_4_escaped_nulls_in_uris() -> None:
    register = request(torture.ESCNULL)
    assert register.to.uri.username == "null-\0-null"
    first, second = register.contacts
    assert (first.uri.username, second.uri.username) == ("\0", "\0\0")
    assert not first.uri.same_as(second.uri)


def test_3_1_1_5_use_of_percent_when_it_is_not_an_escape() -> None:
    message = request(torture.ESC02)
    assert message.method == "RE%47IST%45R"
    assert message.to.display == "%Z%45"
    assert len(message.contacts) == 2
    assert message.headers.get("C%6Fntact") == "<sip:alias2@host2.example.com>"


def test_3_1_1_6_no_space_between_display_name_and_bracket() -> None:
    assert request(torture.LWSDISP).from_.display == "caller"


def test_3_1_1_7_long_values() -> None:
    invite = request(torture.LONGREQ)
    assert len(invite.via) == 34
    assert invite.via[33].received == "192.0.2.5"
    assert invite.from_.tag is not None
    assert len(invite.from_.tag) > 360


def test_3_1_1_8_extra_trailing_octets_in_a_datagram() -> None:
    register = request(torture.DBLREQ)
    assert (register.method, register.body) == ("REGISTER", b"")
    framed = Framer().feed(torture.DBLREQ)
    assert [message.method for message in framed if isinstance(message, Request)] == [
        "REGISTER",
        "INVITE",
    ]


def test_3_1_1_9_semicolons_in_the_user_part() -> None:
    options = request(torture.SEMIURI)
    assert options.uri.username == "user;par=u@example.net"
    assert options.uri.params == ()
    assert len(options.headers.all("Accept")) == 6


def test_3_1_1_10_varied_and_unknown_transports() -> None:
    vias = request(torture.TRANSPORTS).via
    assert [via.transport for via in vias] == ["UDP", "SCTP", "TLS", "UNKNOWN", "TCP"]


def test_3_1_1_11_multipart_body() -> None:
    message = request(torture.MPART01)
    assert message.content_type == "multipart/mixed"
    assert message.body.endswith(b"--7a9cbec02ceef655--\r\n")


def test_3_1_1_12_unusual_reason_phrase() -> None:
    reply = response(torture.UNREASON)
    assert reply.reason == "= 2**3 * 5**2 но сто девяносто девять - простое"


def test_3_1_1_13_empty_reason_phrase() -> None:
    assert (response(torture.NOREASON).status, response(torture.NOREASON).reason) == (100, "")


@pytest.mark.parametrize(
    ("octets", "status"),
    [
        pytest.param(torture.BADINV01, 400, id="3.1.2.1 extraneous separators"),
        pytest.param(torture.CLERR, 400, id="3.1.2.2 Content-Length larger than the message"),
        pytest.param(torture.NCL, 400, id="3.1.2.3 negative Content-Length"),
        pytest.param(torture.SCALAR02, 400, id="3.1.2.4 overlarge scalars in a request"),
        pytest.param(torture.QUOTBAL, 400, id="3.1.2.6 unterminated quoted string"),
        pytest.param(torture.LTGTRURI, 400, id="3.1.2.7 brackets around the Request-URI"),
        pytest.param(torture.LWSRURI, 400, id="3.1.2.8 space in the Request-URI"),
        pytest.param(torture.LWSSTART, 400, id="3.1.2.9 several spaces in the request line"),
        pytest.param(torture.TRWS, 400, id="3.1.2.10 spaces at the end of the request line"),
        pytest.param(torture.ESCRURI, 400, id="3.1.2.11 header fields in the Request-URI"),
        pytest.param(torture.REGBADCT, 400, id="3.1.2.13 Contact without brackets"),
        pytest.param(torture.BADASPEC, 400, id="3.1.2.14 spaces within an addr-spec"),
        pytest.param(torture.BADDN, 400, id="3.1.2.15 display name not quoted"),
        pytest.param(torture.BADVERS, 505, id="3.1.2.16 unknown version"),
        pytest.param(torture.MISMATCH01, 400, id="3.1.2.17 CSeq of another method"),
        pytest.param(torture.MISMATCH02, 501, id="3.1.2.18 unknown method, CSeq of another"),
        pytest.param(torture.BADBRANCH, 400, id="3.2.1 missing transaction identifier"),
        pytest.param(torture.INSUF, 400, id="3.3.1 missing required fields"),
        pytest.param(torture.UNKSCM, 416, id="3.3.2 Request-URI of unknown scheme"),
        pytest.param(torture.NOVELSC, 416, id="3.3.3 Request-URI of atypical scheme"),
        pytest.param(torture.MULTI01, 400, id="3.3.8 several values where one is allowed"),
        pytest.param(torture.MCL01, 400, id="3.3.9 several Content-Lengths"),
    ],
)
def test_invalid_requests_are_refused(octets: bytes, status: int) -> None:
    error = refused(octets)
    assert error.status == status
    assert error.refusal is not None
    assert error.refusal.status == status
    assert encode(error.refusal).startswith(f"SIP/2.0 {status} ".encode())


@pytest.mark.parametrize(
    "octets",
    [
        pytest.param(torture.SCALARLG, id="3.1.2.5 overlarge scalars in a response"),
        pytest.param(torture.BIGCODE, id="3.1.2.19 overlarge status"),
    ],
)
def test_invalid_responses_are_dropped(octets: bytes) -> None:
    assert refused(octets).refusal is None


def test_3_1_2_2_on_a_stream_the_rest_is_awaited() -> None:
    assert Framer().feed(torture.CLERR) == []


def test_3_1_2_3_on_a_stream_the_connection_is_lost() -> None:
    (broken,) = Framer().feed(torture.NCL)
    assert isinstance(broken, Broken)
    assert broken.error.refusal is not None


def test_3_1_2_4_overlarge_expiries_alone_count_as_the_default() -> None:
    cseq = torture.SCALAR02.replace(b"36893488147419103232", b"1").replace(b": 300", b": 70")
    register = request(cseq)
    assert register.expires == 3600
    assert register.contact is not None
    assert register.contact.expires == 3600


def test_3_1_2_12_a_bad_date_is_nobodys_concern() -> None:
    assert request(torture.BADDATE).headers.get("Date") == "Fri, 01 Jan 2010 16:00:00 EST"


def test_3_3_4_unknown_schemes_in_other_fields_are_kept() -> None:
    register = request(torture.UNKSM2)
    assert str(register.to.uri) == "isbn:2983792873"
    assert str(register.from_.uri) == "http://www.example.com"
    assert register.contact is not None
    assert str(register.contact.uri) == "name:John_Smith"
    assert not register.contact.uri.is_sip


def test_3_3_5_required_extensions_are_seen() -> None:
    options = request(torture.BEXT01)
    assert options.required == {"nothingsupportsthis", "nothingsupportsthiseither"}
    assert len(options.option_tags("Proxy-Require")) == 2


def test_3_3_6_an_unknown_content_type_is_seen() -> None:
    assert request(torture.INVUT).content_type == "application/unknownformat"


def test_3_3_7_an_unknown_authorization_scheme_is_seen() -> None:
    value = request(torture.REGAUT01).headers.get("Authorization")
    assert value == "NoOneKnowsThisScheme opaque-data=here"


def test_3_3_10_a_second_via_of_a_response_is_seen() -> None:
    assert [via.host for via in response(torture.BCAST).via] == ["192.0.2.198", "255.255.255.255"]


def test_3_3_11_max_forwards_of_zero() -> None:
    assert request(torture.ZEROMF).max_forwards == 0


def test_3_3_12_and_13_whose_parameter_it_is() -> None:
    field = request(torture.CPARAM01).contact
    uri = request(torture.CPARAM02).contact
    assert field is not None
    assert uri is not None
    assert (field.params, field.uri.params) == ((("unknownparam", None),), ())
    assert (uri.params, uri.uri.params) == ((), (("unknownparam", None),))


def test_3_3_14_a_route_within_a_contact() -> None:
    contact = request(torture.REGESCRT).contact
    assert contact is not None
    assert contact.uri.headers == "Route=%3Csip:sip.example.com%3E"
    assert contact.uri != replace(contact.uri, headers="")


def test_3_3_15_an_unacceptable_accept_is_seen() -> None:
    assert request(torture.SDP01).headers.all("Accept") == ("text/nobodyKnowsThis",)


def test_3_4_1_an_invite_of_rfc_2543() -> None:
    invite = request(torture.INV2543)
    assert invite.top_via.branch is None
    assert invite.from_.tag is None
    assert invite.max_forwards is None
    assert invite.to.param("user") == "phone"
    assert invite.record_routes[0].uri.param("maddr") == "ss1.example.com"
    assert invite.body
