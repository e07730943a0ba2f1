"""What a conference is at one moment: immutable values, no behaviour but look-ups.

Times are aware ``datetime`` in UTC and always come in from outside, as do identifiers
(opaque strings). Everything here is a fold over :mod:`podium.conference.events`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Final, NewType

from pydantic import PlainSerializer

from podium.conference.calls import NO_CALL, Call, StandingCall
from podium.conference.documents import Document
from podium.conference.people import Attendee
from podium.conference.slides import Slides
from podium.values.fields import Identifier, Order, Seconds
from podium.values.text import OrganisationId as OrganisationId
from podium.values.text import Text as Text

ConferenceId = NewType("ConferenceId", Identifier)
VenueId = NewType("VenueId", Identifier)
ItemId = NewType("ItemId", Identifier)


class Phase(StrEnum):
    """Where the conference stands in its life; see ``lifecycle.CONFERENCE``."""

    SCHEDULED = "scheduled"
    REHEARSAL = "rehearsal"
    OPEN = "open"
    IN_SESSION = "in_session"
    ADJOURNED = "adjourned"
    CLOSED = "closed"


class ItemKind(StrEnum):
    """What an agenda item is for."""

    SUMMARY = "summary"
    ANALYSIS = "analysis"
    DEPLOYMENT = "deployment"
    SPEECH = "speech"
    EXCHANGE = "exchange"
    OTHER = "other"


class VenueKind(StrEnum):
    """The one main venue speaks; the branch venues watch and are called on. A guest is a
    telephone that is no venue's yet; it takes part like a branch venue."""

    MAIN = "main"
    BRANCH = "branch"
    GUEST = "guest"


class Connection(StrEnum):
    """How a venue is attached; see ``lifecycle.VENUE``.

    ``absent``: never came. ``connecting``: its station is here, media is not.
    ``connected``: watching. ``degraded``: watching, poorly. ``lost``: was here, is gone.
    """

    ABSENT = "absent"
    CONNECTING = "connecting"
    CONNECTED = "connected"
    DEGRADED = "degraded"
    LOST = "lost"


class Device(StrEnum):
    """State of a venue's camera or microphone, as its station reports it."""

    UNKNOWN = "unknown"
    WORKING = "working"
    DENIED = "denied"
    MISSING = "missing"
    FAILED = "failed"


class Slot(StrEnum):
    """A picture slot of the program."""

    MAIN = "main"
    SECOND = "second"
    CONTENT = "content"


Slots = Annotated[frozenset[Slot], PlainSerializer(sorted, return_type=list[Slot])]
"""A set of slots; a sorted list in JSON, so that equal values are equal texts."""


@dataclass(frozen=True, slots=True)
class AgendaItem:
    """One item of the agenda: planned length, and when it really began and ended."""

    id: ItemId
    kind: ItemKind
    title: Text
    planned: Seconds
    speaker: VenueId | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    points: tuple[Text, ...] = ()
    """What was said under it, as noted."""


@dataclass(frozen=True, slots=True)
class Organisation:
    """A body in the directory tree as it stood when it was invited."""

    id: OrganisationId
    name: Text
    parent: OrganisationId | None
    order: Order
    """Protocol order: ascending, whole tree."""


@dataclass(frozen=True, slots=True)
class Microphone:
    """Open only where the chair opened it and the venue did not close it."""

    opened_by_chair: bool = False
    closed_at_venue: bool = False

    @property
    def live(self) -> bool:
        return self.opened_by_chair and not self.closed_at_venue


_ATTACHED: Final = frozenset({Connection.CONNECTING, Connection.CONNECTED, Connection.DEGRADED})


