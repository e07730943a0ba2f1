"""Folds the log into the state. Total: any entry leads from any state to a state.

What an event says about something that is not there is ignored, so that an old log can always
be read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final, overload

from podium.conference import events as e
from podium.conference.commands import AgendaPlan, Invitation
from podium.conference.events import Event, Recorded
from podium.conference.evolve_minutes import FOLDS as MINUTES_FOLDS
from podium.conference.evolve_telephone import FOLDS as TELEPHONE_FOLDS
from podium.conference.folding import in_protocol_order, with_venue
from podium.conference.slides import Slides
from podium.conference.state import (
    AgendaItem,
    Conference,
    Connection,
    Floor,
    FloorHolder,
    FloorRequest,
    Microphone,
    Organisation,
    OrganisationId,
    Phase,
    Venue,
    VenueId,
)


@overload
def evolve(state: Conference, entry: Recorded) -> Conference: ...
@overload
def evolve(state: None, entry: Recorded) -> Conference | None: ...
def evolve(state: Conference | None, entry: Recorded) -> Conference | None:
    """The state after ``entry``. Before a conference is scheduled there is none."""
    if isinstance(entry.event, e.ConferenceScheduled):
        return _scheduled(entry.event) if state is None else state
    return None if state is None else apply(state, entry.event, entry.at)


def replay(entries: Iterable[Recorded], state: Conference | None = None) -> Conference | None:
    """Folds many entries, onto ``state`` where one is given."""
    for entry in entries:
        state = evolve(state, entry)
    return state


def apply(state: Conference, event: Event, at: datetime) -> Conference:
    """One event of a conference that exists."""
    fold = _FOLDS.get(type(event))
    return state if fold is None else fold(state, event, at)


# --- the conference office


def _scheduled(event: e.ConferenceScheduled) -> Conference:
    empty = Conference(event.conference, event.title, event.starts_at)
    return replace(
        empty,
        records=event.records,
        agenda=tuple(_item(plan) for plan in event.agenda),
        organisations=_organisations(empty, event.organisations),
        venues=_venues(empty, event.venues),
    )


def _item(plan: AgendaPlan) -> AgendaItem:
    return AgendaItem(plan.id, plan.kind, plan.title, plan.planned, plan.speaker)


def _organisations(
    state: Conference, added: tuple[Organisation, ...]
) -> Mapping[OrganisationId, Organisation]:
    merged = dict(state.organisations) | {o.id: o for o in added}
    return MappingProxyType(dict(sorted(merged.items(), key=lambda kv: (kv[1].order, kv[0]))))


def _venues(state: Conference, invited: tuple[Invitation, ...]) -> Mapping[VenueId, Venue]:
    merged = dict(state.venues)
    for i in invited:
        known = merged.get(i.id)
        merged[i.id] = (
            Venue(i.id, i.organisation, i.name, i.kind, i.order, telephones=i.telephones)
            if known is None
            else replace(
                known,
                organisation=i.organisation,
                name=i.name,
                kind=i.kind,
                order=i.order,
                telephones=i.telephones,
            )
        )
    return in_protocol_order(merged)


def _rescheduled(state: Conference, event: e.ConferenceRescheduled, _: datetime) -> Conference:
    return replace(state, title=event.title, starts_at=event.starts_at)


def _agenda_revised(state: Conference, event: e.AgendaRevised, _: datetime) -> Conference:
    started = tuple(i for i in state.agenda if i.started_at is not None)
    kept = {i.id for i in started}
    points = {i.id: i.points for i in state.agenda}
    added = tuple(
        replace(_item(plan), points=points.get(plan.id, ()))
        for plan in event.agenda
        if plan.id not in kept
    )
    return replace(state, agenda=started + added)


def _invited(state: Conference, event: e.VenuesInvited, _: datetime) -> Conference:
    return replace(
        state,
        organisations=_organisations(state, event.organisations),
        venues=_venues(state, event.venues),
    )


def _withdrawn(state: Conference, event: e.VenueWithdrawn, _: datetime) -> Conference:
    if event.venue not in state.venues:
        return state
    gone = event.venue
    return replace(
        state,
        venues=MappingProxyType({k: v for k, v in state.venues.items() if k != gone}),
        agenda=tuple(
            replace(i, speaker=None) if i.speaker == gone and i.started_at is None else i
            for i in state.agenda
        ),
    )


# --- the life of the conference


def _phase_changed(state: Conference, event: e.PhaseChanged, at: datetime) -> Conference:
    started = state.session_started_at
    if started is None and event.phase is Phase.IN_SESSION:
        started = at
    return replace(state, phase=event.phase, phase_since=at, session_started_at=started)


def _item_started(state: Conference, event: e.ItemStarted, at: datetime) -> Conference:
    if all(i.id != event.item for i in state.agenda):
        return state
    agenda = tuple(replace(i, started_at=at) if i.id == event.item else i for i in state.agenda)
    return replace(state, agenda=agenda, current_item=event.item)


def _item_finished(state: Conference, event: e.ItemFinished, at: datetime) -> Conference:
    agenda = tuple(replace(i, finished_at=at) if i.id == event.item else i for i in state.agenda)
    current = None if state.current_item == event.item else state.current_item
    return replace(state, agenda=agenda, current_item=current)


# --- venues


def _connection_changed(
    state: Conference, event: e.VenueConnectionChanged, at: datetime
) -> Conference:
    def change(venue: Venue) -> Venue:
        gone = event.connection in (Connection.LOST, Connection.ABSENT)
        return replace(
            venue,
            connection=event.connection,
            since=venue.since if venue.connection is event.connection else at,
            reason=event.reason,
            blind=frozenset() if gone else venue.blind,
        )

    return with_venue(state, event.venue, change)


def _devices(state: Conference, event: e.VenueDevicesReported, _: datetime) -> Conference:
    return with_venue(
        state,
        event.venue,
        lambda v: replace(v, camera=event.camera, microphone_device=event.microphone),
    )


def _blindness(state: Conference, event: e.VenueBlindnessChanged, _: datetime) -> Conference:
    return with_venue(state, event.venue, lambda v: replace(v, blind=event.slots))


# --- program, microphones, floor


def _previewed(state: Conference, event: e.PreviewSet, _: datetime) -> Conference:
    return replace(state, preview=event.program)


def _program_changed(state: Conference, event: e.ProgramChanged, _: datetime) -> Conference:
    return replace(state, program=event.program)


def _slides_shown(state: Conference, event: e.SlidesShown, _: datetime) -> Conference:
    return replace(state, slides=Slides(event.day, event.language, event.pages))


def _slide_turned(state: Conference, event: e.SlideTurned, _: datetime) -> Conference:
    slides = state.slides
    if slides is None or event.page > len(slides.pages):
        return state
    return replace(state, slides=replace(slides, page=event.page))


def _slides_hidden(state: Conference, _event: e.SlidesHidden, _: datetime) -> Conference:
    return replace(state, slides=None)


def _microphone(
    state: Conference, venue: VenueId, change: Callable[[Microphone], Microphone]
) -> Conference:
    return with_venue(state, venue, lambda v: replace(v, microphone=change(v.microphone)))


def _opened(state: Conference, event: e.MicrophoneOpened, _: datetime) -> Conference:
    return _microphone(state, event.venue, lambda m: replace(m, opened_by_chair=True))


def _closed(state: Conference, event: e.MicrophoneClosed, _: datetime) -> Conference:
    return _microphone(state, event.venue, lambda m: replace(m, opened_by_chair=False))


def _own(state: Conference, event: e.OwnMicrophoneSwitched, _: datetime) -> Conference:
    return _microphone(state, event.venue, lambda m: replace(m, closed_at_venue=event.closed))


def _unqueued(floor: Floor, venue: VenueId) -> tuple[FloorRequest, ...]:
    return tuple(r for r in floor.queue if r.venue != venue)


def _unheld(floor: Floor, venue: VenueId) -> tuple[FloorHolder, ...]:
    return tuple(h for h in floor.holders if h.venue != venue)


def _requested(state: Conference, event: e.FloorRequested, at: datetime) -> Conference:
    floor = state.floor
    if floor.waits(event.venue):
        return state
    queue = (*floor.queue, FloorRequest(event.venue, at))
    return replace(state, floor=replace(floor, queue=queue))


def _request_withdrawn(
    state: Conference, event: e.FloorRequestWithdrawn, _: datetime
) -> Conference:
    queue = _unqueued(state.floor, event.venue)
    return replace(state, floor=replace(state.floor, queue=queue))


def _granted(state: Conference, event: e.FloorGranted, at: datetime) -> Conference:
    floor = state.floor
    holders = (*_unheld(floor, event.venue), FloorHolder(event.venue, at))
    return replace(state, floor=Floor(holders, _unqueued(floor, event.venue)))


def _released(state: Conference, event: e.FloorReleased, _: datetime) -> Conference:
    holders = _unheld(state.floor, event.venue)
    return replace(state, floor=replace(state.floor, holders=holders))


_FOLDS: Final[Mapping[type[Event], Callable[[Conference, Any, datetime], Conference]]] = {
    e.ConferenceRescheduled: _rescheduled,
    e.AgendaRevised: _agenda_revised,
    e.VenuesInvited: _invited,
    e.VenueWithdrawn: _withdrawn,
    e.PhaseChanged: _phase_changed,
    e.ItemStarted: _item_started,
    e.ItemFinished: _item_finished,
    e.VenueConnectionChanged: _connection_changed,
    e.VenueDevicesReported: _devices,
    e.VenueBlindnessChanged: _blindness,
    e.PreviewSet: _previewed,
    e.ProgramChanged: _program_changed,
    e.SlidesShown: _slides_shown,
    e.SlideTurned: _slide_turned,
    e.SlidesHidden: _slides_hidden,
    e.MicrophoneOpened: _opened,
    e.MicrophoneClosed: _closed,
    e.OwnMicrophoneSwitched: _own,
    e.FloorRequested: _requested,
    e.FloorRequestWithdrawn: _request_withdrawn,
    e.FloorGranted: _granted,
    e.FloorReleased: _released,
    **MINUTES_FOLDS,
    **TELEPHONE_FOLDS,
}
