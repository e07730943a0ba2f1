"""What is on air."""

from __future__ import annotations

import pytest
from tests.support.conferences import (
    BEIJING,
    CHAIR,
    HENAN,
    OFFICE,
    OPERATOR,
    XINJIANG,
    ZHEJIANG,
    Story,
    adjourned,
    in_session,
    opened,
    rehearsing,
    scheduled,
)

from podium.conference import commands as c
from podium.conference import events as e
from podium.conference import refusals as r
from podium.conference.commands import Command
from podium.conference.refusals import Refusal
from podium.conference.state import Program, Slot, VenueId

NOBODY = VenueId("nobody")


def test_preview_and_take_swap() -> None:
    wanted = Program(main=ZHEJIANG, second=BEIJING)
    story = in_session().do(OPERATOR, c.SetPreview(wanted))
    assert story.ask(c.SetPreview(wanted), OPERATOR) == ()
    assert story.ask(c.Take(), OPERATOR) == (
        e.ProgramChanged(wanted),
        e.PreviewSet(Program(main=BEIJING)),
    )
    back = story.do(OPERATOR, c.Take(), c.Take()).conference
    assert (back.program, back.preview) == (Program(main=BEIJING), wanted)


def test_take_of_what_is_on_air_changes_nothing() -> None:
    story = in_session().do(OPERATOR, c.SetPreview(Program(main=BEIJING)))
    assert story.ask(c.Take(), OPERATOR) == ()


def test_the_preview_may_hold_a_venue_that_is_still_to_come_but_not_go_on_air() -> None:
    story = in_session().do(OPERATOR, c.SetPreview(Program(main=XINJIANG)))
    assert story.ask(c.Take(), OPERATOR) is r.VENUE_NOT_HERE


@pytest.mark.parametrize("story", [opened(), adjourned(), rehearsing()])
def test_the_preview_works_whenever_venues_are_in(story: Story) -> None:
    assert story.ask(c.SetPreview(Program(main=HENAN)), OPERATOR) == (
        e.PreviewSet(Program(main=HENAN)),
    )


@pytest.mark.parametrize(
    ("slot", "venue", "program"),
    [
        (Slot.MAIN, HENAN, Program(HENAN, ZHEJIANG, BEIJING)),
        (Slot.MAIN, ZHEJIANG, Program(ZHEJIANG, None, BEIJING)),
        (Slot.SECOND, BEIJING, Program(None, BEIJING, BEIJING)),
        (Slot.CONTENT, ZHEJIANG, Program(BEIJING, ZHEJIANG, ZHEJIANG)),
        (Slot.SECOND, None, Program(BEIJING, None, BEIJING)),
        (Slot.MAIN, None, Program(None, ZHEJIANG, BEIJING)),
    ],
)
def test_put_on_air_changes_one_slot(slot: Slot, venue: VenueId | None, program: Program) -> None:
    story = in_session().do(
        CHAIR, c.PutOnAir(Slot.SECOND, ZHEJIANG), c.PutOnAir(Slot.CONTENT, BEIJING)
    )
    after = story.do(CHAIR, c.PutOnAir(slot, venue))
    assert after.conference.program == program
    assert after.ask(c.PutOnAir(slot, venue), CHAIR) == ()


def test_cut_to_main() -> None:
    story = in_session().do(CHAIR, c.PutOnAir(Slot.MAIN, HENAN), c.PutOnAir(Slot.CONTENT, HENAN))
    assert story.ask(c.CutToMain(), CHAIR) == (e.ProgramChanged(Program(main=BEIJING)),)
    assert story.do(CHAIR, c.CutToMain()).ask(c.CutToMain(), CHAIR) == ()


def test_cut_to_main_needs_one() -> None:
    story = scheduled().do(OFFICE, c.WithdrawVenue(BEIJING), c.BeginRehearsal())
    assert story.ask(c.CutToMain(), CHAIR) is r.NO_MAIN_VENUE


@pytest.mark.parametrize(
    ("story", "command", "refusal"),
    [
        (in_session(), c.Take(), r.PREVIEW_EMPTY),
        (in_session(), c.PutOnAir(Slot.MAIN, NOBODY), r.UNKNOWN_VENUE),
        (in_session(), c.PutOnAir(Slot.MAIN, XINJIANG), r.VENUE_NOT_HERE),
        (in_session(), c.SetPreview(Program(content=NOBODY)), r.UNKNOWN_VENUE),
        (in_session(), c.SetPreview(Program(HENAN, HENAN)), r.SAME_VENUE_TWICE),
        (scheduled(), c.SetPreview(Program(main=HENAN)), r.NOT_OPEN),
        (opened(), c.Take(), r.NOT_IN_SESSION),
        (opened(), c.PutOnAir(Slot.MAIN, HENAN), r.NOT_IN_SESSION),
        (adjourned(), c.CutToMain(), r.NOT_IN_SESSION),
    ],
)
def test_program_refusals(story: Story, command: Command, refusal: Refusal) -> None:
    assert story.ask(command, OPERATOR) is refusal
