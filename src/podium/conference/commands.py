"""What people and devices ask of a conference. Each is one typed value; ``decide`` answers it.

The ``type`` tag is the wire name (HTTP and WebSocket carry these very shapes).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from podium.conference.state import (
    ConferenceId,
    Connection,
    Device,
    ItemId,
    ItemKind,
    Organisation,
    OrganisationId,
    Program,
    Slot,
    Slots,
    Text,
    VenueId,
    VenueKind,
)
from podium.values.fields import Code, Identifier, Moment, Order, Seconds


class Role(StrEnum):
    """What an actor is to this conference; ``policy`` says what each may do."""

    OFFICE = "office"
    CHAIR = "chair"
    OPERATOR = "operator"
    VENUE = "venue"
    OBSERVER = "observer"
    SYSTEM = "system"
    """Podium's own parts: media, telephone, timers."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks. ``id`` is an account or token id; ``venue`` is set for ``Role.VENUE`` alone."""

    role: Role
    id: Identifier
    venue: VenueId | None = None


@dataclass(frozen=True, slots=True)
class AgendaPlan:
    id: ItemId
    kind: ItemKind
    title: Text
    planned: Seconds
    speaker: VenueId | None = None


@dataclass(frozen=True, slots=True)
class Invitation:
    """A venue to be invited."""

    id: VenueId
    organisation: OrganisationId
    name: Text
    kind: VenueKind
    order: Order


# --- the conference office


@dataclass(frozen=True, slots=True)
class ScheduleConference:
    conference: ConferenceId
    title: Text
    starts_at: Moment
    agenda: tuple[AgendaPlan, ...]
    organisations: tuple[Organisation, ...]
    venues: tuple[Invitation, ...]
    type: Literal["schedule_conference"] = "schedule_conference"


@dataclass(frozen=True, slots=True)
class Reschedule:
    title: Text
    starts_at: Moment
    type: Literal["reschedule"] = "reschedule"


@dataclass(frozen=True, slots=True)
class ReviseAgenda:
    """Replaces the items that have not started."""

    agenda: tuple[AgendaPlan, ...]
    type: Literal["revise_agenda"] = "revise_agenda"


@dataclass(frozen=True, slots=True)
class InviteVenues:
    """Adds venues, or renames and reorders those that are invited already."""

    organisations: tuple[Organisation, ...]
    venues: tuple[Invitation, ...]
    type: Literal["invite_venues"] = "invite_venues"


@dataclass(frozen=True, slots=True)
class WithdrawVenue:
    venue: VenueId
    type: Literal["withdraw_venue"] = "withdraw_venue"


# --- the life of the conference


@dataclass(frozen=True, slots=True)
class BeginRehearsal:
    type: Literal["begin_rehearsal"] = "begin_rehearsal"


@dataclass(frozen=True, slots=True)
class EndRehearsal:
    type: Literal["end_rehearsal"] = "end_rehearsal"


@dataclass(frozen=True, slots=True)
class OpenConference:
    """Venues may come in; they see the waiting picture."""

    type: Literal["open_conference"] = "open_conference"


@dataclass(frozen=True, slots=True)
class StartSession:
    """Start, or go on after an adjournment. Puts the main venue on air if nothing is."""

    type: Literal["start_session"] = "start_session"


@dataclass(frozen=True, slots=True)
class Adjourn:
    type: Literal["adjourn"] = "adjourn"


@dataclass(frozen=True, slots=True)
class CloseConference:
    type: Literal["close_conference"] = "close_conference"


@dataclass(frozen=True, slots=True)
class StartItem:
    """Begins an agenda item; the one that runs is finished first."""

    item: ItemId
    type: Literal["start_item"] = "start_item"


@dataclass(frozen=True, slots=True)
class FinishItem:
    item: ItemId
    type: Literal["finish_item"] = "finish_item"


# --- venues


@dataclass(frozen=True, slots=True)
class ReportConnection:
    """From Podium's own parts: a venue's attachment changed."""

    venue: VenueId
    connection: Connection
    reason: Code | None = None
    type: Literal["report_connection"] = "report_connection"


@dataclass(frozen=True, slots=True)
class ReportDevices:
    """From a station: what its camera and microphone are up to."""

    venue: VenueId
    camera: Device
    microphone: Device
    type: Literal["report_devices"] = "report_devices"


@dataclass(frozen=True, slots=True)
class ReportBlind:
    """From the engine: the slots that the venue cannot decode at present."""

    venue: VenueId
    slots: Slots
    type: Literal["report_blind"] = "report_blind"


# --- program


@dataclass(frozen=True, slots=True)
class SetPreview:
    program: Program
    type: Literal["set_preview"] = "set_preview"


@dataclass(frozen=True, slots=True)
class Take:
    """Preview goes on air; what was on air becomes the preview."""

    type: Literal["take"] = "take"


@dataclass(frozen=True, slots=True)
class PutOnAir:
    """Puts a venue into one slot, or empties the slot, leaving the others."""

    slot: Slot
    venue: VenueId | None
    type: Literal["put_on_air"] = "put_on_air"


@dataclass(frozen=True, slots=True)
class CutToMain:
    """The main venue alone is on air."""

    type: Literal["cut_to_main"] = "cut_to_main"


# --- microphones and floor


@dataclass(frozen=True, slots=True)
class OpenMicrophone:
    venue: VenueId
    type: Literal["open_microphone"] = "open_microphone"


@dataclass(frozen=True, slots=True)
class CloseMicrophone:
    venue: VenueId
    type: Literal["close_microphone"] = "close_microphone"


@dataclass(frozen=True, slots=True)
class CloseAllMicrophones:
    """All but the main venue's, unless ``main_too``."""

    main_too: bool = False
    type: Literal["close_all_microphones"] = "close_all_microphones"


@dataclass(frozen=True, slots=True)
class SwitchOwnMicrophone:
    """The venue closes its microphone at its own end, or lets it be open again."""

    venue: VenueId
    closed: bool
    type: Literal["switch_own_microphone"] = "switch_own_microphone"


@dataclass(frozen=True, slots=True)
class RequestFloor:
    venue: VenueId
    type: Literal["request_floor"] = "request_floor"


@dataclass(frozen=True, slots=True)
class WithdrawRequest:
    """By the venue itself, or by the console (declined)."""

    venue: VenueId
    type: Literal["withdraw_request"] = "withdraw_request"


@dataclass(frozen=True, slots=True)
class GrantFloor:
    """Gives a venue the floor and opens its microphone; with ``slot`` also puts it on air."""

    venue: VenueId
    slot: Slot | None = None
    type: Literal["grant_floor"] = "grant_floor"


@dataclass(frozen=True, slots=True)
class ReleaseFloor:
    """The venue gives the floor back or the chair takes it; its microphone closes."""

    venue: VenueId
    type: Literal["release_floor"] = "release_floor"


Command = (
    ScheduleConference
    | Reschedule
    | ReviseAgenda
    | InviteVenues
    | WithdrawVenue
    | BeginRehearsal
    | EndRehearsal
    | OpenConference
    | StartSession
    | Adjourn
    | CloseConference
    | StartItem
    | FinishItem
    | ReportConnection
    | ReportDevices
    | ReportBlind
    | SetPreview
    | Take
    | PutOnAir
    | CutToMain
    | OpenMicrophone
    | CloseMicrophone
    | CloseAllMicrophones
    | SwitchOwnMicrophone
    | RequestFloor
    | WithdrawRequest
    | GrantFloor
    | ReleaseFloor
)
