"""The shapes of HTTP's JSON, in both directions. The pages' types are generated from these."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from podium.conference.refusals import MAX_AGENDA, MAX_VENUES, Fault
from podium.conference.state import (
    ConferenceId,
    ItemKind,
    OrganisationId,
    Phase,
    Text,
    VenueId,
    VenueKind,
)
from podium.directory.csv_import import ChangeKind
from podium.directory.values import Level
from podium.hall.access import AccountRole
from podium.hall.sessions import Size
from podium.hall.trunks import TrunkCondition
from podium.values.fields import ID_LENGTH, LONGEST_ITEM, Moment

Id = Annotated[str, StringConstraints(min_length=1, max_length=ID_LENGTH)]


def _plain(text: str) -> str:
    if not text.isprintable() or text != text.strip():
        raise ValueError("no control characters, no spaces at the ends")
    return text


Name = Annotated[str, StringConstraints(min_length=1, max_length=64), AfterValidator(_plain)]
Password = Annotated[str, StringConstraints(min_length=8, max_length=256)]
"""A new one. Length is what counts; nothing is demanded of its characters."""


class Shape(BaseModel):
    """What we send."""

    model_config = ConfigDict(frozen=True)


class Asked(BaseModel):
    """What we are sent: unknown fields are an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ErrorValue(Shape):
    code: str
    fault: Fault
    zh: str
    en: str
    details: Any = None


class ErrorBody(Shape):
    error: ErrorValue


class Health(Shape):
    status: Literal["ok"]
    version: str


# --- people and programs


class SignIn(Asked):
    name: Annotated[str, StringConstraints(max_length=64)]
    password: Annotated[str, StringConstraints(max_length=256)]


class AccountShape(Shape):
    id: str
    name: str
    role: AccountRole
    organisation: OrganisationId | None = None
    """Whose liaison officer the account is."""


class SignedIn(Shape):
    account: AccountShape
    csrf: str


class AccountDetails(AccountShape):
    created_at: datetime


class AccountList(Shape):
    accounts: list[AccountDetails]


class NewAccount(Asked):
    name: Name
    password: Password
    role: AccountRole
    organisation: Id | None = None
    """For liaison officers alone."""


class AccountPatch(Asked):
    """What is left out stays."""

    name: Name | None = None
    password: Password | None = None
    role: AccountRole | None = None
    organisation: Id | None = None


class TokenShape(Shape):
    id: str
    label: str
    created_at: datetime
    last_used_at: datetime | None


class TokenList(Shape):
    tokens: list[TokenShape]


class NewToken(Asked):
    label: Name


class IssuedTokenShape(TokenShape):
    token: str
    """Shown this once."""


# --- directory


class OrganisationShape(Shape):
    id: OrganisationId
    name: Text
    parent: OrganisationId | None
    level: Level
    order: int


class DirectoryVenue(Shape):
    id: VenueId
    organisation: OrganisationId
    name: Text
    kind: VenueKind
    order: int
    pinyin: list[str]
    telephones: list[str]
    """First to last, as they are dialled."""


class DirectoryShape(Shape):
    organisations: list[OrganisationShape]
    venues: list[DirectoryVenue]


class ImportChange(Shape):
    kind: ChangeKind
    line: int
    organisation: OrganisationId
    venue: VenueId | None
    fields: list[str]
    """Keys of the columns whose value is new."""
    organisation_name: Text
    venue_name: Text | None


class ImportFault(Shape):
    line: int
    column: str
    zh: str
    en: str


class ImportReport(Shape):
    applied: bool
    changes: list[ImportChange]
    errors: list[ImportFault]


# --- conferences


class AgendaTemplate(Shape):
    id: str
    kind: ItemKind
    title: Text
    planned: float
    """Seconds."""
    speaker: VenueId | None


class TemplateShape(Shape):
    id: str
    name: Text
    title: Text
    agenda: list[AgendaTemplate]


class TemplateList(Shape):
    templates: list[TemplateShape]


class ConferenceItem(Shape):
    id: ConferenceId
    title: Text
    starts_at: datetime
    phase: Phase
    venues: int


class ConferenceList(Shape):
    conferences: list[ConferenceItem]


class NewAgendaItem(Asked):
    """Without an ``id`` it gets one."""

    id: Id | None = None
    kind: ItemKind
    title: Text
    planned: Annotated[float, Field(gt=0, le=LONGEST_ITEM.total_seconds(), allow_inf_nan=False)]
    """Seconds."""
    speaker: Id | None = None


class NewConference(Asked):
    """``agenda`` replaces the template's; without either there is none."""

    title: Text
    starts_at: Moment
    template: Id | None = None
    venues: Literal["all"] | Annotated[list[Id], Field(max_length=MAX_VENUES)] = "all"
    agenda: Annotated[list[NewAgendaItem], Field(max_length=MAX_AGENDA)] | None = None
    programme: Id | None = None
    """Opens with what came of this programme."""


class CreatedConference(Shape):
    id: ConferenceId
    seq: int


class AttachedDocument(Shape):
    """``digest``: SHA-256 of the content."""

    id: str
    seq: int
    digest: str


class Done(Shape):
    seq: int


class EventList(Shape):
    events: list[dict[str, Any]]
    """``{seq, at, by: {role, id, venue}, event: {type, ...}}``."""
    more: bool


# --- links


class LinkShape(Shape):
    venue: VenueId
    issued_at: datetime | None
    """``None``: the venue has no link."""
    last_used_at: datetime | None


class LinkList(Shape):
    links: list[LinkShape]


class IssueLinks(Asked):
    venues: Literal["all", "missing"] | Annotated[list[Id], Field(max_length=MAX_VENUES)]
    wall: bool = False
    general_pin: bool = False
    """Also a new PIN by which any telephone comes in as a guest."""


class IssuedLink(Shape):
    venue: VenueId
    url: str
    token: str
    pin: str | None
    """``None`` where this installation has no telephone."""


class IssuedWall(Shape):
    url: str
    token: str


class IssuedAccess(Shape):
    number: str
    """What telephones dial."""
    general: str | None
    """The general PIN, if one was asked for."""


class IssuedLinks(Shape):
    links: list[IssuedLink]
    wall: IssuedWall | None
    telephone: IssuedAccess | None


class IssuePins(Asked):
    venues: Literal["all"] | Annotated[list[Id], Field(max_length=MAX_VENUES)]
    general: bool = False


class VenuePin(Shape):
    venue: VenueId
    pin: str


class IssuedPins(IssuedAccess):
    venues: list[VenuePin]


class TrunkShape(Shape):
    name: str
    condition: TrunkCondition
    since: datetime | None


class PinLockShape(Shape):
    """Until then no telephone is asked for a PIN whose number is not known."""

    until: datetime


class TelephoneShape(Shape):
    """``number`` is ``None`` where this installation has no telephone."""

    number: str | None
    trunks: list[TrunkShape]
    pin_lock: PinLockShape | None


class JoinConference(Shape):
    id: ConferenceId
    title: Text
    starts_at: datetime
    phase: Phase


class JoinVenue(Shape):
    id: VenueId
    name: Text
    kind: VenueKind


class JoinTelephone(Shape):
    """What the venue dials when its link fails."""

    number: str
    pin: str | None


class JoinStation(Shape):
    kind: Literal["station"]
    conference: JoinConference
    venue: JoinVenue
    telephone: JoinTelephone | None


class JoinWall(Shape):
    kind: Literal["wall"]
    conference: JoinConference


# --- media


class SetSlots(Asked):
    venues: Annotated[list[Id | None], Field(max_length=64)]
    size: Size
