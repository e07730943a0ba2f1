"""Telephones that register, and who gets past the door (RFC 3261 10.3, 22; RFC 5626)."""

from __future__ import annotations

import random
from collections.abc import Sequence
from ipaddress import ip_network

import pytest
from tests.support.sip import (
    OFFER,
    PHONE,
    PODIUM,
    At,
    Peer,
    request,
    responses,
    uri,
)

from podium.telephone.sip import events as e
from podium.telephone.sip.agent import UserAgent
from podium.telephone.sip.digest import DigestServer, Login, answer
from podium.telephone.sip.digest_fields import Algorithm, Ha1s, ha1
from podium.telephone.sip.door import Door, House, Network, Strangers
from podium.telephone.sip.flow import Flow, Transport
from podium.telephone.sip.message import Request, Response
from podium.telephone.sip.uri import NameAddr, Uri

SECRET = "correct horse"
NAT = Flow(Transport.UDP, "203.0.113.5", 33333)
TRUNK = Flow(Transport.UDP, "192.0.2.200", 5060)


class Accounts:
    def ha1s(self, username: str) -> Ha1s | None:
        if username != "8001":
            return None
        return {Algorithm.MD5: ha1(Algorithm.MD5, "8001", "podium", SECRET)}


def house(
    strangers: Strangers = Strangers.DROP, *, phones: bool = True, near: Sequence[Network] = ()
) -> Peer:
    chance = random.Random(5)
    door = Door(
        House({"telecom": [ip_network("192.0.2.200/32")]}, strangers, phones, near),
        DigestServer("podium", b"k" * 32),
        Accounts(),
        chance,
        lambda flow: made[0].registrar.account_at(flow),
    )
    made = [UserAgent(chance, At(PODIUM), door)]
    return Peer(made[0])


class Phone:
    """A telephone by hand, with its Call-ID and CSeq."""

    def __init__(self, peer: Peer, user: str = "8001", source: Flow = PHONE) -> None:
        self.peer = peer
        self.user = user
        self.source = source
        self.number = 0

    def ask(self, method: str, *lines: tuple[str, str], body: bytes = b"") -> Request:
        self.number += 1
        address = str(NameAddr(Uri.sip(self.user, PODIUM.host)))
        return request(
            method,
            body=body,
            number=self.number,
            branch=f"z9hG4bK{self.user}{self.number}",
            call_id=f"reg{self.user}",
            without=["To", "Contact"],
            lines=[("To", address), *lines],
            target=Uri.sip("", PODIUM.host),
        )

    def register(
        self,
        contact: str = "<sip:8001@198.51.100.7:5070>",
        expires: int = 3600,
        secret: str = SECRET,
    ) -> Response:
        return self.prove(("Contact", contact), ("Expires", str(expires)), secret=secret)

    def prove(
        self, *lines: tuple[str, str], method: str = "REGISTER", secret: str = SECRET
    ) -> Response:
        asked = self.ask(method, *lines)
        (challenge,) = responses(self.peer.hear(asked, self.source))
        assert challenge.status == 401
        answered = answer(asked, challenge, Login(self.user, secret), "cnonce")
        assert answered is not None
        self.number += 1
        headers = answered.request.headers.set("CSeq", f"{self.number} {method}")
        via = str(asked.top_via.with_param("branch", f"z9hG4bKa{self.user}{self.number}"))
        again = Request(method, asked.uri, headers.set("Via", via), asked.body)
        (final,) = responses(self.peer.hear(again, self.source))
        return final


def test_a_telephone_registers_and_is_forgotten_when_its_time_is_over() -> None:
    peer = house()
    ok = Phone(peer).register(expires=120)
    assert ok.status == 200
    assert [contact.expires for contact in ok.contacts] == [120]
    contact = Uri.parse("sip:8001@198.51.100.7:5070")
    assert peer.events == [e.Registered("8001", contact, 120)]
    (binding,) = peer.ua.registrar.bindings("8001")
    assert binding.where == (contact,)
    peer.wait(121)
    assert peer.last() == e.Unregistered("8001", contact)
    assert peer.ua.registrar.bindings("8001") == ()
    assert peer.idle()


