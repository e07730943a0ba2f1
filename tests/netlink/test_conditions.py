"""The link's behaviour, without a network."""

from __future__ import annotations

import pytest
from tests.support.netlink import Conditions
from tests.support.netlink.conditions import FRAME_OVERHEAD, Direction


def through(conditions: Conditions, packets: int, every: float, size: int = 100) -> Direction:
    direction = Direction(seed=5, conditions=conditions)
    for number in range(packets):
        direction.admit(number.to_bytes(4, "big") + bytes(size - 4), number * every)
    return direction


def test_a_perfect_link_passes_everything_at_once() -> None:
    direction = through(Conditions(), 10, 0.01)
    assert len(direction.take_due(0.09)) == 10
    assert direction.next_due() is None


def test_delay() -> None:
    direction = through(Conditions(delay=0.04), 1, 0)
    assert direction.next_due() == pytest.approx(0.04)
    assert direction.take_due(0.039) == []
    assert len(direction.take_due(0.0401)) == 1


def test_jitter_spreads_but_keeps_the_order() -> None:
    direction = through(Conditions(delay=0.01, jitter=0.05), 500, 0.001)
    numbers = [int.from_bytes(p[:4], "big") for p in direction.take_due(10)]
    assert numbers == list(range(500))


@pytest.mark.parametrize("burst", [1.0, 5.0])
def test_the_share_of_losses(burst: float) -> None:
    direction = through(Conditions(loss=0.05, burst=burst), 100_000, 0)
    assert direction.lost / 100_000 == pytest.approx(0.05, abs=0.006)


def test_bursts_are_as_long_as_asked() -> None:
    direction = Direction(seed=3, conditions=Conditions(loss=0.1, burst=4))
    bursts, last = 0, -2
    for number in range(50_000):
        before = direction.lost
        direction.admit(b"x", 0)
        if direction.lost > before:
            bursts += number != last + 1
            last = number
    assert direction.lost / bursts == pytest.approx(4, rel=0.1)


def test_the_same_seed_loses_the_same_packets() -> None:
    first = through(Conditions(loss=0.3), 200, 0).take_due(1)
    assert first == through(Conditions(loss=0.3), 200, 0).take_due(1)
    assert len(first) < 200


def test_the_rate_and_its_queue() -> None:
    # 100-byte packets at 10 ms cost 128 bytes each: 102.4 kbit/s offered to 51.2.
    rate = (100 + FRAME_OVERHEAD) * 8 / 0.02
    direction = through(Conditions(rate=rate, queue=0.1), 1_000, 0.01)
    assert len(direction.take_due(60)) == pytest.approx(505, abs=5)
    assert direction.overflowed == pytest.approx(495, abs=5)


def test_everything_lost() -> None:
    direction = through(Conditions(loss=1), 10, 0)
    assert direction.next_due() is None
    assert direction.lost == 10


@pytest.mark.parametrize("wrong", [{"loss": 1.5}, {"burst": 0.5}, {"delay": -1}])
def test_nonsense_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"."):
        Conditions(**wrong)
