"""Guesses of many callers together: slowed, then locked for strangers, and never for good."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from podium.telephone.guard import LONGEST_HOLD, Free, Locked, Slowed
from podium.telephone.strangers import (
    AFTER_A_LOCK,
    CALM,
    FIRST_LOCK,
    LEAK,
    LIMIT,
    LONGEST_LOCK,
    SLOWED_FROM,
    Strangers,
)

DAY = 86_400.0


def wrong(strangers: Strangers, count: int, now: float) -> list[bool]:
    return [strangers.wrong(now) for _ in range(count)]


def test_they_are_free_then_slowed_more_and_more_then_locked() -> None:
    strangers = Strangers()
    assert wrong(strangers, SLOWED_FROM, 0.0).count(True) == 0
    assert strangers.verdict(0.0) == Free()
    waits = []
    for _ in range(LIMIT - SLOWED_FROM - 1):
        assert not strangers.wrong(0.0)
        verdict = strangers.verdict(0.0)
        assert isinstance(verdict, Slowed)
        waits.append(verdict.seconds)
    assert waits == sorted(waits)
    assert 0 < waits[0] < waits[-1] < LONGEST_HOLD
    assert strangers.wrong(0.0)
    assert strangers.verdict(0.0) == Locked(FIRST_LOCK)


def test_a_lock_ends_and_a_few_more_guesses_lock_for_twice_as_long() -> None:
    strangers = Strangers()
    wrong(strangers, LIMIT, 0.0)
    assert isinstance(strangers.verdict(FIRST_LOCK - 1), Locked)
    now = FIRST_LOCK
    assert isinstance(strangers.verdict(now), Slowed)
    assert wrong(strangers, AFTER_A_LOCK, now) == [False] * (AFTER_A_LOCK - 1) + [True]
    assert strangers.verdict(now) == Locked(2 * FIRST_LOCK)


def test_locks_grow_to_the_longest_and_begin_anew_after_a_calm_day() -> None:
    strangers, now, longest = Strangers(), 0.0, 0.0
    for _ in range(12):
        while not strangers.wrong(now):
            pass
        longest = strangers.tally.until - now
        now = strangers.tally.until
    assert longest == LONGEST_LOCK
    now += CALM + 1
    while not strangers.wrong(now):
        pass
    assert strangers.verdict(now) == Locked(FIRST_LOCK)


def test_those_who_guess_while_it_is_locked_do_not_make_it_longer() -> None:
    strangers = Strangers()
    wrong(strangers, LIMIT, 0.0)
    assert wrong(strangers, 1000, 10.0).count(True) == 0
    assert strangers.verdict(10.0) == Locked(FIRST_LOCK - 10.0)


def test_people_who_mistype_for_months_lock_nobody_out() -> None:
    strangers, now = Strangers(), 0.0
    for _ in range(200):
        assert wrong(strangers, 40, now).count(True) == 0
        now += 40 * LEAK


def test_the_operator_lifts_the_lock_and_the_next_is_still_longer() -> None:
    strangers = Strangers()
    wrong(strangers, LIMIT, 0.0)
    strangers.lift(60.0)
    assert strangers.verdict(60.0) == Free()
    assert wrong(strangers, LIMIT, 60.0)[-1]
    assert strangers.verdict(60.0) == Locked(2 * FIRST_LOCK)


def test_it_goes_on_after_a_restart() -> None:
    before = Strangers()
    wrong(before, LIMIT, 0.0)
    assert Strangers(before.tally).verdict(100.0) == Locked(FIRST_LOCK - 100.0)


@given(st.lists(st.floats(0.0, 3 * 3600.0), min_size=1, max_size=600))
def test_no_pace_of_guessing_gives_more_than_a_few_hundred_looks_a_day(pauses: list[float]) -> None:
    """Whoever never has the right PIN, however they time it."""
    strangers, now, looks = Strangers(), 0.0, 0
    for pause in pauses:
        now += pause
        if now > DAY:
            break
        if not isinstance(strangers.verdict(now), Locked):
            looks += 1
            strangers.wrong(now)
    assert looks <= LIMIT + DAY / LEAK + AFTER_A_LOCK
