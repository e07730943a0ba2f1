"""Calls that come in: RFC 3261 8.2, 13.3, 9.2, 15.1; RFC 3262."""

from __future__ import annotations

import pytest
from tests.support.sip import (
    ANSWER,
    OFFER,
    OTHER,
    PHONE,
    OpenGate,
    Peer,
    ack,
    agent,
    request,
    requests,
    responses,
)

from podium.telephone.sip import events as e
from podium.telephone.sip.flow import Flow, Transport
from podium.telephone.sip.gate import Drop, Refuse
from podium.telephone.sip.headers import Headers
from podium.telephone.sip.line import Policy


def statuses(messages: object) -> list[int]:
    return [m.status for m in responses(messages)]  # type: ignore[arg-type]


def test_a_call_rings_is_accepted_acknowledged_and_hung_up_by_the_caller() -> None:
    peer = Peer()
    call = peer.incoming()
    peer.ua.ring(call, peer.now)
    assert statuses(peer.collect()) == [180]
    peer.ua.accept(call, ANSWER, peer.now)
    (ok,) = responses(peer.collect())
    assert (ok.status, ok.body, ok.content_type) == (200, ANSWER, "application/sdp")
    assert ok.contact is not None
    assert ok.contact.uri.host == "192.0.2.1"
    peer.hear(ack(ok))
    assert peer.last() == e.Confirmed(call)
    bye = request("BYE", number=2, branch="z9hG4bKbye", to_tag=ok.to.tag)
    assert statuses(peer.hear(bye)) == [200]
    assert peer.last() == e.Ended(call, e.Why.HUNG_UP)
    assert peer.idle()


def test_however_often_an_invite_comes_there_is_one_call_and_the_last_answer_is_repeated() -> None:
    peer = Peer()
    call = peer.incoming()
    assert peer.hear(request(body=OFFER)) == []
    peer.ua.ring(call, peer.now)
    ringing = peer.collect()
    assert peer.hear(request(body=OFFER)) == ringing
    peer.ua.accept(call, ANSWER, peer.now)
    (ok,) = peer.collect()
    assert peer.hear(request(body=OFFER)) == [], "the 2xx is repeated by its own timer (RFC 6026)"
    assert peer.wait(0.5) == [ok]
    assert len([event for event in peer.events if isinstance(event, e.IncomingCall)]) == 1


def test_trying_is_sent_after_200_ms_unless_there_was_something_else_to_say() -> None:
    peer = Peer()
    peer.incoming()
    assert peer.wait(0.19) == []
    (trying,) = responses(peer.wait(0.02))
    assert (trying.status, trying.to.tag) == (100, None)
    quick = Peer()
    quick.ua.ring(quick.incoming(), quick.now)
    assert statuses(quick.wait(1)) == [180]


def test_ringing_is_repeated_every_minute_so_that_proxies_wait() -> None:
    peer = Peer()
    peer.ua.ring(peer.incoming(), peer.now)
    peer.collect()
    assert statuses(peer.wait(125)) == [180, 180]


def test_a_2xx_is_repeated_until_its_ack_comes_also_over_tcp() -> None:
    over_tcp = Flow(Transport.TCP, "198.51.100.7", 40000)
    peer = Peer(source=over_tcp)
    call = peer.incoming(source=over_tcp)
    peer.ua.accept(call, ANSWER, peer.now)
    (ok,) = responses(peer.collect())
    started = peer.now
    assert peer.wait(3.6) == [ok, ok, ok], "after 0.5, 1.5 and 3.5 s"
    assert peer.now == started + 3.6
    peer.hear(ack(ok))
    assert peer.wait(40) == []


def test_without_an_ack_the_call_is_ended_with_a_bye_after_64_t1() -> None:
    peer = Peer()
    call = peer.incoming()
    peer.ua.accept(call, ANSWER, peer.now)
    sent = peer.wait(32)
    assert len(responses(sent, 200)) == 11
    assert len(requests(sent, "BYE")) == 1
    assert peer.last() == e.Ended(call, e.Why.UNACKNOWLEDGED)
    assert peer.idle()


def test_a_cancel_before_the_answer_ends_the_call() -> None:
    peer = Peer()
    call = peer.incoming()
    peer.ua.ring(call, peer.now)
    (ringing,) = responses(peer.collect())
    done, terminated = responses(peer.hear(request("CANCEL")))
    assert (done.status, done.cseq.method) == (200, "CANCEL")
    assert done.to.tag == ringing.to.tag, "9.2: the tags of both answers are the same"
    assert (terminated.status, terminated.cseq.method) == (487, "INVITE")
    assert peer.last() == e.Ended(call, e.Why.CANCELLED)
    peer.ua.accept(call, ANSWER, peer.now)
    assert peer.collect() == [], "accepting comes too late"
    peer.hear(request("ACK", to_tag=terminated.to.tag))
    assert peer.wait(60) == []


