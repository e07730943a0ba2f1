"""What the world must look like for a state of the conference: the media plan, and its changes.

A plan is a pure function of the state, and effects are the difference of two plans. So a restart
is the difference from nothing, and no event can forget an effect.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from podium.conference.state import Conference, Phase, Program, Slot, Venue, VenueId

ROOM_PHASES: Final = frozenset({Phase.REHEARSAL, Phase.OPEN, Phase.IN_SESSION, Phase.ADJOURNED})
"""In these phases venues attach their media and consoles see previews."""
ON_AIR_PHASES: Final = frozenset({Phase.REHEARSAL, Phase.IN_SESSION})
"""In these phases the program is sent and microphones are in the mix."""


@dataclass(frozen=True, slots=True)
class OpenRoom:
    """Venues may attach media. A new room shows nothing and all of its microphones are closed."""


@dataclass(frozen=True, slots=True)
class CloseRoom:
    """Everybody is detached."""


@dataclass(frozen=True, slots=True)
class ShowInSlot:
    """A program slot shows a venue, or nothing."""

    slot: Slot
    venue: VenueId | None


@dataclass(frozen=True, slots=True)
class ShowInPreview:
    slot: Slot
    venue: VenueId | None


@dataclass(frozen=True, slots=True)
class SwitchMicrophone:
    """A venue's sound is in the mix, or not."""

    venue: VenueId
    live: bool


@dataclass(frozen=True, slots=True)
class DetachVenue:
    """The venue is no longer invited: forget it, microphone and all."""

    venue: VenueId


@dataclass(frozen=True, slots=True)
class RecordProgram:
    """The program is written to a recording, or no longer."""

    on: bool


Effect = (
    OpenRoom
    | CloseRoom
    | ShowInSlot
    | ShowInPreview
    | SwitchMicrophone
    | DetachVenue
    | RecordProgram
)


@dataclass(frozen=True, slots=True)
class MediaPlan:
    """What the media engine must be doing. ``venues`` is the state's own mapping, so that two
    plans are compared without looking at the parts that they share."""

    room: bool
    on_air: bool
    program: Program
    preview: Program
    venues: Mapping[VenueId, Venue]
    recording: bool = False

    def live(self, venue: Venue | None) -> bool:
        return self.on_air and venue is not None and venue.microphone.live


_NOTHING: Final = MediaPlan(
    room=False, on_air=False, program=Program(), preview=Program(), venues={}
)


def plan(state: Conference | None) -> MediaPlan:
    """The plan for a state; constant time."""
    if state is None or state.phase not in ROOM_PHASES:
        return _NOTHING
    on_air = state.phase in ON_AIR_PHASES
    return MediaPlan(
        room=True,
        on_air=on_air,
        program=state.program if on_air else Program(),
        preview=state.preview,
        venues=state.venues,
        recording=state.recording,
    )


def effects(before: MediaPlan | None, after: MediaPlan) -> tuple[Effect, ...]:
    """What leads from one plan to another; from nothing, where ``before`` is ``None``."""
    old = before or _NOTHING
    if not after.room:
        return (CloseRoom(),) if old.room else ()
    opening: tuple[Effect, ...] = () if old.room else (OpenRoom(),)
    changed = old.recording != after.recording
    recording: tuple[Effect, ...] = (RecordProgram(after.recording),) if changed else ()
    return (
        *opening,
        *recording,
        *_microphones(old, after),
        *_pictures(old, after),
        *_departures(old, after),
    )


def _pictures(old: MediaPlan, new: MediaPlan) -> Iterator[Effect]:
    for slot in Slot:
        if old.program.source(slot) != new.program.source(slot):
            yield ShowInSlot(slot, new.program.source(slot))
    for slot in Slot:
        if old.preview.source(slot) != new.preview.source(slot):
            yield ShowInPreview(slot, new.preview.source(slot))


def _microphones(old: MediaPlan, new: MediaPlan) -> Iterator[Effect]:
    if old.venues is new.venues and old.on_air == new.on_air:
        return
    whole = old.on_air != new.on_air
    for id_, venue in new.venues.items():
        was = old.venues.get(id_)
        if (whole or was is not venue) and old.live(was) != new.live(venue):
            yield SwitchMicrophone(id_, new.live(venue))


def _departures(old: MediaPlan, new: MediaPlan) -> Iterator[Effect]:
    if old.venues is new.venues:
        return
    for id_ in old.venues:
        if id_ not in new.venues:
            yield DetachVenue(id_)
