"""What the web room needs of its siblings. They fit structurally; nobody imports anybody.

Value types and errors live in lower rooms: :mod:`podium.hall.access` (accounts, tokens, links),
:mod:`podium.hall.sessions` (WHIP and WHEP), :mod:`podium.hall.index` and :mod:`podium.directory`.
Every coroutine may raise ``OSError`` when its storage fails; the web answers 503.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal, Protocol

from podium.conference.state import ConferenceId, VenueId
from podium.desk.ports import ProgrammeSummary
from podium.directory.csv_import import ImportPlan
from podium.directory.values import Directory
from podium.hall.access import (
    Account,
    AccountChange,
    AccountId,
    AccountRole,
    ApiToken,
    IssuedToken,
    Link,
    LinkState,
    TokenId,
)
from podium.hall.index import ConferenceSummary
from podium.hall.pins import PinLock
from podium.hall.pins import Pins as IssuedPins
from podium.hall.sessions import (
    Answer,
    EngineFigures,
    MediaSessionId,
    Notice,
    PublishDemand,
    Restarted,
    SessionInfo,
    Size,
    Source,
    View,
)
from podium.hall.trunks import TrunkState
from podium.values.refusal import Refusal
from podium.values.text import OrganisationId, Text
from podium.work.values import ProgrammeId

Json = dict[str, Any]
Language = Literal["zh", "en"]


class Accounts(Protocol):
    """People who sign in. Passwords are kept as argon2id, hashed off the event loop."""

    async def all(self) -> Sequence[Account]:
        """By name."""
        ...

    async def create(
        self,
        name: str,
        password: str,
        role: AccountRole,
        organisation: OrganisationId | None = None,
    ) -> Account:
        """Raises ``NameTaken``, ``OrganisationNeeded``."""
        ...

    async def change(self, account: AccountId, change: AccountChange) -> Account:
        """Raises ``UnknownAccount``, ``NameTaken``, ``LastAdministrator``."""
        ...

    async def remove(self, account: AccountId) -> None:
        """Ends its sessions and tokens. Raises ``UnknownAccount``, ``LastAdministrator``."""
        ...

    async def verify(self, name: str, password: str) -> Account | None:
        """Takes as long for an unknown name as for a wrong password. Raises ``TooManyAttempts``,
        also for an unknown name."""
        ...


class LoginSessions(Protocol):
    """Signed-in browsers. The secret is the cookie; at rest only its SHA-256."""

    async def open(self, account: AccountId) -> str:
        """A new secret of 256 random bits. Raises ``UnknownAccount``."""
        ...

    async def find(self, secret: str) -> Account | None:
        """``None`` when it never was, was closed, or has expired."""
        ...

    async def close(self, secret: str) -> None:
        """Quiet when there is no such session."""
        ...


class Tokens(Protocol):
    """Keys of programs (``pdt_...``)."""

    async def of(self, account: AccountId) -> Sequence[ApiToken]: ...

    async def issue(self, account: AccountId, label: str) -> IssuedToken:
        """Raises ``UnknownAccount``."""
        ...

    async def revoke(self, account: AccountId, token: TokenId) -> None:
        """Raises ``UnknownToken``, also for another account's token."""
        ...

    async def find(self, secret: str) -> Account | None:
        """The account that the token acts for; notes the use. ``None`` if not valid."""
        ...


class Links(Protocol):
    """Links of stations (``pds_...``) and walls (``pdw_...``)."""

    async def states(self, conference: ConferenceId) -> Sequence[LinkState]:
        """The venues' valid links."""
        ...

    async def issue(
        self, conference: ConferenceId, venues: Sequence[VenueId]
    ) -> Mapping[VenueId, str]:
        """New secrets; the older links of the same venues are revoked, all or nothing."""
        ...

    async def issue_wall(self, conference: ConferenceId) -> str:
        """A new secret; the older wall link is revoked."""
        ...

    async def revoke(self, conference: ConferenceId, venue: VenueId) -> None:
        """Raises ``UnknownLink``."""
        ...

    async def find(self, secret: str) -> Link | None:
        """What the link stands for; notes the use. ``None`` if not valid."""
        ...


