"""Live WHIP and WHEP sessions, and the table that finds them."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from podium.conference.state import ConferenceId, Slot, VenueId
from podium.hall.sessions import (
    MediaSessionId,
    Publishing,
    QualityFigures,
    SessionInfo,
    Size,
    Source,
    TooManySessions,
    View,
    Viewing,
)
from podium.media.engine import SessionNumber
from podium.media.sdp.transport import Credentials

MOST_SESSIONS = 20_000
MOST_OF_ONE_OWNER = 24
MOST_PROGRAMS_OF_A_VENUE = 3
"""A page that reloads leaves its old viewer behind until its consent runs out."""


@dataclass(slots=True, eq=False)
class Publisher:
    id: MediaSessionId
    number: SessionNumber
    conference: ConferenceId
    venue: VenueId
    owner: str
    source: Source
    etag: str
    remote: Credentials
    connected: bool = False
    quality: QualityFigures | None = None

    @property
    def info(self) -> SessionInfo:
        kind = Publishing(self.source)
        return SessionInfo(self.id, self.conference, self.venue, self.owner, kind, self.etag)


@dataclass(slots=True, eq=False)
class Viewer:
    id: MediaSessionId
    number: SessionNumber
    conference: ConferenceId
    venue: VenueId | None
    owner: str
    view: View
    etag: str
    remote: Credentials
    first: tuple[str, str]
    """Kind and mid of the first section that is served."""
    pictures: int
    """How many private slots it has."""
    shown: tuple[VenueId | None, ...] = ()
    """What a wall chose for them."""
    size: Size = Size.LOW
    blind: set[Slot] = field(default_factory=set)
    connected: bool = False
    quality: QualityFigures | None = None

    @property
    def info(self) -> SessionInfo:
        kind = Viewing(self.view)
        return SessionInfo(self.id, self.conference, self.venue, self.owner, kind, self.etag)


Session = Publisher | Viewer


def new_session_id() -> MediaSessionId:
    """160 random bits: knowing it is half of the right to touch the session."""
    return MediaSessionId(secrets.token_urlsafe(20))


def new_etag() -> str:
    return secrets.token_urlsafe(8)


class SessionTable:
    """Every live session of the process, by its id and by the engine's number."""

    def __init__(self) -> None:
        self._by_id: dict[MediaSessionId, Session] = {}
        self._by_number: dict[SessionNumber, Session] = {}
        self._owners: Counter[str] = Counter()
        self._last = 0

    def __len__(self) -> int:
        return len(self._by_id)

    def __iter__(self) -> Iterator[Session]:
        return iter(tuple(self._by_id.values()))

    def next_number(self) -> SessionNumber:
        self._last += 1
        return SessionNumber(self._last)

    def check_room_for(self, owner: str) -> None:
        """Raises ``TooManySessions``."""
        if len(self._by_id) >= MOST_SESSIONS:
            raise TooManySessions(f"this server has {MOST_SESSIONS} media sessions already")
        if self._owners[owner] >= MOST_OF_ONE_OWNER:
            raise TooManySessions(
                f"you have {MOST_OF_ONE_OWNER} media sessions already: end one of them first"
            )

    def add(self, session: Session) -> None:
        self._by_id[session.id] = session
        self._by_number[session.number] = session
        self._owners[session.owner] += 1

    def discard(self, session: Session) -> bool:
        """Whether it was there."""
        if self._by_id.pop(session.id, None) is None:
            return False
        del self._by_number[session.number]
        self._owners[session.owner] -= 1
        if not self._owners[session.owner]:
            del self._owners[session.owner]
        return True

    def by_id(self, id_: MediaSessionId) -> Session | None:
        return self._by_id.get(id_)

    def by_number(self, number: SessionNumber) -> Session | None:
        return self._by_number.get(number)

    def of_owner(self, owner: str) -> Iterable[Session]:
        return [session for session in self._by_id.values() if session.owner == owner]
