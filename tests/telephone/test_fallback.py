"""A lost venue is rung after a while, once; one that is back is released after its grace."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from podium.conference.state import VenueId
from podium.telephone.fallback import AFTER_RESTART, FallbackWatch, Release, Ring, Sight

HENAN, TIBET = VenueId("henan"), VenueId("tibet")


def test_a_short_loss_rings_nobody() -> None:
    watch = FallbackWatch(5.0, 10.0)
    watch.see(HENAN, Sight.LOST, 0.0)
    assert watch.deadline == 5.0
    assert watch.due(4.9) == ()
    watch.see(HENAN, Sight.FINE, 4.9)
    assert watch.deadline is None
    assert watch.due(99.0) == ()


def test_a_longer_loss_rings_and_seeing_it_again_does_not_put_it_off() -> None:
    watch = FallbackWatch(5.0, 10.0)
    watch.see(HENAN, Sight.LOST, 0.0)
    watch.see(HENAN, Sight.LOST, 3.0)
    assert watch.due(5.0) == (Ring(HENAN),)
    assert watch.due(6.0) == ()


def test_who_does_not_answer_is_rung_once_for_each_loss() -> None:
    watch = FallbackWatch(5.0, 10.0)
    watch.see(HENAN, Sight.LOST, 0.0)
    watch.due(5.0)
    watch.see(HENAN, Sight.OTHER, 6.0)
    watch.see(HENAN, Sight.LOST, 60.0)
    assert watch.deadline is None
    watch.see(HENAN, Sight.FINE, 61.0)
    watch.see(HENAN, Sight.LOST, 62.0)
    assert watch.due(67.0) == (Ring(HENAN),)


def test_back_is_released_after_the_grace_unless_it_is_lost_again() -> None:
    watch = FallbackWatch(5.0, 10.0)
    watch.see(HENAN, Sight.BACK, 0.0)
    watch.see(HENAN, Sight.OTHER, 9.0)
    assert watch.due(20.0) == ()
    watch.see(HENAN, Sight.BACK, 30.0)
    assert watch.due(40.0) == (Release(HENAN),)


def test_after_a_restart_stations_get_time_to_come_back() -> None:
    watch = FallbackWatch(5.0, 10.0)
    watch.see(HENAN, Sight.LOST_BY_US, 0.0)
    assert watch.due(AFTER_RESTART - 1) == ()
    assert watch.due(AFTER_RESTART) == (Ring(HENAN),)


def test_a_venue_that_is_withdrawn_is_forgotten() -> None:
    watch = FallbackWatch(5.0, 10.0)
    watch.see(HENAN, Sight.LOST, 0.0)
    watch.forget(HENAN)
    assert watch.due(9.0) == ()


@given(
    st.lists(
        st.tuples(st.sampled_from([HENAN, TIBET]), st.sampled_from(Sight), st.floats(0.0, 8.0)),
        max_size=60,
    )
)
def test_nobody_is_rung_while_their_station_is_here(
    story: list[tuple[VenueId, Sight, float]],
) -> None:
    watch, now = FallbackWatch(5.0, 10.0), 0.0
    seen: dict[VenueId, Sight] = {}
    for venue, sight, pause in story:
        now += pause
        for done in watch.due(now):
            wanted = {Sight.BACK} if isinstance(done, Release) else {Sight.LOST, Sight.LOST_BY_US}
            assert seen[done.venue] in wanted
        watch.see(venue, sight, now)
        seen[venue] = sight
