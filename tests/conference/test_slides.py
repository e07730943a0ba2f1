"""The briefing as the main venue's content."""

from __future__ import annotations

from datetime import date

import pytest
from tests.support.conferences import (
    BEIJING,
    CHAIR,
    OFFICE,
    OPERATOR,
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
from podium.conference import events as e
from podium.conference import refusals as r
from podium.conference.commands import Command
from podium.conference.refusals import Refusal
from podium.conference.slides import Slides
from podium.conference.state import Program, Slot

DAY = date(2023, 3, 1)
PAGES = ("summary", "growth", "warnings")
SHOW = c.ShowSlides(DAY, PAGES)


def showing(page: int = 1) -> Story:
    return in_session().do(OPERATOR, SHOW, c.TurnSlide(page))


def test_slides_go_on_air_as_the_main_venues_content() -> None:
    story = in_session()
    assert story.ask(SHOW, OPERATOR) == (
        e.SlidesShown(DAY, "zh", PAGES),
        e.ProgramChanged(Program(main=BEIJING, content=BEIJING)),
    )
    after = story.do(OPERATOR, SHOW)
    assert after.conference.slides == Slides(DAY, "zh", PAGES, 1)
    assert after.ask(SHOW, CHAIR) == ()


def test_they_stand_beside_whoever_speaks() -> None:
    story = in_session().do(CHAIR, c.PutOnAir(Slot.MAIN, ZHEJIANG), SHOW)
    assert story.conference.program == Program(main=ZHEJIANG, content=BEIJING)


def test_a_page_is_turned_for_everybody() -> None:
    story = showing()
    assert story.ask(c.TurnSlide(2), OPERATOR) == (e.SlideTurned(2),)
    assert story.ask(c.TurnSlide(1), OPERATOR) == ()
    assert story.ask(c.TurnSlide(3), OPERATOR) == (e.SlideTurned(3),)
    assert story.ask(c.TurnSlide(4), OPERATOR) is r.NO_SUCH_SLIDE
    turned = story.do(CHAIR, c.TurnSlide(3)).conference
    assert turned.slides == Slides(DAY, "zh", PAGES, 3)
    assert turned.program == story.conference.program


def test_other_slides_begin_at_their_first_page() -> None:
    other = c.ShowSlides(DAY, PAGES, "en")
    story = showing(3)
    assert story.ask(other, OPERATOR) == (e.SlidesShown(DAY, "en", PAGES),)
    assert story.do(OPERATOR, other).conference.slides == Slides(DAY, "en", PAGES, 1)


def test_slides_that_went_off_air_come_back_at_their_page() -> None:
    story = showing(2).do(CHAIR, c.CutToMain())
    assert story.conference.slides == Slides(DAY, "zh", PAGES, 2)
    assert story.ask(SHOW, OPERATOR) == (e.ProgramChanged(Program(main=BEIJING, content=BEIJING)),)


def test_hiding_empties_the_content_slot() -> None:
    story = showing(2)
    assert story.ask(c.HideSlides(), OPERATOR) == (
        e.SlidesHidden(),
        e.ProgramChanged(Program(main=BEIJING)),
    )
    after = story.do(OPERATOR, c.HideSlides())
    assert after.conference.slides is None
    assert after.ask(c.HideSlides(), OPERATOR) == ()
    assert after.ask(c.TurnSlide(1), OPERATOR) is r.NO_SLIDES


def test_hiding_leaves_another_venues_content_on_air() -> None:
    story = showing().do(CHAIR, c.PutOnAir(Slot.CONTENT, ZHEJIANG))
    assert story.ask(c.HideSlides(), OPERATOR) == (e.SlidesHidden(),)


def test_the_end_hides_them_and_an_adjournment_does_not() -> None:
    adjourning = showing(2).do(CHAIR, c.Adjourn())
    assert adjourning.conference.slides == Slides(DAY, "zh", PAGES, 2)
    assert adjourning.conference.program == Program()
    again = adjourning.do(CHAIR, c.TurnSlide(3), c.StartSession(), SHOW).conference
    assert again.slides == Slides(DAY, "zh", PAGES, 3)
    assert again.program.content == BEIJING
    over = showing().do(CHAIR, c.CloseConference())
    assert over.conference.slides is None


def test_a_rehearsal_leaves_no_slides() -> None:
    story = rehearsing().do(OPERATOR, SHOW)
    assert story.do(OFFICE, c.EndRehearsal()).conference.slides is None
    assert story.do(CHAIR, c.OpenConference()).conference.slides is None
    assert story.do(OFFICE, c.WithdrawVenue(BEIJING)).conference.slides is None


@pytest.mark.parametrize(
    ("story", "command", "refusal"),
    [
        (opened(), SHOW, r.NOT_IN_SESSION),
        (adjourned(), SHOW, r.NOT_IN_SESSION),
        (scheduled(), c.TurnSlide(1), r.NOT_OPEN),
        (in_session(), c.TurnSlide(1), r.NO_SLIDES),
        (closed(), SHOW, r.CONFERENCE_CLOSED),
        (
            scheduled().do(OFFICE, c.WithdrawVenue(BEIJING), c.BeginRehearsal()),
            SHOW,
            r.NO_MAIN_VENUE,
        ),
    ],
)
def test_slides_refused(story: Story, command: Command, refusal: Refusal) -> None:
    assert story.ask(command, OPERATOR) is refusal


def test_a_venue_turns_no_pages() -> None:
    assert showing().ask(c.TurnSlide(2), venue_actor(BEIJING)) is r.NOT_ALLOWED


def test_a_page_beyond_the_last_is_ignored_by_the_fold() -> None:
    """A log of any age can be read."""
    story = in_session().do(OPERATOR, c.ShowSlides(DAY, PAGES[:1]))
    assert story.ask(c.TurnSlide(2), OPERATOR) is r.NO_SUCH_SLIDE
    assert story._with((e.SlideTurned(2),), OPERATOR).conference == story.conference
