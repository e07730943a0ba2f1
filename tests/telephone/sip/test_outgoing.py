"""Calls that go out: RFC 3261 13.2, 9.1, 22; RFC 3262; RFC 3263 4.3."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

import pytest
from tests.support.sip import (
    ANSWER,
    OFFER,
    OTHER,
    PHONE,
    PODIUM,
    Peer,
    answer_to,
    invitation,
    request,
    requests,
    responses,
    uri,
)

from podium.telephone.sip import events as e
from podium.telephone.sip.digest import DigestServer, Login
from podium.telephone.sip.digest_fields import Algorithm, ha1
from podium.telephone.sip.events import CallKey, Failure
from podium.telephone.sip.flow import Flow, Transport
from podium.telephone.sip.login import LoginSigner
from podium.telephone.sip.message import Message, Request
from podium.telephone.sip.uri import Uri

THERE = uri("200", PHONE)
SECOND = Flow(Transport.UDP, "198.51.100.8", 5060)


def call(peer: Peer, **changes: object) -> tuple[CallKey, Request]:
    key = peer.ua.invite(replace(invitation(THERE), **changes), peer.now)  # type: ignore[arg-type]
    sent = requests(peer.collect(), "INVITE")
    return key, sent[0]


def methods(messages: Sequence[Message]) -> list[str]:
    return [message.method for message in requests(messages)]


def test_a_call_rings_and_is_answered() -> None:
    peer = Peer()
    key, invite = call(peer)
    assert invite.body == OFFER
    assert peer.flows == [PHONE]
    peer.hear(answer_to(invite, 100, tag=None))
    peer.hear(answer_to(invite, 180))
    assert peer.events == [e.Progress(key, 180, None)]
    (ack,) = requests(peer.hear(answer_to(invite, 200, body=ANSWER)))
    assert (ack.method, ack.cseq.number, ack.to.tag) == ("ACK", 1, "callee")
    assert ack.top_via.branch != invite.top_via.branch, "the ACK of a 2xx is a request of its own"
    assert peer.last() == e.Answered(key, ANSWER)
    assert peer.hear(answer_to(invite, 200, body=ANSWER)) == [ack], "a repeated 2xx, the same ACK"
    assert len(peer.events) == 2
    peer.ua.hang_up(key, peer.now)
    (bye,) = requests(peer.collect(), "BYE")
    assert bye.cseq.number == 2
    peer.hear(answer_to(bye, 200))
    assert peer.last() == e.Ended(key, e.Why.RELEASED)
    assert peer.idle()


def test_an_invite_is_repeated_at_doubling_times_and_given_up_after_64_t1() -> None:
    peer = Peer()
    key, invite = call(peer)
    assert peer.wait(31.9) == [invite] * 6, "0.5, 1.5, 3.5, 7.5, 15.5, 31.5 s"
    assert peer.wait(0.2) == []
    assert peer.events == [e.Unreachable(key, Failure.TIMEOUT)]
    assert peer.idle()


def test_over_tcp_nothing_is_repeated_and_a_broken_connection_is_told_at_once() -> None:
    tcp = Flow(Transport.TCP, "198.51.100.7", 5070)
    peer = Peer()
    key, invite = call(peer, target=THERE.with_param("transport", "tcp"))
    assert peer.flows == [tcp]
    assert invite.top_via.transport == "TCP"
    assert invite.contact is not None
    assert invite.contact.uri.transport == "tcp"
    assert peer.wait(10) == []
    peer.ua.broken(tcp, peer.now)
    peer.collect()
    assert peer.events == [e.Unreachable(key, Failure.TRANSPORT)]
    assert peer.idle()


def test_a_refusal_is_acknowledged_each_time_and_told_once() -> None:
    peer = Peer()
    key, invite = call(peer)
    busy = answer_to(invite, 486, lines=[("Retry-After", "120 (at lunch)")])
    (ack,) = requests(peer.hear(busy))
    assert (ack.method, ack.top_via.branch) == ("ACK", invite.top_via.branch)
    assert peer.hear(busy) == [ack]
    assert peer.events == [e.Rejected(key, 486, "", 120)]
    assert peer.idle()


@pytest.mark.parametrize(
    ("reasons", "cause"),
    [
        (["Q.850;cause=17"], 17),
        (['q.850 ;text="User busy" ; cause = 17'], 17),
        (["SIP;cause=486", "Q.850;cause=34"], 34),
        (['SIP;cause=200;text="elsewhere", Q.850;cause=1'], 1),
        (["SIP;cause=486"], None),
        (["Q.850;cause=many"], None),
        (["Q.850"], None),
        ([], None),
    ],
)
def test_the_telephone_network_s_own_cause_comes_along(
    reasons: list[str], cause: int | None
) -> None:
    peer = Peer()
    key, invite = call(peer)
    peer.hear(answer_to(invite, 500, lines=[("Reason", reason) for reason in reasons]))
    assert peer.events == [e.Rejected(key, 500, "", None, cause)]


def test_a_redirection_is_a_refusal_and_places_no_call() -> None:
    peer = Peer()
    key, invite = call(peer)
    assert methods(peer.hear(answer_to(invite, 302))) == ["ACK"]
    assert peer.events == [e.Rejected(key, 302, "", None)]
    assert peer.wait(60) == []


def test_who_is_called_is_not_called_again_by_a_refer() -> None:
    peer = Peer()
    key, invite = call(peer)
    peer.hear(answer_to(invite, 200, body=ANSWER))
    refer = request(
        "REFER",
        number=7,
        from_tag="callee",
        to_tag=invite.from_.tag,
        call_id=invite.call_id,
        lines=[("Refer-To", "<sip:expensive@198.51.100.66>")],
    )
    assert [r.status for r in responses(peer.hear(refer))] == [603]
    assert peer.events == [e.Answered(key, ANSWER)]


# --- CANCEL


def test_a_cancel_waits_for_a_provisional_response() -> None:
    peer = Peer()
    key, invite = call(peer)
    peer.ua.hang_up(key, peer.now)
    assert peer.collect() == []
    assert peer.events == [e.Ended(key, e.Why.RELEASED)]
    (cancel,) = requests(peer.hear(answer_to(invite, 100, tag=None)))
    assert (cancel.method, cancel.top_via.branch) == ("CANCEL", invite.top_via.branch)
    assert cancel.cseq.number == invite.cseq.number
    peer.hear(answer_to(cancel, 200))
    assert methods(peer.hear(answer_to(invite, 487))) == ["ACK"]
    assert len(peer.events) == 1
    assert peer.idle()


def test_an_answer_that_crosses_the_cancel_is_acknowledged_and_ended() -> None:
    peer = Peer()
    key, invite = call(peer)
    peer.hear(answer_to(invite, 180))
    peer.ua.hang_up(key, peer.now)
    assert methods(peer.collect()) == ["CANCEL"]
    assert methods(peer.hear(answer_to(invite, 200, body=ANSWER))) == ["ACK", "BYE"]
    assert methods(peer.hear(answer_to(invite, 200, body=ANSWER))) == ["ACK"]
    assert peer.last() == e.Ended(key, e.Why.RELEASED)
    assert peer.idle()


def test_a_cancelled_invite_that_is_never_answered_is_forgotten() -> None:
    peer = Peer()
    key, invite = call(peer)
    peer.hear(answer_to(invite, 180))
    peer.ua.hang_up(key, peer.now)
    peer.wait(33)
    assert len(peer.ua.calls) == 0
    assert len(peer.ua.transactions) == 0


def test_a_phone_that_rings_for_ever_is_cancelled() -> None:
    peer = Peer()
    key, invite = call(peer)
    peer.hear(answer_to(invite, 180))
    assert "CANCEL" in methods(peer.wait(181))
    assert peer.last() == e.Ended(key, e.Why.NO_ANSWER)


# --- forks and early dialogs


def test_of_two_phones_that_answer_the_first_counts_and_the_second_is_hung_up() -> None:
    peer = Peer()
    key, invite = call(peer)
    peer.hear(answer_to(invite, 180, tag="one"))
    peer.hear(answer_to(invite, 180, tag="two"))
    assert methods(peer.hear(answer_to(invite, 200, body=ANSWER, tag="two"))) == ["ACK"]
    late = peer.hear(answer_to(invite, 200, body=OTHER, tag="one"))
    assert methods(late) == ["ACK", "BYE"]
    assert {message.to.tag for message in requests(late)} == {"one"}
    assert [event for event in peer.events if isinstance(event, e.Answered)] == [
        e.Answered(key, ANSWER)
    ]
    assert len(peer.ua.calls) == 1


def test_reliable_progress_is_acknowledged_in_order_and_its_answer_counts() -> None:
    peer = Peer()
    key, invite = call(peer)
    reliable = [("Require", "100rel"), ("RSeq", "11")]
    (prack,) = requests(peer.hear(answer_to(invite, 183, body=ANSWER, lines=reliable)))
    assert (prack.method, prack.headers.get("RAck")) == ("PRACK", "11 1 INVITE")
    peer.hear(answer_to(prack, 200))
    assert peer.events == [e.Progress(key, 183, ANSWER)]
    again = answer_to(invite, 183, body=ANSWER, lines=reliable)
    skipped = answer_to(invite, 180, lines=[("Require", "100rel"), ("RSeq", "13")])
    assert peer.hear(again) == []
    assert peer.hear(skipped) == [], "12 is still missing"
    assert methods(peer.hear(answer_to(invite, 200))) == ["ACK"], "the answer was given already"
    assert peer.last() == e.Answered(key, ANSWER)


def test_an_answer_without_sdp_ends_the_call() -> None:
    peer = Peer()
    key, invite = call(peer)
    assert methods(peer.hear(answer_to(invite, 200))) == ["ACK", "BYE"]
    assert peer.last() == e.Ended(key, e.Why.NO_MEDIA_ANSWER)
    assert peer.idle()


# --- where to, and as whom


def test_a_name_is_asked_for_and_its_addresses_tried_in_order() -> None:
    trunk = Uri.sip("200", "trunk.example")
    peer = Peer()
    key = peer.ua.invite(invitation(trunk), peer.now)
    assert peer.collect() == []
    assert peer.asked == [trunk]
    peer.ua.resolved(trunk, [PHONE, SECOND], peer.now)
    (first,) = requests(peer.collect())
    assert peer.flows == [PHONE]
    (ack, second) = requests(peer.hear(answer_to(first, 503)))
    assert (ack.method, second.method) == ("ACK", "INVITE")
    assert peer.flows[-1] == SECOND
    assert second.top_via.branch != first.top_via.branch
    peer.hear(answer_to(second, 503))
    assert peer.events == [e.Rejected(key, 503, "", None)]


def test_an_address_that_does_not_answer_gives_way_to_the_next() -> None:
    peer = Peer()
    key, first = call(peer, where=(SECOND, PHONE))
    assert peer.flows == [SECOND]
    sent = requests(peer.wait(33), "INVITE")
    assert sent[-1].call_id == first.call_id
    assert peer.flows[-1] == PHONE
    peer.hear(answer_to(sent[-1], 200, body=ANSWER))
    assert peer.events == [e.Answered(key, ANSWER)]


def test_a_name_that_nobody_knows_is_told() -> None:
    peer = Peer()
    unknown = Uri.sip("200", "nowhere.example")
    key = peer.ua.invite(invitation(unknown), peer.now)
    peer.collect()
    peer.ua.resolved(unknown, [], peer.now)
    peer.collect()
    assert peer.events == [e.Unreachable(key, Failure.UNRESOLVED)]
    assert peer.idle()


def test_hanging_up_while_a_name_is_asked_for_sends_nothing_at_all() -> None:
    peer = Peer()
    name = Uri.sip("200", "trunk.example")
    key = peer.ua.invite(invitation(name), peer.now)
    peer.ua.hang_up(key, peer.now)
    peer.ua.resolved(name, [PHONE], peer.now)
    assert peer.collect() == []
    assert peer.events == [e.Ended(key, e.Why.RELEASED)]
    assert peer.idle()


def test_a_challenge_is_answered_once_and_never_again_with_the_same_password() -> None:
    server = DigestServer("trunk", b"k" * 32)
    signer = LoginSigner(Login("podium", "secret"), random.Random(3))
    peer = Peer()
    key, first = call(peer, signer=signer)
    challenge = [("WWW-Authenticate", value) for value in server.challenges(0, b"s" * 8)]
    ack, second = requests(peer.hear(answer_to(first, 401, lines=challenge)))
    assert (ack.method, second.cseq.number) == ("ACK", 2)
    assert second.call_id == first.call_id
    credentials = server.credentials(second)
    assert credentials is not None
    ha1s = {Algorithm.MD5: ha1(Algorithm.MD5, "podium", "trunk", "secret")}
    verdict = server.verify(credentials, second, ha1s, 1.0)
    assert type(verdict).__name__ == "Authenticated"
    peer.hear(answer_to(second, 401, lines=challenge))
    assert peer.events == [e.Rejected(key, 401, "", None)]


def test_credentials_go_with_the_ack_too_and_a_new_challenge_in_the_dialog_is_answered() -> None:
    server = DigestServer("trunk", b"k" * 32)
    peer = Peer()
    key, first = call(peer, signer=LoginSigner(Login("podium", "secret"), random.Random(3)))
    proxy = [("Proxy-Authenticate", value) for value in server.challenges(0, b"s" * 8)]
    _, second = requests(peer.hear(answer_to(first, 407, lines=proxy)))
    (ack,) = requests(peer.hear(answer_to(second, 200, body=ANSWER)))
    assert ack.headers.get("Proxy-Authorization") == second.headers.get("Proxy-Authorization")
    assert ack.cseq.number == 2
    peer.ua.hang_up(key, peer.now)
    (bye,) = requests(peer.collect())
    (again,) = requests(peer.hear(answer_to(bye, 407, lines=proxy)))
    assert (again.method, again.cseq.number) == ("BYE", 4)
    assert "Proxy-Authorization" in again.headers


def test_a_route_that_the_answer_recorded_is_followed_backwards() -> None:
    peer = Peer()
    _, invite = call(peer)
    routes = [("Record-Route", "<sip:203.0.113.2;lr>, <sip:203.0.113.1;lr>")]
    (ack,) = requests(peer.hear(answer_to(invite, 200, body=ANSWER, lines=routes)))
    assert [route.uri.host for route in ack.routes] == ["203.0.113.1", "203.0.113.2"]
    assert peer.flows[-1].host == "203.0.113.1"


def test_an_answer_from_nowhere_means_nothing() -> None:
    peer = Peer()
    _, invite = call(peer)
    other = replace(invite, headers=invite.headers.set("Via", "SIP/2.0/UDP h;branch=z9hG4bKx"))
    assert peer.hear(answer_to(other, 200, body=ANSWER)) == []
    assert peer.events == []
    assert PODIUM not in peer.flows
