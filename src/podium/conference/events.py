"""What happened in a conference: the only source of truth, appended and never changed.

An event carries facts, not intentions, and never needs a clock: ``Recorded`` says when.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal

from pydantic import Discriminator

from podium.conference.calls import CallEnd, CallId, CallPurpose, CallStage
from podium.conference.commands import Actor, AgendaPlan, Invitation
from podium.conference.documents import Document, DocumentId
from podium.conference.people import People, Points
from podium.conference.slides import SlideIds, SlideLanguage, SlideNumber
from podium.conference.state import (
    ConferenceId,
    Connection,
    Device,
    ItemId,
    Organisation,
    Phase,
    Program,
    Slots,
    Text,
    VenueId,
)
from podium.values.fields import Code, Moment, Order, TelephoneNumbers


@dataclass(frozen=True, slots=True)
class ConferenceScheduled:
    conference: ConferenceId
    title: Text
    starts_at: Moment
    agenda: tuple[AgendaPlan, ...]
    organisations: tuple[Organisation, ...]
    venues: tuple[Invitation, ...]
    records: bool = False
    type: Literal["conference_scheduled"] = "conference_scheduled"


@dataclass(frozen=True, slots=True)
class ConferenceRescheduled:
    title: Text
    starts_at: Moment
    type: Literal["conference_rescheduled"] = "conference_rescheduled"


@dataclass(frozen=True, slots=True)
class AgendaRevised:
    """The items that had not started are replaced by these."""

    agenda: tuple[AgendaPlan, ...]
    type: Literal["agenda_revised"] = "agenda_revised"


@dataclass(frozen=True, slots=True)
class VenuesInvited:
    organisations: tuple[Organisation, ...]
    venues: tuple[Invitation, ...]
    type: Literal["venues_invited"] = "venues_invited"


@dataclass(frozen=True, slots=True)
class VenueWithdrawn:
    venue: VenueId
    type: Literal["venue_withdrawn"] = "venue_withdrawn"


@dataclass(frozen=True, slots=True)
class PhaseChanged:
    phase: Phase
    type: Literal["phase_changed"] = "phase_changed"


@dataclass(frozen=True, slots=True)
class ItemStarted:
    item: ItemId
    type: Literal["item_started"] = "item_started"


@dataclass(frozen=True, slots=True)
class ItemFinished:
    item: ItemId
    type: Literal["item_finished"] = "item_finished"


@dataclass(frozen=True, slots=True)
class VenueConnectionChanged:
    venue: VenueId
    connection: Connection
    reason: Code | None = None
    type: Literal["venue_connection_changed"] = "venue_connection_changed"


@dataclass(frozen=True, slots=True)
class VenueDevicesReported:
    venue: VenueId
    camera: Device
    microphone: Device
    type: Literal["venue_devices_reported"] = "venue_devices_reported"


@dataclass(frozen=True, slots=True)
class VenueBlindnessChanged:
    venue: VenueId
    slots: Slots
    type: Literal["venue_blindness_changed"] = "venue_blindness_changed"


@dataclass(frozen=True, slots=True)
class PreviewSet:
    program: Program
    type: Literal["preview_set"] = "preview_set"


@dataclass(frozen=True, slots=True)
class ProgramChanged:
    program: Program
    type: Literal["program_changed"] = "program_changed"


@dataclass(frozen=True, slots=True)
class SlidesShown:
    """From their first page on."""

    day: date
    language: SlideLanguage
    pages: SlideIds
    type: Literal["slides_shown"] = "slides_shown"


@dataclass(frozen=True, slots=True)
class SlideTurned:
    page: SlideNumber
    type: Literal["slide_turned"] = "slide_turned"


@dataclass(frozen=True, slots=True)
class SlidesHidden:
    type: Literal["slides_hidden"] = "slides_hidden"


@dataclass(frozen=True, slots=True)
class MicrophoneOpened:
    venue: VenueId
    type: Literal["microphone_opened"] = "microphone_opened"


@dataclass(frozen=True, slots=True)
class MicrophoneClosed:
    venue: VenueId
    type: Literal["microphone_closed"] = "microphone_closed"


@dataclass(frozen=True, slots=True)
class OwnMicrophoneSwitched:
    venue: VenueId
    closed: bool
    type: Literal["own_microphone_switched"] = "own_microphone_switched"


@dataclass(frozen=True, slots=True)
class FloorRequested:
    venue: VenueId
    type: Literal["floor_requested"] = "floor_requested"


@dataclass(frozen=True, slots=True)
class FloorRequestWithdrawn:
    venue: VenueId
    type: Literal["floor_request_withdrawn"] = "floor_request_withdrawn"


@dataclass(frozen=True, slots=True)
class FloorGranted:
    venue: VenueId
    type: Literal["floor_granted"] = "floor_granted"


@dataclass(frozen=True, slots=True)
class FloorReleased:
    venue: VenueId
    type: Literal["floor_released"] = "floor_released"


@dataclass(frozen=True, slots=True)
class PeopleSignedIn:
    """The venue's list, instead of the one before."""

    venue: VenueId
    people: People
    type: Literal["people_signed_in"] = "people_signed_in"