def test_a_cancel_after_the_answer_changes_nothing() -> None:
    peer = Peer()
    call = peer.incoming()
    peer.ua.accept(call, ANSWER, peer.now)
    (ok,) = responses(peer.collect())
    assert statuses(peer.hear(request("CANCEL"))) == [200]
    peer.hear(ack(ok))
    assert peer.last() == e.Confirmed(call)


def test_a_cancel_of_nothing_is_481() -> None:
    peer = Peer()
    assert statuses(peer.hear(request("CANCEL", branch="z9hG4bKother"))) == [481]


def test_a_refusal_is_repeated_until_its_ack_and_then_never_more() -> None:
    peer = Peer()
    call = peer.incoming()
    peer.ua.reject(call, 486, peer.now, retry_after=30)
    (busy,) = responses(peer.collect())
    assert busy.headers.get("Retry-After") == "30"
    assert peer.wait(0.5) == [busy], "timer G"
    assert peer.hear(request(body=OFFER)) == [busy]
    peer.hear(request("ACK", to_tag=busy.to.tag))
    assert peer.hear(request(body=OFFER)) == [], "confirmed: nothing is answered any more"
    assert peer.wait(60) == []
    assert not any(isinstance(event, e.Ended) for event in peer.events)
    assert peer.idle()


def test_hanging_up_before_the_answer_refuses_the_call() -> None:
    peer = Peer()
    call = peer.incoming()
    peer.ua.hang_up(call, peer.now)
    assert statuses(peer.collect()) == [480]
    assert peer.idle()


def test_hanging_up_before_the_ack_waits_for_it_with_the_bye() -> None:
    peer = Peer()
    call = peer.incoming()
    peer.ua.accept(call, ANSWER, peer.now)
    (ok,) = responses(peer.collect())
    peer.ua.hang_up(call, peer.now)
    assert peer.collect() == []
    assert peer.last() == e.Ended(call, e.Why.RELEASED)
    (bye,) = requests(peer.hear(ack(ok)))
    assert bye.method == "BYE"
    assert bye.to.tag == "peer"
    assert peer.idle()


def test_a_call_that_nobody_answers_is_given_up_and_a_caller_may_say_sooner() -> None:
    peer = Peer()
    call = peer.incoming()
    assert 480 in statuses(peer.wait(181))
    assert peer.last() == e.Ended(call, e.Why.NO_ANSWER)
    hasty = Peer()
    call = hasty.incoming(lines=[("Expires", "20")])
    assert 480 in statuses(hasty.wait(21))
    assert hasty.last() == e.Ended(call, e.Why.NO_ANSWER)


def test_a_bye_before_our_answer_ends_call_and_invite() -> None:
    peer = Peer()
    call = peer.incoming()
    peer.ua.ring(call, peer.now)
    (ringing,) = responses(peer.collect())
    bye = request("BYE", number=2, branch="z9hG4bKbye", to_tag=ringing.to.tag)
    assert sorted(statuses(peer.hear(bye))) == [200, 487]
    assert peer.last() == e.Ended(call, e.Why.HUNG_UP)


# --- late offer


def test_a_call_without_an_offer_takes_ours_and_its_ack_brings_the_answer() -> None:
    peer = Peer()
    call = peer.incoming(body=b"")
    assert peer.last().offer is None  # type: ignore[union-attr]
    peer.ua.accept(call, OFFER, peer.now)
    (ok,) = responses(peer.collect())
    assert ok.body == OFFER
    peer.hear(ack(ok, body=ANSWER))
    assert peer.events[-2:] == [e.Answered(call, ANSWER), e.Confirmed(call)]


def test_an_ack_that_owes_an_answer_and_has_none_ends_the_call() -> None:
    peer = Peer()
    call = peer.incoming(body=b"")
    peer.ua.accept(call, OFFER, peer.now)
    (ok,) = responses(peer.collect())
    assert [r.method for r in requests(peer.hear(ack(ok)))] == ["BYE"]
    assert peer.last() == e.Ended(call, e.Why.NO_MEDIA_ANSWER)
    assert peer.idle()


# --- what is refused


def test_two_copies_of_one_invite_by_different_ways_are_merged() -> None:
    peer = Peer()
    peer.incoming()
    assert statuses(peer.hear(request(body=OFFER, branch="z9hG4bKfork"))) == [482]
    assert len(peer.events) == 1


