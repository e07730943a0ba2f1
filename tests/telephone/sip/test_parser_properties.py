"""Whatever arrives: a message that is stable when written, or a refusal; and soon."""

from __future__ import annotations

from time import perf_counter

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.telephone.sip import torture

from podium.telephone.sip.headers import Headers
from podium.telephone.sip.message import Request, Response, encode
from podium.telephone.sip.parse import MAX_LINE, BadMessage, parse
from podium.telephone.sip.syntax import SipSyntaxError
from podium.telephone.sip.uri import NameAddr, Uri

VECTORS = sorted(
    value for name, value in vars(torture).items() if name.isupper() and isinstance(value, bytes)
)
TOKENS = st.from_regex(r"[A-Za-z0-9\-.!%*_+`'~]{1,20}", fullmatch=True)
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n"), max_size=40)


def check(octets: bytes) -> None:
    try:
        message = parse(octets)
    except BadMessage as error:
        if error.refusal is not None:
            encode(error.refusal)
        return
    assert parse(encode(message)) == message
    _ = message.expires, message.content_type, repr(message)


@given(st.binary(max_size=400))
def test_garbage_is_refused(octets: bytes) -> None:
    with pytest.raises(BadMessage):
        parse(octets)


@given(st.sampled_from(VECTORS), st.data())
def test_truncated(vector: bytes, data: st.DataObject) -> None:
    check(vector[: data.draw(st.integers(0, len(vector)))])


@given(st.sampled_from(VECTORS), st.sampled_from(VECTORS), st.binary(max_size=8), st.data())
def test_spliced(one: bytes, other: bytes, middle: bytes, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(one)))
    end = data.draw(st.integers(0, len(other)))
    check(one[:start] + middle + other[end:])


@given(TEXT)
@example('"\\"<sip:a@b>')
@example('<sip:a@b>;x="\\"')
def test_any_address(text: str) -> None:
    try:
        address = NameAddr.parse(text)
    except SipSyntaxError:
        return
    assert NameAddr.parse(str(address)) == address


@given(TEXT, st.sampled_from(["sip:", "sips:", "tel:", "sip:a@", "sip:[::1]", ""]))
def test_any_uri(text: str, start: str) -> None:
    try:
        uri = Uri.parse(start + text)
    except SipSyntaxError:
        return
    assert Uri.parse(str(uri)) == uri
    assert uri.same_as(uri)


@given(TEXT, TEXT)
def test_any_display_name_and_user_can_be_sent(display: str, user: str) -> None:
    address = NameAddr(Uri.sip(user, "host.example"), display)
    read = NameAddr.parse(str(address))
    assert (read.display, read.uri.username) == (display, user)


@given(TOKENS, st.lists(st.tuples(TOKENS, TEXT), max_size=8), st.binary(max_size=50), TEXT)
def test_what_is_written_is_read(
    method: str, extra: list[tuple[str, str]], body: bytes, reason: str
) -> None:
    needed = [
        ("Via", "SIP/2.0/UDP a.example;branch=z9hG4bKx"),
        ("From", "<sip:a@a.example>;tag=1"),
        ("To", "<sip:b@b.example>"),
        ("Call-ID", "1"),
        ("CSeq", f"1 {method}"),
    ]
    headers = Headers([*needed, *((f"X-{name}", value) for name, value in extra)])
    request = Request(method, Uri.parse("sip:b@b.example"), headers, body)
    assert parse(encode(request)) == request
    reply = Response(200, reason, headers, body)
    assert parse(encode(reply)) == reply


@pytest.mark.parametrize(
    "filler", [" ", "\t", '"', "\\", "<", ">", ",", ";", "=", "%41", "(", ":", "a;"]
)
@pytest.mark.parametrize(
    "field", ["To: ", "Contact: ", "Via: ", "Via: SIP/2.0/UDP a;", "X: ", "\r\n "]
)
def test_no_input_takes_long(field: str, filler: str) -> None:
    line = field + filler * (MAX_LINE // len(filler) - 20)
    octets = torture.SEMIURI.replace(b"l: 0", "\r\n".join([line] * 3).encode())
    start = perf_counter()
    check(octets)
    assert perf_counter() - start < 0.5
