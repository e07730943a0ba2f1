"""What the conference office prepares: title, time, agenda, venues."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final

from podium.conference import commands as c
from podium.conference import events as e
from podium.conference import refusals as r
from podium.conference.calls import CallEnd, StandingCall
from podium.conference.commands import AgendaPlan, Invitation
from podium.conference.events import Event
from podium.conference.refusals import Refusal
from podium.conference.rules.common import NOTHING, Decision, Rules, invited, stripped
from podium.conference.rules.written import bad_ids, bad_numbers, bad_points, bad_texts
from podium.conference.state import (
    Conference,
    Organisation,
    OrganisationId,
    Phase,
    Venue,
    VenueId,
    VenueKind,
)
from podium.values.fields import LONGEST_ITEM

_LATEST_PAST: Final = timedelta(days=1)
_FARTHEST_AHEAD: Final = timedelta(days=5 * 366)
_PREPARING: Final = frozenset({Phase.SCHEDULED, Phase.REHEARSAL})


def schedule(command: c.ScheduleConference, now: datetime) -> Decision:
    """The first command of every conference, so there is no state yet."""
    blank = Conference(command.conference, command.title, command.starts_at)
    objection = (
        bad_ids([command.conference])
        or bad_texts([command.title])
        or _bad_time(command.starts_at, now)
        or _bad_invitations(blank, command.organisations, command.venues)
        or _bad_agenda(command.agenda, frozenset(v.id for v in command.venues))
        or _bad_notes(command)
    )
    return objection or (
        e.ConferenceScheduled(
            command.conference,
            command.title,
            command.starts_at,
            command.agenda,
            command.organisations,
            command.venues,
            command.records,
        ),
        *(e.PointsNoted(note.item, note.points) for note in command.notes),
    )


def _bad_notes(command: c.ScheduleConference) -> Refusal | None:
    planned = {item.id for item in command.agenda}
    for note in command.notes:
        objection = r.UNKNOWN_ITEM if note.item not in planned else bad_points(note.points)
        if objection is not None:
            return objection
    return None


def reschedule(state: Conference, command: c.Reschedule, now: datetime) -> Decision:
    if (command.title, command.starts_at) == (state.title, state.starts_at):
        return NOTHING
    moved = command.starts_at != state.starts_at
    objection = bad_texts([command.title]) or (_bad_time(command.starts_at, now) if moved else None)
    return objection or (e.ConferenceRescheduled(command.title, command.starts_at),)


def revise_agenda(state: Conference, command: c.ReviseAgenda, _: datetime) -> Decision:
    started = {i.id for i in state.agenda if i.started_at is not None}
    if any(plan.id in started for plan in command.agenda):
        return r.ITEM_STARTED
    if len(started) + len(command.agenda) > r.MAX_AGENDA:
        return r.TOO_MANY_ITEMS
    objection = _bad_agenda(command.agenda, state.venues.keys())
    if objection is not None:
        return objection
    standing = tuple(
        AgendaPlan(i.id, i.kind, i.title, i.planned, i.speaker)
        for i in state.agenda
        if i.id not in started
    )
    return NOTHING if standing == command.agenda else (e.AgendaRevised(command.agenda),)


def invite(state: Conference, command: c.InviteVenues, _: datetime) -> Decision:
    objection = _bad_invitations(state, command.organisations, command.venues)
    if objection is not None:
        return objection
    if state.phase not in _PREPARING and _demotes_main(state, command.venues):
        return r.MAIN_VENUE_NEEDED
    organisations = tuple(o for o in command.organisations if state.organisations.get(o.id) != o)
    venues = tuple(i for i in command.venues if not _stands(state.venues.get(i.id), i))
    return (e.VenuesInvited(organisations, venues),) if organisations or venues else NOTHING


def withdraw(state: Conference, command: c.WithdrawVenue, _: datetime) -> Decision:
    """Whatever the venue has is taken from it first, so that the record shows it."""
    venue = invited(state, command.venue)
    if isinstance(venue, Refusal):
        return venue
    if venue.kind is VenueKind.MAIN and state.phase not in _PREPARING:
        return r.MAIN_VENUE_NEEDED
    call = venue.call
    over: tuple[Event, ...] = (
        (e.CallEnded(venue.id, call.id, CallEnd.WITHDRAWN),)
        if isinstance(call, StandingCall)
        else ()
    )
    return (*stripped(state, venue), *over, e.VenueWithdrawn(venue.id))


def _stands(venue: Venue | None, i: Invitation) -> bool:
    """Whether the venue is just as the invitation has it."""
    return venue is not None and (i.organisation, i.name, i.kind, i.order, i.telephones) == (
        venue.organisation,
        venue.name,
        venue.kind,
        venue.order,
        venue.telephones,
    )


def _demotes_main(state: Conference, venues: tuple[Invitation, ...]) -> bool:
    main = state.main_venue
    return main is not None and any(i.id == main and i.kind is not VenueKind.MAIN for i in venues)


# --- what may be written


def _bad_time(starts_at: datetime, now: datetime) -> Refusal | None:
    fits = now - _LATEST_PAST <= starts_at <= now + _FARTHEST_AHEAD
    return None if fits else r.BAD_TIME


def _bad_agenda(agenda: tuple[AgendaPlan, ...], venues: Iterable[VenueId]) -> Refusal | None:
    if len(agenda) > r.MAX_AGENDA:
        return r.TOO_MANY_ITEMS
    if len({plan.id for plan in agenda}) < len(agenda):
        return r.DUPLICATE
    if not all(timedelta(0) < plan.planned <= LONGEST_ITEM for plan in agenda):
        return r.BAD_LENGTH
    known = frozenset(venues)
    if any(plan.speaker is not None and plan.speaker not in known for plan in agenda):
        return r.UNKNOWN_VENUE
    return bad_ids(plan.id for plan in agenda) or bad_texts(plan.title for plan in agenda)


def _bad_invitations(
    state: Conference, organisations: tuple[Organisation, ...], venues: tuple[Invitation, ...]
) -> Refusal | None:
    bodies = dict(state.organisations) | {o.id: o for o in organisations}
    standing = {v.id: v.kind for v in state.venues.values() if v.kind is not VenueKind.GUEST}
    kinds = standing | {i.id: i.kind for i in venues}
    if len(kinds) > r.MAX_VENUES or len(bodies) > r.MAX_ORGANISATIONS:
        return r.TOO_MANY_VENUES
    if len({o.id for o in organisations}) < len(organisations):
        return r.DUPLICATE
    if len({i.id for i in venues}) < len(venues):
        return r.DUPLICATE
    if any(i.kind is VenueKind.GUEST for i in venues):
        return r.GUESTS_ARE_NOT_INVITED
    if any(i.id in state.venues and i.id not in standing for i in venues):
        return r.IDENTIFIER_TAKEN
    if not all(o.parent is None or o.parent in bodies for o in organisations):
        return r.UNKNOWN_ORGANISATION
    if not all(i.organisation in bodies for i in venues):
        return r.UNKNOWN_ORGANISATION
    if _has_cycle(bodies):
        return r.ORGANISATION_CYCLE
    if sum(1 for kind in kinds.values() if kind is VenueKind.MAIN) > 1:
        return r.SECOND_MAIN_VENUE
    return (
        bad_ids(o.id for o in organisations)
        or bad_ids(i.id for i in venues)
        or bad_texts(o.name for o in organisations)
        or bad_texts(i.name for i in venues)
        or next(filter(None, (bad_numbers(i.telephones) for i in venues)), None)
    )


def _has_cycle(bodies: Mapping[OrganisationId, Organisation]) -> bool:
    """Walks up from every body; ``sound`` holds those whose way to the top is known."""
    sound: set[OrganisationId] = set()
    for start in bodies:
        path: set[OrganisationId] = set()
        at: OrganisationId | None = start
        while at is not None and at not in sound:
            if at in path:
                return True
            path.add(at)
            at = bodies[at].parent if at in bodies else None
        sound |= path
    return False


RULES: Final[Rules] = {
    c.Reschedule: reschedule,
    c.ReviseAgenda: revise_agenda,
    c.InviteVenues: invite,
    c.WithdrawVenue: withdraw,
}