@pytest.mark.parametrize(
    ("changes", "status", "field"),
    [
        ({"lines": [("Require", "100rel, sec-agree")]}, 420, ("Unsupported", "sec-agree")),
        ({"lines": [("Session-Expires", "never")]}, 400, None),
        ({"lines": [("Session-Expires", "99999999999")]}, 400, None),
        ({"lines": [("Session-Expires", "1800;refresher=me")]}, 400, None),
        ({"lines": [("Session-Expires", "1800"), ("Min-SE", "x")]}, 400, None),
        ({"lines": [("Session-Expires", "1"), ("Supported", "timer")]}, 422, ("Min-SE", "90")),
        ({"lines": [("Content-Encoding", "gzip")]}, 415, None),
        ({"without": ["Content-Type"], "lines": [("Content-Type", "text/plain")]}, 415, None),
        ({"without": ["Contact"]}, 400, None),
        ({"to_tag": "gone"}, 481, None),
    ],
)
def test_what_an_invite_is_refused_for(
    changes: dict[str, object], status: int, field: tuple[str, str] | None
) -> None:
    peer = Peer()
    (refusal,) = responses(peer.hear(request(**({"body": OFFER} | changes))))  # type: ignore[arg-type]
    assert refusal.status == status
    if field is not None:
        assert refusal.headers.get(field[0]) == field[1]
    assert peer.events == []


def test_requests_that_we_do_not_take_say_what_we_do_take() -> None:
    peer = Peer()
    for number, (method, status) in enumerate(
        [("SUBSCRIBE", 405), ("MESSAGE", 405), ("REFER", 405), ("DANCE", 501), ("BYE", 481)]
    ):
        sent = peer.hear(request(method, branch=f"z9hG4bK{number}", call_id=method))
        (refusal,) = responses(sent)
        assert refusal.status == status
        if status != 481:
            assert "INVITE" in refusal.headers.all("Allow")
            assert "REFER" not in refusal.headers.all("Allow")


def test_options_are_answered_with_what_we_can() -> None:
    peer = Peer()
    (able,) = responses(peer.hear(request("OPTIONS", lines=[])))
    assert able.status == 200
    assert "UPDATE" in able.headers.all("Allow")
    assert able.supported == {"timer", "100rel"}
    assert able.headers.get("Accept") == "application/sdp"


def test_a_stranger_gets_no_answer_and_leaves_nothing_behind() -> None:
    peer = Peer(agent(gate=OpenGate(Drop())))
    for method in ("INVITE", "OPTIONS", "REGISTER", "BYE"):
        assert peer.hear(request(method, branch=f"z9hG4bK{method}")) == []
    assert peer.hear(request("BYE", branch="z9hG4bKtag", to_tag="guess")) == []
    assert peer.wait(1) == []
    assert len(peer.ua.transactions) == 0


def test_who_must_say_who_they_are_is_challenged() -> None:
    gate = OpenGate(Refuse(401, Headers([("WWW-Authenticate", 'Digest realm="x", nonce="y"')])))
    peer = Peer(agent(gate=gate))
    (challenge,) = responses(peer.hear(request(body=OFFER)))
    assert challenge.status == 401
    assert "WWW-Authenticate" in challenge.headers
    assert peer.events == []


def test_overload_is_503_with_a_time_to_come_back() -> None:
    peer = Peer(agent(policy=Policy(calls=1)))
    peer.incoming()
    (full,) = responses(peer.hear(request(body=OFFER, branch="z9hG4bK2", call_id="second")))
    assert full.status == 503
    assert 5 <= int(full.headers.get("Retry-After") or 0) <= 15
    lagging = Peer()
    lagging.ua.lagging = True
    assert statuses(lagging.hear(request(body=OFFER))) == [503]
    brisk = Peer(agent(policy=Policy(calls_per_second=2)))
    for n in range(3):
        brisk.hear(request(body=OFFER, branch=f"z9hG4bK{n}", call_id=f"c{n}"))
    assert statuses(brisk.sent) == [503]


# --- RFC 3262


def test_ringing_is_reliable_where_the_caller_requires_it() -> None:
    peer = Peer()
    call = peer.incoming(lines=[("Require", "100rel")])
    peer.ua.ring(call, peer.now)
    (ringing,) = responses(peer.collect())
    assert "100rel" in ringing.required
    rseq = ringing.headers.get("RSeq")
    assert peer.wait(0.5) == [ringing]
    assert peer.wait(1.0) == [ringing]
    wrong = request(
        "PRACK",
        number=2,
        branch="z9hG4bKp",
        to_tag=ringing.to.tag,
        lines=[("RAck", "9999999 1 INVITE")],
    )
    assert statuses(peer.hear(wrong)) == [481]
    right = request(
        "PRACK",
        number=3,
        branch="z9hG4bKq",
        to_tag=ringing.to.tag,
        lines=[("RAck", f"{rseq} 1 INVITE")],
    )
    assert statuses(peer.hear(right)) == [200]
    assert peer.wait(20) == []
    peer.ua.accept(call, ANSWER, peer.now)
    assert statuses(peer.collect()) == [200]


