"""Whatever a peer says, and whenever: the agent neither breaks nor keeps anything."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.support.sip import (
    ANSWER,
    OFFER,
    OTHER,
    PHONE,
    Peer,
    ack,
    answer_to,
    invitation,
    request,
    requests,
    responses,
    uri,
)

from podium.telephone.sip.headers import Headers
from podium.telephone.sip.message import METHODS, Message, Request, Response, encode
from podium.telephone.sip.parse import BadMessage, parse

NAMES = [
    *("Via", "From", "To", "Call-ID", "CSeq", "Contact", "Route", "Record-Route", "Require"),
    *("Supported", "Allow", "Session-Expires", "Min-SE", "RSeq", "RAck", "Expires", "Content-Type"),
    *("Content-Encoding", "Retry-After", "WWW-Authenticate", "Authorization", "Max-Forwards"),
    *("Proxy-Authenticate", "Min-Expires", "Unsupported"),
]
VALUES = [
    *("", ",", ";", "0", "-1", "1", "99999999999999999999", "timer", "100rel", "100rel,,", '"'),
    *("<sip:a@b>", "<sip:a@b>;tag=x", "<tel:+1>", "<sips:h;transport=udp>", "*", "a b c", "<"),
    *("application/sdp", "multipart/mixed;boundary=", "1 1 INVITE", "1800;refresher=uas", "90"),
    *('Digest realm="r", nonce="n"', "Digest", "SIP/2.0/UDP h;branch=z9hG4bKx", "gzip", "\u4f1a"),
]
LINES = st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(VALUES)), max_size=3)
BODIES = st.sampled_from([b"", OFFER, OTHER, b"Signal=5", b"\xff\x00"])
TAGS = st.sampled_from(["ours", "none", "wrong"])


def mangled(message: Message, lines: Sequence[tuple[str, str]]) -> Message | None:
    """With these header fields in the place of its own; nothing where the parser refuses it."""
    headers = message.headers
    for name, value in lines:
        headers = headers.set(name, value)
    if isinstance(message, Request):
        changed: Message = Request(message.method, message.uri, headers, message.body)
    else:
        changed = Response(message.status, message.reason, headers, message.body)
    try:
        return parse(encode(changed))
    except BadMessage:
        return None


def settle(peer: Peer) -> None:
    for call in list(range(1, 20)):
        peer.ua.hang_up(call, peer.now)  # type: ignore[arg-type]
    peer.collect()
    peer.wait(2000)
    assert len(peer.ua.calls) == 0
    assert len(peer.ua.transactions) == 0
    assert peer.ua.deadline is None


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    steps=st.lists(
        st.tuples(st.sampled_from(sorted(METHODS | {"DANCE"})), TAGS, BODIES, LINES),
        min_size=1,
        max_size=8,
    ),
    stage=st.sampled_from(["nothing", "arrived", "accepted", "standing", "reoffered", "offering"]),
)
def test_any_request_in_any_stage(
    steps: list[tuple[str, str, bytes, list[tuple[str, str]]]], stage: str
) -> None:
    peer = Peer()
    tag = ""
    if stage != "nothing":
        call = peer.incoming()
        peer.ua.ring(call, peer.now)
        tag = responses(peer.collect())[0].to.tag or ""
        if stage != "arrived":
            peer.ua.accept(call, ANSWER, peer.now)
            (ok,) = responses(peer.collect())
            if stage != "accepted":
                peer.hear(ack(ok))
        if stage == "reoffered":
            peer.hear(request("INVITE", body=OTHER, number=2, branch="z9hG4bKre", to_tag=tag))
        if stage == "offering":
            peer.ua.reoffer(call, OTHER, peer.now)
            peer.collect()
    for number, (method, to, body, lines) in enumerate(steps, 3):
        to_tag = {"ours": tag or None, "none": None, "wrong": "wrong"}[to]
        asked = request(method, body=body, number=number, branch=f"z9hG4bK{number}", to_tag=to_tag)
        message = mangled(asked, lines)
        if message is not None:
            peer.hear(message)
            peer.wait(0.3)
    settle(peer)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    steps=st.lists(
        st.tuples(
            st.sampled_from([100, 180, 183, 199, 200, 202, 302, 401, 407, 408, 422, 481, 491, 503]),
            st.sampled_from(["one", "two", None]),
            st.integers(0, 30),
            BODIES,
            LINES,
        ),
        min_size=1,
        max_size=10,
    ),
    leaves=st.integers(0, 10),
)
def test_any_response_to_any_request_of_ours(
    steps: list[tuple[int, str | None, int, bytes, list[tuple[str, str]]]], leaves: int
) -> None:
    peer = Peer()
    call = peer.ua.invite(invitation(uri("200", PHONE)), peer.now)
    peer.collect()
    for number, (status, tag, which, body, lines) in enumerate(steps):
        if number == leaves:
            peer.ua.hang_up(call, peer.now)
            peer.collect()
        ours = requests(peer.sent)
        answered = answer_to(ours[which % len(ours)], status, tag=tag, body=body)
        message = mangled(answered, lines)
        if message is not None:
            peer.hear(message)
            for asked in peer.asked:
                peer.ua.resolved(asked, [PHONE] if which % 2 else [], peer.now)
            peer.asked.clear()
            peer.collect()
            peer.wait(0.3)
    for asked in peer.asked:
        peer.ua.resolved(asked, [], peer.now)
    settle(peer)


def test_header_fields_that_only_some_requests_need_are_refused_when_they_are_malformed() -> None:
    peer = Peer()
    (refusal,) = responses(peer.hear(request(body=OFFER, lines=[("Require", "timer,,x")])))
    assert refusal.status == 400
    assert Headers([("Require", "timer")]).get("Require") == "timer"