@dataclass(frozen=True, slots=True)
class VenueExcused:
    venue: VenueId
    excused: bool
    type: Literal["venue_excused"] = "venue_excused"


@dataclass(frozen=True, slots=True)
class RecordingSwitched:
    on: bool
    type: Literal["recording_switched"] = "recording_switched"


@dataclass(frozen=True, slots=True)
class PlaceSet:
    place: Text
    type: Literal["place_set"] = "place_set"


@dataclass(frozen=True, slots=True)
class PointsNoted:
    """The item's points, instead of those before."""

    item: ItemId
    points: Points
    type: Literal["points_noted"] = "points_noted"


@dataclass(frozen=True, slots=True)
class DocumentAttached:
    document: Document
    type: Literal["document_attached"] = "document_attached"


@dataclass(frozen=True, slots=True)
class DocumentShared:
    """The venues may have it from now on, or no longer."""

    id: DocumentId
    shared: bool
    type: Literal["document_shared"] = "document_shared"


@dataclass(frozen=True, slots=True)
class DocumentRemoved:
    """It is no longer handed out; what it was remains recorded."""

    id: DocumentId
    type: Literal["document_removed"] = "document_removed"


@dataclass(frozen=True, slots=True)
class CallBegan:
    """The venue's numbers are dialled, or its call dialled in and is joined at once."""

    venue: VenueId
    call: CallId
    purpose: CallPurpose
    type: Literal["call_began"] = "call_began"


@dataclass(frozen=True, slots=True)
class CallProgressed:
    venue: VenueId
    call: CallId
    stage: CallStage
    position: Order = 0
    setback: CallEnd | None = None
    type: Literal["call_progressed"] = "call_progressed"


@dataclass(frozen=True, slots=True)
class CallEnded:
    venue: VenueId
    call: CallId
    reason: CallEnd
    type: Literal["call_ended"] = "call_ended"


@dataclass(frozen=True, slots=True)
class CallForgotten:
    """What became of the venue's call before no longer counts."""

    venue: VenueId
    type: Literal["call_forgotten"] = "call_forgotten"


@dataclass(frozen=True, slots=True)
class CallNoiseChanged:
    venue: VenueId
    noisy: bool
    type: Literal["call_noise_changed"] = "call_noise_changed"


@dataclass(frozen=True, slots=True)
class GuestAdded:
    """A telephone that is no venue's. ``telephones``: what is dialled, or where it calls from."""

    guest: VenueId
    name: Text
    telephones: TelephoneNumbers
    type: Literal["guest_added"] = "guest_added"


@dataclass(frozen=True, slots=True)
class GuestRenamed:
    guest: VenueId
    name: Text
    type: Literal["guest_renamed"] = "guest_renamed"


@dataclass(frozen=True, slots=True)
class GuestAssigned:
    """All that the guest had is the venue's; the guest is gone."""

    guest: VenueId
    venue: VenueId
    type: Literal["guest_assigned"] = "guest_assigned"


Event = (
    ConferenceScheduled
    | ConferenceRescheduled
    | AgendaRevised
    | VenuesInvited
    | VenueWithdrawn
    | PhaseChanged
    | ItemStarted
    | ItemFinished
    | VenueConnectionChanged
    | VenueDevicesReported
    | VenueBlindnessChanged
    | PreviewSet
    | ProgramChanged
    | SlidesShown
    | SlideTurned
    | SlidesHidden
    | MicrophoneOpened
    | MicrophoneClosed
    | OwnMicrophoneSwitched
    | FloorRequested
    | FloorRequestWithdrawn
    | FloorGranted
    | FloorReleased
    | PeopleSignedIn
    | VenueExcused
    | PlaceSet
    | PointsNoted
    | RecordingSwitched
    | DocumentAttached
    | DocumentShared
    | DocumentRemoved
    | CallBegan
    | CallProgressed
    | CallEnded
    | CallForgotten
    | CallNoiseChanged
    | GuestAdded
    | GuestRenamed
    | GuestAssigned
)


@dataclass(frozen=True, slots=True)
class Recorded:
    """One entry of the log. ``seq`` counts from 1 without gaps within a conference."""

    seq: int
    at: Moment
    by: Actor
    event: Annotated[Event, Discriminator("type")]
