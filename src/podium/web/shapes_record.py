"""The shapes of the record and the communique, for the schema and for checking."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from podium.conference.commands import Role
from podium.conference.documents import FileKind
from podium.conference.state import ItemKind, Phase, Slot, Text, VenueKind
from podium.web.shapes import Asked
from podium.web.shapes_live import Day, Exact, Time, ViewAttendee

Standing = Literal["pending", "present", "absent", "excused", "withdrawn"]


class RecordWrong(Exact):
    seq: int
    zh: str
    en: str


class RecordProof(Exact):
    """The newest entry that is sound, with its hash, and the first that is not."""

    seq: int
    hash: str
    wrong: RecordWrong | None


class RecordSpan(Exact):
    began: Time
    ended: Time | None
    seconds: float
    entries: list[int]


class RecordTotals(Exact):
    invited: int
    guests: int
    present: int
    by_video: int
    by_telephone: int
    absent: int
    excused: int
    late: int
    left_early: int
    in_session: float
    speeches: int
    speakers: int
    spoke: float
    lost: int
    restarts: int
    entries: int


class RecordVenue(Exact):
    name: Text
    kind: VenueKind
    organisation: str | None


class RecordItem(Exact):
    id: str
    kind: ItemKind
    title: Text
    planned: float
    planned_at: Time | None
    began: Time | None
    ended: Time | None
    over: float | None
    """Seconds that it took more than planned."""
    points: list[Text]
    entries: list[int]


class RecordAttendance(Exact):
    venue: str
    standing: Standing
    late: float | None
    left_early: float | None
    first: Time | None
    last: Time | None
    attended: float
    video: float
    telephone: float
    people: list[ViewAttendee]
    entries: list[int]


class RecordBody(Exact):
    organisation: str | None
    name: Text
    standing: Standing
    venues: list[str]
    people: list[ViewAttendee]


class RecordHolding(RecordSpan):
    venue: str
    asked: int | None
    """The entry by which the venue had asked."""


class RecordMicrophone(RecordSpan):
    venue: str


class RecordAired(RecordSpan):
    slot: Slot
    venue: str


class RecordIncident(RecordSpan):
    kind: Literal["lost", "degraded", "blind", "restart"]
    venue: str | None
    reason: Text


class RecordDocument(Exact):
    """``digest``: SHA-256. ``shared_at``: since when the venues may have it. ``removed_at``: it is
    no longer handed out."""

    id: str
    name: str
    kind: FileKind
    size: int
    digest: str
    item: str | None
    attached_at: Time
    shared_at: Time | None
    removed_at: Time | None
    entries: list[int]


class RecordMeasure(Exact):
    id: str
    title: Text
    due: Day
    organisations: int
    signed: int


class RecordIssued(Exact):
    """What an agenda item issued of a programme. ``programme_entries``: of the programme's log."""

    programme: str
    title: Text
    item: str | None
    at: Time
    programme_entries: list[int]
    measures: list[RecordMeasure]


class RecordLine(Exact):
    seq: int
    at: Time
    role: Role
    topic: str
    words: Text
    venue: str | None
    item: str | None
    elapsed: float | None
    """Seconds since the session first began."""
    rehearsal: bool


class ConferenceRecord(Exact):
    conference: str | None
    title: Text
    place: Text | None
    starts_at: Time | None
    as_of: Time
    phase: Phase
    session: list[RecordSpan]
    proof: RecordProof
    totals: RecordTotals
    venues: dict[str, RecordVenue]
    agenda: list[RecordItem]
    attendance: list[RecordAttendance]
    bodies: list[RecordBody]
    floor: list[RecordHolding]
    microphones: list[RecordMicrophone]
    aired: list[RecordAired]
    incidents: list[RecordIncident]
    documents: list[RecordDocument]
    issued: list[RecordIssued]
    timeline: list[RecordLine]


class RecordingShape(Exact):
    id: str
    track: Literal["main", "second", "content", "sound"]
    """``main`` holds the mix too; ``sound`` is the mix where there was no main picture."""
    began: datetime
    seconds: float | None
    """``None`` while it is being recorded."""
    bytes: int


class RecordingList(Exact):
    recordings: list[RecordingShape]


# --- the communique


class CommuniqueWords(Exact):
    zh: str
    en: str


class CommuniqueChange(Exact):
    by: str
    at: Time


class CommuniqueApproval(CommuniqueChange):
    hash: str


class CommuniquePiece(Exact):
    id: str
    type: Literal["sentence", "gap"]
    zh: str
    en: str
    entries: list[int]
    drafted: CommuniqueWords | None
    """As the draft had it; ``None`` for a sentence that a person wrote."""
    changes: list[CommuniqueChange]
    removed: bool


class CommuniqueShape(Exact):
    """``record_seq`` and ``record_head``: the newest entry that the draft knows. ``hash``: of the
    text as it stands."""

    seq: int
    record_seq: int
    record_head: str
    drafted: CommuniqueChange | None
    approval: CommuniqueApproval | None
    hash: str
    pieces: list[CommuniquePiece]


class EditCommunique(Asked):
    """``seen``: the ``seq`` of the communique that you have looked at. ``edit``: ``{"type":
    "redraft"}``, ``{"type": "rewrite", "piece", "zh", "en"}``, ``{"type": "insert", "zh", "en",
    "after"}``, ``{"type": "remove", "piece"}`` or ``{"type": "approve"}``."""

    seen: Annotated[int, Field(ge=0)]
    edit: dict[str, Any]
