"""Calls that stand: re-INVITE, UPDATE, INFO, CSeq, session timers (RFC 3261 12.2, 14; RFC 3311;
RFC 4028)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.support.sip import (
    ANSWER,
    OFFER,
    OTHER,
    PHONE,
    Peer,
    ack,
    answer_to,
    distinct,
    invitation,
    request,
    requests,
    responses,
    uri,
)

from podium.telephone.sip import events as e
from podium.telephone.sip.events import CallKey
from podium.telephone.sip.message import Request, Response

TIMER = ("Supported", "timer")


class Standing:
    """A call that came in and stands, and its peer by hand."""

    def __init__(self, *lines: tuple[str, str]) -> None:
        self.peer = Peer()
        self.call: CallKey = self.peer.incoming(lines=lines)
        self.peer.ua.accept(self.call, ANSWER, self.peer.now)
        (self.ok,) = responses(self.peer.collect(), 200)
        self.peer.hear(ack(self.ok))
        self.number = 1

    def ask(
        self, method: str, body: bytes = b"", *lines: tuple[str, str], number: int = 0
    ) -> Request:
        self.number = number or self.number + 1
        return request(
            method,
            body=body,
            number=self.number,
            branch=f"z9hG4bK{method}{self.number}",
            to_tag=self.ok.to.tag,
            lines=lines,
        )

    def hear(self, method: str, body: bytes = b"", *lines: tuple[str, str]) -> list[Response]:
        return responses(self.peer.hear(self.ask(method, body, *lines)))

    def acknowledge(self, ok: Response, body: bytes = b"") -> None:
        number = ok.cseq.number
        self.peer.hear(ack(ok, number=number, body=body, branch=f"z9hG4bKack{number}"))

    def ours(self, method: str) -> Request:
        (sent,) = requests(self.peer.collect(), method)
        return sent

    def last(self) -> e.Event:
        return self.peer.last()


# --- re-INVITE and UPDATE by the peer


def test_the_peer_puts_on_hold_and_we_answer() -> None:
    at = Standing()
    assert at.hear("INVITE", OTHER) == []
    assert at.last() == e.Reoffered(at.call, OTHER)
    at.peer.ua.answer_reoffer(at.call, ANSWER, at.peer.now)
    (ok,) = responses(at.peer.collect())
    assert (ok.status, ok.body, ok.cseq.number) == (200, ANSWER, 2)
    assert at.peer.wait(0.5) == [ok]
    at.acknowledge(ok)
    assert at.peer.wait(40) == []


def test_an_offer_that_repeats_the_last_is_answered_as_the_last() -> None:
    at = Standing()
    (ok,) = at.hear("INVITE", OFFER)
    assert (ok.status, ok.body) == (200, ANSWER)
    assert at.last() == e.Confirmed(at.call)


def test_a_reinvite_without_an_offer_takes_ours() -> None:
    at = Standing()
    at.hear("INVITE")
    assert at.last() == e.Reoffered(at.call, None)
    at.peer.ua.answer_reoffer(at.call, OTHER, at.peer.now)
    (ok,) = responses(at.peer.collect())
    assert ok.body == OTHER
    at.acknowledge(ok, ANSWER)
    assert at.last() == e.Answered(at.call, ANSWER)


def test_a_refused_reoffer_leaves_the_call_as_it_was() -> None:
    at = Standing()
    at.hear("INVITE", OTHER)
    at.peer.ua.refuse_reoffer(at.call, at.peer.now)
    assert [r.status for r in responses(at.peer.collect())] == [488]
    (ok,) = at.hear("INVITE", OFFER)
    assert ok.status == 200


def test_an_update_changes_the_session_too() -> None:
    at = Standing()
    at.hear("UPDATE", OTHER)
    assert at.last() == e.Reoffered(at.call, OTHER)
    at.peer.ua.answer_reoffer(at.call, ANSWER, at.peer.now)
    (ok,) = responses(at.peer.collect())
    assert (ok.status, ok.body, ok.cseq.method) == (200, ANSWER, "UPDATE")


def test_offers_on_top_of_an_unanswered_one_are_refused_for_now() -> None:
    at = Standing()
    at.hear("INVITE", OTHER)
    (busy,) = at.hear("UPDATE", OFFER)
    assert busy.status == 500
    assert 0 <= int(busy.headers.get("Retry-After") or -1) <= 10


def test_a_cancelled_reinvite_leaves_the_call_as_it_was() -> None:
    at = Standing()
    reinvite = at.ask("INVITE", OTHER)
    at.peer.hear(reinvite)
    cancel = replace(reinvite, method="CANCEL", body=b"")
    cancel = replace(cancel, headers=cancel.headers.set("CSeq", "2 CANCEL").without("Content-Type"))
    assert [r.status for r in responses(at.peer.hear(cancel))] == [200, 487]
    at.peer.ua.answer_reoffer(at.call, ANSWER, at.peer.now)
    assert at.peer.collect() == []
    assert len(at.peer.ua.calls) == 1


# --- re-INVITE by us


def test_we_put_on_hold_and_the_peer_answers() -> None:
    at = Standing()
    at.peer.ua.reoffer(at.call, OTHER, at.peer.now)
    reinvite = at.ours("INVITE")
    assert (reinvite.body, reinvite.to.tag) == (OTHER, "peer")
    assert [r.method for r in requests(at.peer.hear(answer_to(reinvite, 200, body=ANSWER)))] == [
        "ACK"
    ]
    assert at.last() == e.Answered(at.call, ANSWER)


def test_glare_is_491_both_ways_and_we_try_again_later() -> None:
    at = Standing()
    at.peer.ua.reoffer(at.call, OTHER, at.peer.now)
    reinvite = at.ours("INVITE")
    assert [r.status for r in at.hear("INVITE", OTHER)] == [491]
    assert [r.status for r in at.hear("UPDATE", OTHER)] == [491]
    at.peer.hear(answer_to(reinvite, 491))
    (again,) = distinct(at.peer.wait(2.0), "INVITE")
    assert again.cseq.number > reinvite.cseq.number
    at.peer.hear(answer_to(again, 200, body=ANSWER))
    assert at.last() == e.Answered(at.call, ANSWER)


def test_who_made_the_call_waits_longer_after_glare() -> None:
    peer = Peer()
    key = peer.ua.invite(invitation(uri("200", PHONE)), peer.now)
    (invite,) = requests(peer.collect())
    peer.hear(answer_to(invite, 200, body=ANSWER))
    peer.ua.reoffer(key, OTHER, peer.now)
    (reinvite,) = requests(peer.collect(), "INVITE")
    peer.hear(answer_to(reinvite, 491))
    assert distinct(peer.wait(2.05), "INVITE") == []
    assert len(distinct(peer.wait(1.96), "INVITE")) == 1


def test_a_reoffer_waits_until_the_peers_is_over_and_before_that_until_the_call_stands() -> None:
    at = Standing()
    at.hear("INVITE", OTHER)
    at.peer.ua.reoffer(at.call, OFFER, at.peer.now)
    assert at.peer.collect() == []
    at.peer.ua.answer_reoffer(at.call, ANSWER, at.peer.now)
    (ok,) = responses(at.peer.collect())
    at.acknowledge(ok)
    assert at.peer.sent[-1].body == OFFER
    early = Peer()
    call = early.incoming()
    early.ua.accept(call, ANSWER, early.now)
    early.ua.reoffer(call, OTHER, early.now)
    (ok,) = responses(early.collect())
    assert [r.method for r in requests(early.hear(ack(ok)))] == ["INVITE"]


@pytest.mark.parametrize(
    ("status", "last"),
    [(488, e.ReofferRefused), (481, e.Ended), (408, e.Ended)],
)
def test_what_a_refused_reoffer_of_ours_means(status: int, last: type[e.Event]) -> None:
    at = Standing()
    at.peer.ua.reoffer(at.call, OTHER, at.peer.now)
    at.peer.hear(answer_to(at.ours("INVITE"), status))
    assert isinstance(at.last(), last)
    assert len(at.peer.ua.calls) == (1 if status == 488 else 0)


def test_hanging_up_in_a_reinvite_still_acknowledges_its_answer() -> None:
    at = Standing()
    at.peer.ua.reoffer(at.call, OTHER, at.peer.now)
    reinvite = at.ours("INVITE")
    at.peer.ua.hang_up(at.call, at.peer.now)
    bye = at.ours("BYE")
    assert [r.method for r in requests(at.peer.hear(answer_to(reinvite, 200, body=ANSWER)))] == [
        "ACK"
    ]
    at.peer.hear(answer_to(bye, 200))
    assert at.peer.idle()


# --- CSeq, tags, target


def test_requests_out_of_order_are_500_and_of_other_tags_481() -> None:
    at = Standing()
    assert [r.status for r in at.hear("OPTIONS")] == [200]
    late = at.ask("INFO", number=1)
    assert [r.status for r in responses(at.peer.hear(late))] == [500]
    foreign = request("BYE", number=9, branch="z9hG4bKf", to_tag=at.ok.to.tag, from_tag="somebody")
    assert [r.status for r in responses(at.peer.hear(foreign))] == [481]
    assert len(at.peer.ua.calls) == 1


def test_an_ack_of_nothing_is_ignored() -> None:
    at = Standing()
    events = len(at.peer.events)
    at.peer.hear(ack(at.ok, number=77, branch="z9hG4bKstray"))
    at.peer.hear(request("ACK", branch="z9hG4bKelse", to_tag="unknown"))
    assert len(at.peer.events) == events
    assert len(at.peer.ua.calls) == 1


def test_a_new_contact_is_where_requests_go_from_then_on() -> None:
    at = Standing()
    moved = replace(PHONE, port=6000)
    update = request(
        "UPDATE", number=2, branch="z9hG4bKu", to_tag=at.ok.to.tag, source=moved, lines=[TIMER]
    )
    at.peer.hear(update)
    at.peer.ua.hang_up(at.call, at.peer.now)
    assert at.ours("BYE").uri.port == 6000
    assert at.peer.flows[-1] == moved


# --- INFO


@pytest.mark.parametrize(
    ("kind", "body", "digit"),
    [
        ("application/dtmf-relay", b"Signal=5\r\nDuration=160\r\n", "5"),
        ("application/dtmf-relay", b"Signal= #\r\n", "#"),
        ("application/dtmf-relay", b"Duration=160\r\nsignal=11\r\n", "#"),
        ("application/dtmf", b"7", "7"),
    ],
)
def test_keys_by_info(kind: str, body: bytes, digit: str) -> None:
    at = Standing()
    info = replace(at.ask("INFO", body), body=body)
    info = replace(info, headers=info.headers.set("Content-Type", kind))
    assert [r.status for r in responses(at.peer.hear(info))] == [200]
    assert at.last() == e.Digits(at.call, digit)
    assert digit not in repr(at.last()).replace("Digits", "").replace(f"call={at.call}", "")
    at.peer.hear(info)
    assert len([event for event in at.peer.events if isinstance(event, e.Digits)]) == 1


def test_an_info_that_we_do_not_understand_is_415_and_an_empty_one_200() -> None:
    at = Standing()
    assert [r.status for r in at.hear("INFO", b"<xml/>")] == [415]
    assert [r.status for r in at.hear("INFO")] == [200]


# --- session timers


def test_the_one_who_asked_may_be_the_one_who_refreshes() -> None:
    at = Standing(("Session-Expires", "200;refresher=uac"), TIMER)
    assert at.ok.headers.get("Session-Expires") == "200;refresher=uac"
    assert "timer" in at.ok.required
    at.peer.wait(150)
    (ok,) = at.hear("UPDATE", b"", ("Session-Expires", "200;refresher=uac"), TIMER)
    assert ok.status == 200
    assert distinct(at.peer.wait(167), "BYE") == []
    assert len(distinct(at.peer.wait(2), "BYE")) == 1, "200 s less 32 after the last refresh"
    assert at.last() == e.Ended(at.call, e.Why.EXPIRED)


def test_we_refresh_by_update_where_the_peer_has_it() -> None:
    at = Standing(("Session-Expires", "200"), TIMER, ("Allow", "INVITE, ACK, BYE, UPDATE"))
    assert at.ok.headers.get("Session-Expires") == "200;refresher=uas"
    (update,) = distinct(at.peer.wait(101))
    assert (update.method, update.body) == ("UPDATE", b"")
    assert update.headers.get("Session-Expires") == "200;refresher=uac"
    answer = answer_to(update, 200, lines=[("Session-Expires", "200;refresher=uac")])
    at.peer.hear(answer)
    (second,) = distinct(at.peer.wait(101))
    assert second.method == "UPDATE"
    assert len(at.peer.ua.calls) == 1


def test_we_refresh_by_reinvite_where_it_has_not_and_nobody_hears_of_it() -> None:
    at = Standing(("Session-Expires", "200"), TIMER)
    events = len(at.peer.events)
    (reinvite,) = distinct(at.peer.wait(101))
    assert (reinvite.method, reinvite.body) == ("INVITE", ANSWER), "the session as it stands"
    at.peer.hear(answer_to(reinvite, 200, body=OFFER))
    assert len(at.peer.events) == events
    (again,) = distinct(at.peer.wait(901), "INVITE")
    assert again.body == ANSWER


def test_a_peer_without_session_timers_is_refreshed_by_us_and_found_when_it_is_gone() -> None:
    at = Standing(("Allow", "INVITE, ACK, BYE, UPDATE"))
    (update,) = distinct(at.peer.wait(901))
    at.peer.hear(answer_to(update, 481))
    assert at.last() == e.Ended(at.call, e.Why.GONE)
    silent = Standing(("Allow", "INVITE, ACK, BYE, UPDATE"))
    silent.peer.wait(901 + 33)
    assert silent.last() == e.Ended(silent.call, e.Why.GONE)
    assert silent.peer.idle()


def test_a_refresh_that_is_refused_for_now_is_tried_again_before_the_session_expires() -> None:
    at = Standing(("Session-Expires", "200"), TIMER, ("Allow", "UPDATE"))
    (update,) = distinct(at.peer.wait(101))
    at.peer.hear(answer_to(update, 503))
    (again,) = distinct(at.peer.wait(60))
    assert again.method == "UPDATE"


def test_an_update_that_the_peer_refuses_after_all_becomes_a_reinvite() -> None:
    at = Standing(("Session-Expires", "200"), TIMER, ("Allow", "UPDATE"))
    (update,) = distinct(at.peer.wait(101))
    (reinvite,) = requests(at.peer.hear(answer_to(update, 405)))
    assert reinvite.method == "INVITE"


def test_a_longer_session_is_asked_for_when_ours_is_too_brief() -> None:
    peer = Peer()
    key = peer.ua.invite(invitation(uri("200", PHONE)), peer.now)
    (invite,) = requests(peer.collect())
    assert invite.headers.get("Session-Expires") == "1800;refresher=uac"
    _, again = requests(peer.hear(answer_to(invite, 422, lines=[("Min-SE", "3600")])))
    assert again.headers.get("Session-Expires") == "3600;refresher=uac"
    assert again.headers.get("Min-SE") == "3600"
    assert again.call_id == invite.call_id
    assert again.cseq.number == 2
    peer.hear(answer_to(again, 422, lines=[("Min-SE", "3600")]))
    assert peer.events == [e.Rejected(key, 422, "", None)], "and not for ever"


def test_the_one_called_may_take_the_refresh_upon_itself() -> None:
    peer = Peer()
    key = peer.ua.invite(invitation(uri("200", PHONE)), peer.now)
    (invite,) = requests(peer.collect())
    timer = [("Session-Expires", "300;refresher=uas"), ("Require", "timer")]
    peer.hear(answer_to(invite, 200, body=ANSWER, lines=timer))
    assert distinct(peer.wait(267)) == []
    assert [r.method for r in distinct(peer.wait(2))] == ["BYE"]
    assert peer.last() == e.Ended(key, e.Why.EXPIRED)


@pytest.mark.parametrize(("value", "status"), [("soon", 400), ("30", 422)])
def test_a_bad_session_expires_in_the_call_is_refused_and_the_call_goes_on(
    value: str, status: int
) -> None:
    at = Standing()
    for method in ("INVITE", "UPDATE"):
        (refusal,) = at.hear(method, b"", ("Session-Expires", value), TIMER)
        assert refusal.status == status
    assert len(at.peer.ua.calls) == 1
