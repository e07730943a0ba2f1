"""Nothing is dialled but what the administrator has allowed, and that within caps."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podium.telephone.dialplan import (
    DAY,
    DialLedger,
    DialRules,
    NotAllowed,
    ToAccount,
    ToTrunks,
    Trunk,
    normal,
    route,
)

RULES = DialRules(
    allowed=("+8610", "010"),
    accounts=frozenset({"8001"}),
    trunks=(Trunk("beijing", ("+8610",)), Trunk("any")),
)


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("+86 10 6512-0000", ToTrunks("+861065120000", ("beijing", "any"))),
        ("(010) 6512.0000", ToTrunks("01065120000", ("any",))),
        ("8001", ToAccount("8001")),
        ("+1 900 555 0100", NotAllowed.PREFIX),
        ("0086900", NotAllowed.PREFIX),
        ("8002", NotAllowed.PREFIX),
        ("+8610;phone-context=evil", NotAllowed.NO_NUMBER),
        ("+8610@evil.example", NotAllowed.NO_NUMBER),
        ("", NotAllowed.NO_NUMBER),
        ("+", NotAllowed.NO_NUMBER),
        ("+8610" + "1" * 40, NotAllowed.NO_NUMBER),
    ],
)
def test_routes(number: str, expected: object) -> None:
    assert route(RULES, number) == expected


def test_without_an_allow_list_nothing_is_dialled() -> None:
    assert route(DialRules(trunks=(Trunk("any"),)), "+861065120000") is NotAllowed.PREFIX
    assert route(DialRules(allowed=("",), trunks=(Trunk("any"),)), "123") is NotAllowed.PREFIX


def test_without_a_trunk_that_takes_it_nothing_is_dialled() -> None:
    rules = DialRules(allowed=("0",), trunks=(Trunk("beijing", ("+8610",)),))
    assert route(rules, "01065120000") is NotAllowed.NO_TRUNK


@given(st.text(max_size=40))
def test_what_is_dialled_is_digits_alone_and_allowed(number: str) -> None:
    found = route(RULES, number)
    if isinstance(found, ToTrunks):
        assert found.number.removeprefix("+").isdecimal()
        assert found.number.isascii()
        assert found.number.startswith(RULES.allowed)
        assert normal(found.number) == found.number


def test_caps() -> None:
    ledger = DialLedger(DialRules(allowed=("0",), trunks=(Trunk("any"),), concurrent=2))
    assert isinstance(ledger.place("a", "010", 0.0), ToTrunks)
    assert isinstance(ledger.place("a", "010", 0.0), ToTrunks)
    assert ledger.place("b", "010", 0.0) is NotAllowed.CONCURRENT_CAP
    ledger.ended()
    assert isinstance(ledger.place("b", "010", 1.0), ToTrunks)
    assert ledger.standing == 2


def test_a_conference_and_a_day_have_their_caps_and_a_day_passes() -> None:
    rules = DialRules(allowed=("0",), trunks=(Trunk("any"),), per_conference=2, per_day=3)
    ledger = DialLedger(rules)

    def place(conference: str, now: float) -> object:
        found = ledger.place(conference, "010", now)
        if not isinstance(found, NotAllowed):
            ledger.ended()
        return found

    assert [type(place("a", 0.0)) for _ in range(2)] == [ToTrunks] * 2
    assert place("a", 1.0) is NotAllowed.CONFERENCE_CAP
    assert isinstance(place("b", 1.0), ToTrunks)
    assert place("b", DAY - 1) is NotAllowed.DAY_CAP
    assert isinstance(place("a", DAY), ToTrunks)


def test_a_call_that_is_not_placed_counts_nowhere() -> None:
    ledger = DialLedger(DialRules(allowed=("0",), trunks=(Trunk("any"),), per_day=1))
    assert ledger.place("a", "+1900", 0.0) is NotAllowed.PREFIX
    assert isinstance(ledger.place("a", "010", 0.0), ToTrunks)
