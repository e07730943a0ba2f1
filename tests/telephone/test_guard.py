"""PIN guessing is slowed and locked; who merely mistypes is not."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from podium.telephone import guard
from podium.telephone.guard import PATIENCE, Attempt, By, Free, Locked, PinGuard, Slowed, Verdict


def by(caller: str = "a", source: str = "s") -> Attempt:
    return Attempt(((By.CALLER, caller), (By.SOURCE, source)))


def guesses(guard: PinGuard, who: list[Attempt], now: float, pause: float) -> list[Verdict]:
    return [guard.attempt(attempt, now + n * pause) for n, attempt in enumerate(who)]


def test_a_caller_is_free_then_slowed_then_locked() -> None:
    verdicts = guesses(PinGuard(), [by()] * 5, 0.0, 1.0)
    assert verdicts[:3] == [Free()] * 3
    assert isinstance(verdicts[3], Slowed)
    assert isinstance(verdicts[4], Locked)


def test_the_lock_doubles_with_each_further_guess_up_to_an_hour() -> None:
    pin_guard, now, locks = PinGuard(), 0.0, []
    for _ in range(40):
        verdict = pin_guard.attempt(by(), now)
        if isinstance(verdict, Locked):
            locks.append(verdict.seconds)
            now += verdict.seconds
        elif isinstance(verdict, Slowed):
            now += verdict.seconds
    longest = PATIENCE[By.CALLER].longest
    assert all(b == min(2 * a, longest) for a, b in pairwise(locks))
    assert locks[-1] == longest


def test_changing_the_caller_does_not_help_from_the_same_source() -> None:
    who = [by(caller=f"c{n}") for n in range(40)]
    verdicts = guesses(PinGuard(), who, 0.0, 0.1)
    assert isinstance(verdicts[-1], Locked)


def test_a_whole_trunk_is_slowed_and_never_locked_out() -> None:
    who = [Attempt(((By.CALLER, f"c{n}"), (By.TRUNK, "carrier"))) for n in range(2000)]
    verdicts = guesses(PinGuard(), who, 0.0, 1.0)
    assert isinstance(verdicts[-1], Slowed)
    assert not any(isinstance(verdict, Locked) for verdict in verdicts)


def test_a_right_pin_does_not_wipe_out_wrong_ones() -> None:
    pin_guard = PinGuard()
    guesses(pin_guard, [by()] * 3, 0.0, 0.0)
    assert isinstance(pin_guard.attempt(by(), 100.0), Free)
    pin_guard.succeeded(by())
    assert isinstance(pin_guard.attempt(by(), 100.1), Slowed)


def test_three_thousand_venues_behind_one_trunk_are_not_slowed_by_being_right() -> None:
    pin_guard = PinGuard()
    for n in range(3000):
        who = Attempt(((By.CALLER, f"c{n}"), (By.TRUNK, "carrier")))
        assert pin_guard.attempt(who, n / 50) == Free()
        pin_guard.succeeded(who)


def test_it_is_forgotten_after_a_while() -> None:
    pin_guard = PinGuard()
    guesses(pin_guard, [by()] * 10, 0.0, 0.0)
    assert pin_guard.attempt(by(), 10 + 7 * 3600.0) == Free()


def test_memory_is_bounded() -> None:
    pin_guard = PinGuard()
    for n in range(guard.REMEMBERED + 500):
        pin_guard.attempt(by(caller=str(n), source=str(n)), 0.0)
    assert all(len(records) <= guard.REMEMBERED for records in pin_guard._records.values())


def test_what_has_changed_is_told_once_and_can_be_restored() -> None:
    pin_guard, again = PinGuard(), PinGuard()
    guesses(pin_guard, [by()] * 5, 0.0, 1.0)
    changes = pin_guard.take_changes()
    assert pin_guard.take_changes() == {}
    for (kind, key), record in changes.items():
        assert record is not None
        again.restore(kind, key, record)
    assert again.attempt(by(), 5.0) == pin_guard.attempt(by(), 5.0)
    assert isinstance(again.attempt(by(), 5.0), Locked)


def test_a_right_pin_leaves_nothing_to_be_written_down() -> None:
    pin_guard = PinGuard()
    pin_guard.attempt(by(), 0.0)
    pin_guard.succeeded(by())
    assert set(pin_guard.take_changes().values()) == {None}


@given(st.lists(st.floats(0.0, 30.0), min_size=1, max_size=200))
def test_no_pace_of_guessing_beats_the_lock(pauses: list[float]) -> None:
    """Whoever never has the right PIN gets few looks at the table, however they time it."""
    pin_guard, now, looks = PinGuard(), 0.0, 0
    for pause in pauses:
        now += pause
        looks += not isinstance(pin_guard.attempt(by(), now), Locked)
    free, first = PATIENCE[By.CALLER].free, PATIENCE[By.CALLER].first
    doublings = next(n for n in range(64) if first * (2**n - 1) >= now)
    assert looks <= free + doublings + 2
