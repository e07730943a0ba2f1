"""The media plan and its differences."""

from __future__ import annotations

import pytest
from tests.support.conferences import (
    BEIJING,
    CHAIR,
    HENAN,
    OFFICE,
    SYSTEM,
    ZHEJIANG,
    Story,
    adjourned,
    closed,
    in_session,
    opened,
    rehearsing,
    scheduled,
    venue_actor,
)

from podium.conference import commands as c
from podium.conference import effects as f
from podium.conference.effects import MediaPlan, effects, plan
from podium.conference.state import Connection, Program, Slot


def between(before: Story, after: Story) -> tuple[f.Effect, ...]:
    return effects(plan(before.state), plan(after.state))


def test_from_nothing_a_session_is_built_up() -> None:
    story = in_session().do(CHAIR, c.OpenMicrophone(HENAN), c.SetPreview(Program(second=HENAN)))
    assert effects(None, plan(story.state)) == (
        f.OpenRoom(),
        f.SwitchMicrophone(BEIJING, live=True),
        f.SwitchMicrophone(HENAN, live=True),
        f.ShowInSlot(Slot.MAIN, BEIJING),
        f.ShowInPreview(Slot.SECOND, HENAN),
    )


@pytest.mark.parametrize("story", [Story(), scheduled(), closed()])
def test_without_a_room_nothing_is_wanted(story: Story) -> None:
    assert effects(None, plan(story.state)) == ()


def test_opening_opens_the_room_and_nothing_else() -> None:
    assert between(scheduled(), opened()) == (f.OpenRoom(),)
    assert between(scheduled(), rehearsing()) == (f.OpenRoom(),)


def test_closing_closes_the_room() -> None:
    assert between(in_session(), closed()) == (f.CloseRoom(),)
    assert between(rehearsing(), rehearsing().do(OFFICE, c.EndRehearsal())) == (f.CloseRoom(),)


def test_an_adjournment_shows_the_waiting_picture_in_silence() -> None:
    assert between(in_session(), adjourned()) == (
        f.SwitchMicrophone(BEIJING, live=False),
        f.ShowInSlot(Slot.MAIN, None),
    )


def test_only_what_changed_is_sent() -> None:
    before = in_session()
    assert between(before, before.do(CHAIR, c.PutOnAir(Slot.SECOND, HENAN))) == (
        f.ShowInSlot(Slot.SECOND, HENAN),
    )
    assert between(before, before.do(CHAIR, c.GrantFloor(HENAN))) == (
        f.SwitchMicrophone(HENAN, live=True),
    )
    lost = c.ReportConnection(BEIJING, Connection.LOST, "network")
    assert between(before, before.do(SYSTEM, lost)) == ()


def test_a_venue_that_closed_its_microphone_is_not_heard() -> None:
    before = in_session().do(CHAIR, c.OpenMicrophone(HENAN))
    after = before.do(venue_actor(HENAN), c.SwitchOwnMicrophone(HENAN, closed=True))
    assert between(before, after) == (f.SwitchMicrophone(HENAN, live=False),)


def test_a_withdrawn_venue_is_detached() -> None:
    before = in_session().do(CHAIR, c.PutOnAir(Slot.MAIN, ZHEJIANG))
    after = before.do(CHAIR, c.WithdrawVenue(ZHEJIANG))
    assert between(before, after) == (f.ShowInSlot(Slot.MAIN, None), f.DetachVenue(ZHEJIANG))


def test_venues_that_both_plans_share_are_not_looked_at() -> None:
    class Untouchable(dict[object, object]):
        def items(self) -> object:  # type: ignore[override]
            raise AssertionError("compared venue by venue")

        __iter__ = items  # type: ignore[assignment]

    same: MediaPlan = plan(in_session().state)
    venues = Untouchable()
    one = MediaPlan(True, True, same.program, same.preview, venues)  # type: ignore[arg-type]
    two = MediaPlan(True, True, Program(), same.preview, venues)  # type: ignore[arg-type]
    assert effects(one, two) == (f.ShowInSlot(Slot.MAIN, None),)
