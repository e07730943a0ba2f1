"""What is on air and what comes next."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Final

from podium.conference import commands as c
from podium.conference import events as e
from podium.conference import refusals as r
from podium.conference.refusals import Refusal
from podium.conference.rules.common import NOTHING, Decision, Rules, airing, at_hand
from podium.conference.state import Conference, Program, Slot, VenueId


def set_preview(state: Conference, command: c.SetPreview, _: datetime) -> Decision:
    """Any invited venue may be prepared, here or not."""
    program = command.program
    if not all(venue in state.venues for venue in program.venues()):
        return r.UNKNOWN_VENUE
    if program.main is not None and program.main == program.second:
        return r.SAME_VENUE_TWICE
    return NOTHING if program == state.preview else (e.PreviewSet(program),)


def take(state: Conference, _command: c.Take, _: datetime) -> Decision:
    if not state.preview.venues():
        return r.PREVIEW_EMPTY
    if state.preview == state.program:
        return NOTHING
    for venue in sorted(state.preview.venues() - state.program.venues()):
        found = at_hand(state, venue)
        if isinstance(found, Refusal):
            return found
    return (e.ProgramChanged(state.preview), e.PreviewSet(state.program))


def put_on_air(state: Conference, command: c.PutOnAir, _: datetime) -> Decision:
    if command.venue is not None and command.venue not in state.program.venues():
        found = at_hand(state, command.venue)
        if isinstance(found, Refusal):
            return found
    return airing(state, filled(state.program, command.slot, command.venue))


def cut_to_main(state: Conference, _command: c.CutToMain, _: datetime) -> Decision:
    main = state.main_venue
    return r.NO_MAIN_VENUE if main is None else airing(state, Program(main=main))


def filled(program: Program, slot: Slot, venue: VenueId | None) -> Program:
    """One slot changed. A venue leaves the main picture for the second, or back; its content is
    another picture and may stand beside it."""
    match slot:
        case Slot.MAIN:
            return replace(program, main=venue, second=_unless(program.second, venue))
        case Slot.SECOND:
            return replace(program, second=venue, main=_unless(program.main, venue))
        case Slot.CONTENT:
            return replace(program, content=venue)


def _unless(venue: VenueId | None, taken: VenueId | None) -> VenueId | None:
    return None if venue == taken else venue


RULES: Final[Rules] = {
    c.SetPreview: set_preview,
    c.Take: take,
    c.PutOnAir: put_on_air,
    c.CutToMain: cut_to_main,
}
