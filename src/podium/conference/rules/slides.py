"""Slides: what the main venue shows as its content."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Final

from podium.conference import commands as c
from podium.conference import events as e
from podium.conference import refusals as r
from podium.conference.events import Event
from podium.conference.rules.common import NOTHING, Decision, Rules, airing
from podium.conference.rules.program import filled
from podium.conference.state import Conference, Slot


def show(state: Conference, command: c.ShowSlides, _: datetime) -> Decision:
    """Slides that are shown already stay at their page and come back on air."""
    main = state.main_venue
    if main is None:
        return r.NO_MAIN_VENUE
    now = state.slides
    same = now is not None and (now.day, now.language, now.pages) == (
        command.day,
        command.language,
        command.pages,
    )
    shown = e.SlidesShown(command.day, command.language, command.pages)
    told: tuple[Event, ...] = () if same else (shown,)
    return (*told, *airing(state, filled(state.program, Slot.CONTENT, main)))


def turn(state: Conference, command: c.TurnSlide, _: datetime) -> Decision:
    slides = state.slides
    if slides is None:
        return r.NO_SLIDES
    if command.page > len(slides.pages):
        return r.NO_SUCH_SLIDE
    return NOTHING if command.page == slides.page else (e.SlideTurned(command.page),)


def hide(state: Conference, _command: c.HideSlides, _: datetime) -> Decision:
    """The content slot is emptied, unless another venue's content is in it."""
    if state.slides is None:
        return NOTHING
    program = state.program
    if program.content is not None and program.content == state.main_venue:
        program = replace(program, content=None)
    return (e.SlidesHidden(), *airing(state, program))


RULES: Final[Rules] = {
    c.ShowSlides: show,
    c.TurnSlide: turn,
    c.HideSlides: hide,
}
