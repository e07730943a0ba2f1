"""What people and devices ask of a conference. Each is one typed value; ``decide`` answers it.

The ``type`` tag is the wire name (HTTP and WebSocket carry these very shapes).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Literal

from podium.conference.calls import CallEnd, CallId, CallStage
from podium.conference.documents import Document, DocumentId
from podium.conference.people import People, Points
from podium.conference.slides import SlideIds, SlideLanguage, SlideNumber
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
from podium.values.fields import (
    Code,
    Identifier,
    Moment,
    Order,
    Seconds,
    TelephoneNumber,
    TelephoneNumbers,
)


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
    telephones: TelephoneNumbers = ()


@dataclass(frozen=True, slots=True)
class ItemPoints:
    """Points to be noted under an item of the agenda."""

    item: ItemId
    points: Points


# --- the conference office


@dataclass(frozen=True, slots=True)
class ScheduleConference:
    conference: ConferenceId
    title: Text
    starts_at: Moment
    agenda: tuple[AgendaPlan, ...]
    organisations: tuple[Organisation, ...]
    venues: tuple[Invitation, ...]
    records: bool = False
    """The recording begins by itself with the session."""
    notes: tuple[ItemPoints, ...] = ()
    """What the conference opens with: noted with its creation, or there is no conference."""
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
    """Also takes a guest off the list."""

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


@dataclass(frozen=True, slots=True)
class ShowSlides:
    """The main venue shows the briefing as of ``day`` as its content, which goes on air."""

    day: date
    pages: SlideIds
    language: SlideLanguage = "zh"
    type: Literal["show_slides"] = "show_slides"


@dataclass(frozen=True, slots=True)
class TurnSlide:
    """For everybody."""

    page: SlideNumber
    type: Literal["turn_slide"] = "turn_slide"


@dataclass(frozen=True, slots=True)
class HideSlides:
    """Also takes them off the air."""

    type: Literal["hide_slides"] = "hide_slides"


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


# --- for the record


@dataclass(frozen=True, slots=True)
class SignPeopleIn:
    """Who sits in the venue's room: the whole list, which replaces the one before."""

    venue: VenueId
    people: People
    type: Literal["sign_people_in"] = "sign_people_in"


@dataclass(frozen=True, slots=True)
class ExcuseVenue:
    """The venue has leave to stay away, or no longer."""

    venue: VenueId
    excused: bool = True
    type: Literal["excuse_venue"] = "excuse_venue"


@dataclass(frozen=True, slots=True)
class SwitchRecording:
    """The program is recorded from now on, or no longer."""

    on: bool
    type: Literal["switch_recording"] = "switch_recording"


@dataclass(frozen=True, slots=True)
class SetPlace:
    """Where the conference is held, as a communique names it: "Beijing"."""

    place: Text
    type: Literal["set_place"] = "set_place"


@dataclass(frozen=True, slots=True)
class NotePoints:
    """The points made under an agenda item: the whole list, which replaces the one before."""

    item: ItemId
    points: Points
    type: Literal["note_points"] = "note_points"


# --- documents


@dataclass(frozen=True, slots=True)
class AttachDocument:
    """The file is kept already; see ``web.routes.documents``, the only way in."""

    document: Document
    type: Literal["attach_document"] = "attach_document"


@dataclass(frozen=True, slots=True)
class ShareDocument:
    """The venues may have it, or no longer."""

    id: DocumentId
    shared: bool = True
    type: Literal["share_document"] = "share_document"


@dataclass(frozen=True, slots=True)
class RemoveDocument:
    id: DocumentId
    type: Literal["remove_document"] = "remove_document"


# --- the telephone: what the console wants


@dataclass(frozen=True, slots=True)
class PlaceCall:
    """Dials the venue's numbers, first to last. Nothing where its call stands already."""

    venue: VenueId
    type: Literal["place_call"] = "place_call"


