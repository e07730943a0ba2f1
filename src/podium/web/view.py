"""What a client sees of a conference, and how that changes. Pure.

``view(before, a)`` changed by ``delta(before, after, a)`` is ``view(after, a)``, for any two states
and any audience. States share what did not change, so a delta compares by identity first: its
cost is one look at each venue.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from podium.conference.documents import Document
from podium.conference.people import Attendee
from podium.conference.slides import Slides
from podium.conference.state import (
    AgendaItem,
    Conference,
    Connection,
    Microphone,
    Organisation,
    OrganisationId,
    Program,
    Slot,
    Text,
    Venue,
    VenueId,
    VenueKind,
)
from podium.directory.pinyin import pinyin
from podium.web.view_telephone import telephone
from podium.web.wording import time_text

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Console:
    """Sees everything. Without ``numbers``, which is for walls and observers, everything but
    telephone numbers."""

    numbers: bool = True


@dataclass(frozen=True, slots=True)
class Station:
    """Sees its own venue in full, and by name those who are on air or have the floor."""

    venue: VenueId


@dataclass(frozen=True, slots=True)
class AnyStation:
    """What every station sees alike: the view of a station without a venue of its own."""


Audience = Console | Station | AnyStation


@dataclass(frozen=True, slots=True)
class Delta:
    """Replace these keys of the view and these venues; drop those that are gone."""

    set: Json
    venues: Mapping[VenueId, Json]
    gone: tuple[VenueId, ...]

    def __bool__(self) -> bool:
        return bool(self.set or self.venues or self.gone)


def view(state: Conference, audience: Audience) -> Json:
    """The whole view, as JSON values."""
    whole: Json = {name: key.value(state, audience) for name, key in _keys(audience).items()}
    shown: Iterable[VenueId] = (
        state.venues if isinstance(audience, Console) else _shown(state, audience)
    )
    floor = _floor_places(state)
    whole["venues"] = {v: _venue(state, v, floor, audience) for v in shown}
    return whole


def delta(before: Conference, after: Conference, audience: Audience) -> Delta:
    """What of ``view(..., audience)`` changed."""
    changed: Json = {}
    for name, key in _keys(audience).items():
        old, new = key.inputs(before), key.inputs(after)
        if all(a is b for a, b in zip(old, new, strict=True)):
            continue
        value = key.value(after, audience)
        if value != key.value(before, audience):
            changed[name] = value
    if isinstance(audience, Console):
        venues, gone = _console_venues(before, after, audience)
    else:
        venues, gone = _station_venues(before, after, audience)
    return Delta(changed, venues, gone)


def affected(before: Conference, after: Conference) -> frozenset[VenueId] | None:
    """The venues whose stations need a delta of their own; to all others applies that of
    ``AnyStation``. ``None``: every station needs its own."""
    if before.organisations is not after.organisations:
        return None
    venues = _touched(before, after) | (before.venues.keys() - after.venues.keys())
    if before.floor is not after.floor:
        venues |= {r.venue for r in before.floor.queue} | {r.venue for r in after.floor.queue}
    return frozenset(venues)


# --- venues


def _console_venues(
    before: Conference, after: Conference, audience: Console
) -> tuple[dict[VenueId, Json], tuple[VenueId, ...]]:
    floor = _floor_places(after)
    venues = {v: _venue(after, v, floor, audience) for v in _touched(before, after)}
    if before.venues is after.venues:
        return venues, ()
    return venues, tuple(v for v in before.venues if v not in after.venues)


def _station_venues(
    before: Conference, after: Conference, audience: Station | AnyStation
) -> tuple[dict[VenueId, Json], tuple[VenueId, ...]]:
    old, new = _shown(before, audience), _shown(after, audience)
    old_floor, new_floor = _floor_places(before), _floor_places(after)
    venues: dict[VenueId, Json] = {}
    for v in new:
        entry = _venue(after, v, new_floor, audience)
        if v not in old or entry != _venue(before, v, old_floor, audience):
            venues[v] = entry
    return venues, tuple(sorted(old - new))


def _touched(before: Conference, after: Conference) -> set[VenueId]:
    """Venues of ``after`` whose entry may differ from the one of ``before``."""
    touched: set[VenueId] = set()
    if before.venues is not after.venues:
        known = before.venues.get
        touched = {v for v, venue in after.venues.items() if known(v) is not venue}
    if before.floor is not after.floor:
        touched |= _differing(_floor_places(before), _floor_places(after))
    if before.program is not after.program:
        touched |= _differing(_slots(before.program), _slots(after.program))
    return {v for v in touched if v in after.venues}


def _differing(old: Mapping[VenueId, object], new: Mapping[VenueId, object]) -> set[VenueId]:
    return {v for v in old.keys() | new.keys() if old.get(v) != new.get(v)}


def _shown(state: Conference, audience: Audience) -> set[VenueId]:
    """The venues that a station sees."""
    shown = set(state.program.venues()) | {holder.venue for holder in state.floor.holders}
    if isinstance(audience, Station):
        shown.add(audience.venue)
    return {v for v in shown if v in state.venues}


def _floor_places(state: Conference) -> dict[VenueId, str | int]:
    places: dict[VenueId, str | int] = {
        request.venue: place for place, request in enumerate(state.floor.queue, 1)
    }
    places.update((holder.venue, "holds") for holder in state.floor.holders)
    return places


def _slots(program: Program) -> dict[VenueId, list[str]]:
    slots: dict[VenueId, list[str]] = {}
    for slot in Slot:
        venue = program.source(slot)
        if venue is not None:
            slots.setdefault(venue, []).append(slot.value)
    return slots


def _venue(
    state: Conference, of: VenueId, floor: Mapping[VenueId, str | int], audience: Audience
) -> Json:
    venue = state.venues[of]
    entry = _name(state, venue)
    if isinstance(audience, Console) or audience == Station(of):
        entry["floor"] = floor.get(of)
        entry |= _condition(venue)
        entry |= telephone(venue, numbers=audience == Console(numbers=True))
    else:
        entry["floor"] = "holds" if floor.get(of) == "holds" else None
    return entry


def _name(state: Conference, venue: Venue) -> Json:
    """What everybody may know of a venue that is on air."""
    return {
        "id": venue.id,
        "organisation": venue.organisation,
        "name": _text(venue.name),
        "pinyin": list(pinyin(venue.name.zh)),
        "kind": venue.kind.value,
        "order": venue.order,
        "on_air": [slot.value for slot in Slot if state.program.source(slot) == venue.id],
    }


def _condition(venue: Venue) -> Json:
    return {
        "connection": venue.connection.value,
        "since": time_text(venue.since),
        "reason": venue.reason,
        "camera": venue.camera.value,
        "microphone_device": venue.microphone_device.value,
        "microphone": _microphone(venue.microphone),
        "blind": [slot.value for slot in Slot if slot in venue.blind],
        "people": [_attendee(one) for one in venue.people],
        "excused": venue.excused,
    }


def _microphone(microphone: Microphone) -> str:
    if microphone.live:
        return "open"
    return "closed_at_venue" if microphone.opened_by_chair else "closed_by_chair"


# --- the other keys


@dataclass(frozen=True, slots=True)
class _Key:
    """One key of the view: which parts of the state it is made of, and how."""

    inputs: Callable[[Conference], tuple[object, ...]]
    value: Callable[[Conference, Audience], Any]


def _text(text: Text) -> Json:
    return {"zh": text.zh, "en": text.en}


def _attendee(one: Attendee) -> Json:
    return {
        "name": _text(one.name),
        "title": _text(one.title),
        "organisation": _text(one.organisation),
        "part": one.part.value,
    }


def _item(item: AgendaItem) -> Json:
    return {
        "id": item.id,
        "kind": item.kind.value,
        "title": _text(item.title),
        "planned": item.planned.total_seconds(),
        "speaker": item.speaker,
        "started_at": time_text(item.started_at),
        "finished_at": time_text(item.finished_at),
        "points": [_text(point) for point in item.points],
    }


def _organisation(organisation: Organisation) -> Json:
    return {
        "id": organisation.id,
        "name": _text(organisation.name),
        "parent": organisation.parent,
        "order": organisation.order,
    }


def _organisations(state: Conference, audience: Audience) -> list[Json]:
    """All for a console; for a station its own and the bodies above it."""
    if isinstance(audience, Console):
        return [_organisation(o) for o in state.organisations.values()]
    venue = state.venues.get(audience.venue) if isinstance(audience, Station) else None
    chain: dict[OrganisationId, Organisation] = {}
    own = None if venue is None else venue.organisation
    at = None if own is None else state.organisations.get(own)
    while at is not None and at.id not in chain:
        chain[at.id] = at
        at = None if at.parent is None else state.organisations.get(at.parent)
    return [_organisation(o) for o in chain.values()]


def _program(program: Program) -> Json:
    return {"main": program.main, "second": program.second, "content": program.content}


def _slides(slides: Slides | None) -> Json | None:
    if slides is None:
        return None
    return {
        "day": slides.day.isoformat(),
        "language": slides.language,
        "pages": list(slides.pages),
        "page": slides.page,
    }


def _documents(state: Conference, audience: Audience) -> list[Json]:
    whole = isinstance(audience, Console)
    return [document_shape(d) for d in state.documents if whole or d.shared]


def document_shape(document: Document) -> Json:
    return {
        "id": document.id,
        "name": document.name,
        "kind": document.kind.value,
        "size": document.size,
        "digest": document.digest,
        "item": document.item,
        "shared": document.shared,
    }


def _floor(state: Conference, audience: Audience) -> Json:
    own = None if isinstance(audience, Console) else getattr(audience, "venue", "")
    return {
        "holders": [{"venue": h.venue, "at": time_text(h.at)} for h in state.floor.holders],
        "queue": [
            {"venue": r.venue, "at": time_text(r.at)}
            for r in state.floor.queue
            if own is None or r.venue == own
        ],
    }


def _counts(state: Conference, _: Audience) -> Json:
    """Guests are counted apart: they were not invited."""
    invited = [v for v in state.venues.values() if v.kind is not VenueKind.GUEST]
    counts = Counter(venue.connection for venue in invited)
    return {
        "invited": len(invited),
        **{c.value: counts[c] for c in Connection},
        "present": sum(v.present for v in invited),
        "telephone": sum(v.on_telephone for v in invited),
        "guests": len(state.venues) - len(invited),
    }


_STATION_KEYS: Mapping[str, _Key] = {
    "id": _Key(lambda s: (s.id,), lambda s, _: s.id),
    "title": _Key(lambda s: (s.title,), lambda s, _: _text(s.title)),
    "starts_at": _Key(lambda s: (s.starts_at,), lambda s, _: time_text(s.starts_at)),
    "phase": _Key(lambda s: (s.phase,), lambda s, _: s.phase.value),
    "phase_since": _Key(lambda s: (s.phase_since,), lambda s, _: time_text(s.phase_since)),
    "session_started_at": _Key(
        lambda s: (s.session_started_at,), lambda s, _: time_text(s.session_started_at)
    ),
    "agenda": _Key(lambda s: (s.agenda,), lambda s, _: [_item(item) for item in s.agenda]),
    "recording": _Key(lambda s: (s.recording,), lambda s, _: s.recording),
    "current_item": _Key(lambda s: (s.current_item,), lambda s, _: s.current_item),
    "organisations": _Key(lambda s: (s.organisations, s.venues), _organisations),
    "program": _Key(lambda s: (s.program,), lambda s, _: _program(s.program)),
    "slides": _Key(lambda s: (s.slides,), lambda s, _: _slides(s.slides)),
    "documents": _Key(lambda s: (s.documents,), _documents),
    "floor": _Key(lambda s: (s.floor,), _floor),
}

_CONSOLE_KEYS: Mapping[str, _Key] = {
    **_STATION_KEYS,
    "organisations": _Key(lambda s: (s.organisations,), _organisations),
    "place": _Key(lambda s: (s.place,), lambda s, _: s.place and _text(s.place)),
    "preview": _Key(lambda s: (s.preview,), lambda s, _: _program(s.preview)),
    "counts": _Key(lambda s: (s.venues,), _counts),
}


def _keys(audience: Audience) -> Mapping[str, _Key]:
    return _CONSOLE_KEYS if isinstance(audience, Console) else _STATION_KEYS
