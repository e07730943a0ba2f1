"""The shapes of the view and of the WebSocket's messages, for the schema and for checking."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, StringConstraints, TypeAdapter, WithJsonSchema

from podium.conference.calls import CallEnd, CallPurpose, CallStage
from podium.conference.documents import FileKind
from podium.conference.people import Part
from podium.conference.state import (
    ConferenceId,
    Connection,
    Device,
    ItemId,
    ItemKind,
    OrganisationId,
    Phase,
    Slot,
    Text,
    VenueId,
    VenueKind,
)
from podium.hall.sessions import Video
from podium.web.shapes import Asked, ErrorValue, Id, PinLockShape, Shape, TrunkShape

Time = Annotated[str, WithJsonSchema({"type": "string", "format": "date-time"})]
"""ISO 8601, UTC."""
Day = Annotated[str, WithJsonSchema({"type": "string", "format": "date"})]
"""ISO 8601."""


class Exact(Shape):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ViewItem(Exact):
    id: ItemId
    kind: ItemKind
    title: Text
    planned: float
    speaker: VenueId | None
    started_at: Time | None
    finished_at: Time | None
    points: list[Text]


class ViewAttendee(Exact):
    name: Text
    title: Text
    organisation: Text
    part: Part


class ViewOrganisation(Exact):
    id: OrganisationId
    name: Text
    parent: OrganisationId | None
    order: int


class ViewProgram(Exact):
    main: VenueId | None
    second: VenueId | None
    content: VenueId | None


class ViewSlides(Exact):
    """The briefing that the main venue shows as its content; ``page`` counts from 1."""

    day: Day
    language: Literal["zh", "en"]
    pages: list[str]
    page: int


class ViewDocument(Exact):
    """``item``: an agenda item's identifier, or the whole conference. A station sees those that are
    ``shared``."""

    id: str
    name: str
    kind: FileKind
    size: int
    digest: str
    item: str | None
    shared: bool


class ViewFloorEntry(Exact):
    venue: VenueId
    at: Time


class ViewFloor(Exact):
    holders: list[ViewFloorEntry]
    queue: list[ViewFloorEntry]


class ViewCounts(Exact):
    invited: int
    absent: int
    connecting: int
    connected: int
    degraded: int
    lost: int
    present: int
    """Here by station or by telephone."""
    telephone: int
    """On the telephone, whether their station is here or not."""
    guests: int
    """Telephones that are no venue's; not among the invited."""


class ViewCall(Exact):
    """A venue's call that stands, or how the last one ended."""

    stage: CallStage
    purpose: CallPurpose
    since: Time
    number: str | None
    """What is dialled or was answered; for consoles alone."""
    reason: CallEnd | None
    """Why it ended; while it stands: what became of the number before."""
    noisy: bool


class VenueName(Exact):
    """What a station sees of another venue."""

    id: VenueId
    organisation: OrganisationId | None
    """``None`` for a guest telephone."""
    name: Text
    pinyin: list[str]
    kind: VenueKind
    order: int
    on_air: list[Slot]
    floor: Literal["holds"] | None


class ViewVenue(Exact):
    """What a console sees of every venue, and a station of its own."""

    id: VenueId
    organisation: OrganisationId | None
    """``None`` for a guest telephone."""
    name: Text
    pinyin: list[str]
    kind: VenueKind
    order: int
    on_air: list[Slot]
    floor: Literal["holds"] | int | None
    connection: Connection
    since: Time | None
    reason: str | None
    camera: Device
    microphone_device: Device
    microphone: Literal["open", "closed_by_chair", "closed_at_venue"]
    blind: list[Slot]
    people: list[ViewAttendee]
    excused: bool
    telephones: list[str]
    """For consoles alone; of a guest that dialled in: where from."""
    call: ViewCall | None


class StationView(Exact):
    id: ConferenceId
    title: Text
    starts_at: Time
    phase: Phase
    phase_since: Time | None
    session_started_at: Time | None
    agenda: list[ViewItem]
    recording: bool
    current_item: ItemId | None
    organisations: list[ViewOrganisation]
    program: ViewProgram
    slides: ViewSlides | None
    documents: list[ViewDocument]
    floor: ViewFloor
    venues: dict[VenueId, ViewVenue | VenueName]