@dataclass(frozen=True, slots=True)
class CallUnconnected:
    """Dials every venue that is not here, is not excused, and has a number."""

    type: Literal["call_unconnected"] = "call_unconnected"


@dataclass(frozen=True, slots=True)
class DialNumber:
    """Dials a number typed in; whoever answers is a guest under ``name``. ``guest`` is a new
    identifier of the asker's choice."""

    guest: VenueId
    number: TelephoneNumber
    name: Text
    type: Literal["dial_number"] = "dial_number"


@dataclass(frozen=True, slots=True)
class HangUp:
    venue: VenueId
    type: Literal["hang_up"] = "hang_up"


@dataclass(frozen=True, slots=True)
class AssignGuest:
    """The guest turns out to be this venue: its call, floor, microphone and places on air are the
    venue's from now on."""

    guest: VenueId
    venue: VenueId
    type: Literal["assign_guest"] = "assign_guest"


@dataclass(frozen=True, slots=True)
class RenameGuest:
    guest: VenueId
    name: Text
    type: Literal["rename_guest"] = "rename_guest"


# --- the telephone: what Podium's own parts report


@dataclass(frozen=True, slots=True)
class ReportCall:
    """How far a call has come. ``venue`` is whose call it was when last heard; ``position``:
    which of its numbers, from 0; ``setback``: what became of the number before."""

    venue: VenueId
    call: CallId
    stage: CallStage
    position: Order = 0
    setback: CallEnd | None = None
    type: Literal["report_call"] = "report_call"


@dataclass(frozen=True, slots=True)
class ReportCallEnded:
    venue: VenueId
    call: CallId
    reason: CallEnd
    type: Literal["report_call_ended"] = "report_call_ended"


@dataclass(frozen=True, slots=True)
class ReportNoise:
    """From the engine: the telephone's open microphone brings constant noise or echo, or no
    longer does."""

    venue: VenueId
    noisy: bool
    type: Literal["report_noise"] = "report_noise"


@dataclass(frozen=True, slots=True)
class JoinByTelephone:
    """A call came in with the venue's own PIN. It takes the place of a call that stands."""

    venue: VenueId
    call: CallId
    type: Literal["join_by_telephone"] = "join_by_telephone"


@dataclass(frozen=True, slots=True)
class GuestArrives:
    """A call came in with the general PIN. ``caller``: its number, where it shows one."""

    guest: VenueId
    call: CallId
    caller: TelephoneNumbers = ()
    type: Literal["guest_arrives"] = "guest_arrives"


@dataclass(frozen=True, slots=True)
class FallBack:
    """The venue's station has been lost for long enough: its telephone is to ring."""

    venue: VenueId
    type: Literal["fall_back"] = "fall_back"


@dataclass(frozen=True, slots=True)
class ReleaseFallback:
    """The venue's station has been back for long enough: its fallback call is to end."""

    venue: VenueId
    type: Literal["release_fallback"] = "release_fallback"


@dataclass(frozen=True, slots=True)
class LoseCalls:
    """The process that held the calls is gone: those that were dialled are dialled again."""

    type: Literal["lose_calls"] = "lose_calls"


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
    | ShowSlides
    | TurnSlide
    | HideSlides
    | OpenMicrophone
    | CloseMicrophone
    | CloseAllMicrophones
    | SwitchOwnMicrophone
    | RequestFloor
    | WithdrawRequest
    | GrantFloor
    | ReleaseFloor
    | SignPeopleIn
    | ExcuseVenue
    | SetPlace
    | NotePoints
    | SwitchRecording
    | AttachDocument
    | ShareDocument
    | RemoveDocument
    | PlaceCall
    | CallUnconnected
    | DialNumber
    | HangUp
    | AssignGuest
    | RenameGuest
    | ReportCall
    | ReportCallEnded
    | ReportNoise
    | JoinByTelephone
    | GuestArrives
    | FallBack
    | ReleaseFallback
    | LoseCalls
)
