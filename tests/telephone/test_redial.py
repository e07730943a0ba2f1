"""Numbers are dialled first to last, and again after a while; every end has its reason."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podium.conference.calls import CallEnd
from podium.telephone.redial import (
    PAUSES,
    Dial,
    DialLater,
    Dialling,
    GiveUp,
    after_setback,
    end_of,
)


@pytest.mark.parametrize(
    ("status", "cause", "expected"),
    [
        (486, None, CallEnd.BUSY),
        (600, None, CallEnd.BUSY),
        (480, None, CallEnd.NO_ANSWER),
        (480, 1, CallEnd.WRONG_NUMBER),
        (404, None, CallEnd.WRONG_NUMBER),
        (404, 17, CallEnd.BUSY),
        (403, None, CallEnd.TRUNK_REFUSED),
        (407, None, CallEnd.TRUNK_REFUSED),
        (503, None, CallEnd.TRUNK_DOWN),
        (503, 34, CallEnd.TRUNK_DOWN),
        (500, 18, CallEnd.NO_ANSWER),
        (603, None, CallEnd.DECLINED),
        (488, None, CallEnd.NO_CODEC),
        (487, None, CallEnd.NO_ANSWER),
        (599, 127, CallEnd.TRUNK_DOWN),
        (499, None, CallEnd.FAILED),
    ],
)
def test_reasons(status: int, cause: int | None, expected: CallEnd) -> None:
    assert end_of(status, cause) is expected


def test_first_to_last_then_again_after_a_pause() -> None:
    now = Dialling(2)
    first = after_setback(now, CallEnd.BUSY)
    assert first == Dial(Dialling(2, number=1))
    assert isinstance(first, Dial)
    second = after_setback(first.dialling, CallEnd.NO_ANSWER)
    assert second == DialLater(Dialling(2, number=0, round=1), PAUSES[0])


def test_a_wrong_number_is_not_dialled_again() -> None:
    first = after_setback(Dialling(2), CallEnd.WRONG_NUMBER)
    assert isinstance(first, Dial)
    second = after_setback(first.dialling, CallEnd.BUSY)
    assert isinstance(second, DialLater)
    assert second.dialling.number == 1


def test_the_last_reason_is_told_when_nothing_is_left() -> None:
    assert after_setback(Dialling(1), CallEnd.NOT_ALLOWED) == GiveUp(CallEnd.NOT_ALLOWED)


@given(st.integers(1, 8), st.lists(st.sampled_from(CallEnd), min_size=1))
def test_dialling_ends_and_gives_every_number_its_turn(count: int, reasons: list[CallEnd]) -> None:
    dialled, dialling, turn = [0], Dialling(count), 0
    while True:
        found = after_setback(dialling, reasons[turn % len(reasons)])
        turn += 1
        if isinstance(found, GiveUp):
            break
        dialling = found.dialling
        dialled.append(dialling.number)
    assert set(dialled) == set(range(count))
    assert max(dialled.count(n) for n in range(count)) <= len(PAUSES) + 1