def test_a_refresh_prolongs_and_two_telephones_of_one_account_stand_side_by_side() -> None:
    peer = house()
    phone = Phone(peer)
    phone.register(expires=120)
    peer.wait(100)
    phone.register(expires=120)
    phone.register("<sip:8001@198.51.100.7:6060>", expires=600)
    peer.wait(100)
    bindings = peer.ua.registrar.bindings("8001")
    assert [binding.contact.port for binding in bindings] == [6060, 5070], "the last one first"


def test_wrong_password_and_unknown_name_are_answered_alike() -> None:
    wrong = Phone(house()).register(secret="wrong")
    nobody = Phone(house(), "8002").register()
    assert wrong.status == nobody.status == 401
    assert [name for name, _ in wrong.headers] == [name for name, _ in nobody.headers]


def test_an_address_that_keeps_guessing_gets_no_answer_any_more() -> None:
    peer = house()
    for n in range(40):
        peer.hear(request("REGISTER", branch=f"z9hG4bK{n}", call_id=str(n)))
    assert len(responses(peer.sent, 401)) == 20
    other = Flow(Transport.UDP, "198.51.100.99", 5060)
    assert responses(peer.hear(request("REGISTER", branch="z9hG4bKo", call_id="o"), other))


def test_a_telephone_may_register_only_itself() -> None:
    peer = house()
    phone = Phone(peer)
    foreign = ("To", str(NameAddr(Uri.sip("8009", PODIUM.host))))
    asked = phone.ask("REGISTER", ("Contact", "<sip:x@198.51.100.7>"))
    asked = Request(asked.method, asked.uri, asked.headers.set(*foreign), b"")
    (challenge,) = responses(peer.hear(asked))
    answered = answer(asked, challenge, Login("8001", SECRET), "c")
    assert answered is not None
    via = str(asked.top_via.with_param("branch", "z9hG4bKforeign"))
    headers = answered.request.headers.set("Via", via).set("CSeq", "2 REGISTER")
    forged = Request("REGISTER", asked.uri, headers, b"")
    assert [r.status for r in responses(peer.hear(forged))] == [403]


def test_too_brief_is_423_and_too_long_is_cut() -> None:
    peer = house()
    phone = Phone(peer)
    brief = phone.register(expires=10)
    assert (brief.status, brief.headers.get("Min-Expires")) == (423, "60")
    assert peer.ua.registrar.bindings("8001") == ()
    assert [contact.expires for contact in phone.register(expires=90_000).contacts] == [3600]


def test_a_telephone_takes_its_binding_back_and_all_with_a_star() -> None:
    peer = house()
    phone = Phone(peer)
    phone.register()
    assert phone.register(expires=0).contacts == ()
    phone.register()
    phone.register("<sip:8001@198.51.100.7:6060>")
    assert phone.prove(("Contact", "*"), ("Expires", "30")).status == 400
    assert phone.prove(("Contact", "*"), ("Expires", "0")).status == 200
    assert peer.ua.registrar.bindings("8001") == ()


def test_a_register_that_was_overtaken_changes_nothing() -> None:
    peer = house()
    phone = Phone(peer)
    phone.register()
    peer.wait(40)
    phone.number = -1
    assert phone.register(expires=0).status == 500
    assert len(peer.ua.registrar.bindings("8001")) == 1


def test_of_many_contacts_the_oldest_give_way() -> None:
    peer = house()
    phone = Phone(peer)
    for port in range(6000, 6008):
        phone.register(f"<sip:8001@198.51.100.7:{port}>")
    ports = [binding.contact.port for binding in peer.ua.registrar.bindings("8001")]
    assert ports == [6007, 6006, 6005, 6004, 6003]


