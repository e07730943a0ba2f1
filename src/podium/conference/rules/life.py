"""The life of the conference: phases, and the agenda while it runs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from podium.conference import commands as c
from podium.conference import events as e
from podium.conference import refusals as r
from podium.conference.events import Event
from podium.conference.lifecycle import CONFERENCE
from podium.conference.refusals import Refusal
from podium.conference.rules.common import (
    NOTHING,
    Decision,
    Rules,
    airing,
    closing,
    hiding,
    opening,
)
from podium.conference.rules.telephone import forgotten, hung_up
from podium.conference.state import AgendaItem, Conference, Connection, ItemId, Phase, Program

_OBJECTIONS: Final[Mapping[str, Mapping[Phase, Refusal]]] = {
    "begin_rehearsal": {
        Phase.OPEN: r.REHEARSAL_TOO_LATE,
        Phase.IN_SESSION: r.REHEARSAL_TOO_LATE,
        Phase.ADJOURNED: r.REHEARSAL_TOO_LATE,
    },
    "end_rehearsal": {
        Phase.OPEN: r.NOT_REHEARSING,
        Phase.IN_SESSION: r.NOT_REHEARSING,
        Phase.ADJOURNED: r.NOT_REHEARSING,
    },
    "open_conference": {Phase.IN_SESSION: r.ALREADY_OPEN, Phase.ADJOURNED: r.ALREADY_OPEN},
    "start_session": {Phase.SCHEDULED: r.NOT_OPEN, Phase.REHEARSAL: r.IN_REHEARSAL},
    "adjourn": {
        Phase.SCHEDULED: r.NOTHING_TO_ADJOURN,
        Phase.REHEARSAL: r.NOTHING_TO_ADJOURN,
        Phase.OPEN: r.NOTHING_TO_ADJOURN,
    },
    "close_conference": {Phase.REHEARSAL: r.IN_REHEARSAL},
}
"""Why a phase does not admit a trigger. A phase that is in neither this nor the lifecycle is the
trigger's own target: the command repeats what has been done, and nothing happens."""


def _moved(state: Conference, trigger: str) -> Phase | Refusal | None:
    target = CONFERENCE.after(state.phase, trigger)
    return target if target is not None else _OBJECTIONS[trigger].get(state.phase)


def begin_rehearsal(state: Conference, command: c.BeginRehearsal, _: datetime) -> Decision:
    target = _moved(state, command.type)
    return (e.PhaseChanged(target),) if isinstance(target, Phase) else target or NOTHING


def end_rehearsal(state: Conference, command: c.EndRehearsal, _: datetime) -> Decision:
    target = _moved(state, command.type)
    if not isinstance(target, Phase):
        return target or NOTHING
    calls = forgotten(state, standing_too=True)
    return (*_cleared(state), *calls, *_unlost(state), e.PhaseChanged(target))


def open_conference(state: Conference, command: c.OpenConference, _: datetime) -> Decision:
    target = _moved(state, command.type)
    if not isinstance(target, Phase):
        return target or NOTHING
    calls = forgotten(state, standing_too=False)
    return (*_cleared(state), *calls, *_unlost(state), e.PhaseChanged(target))


def start_session(state: Conference, command: c.StartSession, _: datetime) -> Decision:
    target = _moved(state, command.type)
    if not isinstance(target, Phase):
        return target or NOTHING
    main = state.main_venue
    if main is None:
        return r.NO_MAIN_VENUE
    microphone = opening(state, state.venues[main])
    if isinstance(microphone, Refusal):
        return microphone
    picture = NOTHING if state.program.venues() else airing(state, Program(main=main))
    begins = state.records and not state.recording and state.session_started_at is None
    recording: tuple[Event, ...] = (e.RecordingSwitched(True),) if begins else ()
    return (e.PhaseChanged(target), *recording, *picture, *microphone)


def adjourn(state: Conference, command: c.Adjourn, _: datetime) -> Decision:
    """Silence and the waiting picture; who waits for the floor keeps the place."""
    target = _moved(state, command.type)
    if not isinstance(target, Phase):
        return target or NOTHING
    return (
        *_silenced(state),
        *airing(state, Program()),
        e.PhaseChanged(target),
    )


def close(state: Conference, command: c.CloseConference, _: datetime) -> Decision:
    target = _moved(state, command.type)
    if not isinstance(target, Phase):
        return target or NOTHING
    item = state.current_item
    finished: tuple[Event, ...] = () if item is None else (e.ItemFinished(item),)
    recording: tuple[Event, ...] = (e.RecordingSwitched(False),) if state.recording else ()
    return (*finished, *_cleared(state), *hung_up(state), *recording, e.PhaseChanged(target))


def _silenced(state: Conference) -> tuple[Event, ...]:
    released = (e.FloorReleased(h.venue) for h in state.floor.holders)
    return (*closing(state), *released)


def _cleared(state: Conference) -> tuple[Event, ...]:
    """Nobody speaks, waits, or is seen."""
    preview = () if state.preview == Program() else (e.PreviewSet(Program()),)
    withdrawn = (e.FloorRequestWithdrawn(q.venue) for q in state.floor.queue)
    hidden = hiding(state)
    return (*_silenced(state), *withdrawn, *hidden, *airing(state, Program()), *preview)


def _unlost(state: Conference) -> tuple[Event, ...]:
    """Venues that were lost in the rehearsal have not come to the conference yet."""
    return tuple(
        e.VenueConnectionChanged(v.id, Connection.ABSENT)
        for v in state.venues.values()
        if v.connection is Connection.LOST
    )


# --- agenda


def _item(state: Conference, item: ItemId) -> AgendaItem | None:
    return next((i for i in state.agenda if i.id == item), None)


def start_item(state: Conference, command: c.StartItem, _: datetime) -> Decision:
    item = _item(state, command.item)
    if item is None:
        return r.UNKNOWN_ITEM
    if item.finished_at is not None:
        return r.ITEM_FINISHED
    if state.current_item == item.id:
        return NOTHING
    running = state.current_item
    finished: tuple[Event, ...] = () if running is None else (e.ItemFinished(running),)
    return (*finished, e.ItemStarted(item.id))


def finish_item(state: Conference, command: c.FinishItem, _: datetime) -> Decision:
    item = _item(state, command.item)
    if item is None:
        return r.UNKNOWN_ITEM
    if item.finished_at is not None:
        return NOTHING
    return r.ITEM_NOT_STARTED if item.started_at is None else (e.ItemFinished(item.id),)


RULES: Final[Rules] = {
    c.BeginRehearsal: begin_rehearsal,
    c.EndRehearsal: end_rehearsal,
    c.OpenConference: open_conference,
    c.StartSession: start_session,
    c.Adjourn: adjourn,
    c.CloseConference: close,
    c.StartItem: start_item,
    c.FinishItem: finish_item,
}