class Pins(Protocol):
    """PINs by which telephones come in."""

    async def issue(
        self, conference: ConferenceId, venues: Sequence[VenueId], *, general: bool = False
    ) -> IssuedPins:
        """New PINs; the older ones of the same venues are revoked, all or nothing."""
        ...

    async def revoke(self, conference: ConferenceId, venue: VenueId | None) -> None:
        """``None``: the general PIN. Quiet where there is none."""
        ...

    async def of(self, conference: ConferenceId, venue: VenueId) -> str | None:
        """The venue's PIN, for the venue itself."""
        ...


class TelephoneDesk(Protocol):
    """The telephone, as consoles are told of it."""

    def access_number(self) -> str | None:
        """What telephones dial; ``None`` where this installation has no telephone."""
        ...

    def trunks(self) -> Sequence[TrunkState]:
        """In the order in which they are used."""
        ...

    def pin_lock(self) -> PinLock | None:
        """Too many wrong PINs have locked out telephones that are not known."""
        ...

    def lift_pin_lock(self) -> None:
        """Quiet where there is none."""
        ...

    def pin_revoked(self, conference: ConferenceId, venue: VenueId | None) -> None:
        """Ends calls that came in by this PIN; ``None``: by the general one."""
        ...

    def listen(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Calls ``listener`` on the event loop when a trunk or the lock has changed, until the
        returned function is called. A listener neither blocks nor raises."""
        ...


class DirectoryBook(Protocol):
    """The standing directory."""

    async def read(self) -> Directory: ...

    async def import_csv(self, data: bytes, *, apply: bool) -> ImportPlan:
        """Plans against what is stored; with ``apply`` and no fault also does it, at once and
        wholly. Never raises for what is in ``data``."""
        ...

    async def export_csv(self) -> bytes:
        """UTF-8 with a byte-order mark, in the import's layout."""
        ...


class ConferenceIndex(Protocol):
    """Every conference there is."""

    async def all(self) -> Sequence[ConferenceSummary]:
        """The latest start first."""
        ...


class MediaSessions(Protocol):
    """WHIP and WHEP, without HTTP. Ends and replaces sessions as ``docs/protocol.md`` says.

    ``owner`` is opaque; only equality counts, and the web compares it before it calls.
    """

    async def publish(
        self, conference: ConferenceId, venue: VenueId, source: Source, offer: str, *, owner: str
    ) -> Answer:
        """Raises ``OfferMalformed``, ``OfferRefused``, ``RoomClosed``, ``TooManySessions``,
        ``EngineDown``."""
        ...

    async def view(
        self,
        conference: ConferenceId,
        view: View,
        offer: str,
        *,
        owner: str,
        venue: VenueId | None,
    ) -> Answer:
        """``venue`` is where the viewer sits: it does not hear itself. Raises as ``publish``."""
        ...

    def find(self, session: MediaSessionId) -> SessionInfo | None: ...

    async def trickle(self, session: MediaSessionId, fragment: str) -> None:
        """Remote candidates. Raises ``NoSuchSession``, ``FragmentRefused``."""
        ...

    async def restart(self, session: MediaSessionId, fragment: str) -> Restarted:
        """ICE restart. Raises ``NoSuchSession``, ``FragmentRefused``, ``RestartUnsupported``."""
        ...

    async def delete(self, session: MediaSessionId) -> None:
        """Raises ``NoSuchSession``."""
        ...

    async def end_all_of(self, owner: str) -> None:
        """Ends every session of this owner: its link or account is no longer valid."""
        ...

    async def set_slots(
        self, session: MediaSessionId, venues: Sequence[VenueId | None], size: Size
    ) -> None:
        """What the private slots of a wall show, in order; missing ones become empty, venues that
        do not publish are shown when they do. Raises ``NoSuchSession``."""
        ...

    def demand(self, conference: ConferenceId, venue: VenueId) -> PublishDemand:
        """What is wanted of this venue now."""
        ...

    def listen(
        self, conference: ConferenceId, listener: Callable[[Notice], None]
    ) -> Callable[[], None]:
        """Calls ``listener`` on the event loop for every notice, until the returned function is
        called. A listener neither blocks nor raises."""
        ...

    def station_here(self, conference: ConferenceId, venue: VenueId, here: bool) -> None:
        """The venue's page is open, or is no longer. Media reports the venue's connection to the
        conference from this and from its sessions."""
        ...


class ExportedFile(Protocol):
    @property
    def name(self) -> str:
        """ASCII."""
        ...

    @property
    def media_type(self) -> str: ...
    @property
    def content(self) -> bytes: ...


class RecordingInfo(Protocol):
    @property
    def id(self) -> str: ...
    @property
    def track(self) -> str:
        """``main`` (with the mix), ``second``, ``content``, or ``sound``: the mix alone."""
        ...

    @property
    def began(self) -> datetime: ...
    @property
    def seconds(self) -> float | None:
        """``None`` while it is being recorded."""
        ...

    @property
    def bytes(self) -> int: ...


class Recordings(Protocol):
    """Recordings of the program."""

    async def list(self, conference: ConferenceId) -> Sequence[RecordingInfo]:
        """In the order of time."""
        ...

    async def file(self, conference: ConferenceId, id_: str) -> tuple[Path, str] | None:
        """The file of a finished recording, and its media type; ``program.mkv`` is all of them in
        one."""
        ...


class Records(Protocol):
    """The records of conferences and their communiques. JSON has the shapes of
    :mod:`podium.web.shapes_record`."""

    async def read(self, conference: ConferenceId) -> bytes | None:
        """``None`` where nothing is recorded."""
        ...

    async def export(
        self, conference: ConferenceId, kind: str, locale: str
    ) -> ExportedFile | Refusal | None:
        """``None`` where there is no such kind; a refusal where this installation cannot."""
        ...

    async def communique(self, conference: ConferenceId) -> Json: ...

    async def redraft(
        self, conference: ConferenceId, account: str, name: str, seen: int
    ) -> Json | Refusal:
        """Begins the communique from the record, or begins it anew."""
        ...

    async def edit(
        self, conference: ConferenceId, body: bytes, account: str, name: str, seen: int
    ) -> Json | Refusal:
        """One edit as JSON. Raises ``CodecError``."""
        ...


class Situation(Protocol):
    """Statistics as of a day, and the briefings made of them. JSON values have the shapes of
    :mod:`podium.web.shapes_situation`. A refusal means that it cannot be computed now."""

    async def series(self) -> Json: ...

    async def figures(self, day: date, series: Sequence[str]) -> Json | None:
        """``None`` where one of the series is not known."""
        ...

    async def statistic(self, series: str, day: date) -> Json | None:
        """``None`` where the series is not known."""
        ...

    async def briefing(self, day: date, language: Language) -> Json | Refusal | None:
        """``None`` where nothing was known on ``day``."""
        ...

    async def page(
        self, day: date, language: Language, page: str, kind: str
    ) -> bytes | Refusal | None:
        """``kind``: ``png``, ``svg`` or ``json``. ``None`` where there is no such page."""
        ...

    async def export(self) -> bytes:
        """Every vintage as CSV."""
        ...

    async def batches(self) -> Json: ...

    async def bring_in(
        self, data: bytes, name: str, day: date, source: str | Text, by: str, *, apply: bool
    ) -> Json | None:
        """Plans an import and with ``apply`` carries it out unless the file has faults. ``None``
        where there is no such source."""
        ...


class ProgrammeIndex(Protocol):
    """Every programme there is."""

    async def all(self) -> Sequence[ProgrammeSummary]:
        """The latest start first."""
        ...


class Feeds(Protocol):
    """Addresses of calendar feeds (``pdc_...``)."""

    async def issue(
        self, owner: AccountId, programme: ProgrammeId, organisation: OrganisationId | None
    ) -> str:
        """A new secret; the older one of the same feed is revoked."""
        ...

    async def find(self, secret: str) -> tuple[Account, ProgrammeId, OrganisationId | None] | None:
        """Whose feed it is, and of what. ``None`` if not valid."""
        ...


class Files(Protocol):
    """Files under the SHA-256 of what they hold."""

    async def put(self, content: bytes) -> str:
        """The digest, once it is durable."""
        ...

    async def get(self, digest: str) -> bytes | None: ...

    async def claim(self, digests: Collection[str]) -> Sequence[str]:
        """Those that are missing; the others stay until a report refers to them."""
        ...


class Documents(Protocol):
    """The documents of conferences, under the SHA-256 of what they hold. What a log names is
    never swept away."""

    async def put(self, content: bytes) -> str:
        """The digest, once it is durable."""
        ...

    async def path(self, digest: str) -> Path | None:
        """Where it is, for what thousands may ask for at once."""
        ...


class Engine(Protocol):
    """The media engine's health."""

    def figures(self) -> EngineFigures:
        """Raises ``EngineDown``."""
        ...


class Storage(Protocol):
    """The store's health."""

    async def check(self) -> None:
        """One round trip to the database; raises ``OSError`` with a plain reason."""
        ...