def test_behind_a_nat_it_is_reached_where_it_was_heard_and_the_nat_is_kept_open() -> None:
    peer = house()
    Phone(peer, source=NAT).register("<sip:8001@10.0.0.9:5060>", expires=120)
    (binding,) = peer.ua.registrar.bindings("8001")
    assert binding.where == (NAT,)
    peer.wait(60)
    assert peer.kept_alive == [NAT, NAT]
    peer.wait(100)
    assert len(peer.kept_alive) == 4, "and not after it has gone"


def test_a_telephone_on_a_connection_behind_a_nat_goes_with_it() -> None:
    peer = house()
    tcp = Flow(Transport.TCP, "203.0.113.5", 40000)
    Phone(peer, source=tcp).register("<sip:8001@10.0.0.9:5060;transport=tcp>")
    (binding,) = peer.ua.registrar.bindings("8001")
    assert binding.where == (tcp,)
    peer.ua.broken(tcp, peer.now)
    peer.collect()
    assert peer.ua.registrar.bindings("8001") == ()
    assert isinstance(peer.last(), e.Unregistered)


# --- the door


def test_a_trunk_is_known_by_its_address_and_may_not_register() -> None:
    peer = house()
    peer.hear(request(body=OFFER), TRUNK)
    event = peer.last()
    assert isinstance(event, e.IncomingCall)
    assert event.by == "telecom"
    refused = peer.hear(request("REGISTER", branch="z9hG4bKr", call_id="r"), TRUNK)
    assert [r.status for r in responses(refused)] == [403]


@pytest.mark.parametrize("method", ["OPTIONS", "SUBSCRIBE", "MESSAGE", "BYE"])
def test_a_stranger_gets_no_answer_to_what_no_telephone_needs(method: str) -> None:
    peer = house()
    assert peer.hear(request(method)) == []
    assert peer.wait(1) == []


def test_without_telephones_of_its_own_the_house_is_silent_to_all_but_trunks() -> None:
    peer = house(phones=False)
    for method in ("INVITE", "REGISTER", "OPTIONS"):
        assert peer.hear(request(method, branch=f"z9hG4bK{method}", call_id=method)) == []
    assert peer.wait(1) == []


def test_a_house_may_let_strangers_call() -> None:
    peer = house(Strangers.ADMIT)
    peer.hear(request(body=OFFER))
    event = peer.last()
    assert isinstance(event, e.IncomingCall)
    assert event.by == ""
    (challenge,) = responses(peer.hear(request("REGISTER", branch="z9hG4bKr", call_id="r")))
    assert challenge.status == 401


@pytest.mark.parametrize("phones", [True, False])
def test_strangers_may_call_from_near_alone(phones: bool) -> None:
    peer = house(phones=phones, near=[ip_network(f"{PHONE.host}/32")])
    peer.hear(request(body=OFFER), PHONE)
    event = peer.last()
    assert isinstance(event, e.IncomingCall)
    assert event.by == ""
    known = len(peer.events)
    peer.hear(request(body=OFFER, branch="z9hG4bKfar", call_id="far"), NAT)
    assert len(peer.events) == known


def test_a_registered_telephone_proves_itself_for_each_call_and_is_known_by_its_account() -> None:
    peer = house(Strangers.ADMIT)
    phone = Phone(peer)
    phone.register()
    asked = phone.ask("INVITE", ("Contact", "<sip:8001@198.51.100.7:5070>"))
    (challenge,) = responses(peer.hear(asked))
    assert challenge.status == 401
    answered = answer(asked, challenge, Login("8001", SECRET), "c")
    assert answered is not None
    via = str(asked.top_via.with_param("branch", "z9hG4bKcall"))
    headers = answered.request.headers.set("Via", via).set("CSeq", "99 INVITE")
    peer.hear(Request("INVITE", asked.uri, headers, b""))
    event = peer.last()
    assert isinstance(event, e.IncomingCall)
    assert event.by == "8001"
    assert [r.status for r in responses(peer.hear(phone.ask("OPTIONS")))] == [200]
    assert uri().host == PODIUM.host