class ConsoleView(StationView):
    place: Text | None
    preview: ViewProgram
    counts: ViewCounts
    venues: dict[VenueId, ViewVenue]  # type: ignore[assignment]  # all of them in full


class ConferenceState(Exact):
    seq: int
    view: ConsoleView


# --- from the server


class You(Exact):
    role: Literal["office", "chair", "operator", "observer", "venue", "wall"]
    venue: VenueId | None = None


class Snapshot(Exact):
    type: Literal["snapshot"]
    seq: int
    view: ConsoleView | StationView
    you: You
    now: Time


class DeltaMessage(Exact):
    type: Literal["delta"]
    seq: int
    base: int
    at: Time
    set: dict[str, Any]
    """Keys of the view with their new values."""
    venues: dict[VenueId, ViewVenue | VenueName]
    gone: list[VenueId]


class ResultOk(Exact):
    type: Literal["result"]
    id: int
    ok: Literal[True]
    seq: int


class ResultError(Exact):
    type: Literal["result"]
    id: int
    ok: Literal[False]
    error: ErrorValue


class Publish(Exact):
    type: Literal["publish"]
    video: Video
    sound: bool
    content: bool


class SpeakingMessage(Exact):
    type: Literal["speaking"]
    levels: list[tuple[VenueId, int]]


class QualityValue(Exact):
    loss: float
    rtt: float | None
    bitrate: int


class VenuesQuality(Exact):
    type: Literal["quality"]
    venues: dict[VenueId, QualityValue]


class OwnQuality(Exact):
    type: Literal["quality"]
    own: QualityValue


class TelephoneMessage(Exact):
    """To consoles: at the beginning, and when a trunk or the lock for strangers changes."""

    type: Literal["telephone"]
    number: str | None
    trunks: list[TrunkShape]
    pin_lock: PinLockShape | None


class ItemWork(Exact):
    """What an agenda item issued of one programme: ``measures`` to ``organisations``, of which
    those of ``complete`` have signed for all that they got."""

    item: str | None
    programme: str
    measures: int
    organisations: int
    complete: int


class ItemsWork(Exact):
    """To consoles and walls, once something was issued, and when it is signed for."""

    type: Literal["work"]
    items: list[ItemWork]


class OwnSigning(Exact):
    issued: int
    signed: int


class OwnWork(Exact):
    """To a station: what was issued to its organisation."""

    type: Literal["work"]
    own: OwnSigning


class Superseded(Exact):
    type: Literal["superseded"]


class Pong(Exact):
    type: Literal["pong"]


class ErrorMessage(Exact):
    type: Literal["error"]
    error: ErrorValue


ServerMessage = (
    Snapshot
    | DeltaMessage
    | ResultOk
    | ResultError
    | Publish
    | SpeakingMessage
    | VenuesQuality
    | OwnQuality
    | TelephoneMessage
    | ItemsWork
    | OwnWork
    | Superseded
    | Pong
    | ErrorMessage
)


# --- from the client


class Hello(Asked):
    """``token`` for stations, walls and programs; else the cookie counts."""

    type: Literal["hello"]
    token: Annotated[str, StringConstraints(max_length=128)] | None = None
    conference: Id | None = None
    after: int | None = None
    """The last ``seq`` known. The answer is a snapshot all the same."""


class CommandMessage(Asked):
    type: Literal["command"]
    id: Annotated[int, Field(ge=0, le=2**53)]
    command: Annotated[
        dict[str, Any], WithJsonSchema({"allOf": [{"$ref": "#/components/schemas/Command"}]})
    ]


class Resync(Asked):
    type: Literal["resync"]


class Ping(Asked):
    type: Literal["ping"]


LaterMessage = Annotated[CommandMessage | Resync | Ping, Field(discriminator="type")]
ClientMessage = Annotated[Hello | CommandMessage | Resync | Ping, Field(discriminator="type")]

HELLO: TypeAdapter[Hello] = TypeAdapter(Hello)
LATER: TypeAdapter[CommandMessage | Resync | Ping] = TypeAdapter(LaterMessage)
SERVER: TypeAdapter[ServerMessage] = TypeAdapter(ServerMessage)