def test_reliable_ringing_that_is_never_acknowledged_ends_the_call() -> None:
    peer = Peer()
    call = peer.incoming(lines=[("Require", "100rel")])
    peer.ua.ring(call, peer.now)
    assert 500 in statuses(peer.wait(33))
    assert peer.last() == e.Ended(call, e.Why.UNACKNOWLEDGED)
    assert peer.idle()


def test_reliable_ringing_without_an_offer_has_to_do_with_trying() -> None:
    peer = Peer()
    call = peer.incoming(body=b"", lines=[("Require", "100rel")])
    peer.ua.ring(call, peer.now)
    assert statuses(peer.wait(1)) == [100]


# --- where answers go


def test_answers_go_to_the_source_where_rport_is_asked_for_else_to_the_port_named() -> None:
    peer = Peer()
    seen = Flow(Transport.UDP, "203.0.113.5", 33333)
    (able,) = responses(peer.hear(request("OPTIONS"), seen))
    assert peer.flows == [seen]
    assert able.top_via.received == "203.0.113.5"
    assert able.top_via.rport == "33333"
    plain = "SIP/2.0/UDP 10.0.0.9:5099;branch=z9hG4bKplain"
    invite = request("OPTIONS", call_id="2", without=["Via"], lines=[("Via", plain)])
    peer.hear(invite, seen)
    assert peer.flows[-1] == Flow(Transport.UDP, "203.0.113.5", 5099)


def test_record_routes_come_back_and_lead_the_way() -> None:
    peer = Peer()
    call = peer.incoming(lines=[("Record-Route", "<sip:203.0.113.1;lr>, <sip:203.0.113.2;lr>")])
    peer.ua.accept(call, ANSWER, peer.now)
    (ok,) = responses(peer.collect())
    assert len(ok.record_routes) == 2
    peer.hear(ack(ok))
    peer.ua.hang_up(call, peer.now)
    (bye,) = requests(peer.collect(), "BYE")
    assert [str(route.uri) for route in bye.routes] == ["sip:203.0.113.1;lr", "sip:203.0.113.2;lr"]
    assert bye.uri.host == PHONE.host
    assert peer.flows[-1] == Flow(Transport.UDP, "203.0.113.1", 5060)


def test_a_strict_router_gets_the_request_uri() -> None:
    peer = Peer()
    call = peer.incoming(lines=[("Record-Route", "<sip:203.0.113.1>")])
    peer.ua.accept(call, ANSWER, peer.now)
    (ok,) = responses(peer.collect())
    peer.hear(ack(ok))
    peer.ua.hang_up(call, peer.now)
    (bye,) = requests(peer.collect(), "BYE")
    assert str(bye.uri) == "sip:203.0.113.1"
    assert [route.uri.host for route in bye.routes] == [PHONE.host]


def test_a_phone_behind_a_nat_is_reached_where_it_was_heard() -> None:
    peer = Peer()
    seen = Flow(Transport.UDP, "203.0.113.5", 33333)
    inside = Flow(Transport.UDP, "10.0.0.9", 5060)
    peer.hear(request(body=OFFER, source=inside), seen)
    (event,) = peer.events
    assert isinstance(event, e.IncomingCall)
    assert event.source == seen
    peer.ua.accept(event.call, ANSWER, peer.now)
    (ok,) = responses(peer.collect())
    peer.hear(ack(ok), seen)
    peer.ua.hang_up(event.call, peer.now)
    assert [r.method for r in requests(peer.collect())] == ["BYE"]
    assert peer.flows[-1] == seen


def test_sdp_beside_something_else_in_a_multipart_body_is_found() -> None:
    body = (
        b"--b\r\nContent-Type: application/isup\r\n\r\nxx\r\n"
        b"--b\r\nContent-Type: application/sdp\r\n\r\n" + OTHER + b"\r\n--b--\r\n"
    )
    peer = Peer()
    kind = ("Content-Type", 'multipart/mixed; boundary="b"')
    peer.hear(request(body=body, without=["Content-Type"], lines=[kind]))
    (event,) = peer.events
    assert isinstance(event, e.IncomingCall)
    assert event.offer == OTHER
