"""Numbers are reached by our own telephones and by trunks; consoles see how trunks are."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from random import Random

import pytest
from tests.support.halls import HandClock

from podium.hall.trunks import TrunkCondition
from podium.telephone.desk import Desk
from podium.telephone.dialplan import ToAccount, ToTrunks
from podium.telephone.sip.digest import Login
from podium.telephone.sip.events import TrunkHealth, TrunkState
from podium.telephone.sip.flow import Flow, Transport
from podium.telephone.sip.registrar import Binding
from podium.telephone.sip.registration import Trunk
from podium.telephone.sip.uri import Uri
from podium.telephone.ways import Ways

ONE = Trunk(
    "one",
    Uri.parse("sip:sip.one.example:5070"),
    Uri.parse("sip:podium@one.example"),
    Login("a", "b"),
)
TWO = Trunk("two", Uri.parse("sip:two.example"), Uri.parse("sip:podium@two.example"))
PHONE = Flow(Transport.TCP, "192.0.2.7", 40000)


class Lines:
    def bindings(self, account: str) -> Sequence[Binding]:
        contact = Uri.parse("sip:8001@10.0.0.7")
        return [Binding(account, contact, PHONE, (PHONE,), "call", 1, 0.0)]

    def usable(self) -> Sequence[Trunk]:
        return [TWO, ONE]


WAYS = Ways(Lines(), Uri.parse("sip:podium@podium.example"), {"one": "+861065120000"}, Random(1))


def test_a_telephone_of_our_own_is_called_where_it_is() -> None:
    (way,) = WAYS.ways(ToAccount("8001"))
    invitation = way(b"v=0")
    assert str(invitation.target) == "sip:8001@10.0.0.7"
    assert invitation.where == (PHONE,)
    assert invitation.offer == b"v=0"


def test_trunks_that_are_up_come_first_and_each_is_signed_by_its_own_login() -> None:
    two, one = (way(b"v=0") for way in WAYS.ways(ToTrunks("+861065120001", ("one", "two"))))
    assert str(two.target) == "sip:+861065120001@two.example"
    assert two.signer is None
    assert str(two.from_.uri) == "sip:podium@two.example"
    assert str(one.target) == "sip:+861065120001@one.example"
    assert str(one.from_.uri) == "sip:+861065120000@one.example"
    assert one.where == (ONE.server,)
    assert one.signer is not None


def test_only_trunks_that_take_the_number_are_tried() -> None:
    (way,) = WAYS.ways(ToTrunks("+861065120001", ("one",)))
    assert way(b"").where == (ONE.server,)


@pytest.mark.parametrize(
    ("trunk", "health", "condition"),
    [
        ("one", TrunkHealth.UP, TrunkCondition.REGISTERED),
        ("two", TrunkHealth.UP, TrunkCondition.REACHABLE),
        ("one", TrunkHealth.REFUSED, TrunkCondition.REFUSED),
        ("two", TrunkHealth.DOWN, TrunkCondition.UNREACHABLE),
    ],
)
def test_consoles_see_how_trunks_are(
    trunk: str, health: TrunkHealth, condition: TrunkCondition
) -> None:
    clock, told = HandClock(), list[bool]()
    desk = Desk("9000", {"one": True, "two": False}, clock)
    unlisten = desk.listen(lambda: told.append(True))
    assert [t.name for t in desk.trunks()] == ["one", "two"]
    clock.advance(timedelta(seconds=3))
    desk.report(TrunkState(trunk, health, 200))
    found = next(t for t in desk.trunks() if t.name == trunk)
    assert (found.condition, found.since) == (condition, clock.now())
    desk.report(TrunkState(trunk, health, 200))
    assert told == [True]
    unlisten()
    desk.report(TrunkState(trunk, TrunkHealth.UNKNOWN, None))
    assert told == [True]
