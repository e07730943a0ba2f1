"""URIs: read, written, compared by RFC 3261, 19.1.4."""

from __future__ import annotations

import pytest

from podium.telephone.sip.syntax import SipSyntaxError
from podium.telephone.sip.uri import Uri


@pytest.mark.parametrize(
    "text",
    [
        "sip:alice@atlanta.com",
        "sips:alice@atlanta.com?subject=project%20x&priority=urgent",
        "sip:+1-212-555-1212:1234@gateway.com;user=phone",
        "sip:atlanta.com;method=REGISTER?to=alice%40atlanta.com",
        "sip:alice;day=tuesday@atlanta.com",
        "sip:[2001:db8::10]:5070;transport=tls;lr",
        "sip:*72#@pbx.example",
        "tel:+86-10-6555-0101;ext=1",
    ],
)
def test_what_is_read_is_written(text: str) -> None:
    assert str(Uri.parse(text)) == text.replace(":1234@", "@")


def test_a_password_is_not_kept() -> None:
    assert "secret" not in str(Uri.parse("sip:alice:secret@atlanta.com"))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("sip:%61lice@atlanta.com;transport=TCP", "sip:alice@AtlanTa.CoM;Transport=tcp"),
        ("sip:carol@chicago.com", "sip:carol@chicago.com;newparam=5"),
        ("sip:carol@chicago.com;security=on", "sip:carol@chicago.com;newparam=5"),
        (
            "sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com",
            "sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com",
        ),
        (
            "sip:alice@atlanta.com?subject=project%20x&priority=urgent",
            "sip:alice@atlanta.com?priority=urgent&subject=project%20x",
        ),
        ("tel:+86-10-1", "tel:+86(10)1"),
    ],
)
def test_equal(one: str, other: str) -> None:
    assert Uri.parse(one).same_as(Uri.parse(other))
    assert Uri.parse(other).same_as(Uri.parse(one))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("SIP:ALICE@AtLanTa.CoM;Transport=udp", "sip:alice@AtLanTa.CoM;Transport=UDP"),
        ("sip:bob@biloxi.com", "sip:bob@biloxi.com:5060"),
        ("sip:bob@biloxi.com;transport=udp", "sip:bob@biloxi.com:6000;transport=tcp"),
        ("sip:bob@biloxi.com;transport=udp", "sip:bob@biloxi.com;transport=tcp"),
        ("sip:carol@chicago.com", "sip:carol@chicago.com?Subject=next%20meeting"),
        ("sip:bob@biloxi.com", "sips:bob@biloxi.com"),
        ("sip:bob@biloxi.com", "sip:bob@biloxi.com;maddr=192.0.2.1"),
        ("sip:a%3Bb@biloxi.com", "sip:a;b@biloxi.com"),
        ("sip:carol@chicago.com;security=on", "sip:carol@chicago.com;security=off"),
    ],
)
def test_different(one: str, other: str) -> None:
    assert not Uri.parse(one).same_as(Uri.parse(other))
    assert not Uri.parse(other).same_as(Uri.parse(one))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "sip:",
        "sip:@host",
        "alice@atlanta.com",
        "sip:al ice@host",
        "sip:alice@host ",
        "sip:alice@host:99999",
        "sip:alice@host:port",
        "sip:alice@[2001:db8::g]",
        "sip:alice@[fe80::1%eth0]",
        "sip:al%zzice@host",
        "sip:alice@host;;lr",
        "sip:alice@host; lr",
        "sip:alice@host;lr ",
        "sip:alice@ho<st>",
        "sip:alice@-host",
        "tel:",
        "tel:+86;=x",
        "9:x",
    ],
)
def test_refused(text: str) -> None:
    with pytest.raises(SipSyntaxError):
        Uri.parse(text)


def test_made_from_plain_text_it_is_escaped() -> None:
    uri = Uri.sip("a b@c:会", "host", 5070)
    assert str(uri) == "sip:a%20b%40c%3A%E4%BC%9A@host:5070"
    assert Uri.parse(str(uri)).username == "a b@c:会"


def test_an_address_of_record() -> None:
    uri = Uri.parse("sip:alice@atlanta.com:5070;transport=tcp?x=y")
    assert str(uri.bare()) == "sip:alice@atlanta.com"