@dataclass(frozen=True, slots=True)
class Venue:
    """A place from which an organisation attends, by its station, by telephone, or both.
    Microphone, floor and place in the program are the venue's, whichever way it attends."""

    id: VenueId
    organisation: OrganisationId | None
    """None for a guest alone."""
    name: Text
    kind: VenueKind
    order: Order
    connection: Connection = Connection.ABSENT
    since: datetime | None = None
    """When ``connection`` last changed."""
    reason: str | None = None
    """Code of why the venue is degraded or lost (``docs/protocol.md``, reasons)."""
    camera: Device = Device.UNKNOWN
    microphone_device: Device = Device.UNKNOWN
    microphone: Microphone = Microphone()
    blind: frozenset[Slot] = frozenset()
    """Slots whose current codec the venue cannot decode."""
    telephones: tuple[str, ...] = ()
    """First to last, as they are to be dialled; a guest that dialled in: where from."""
    call: Call = NO_CALL
    people: tuple[Attendee, ...] = ()
    """Who has signed in there."""
    excused: bool = False

    @property
    def attached(self) -> bool:
        """Its station is here."""
        return self.connection in _ATTACHED

    @property
    def on_telephone(self) -> bool:
        """It attends by telephone."""
        return isinstance(self.call, StandingCall) and self.call.joined

    @property
    def present(self) -> bool:
        return self.attached or self.on_telephone


@dataclass(frozen=True, slots=True)
class Program:
    """Which venue fills each picture slot; an empty slot shows nothing."""

    main: VenueId | None = None
    second: VenueId | None = None
    content: VenueId | None = None

    def venues(self) -> frozenset[VenueId]:
        return frozenset(v for v in (self.main, self.second, self.content) if v is not None)

    def source(self, slot: Slot) -> VenueId | None:
        match slot:
            case Slot.MAIN:
                return self.main
            case Slot.SECOND:
                return self.second
            case Slot.CONTENT:
                return self.content


@dataclass(frozen=True, slots=True)
class FloorRequest:
    """A venue waits for the floor since ``at``."""

    venue: VenueId
    at: datetime


@dataclass(frozen=True, slots=True)
class FloorHolder:
    """A venue has had the floor since ``at``."""

    venue: VenueId
    at: datetime


@dataclass(frozen=True, slots=True)
class Floor:
    """Who may speak and who waits, in order of asking."""

    holders: tuple[FloorHolder, ...] = ()
    queue: tuple[FloorRequest, ...] = ()

    def holds(self, venue: VenueId) -> bool:
        return any(h.venue == venue for h in self.holders)

    def waits(self, venue: VenueId) -> bool:
        return any(r.venue == venue for r in self.queue)


def _no_venues() -> Mapping[VenueId, Venue]:
    return MappingProxyType({})


def _no_organisations() -> Mapping[OrganisationId, Organisation]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Conference:
    """The whole state of one conference. ``venues`` iterates in protocol order."""

    id: ConferenceId
    title: Text
    starts_at: datetime
    phase: Phase = Phase.SCHEDULED
    phase_since: datetime | None = None
    session_started_at: datetime | None = None
    """First entry into the session; kept over adjournments."""
    agenda: tuple[AgendaItem, ...] = ()
    current_item: ItemId | None = None
    organisations: Mapping[OrganisationId, Organisation] = field(default_factory=_no_organisations)
    venues: Mapping[VenueId, Venue] = field(default_factory=_no_venues)
    program: Program = Program()
    preview: Program = Program()
    slides: Slides | None = None
    """What the main venue shows as its content, in place of a shared screen."""
    floor: Floor = Floor()
    place: Text | None = None
    """Where it is held, once that is written down."""
    records: bool = False
    """The recording begins by itself with the session."""
    recording: bool = False
    """The program is being recorded."""
    documents: tuple[Document, ...] = ()
    """In the order in which they were attached."""
    dialled: int = 0
    """Calls that were dialled so far; they are numbered by it."""
    guests: int = 0
    """Guests that dialled in so far; they are named by it."""

    @property
    def main_venue(self) -> VenueId | None:
        return next((v.id for v in self.venues.values() if v.kind is VenueKind.MAIN), None)
