"""What the desk needs of the rooms above it, and the values that it hands them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from podium.values import log
from podium.values.text import OrganisationId, Text
from podium.work.events import Recorded
from podium.work.values import ProgrammeId


class Log(log.Log[ProgrammeId, Recorded], Protocol):
    """One stream per programme."""

    def pages(self, stream: ProgrammeId, after: int = 0) -> AsyncIterator[Sequence[Recorded]]:
        """What ``read`` gives, a part at a time."""
        ...

    async def chosen(self, stream: ProgrammeId, seqs: Sequence[int]) -> Sequence[Recorded]:
        """Those of these numbers that there are, in order."""
        ...


@dataclass(frozen=True, slots=True)
class Kept:
    """The state after entry ``seq``, which was at ``at``, as ``podium.work.snapshot`` writes it.
    ``lines`` are read once."""

    seq: int
    at: datetime
    lines: Iterable[bytes]


class Snapshots(Protocol):
    """States of programmes, each the newest that was taken. A cache: what is lost, stale, damaged
    or of another log is as if it were not there."""

    async def latest(self, programme: ProgrammeId) -> Kept | None:
        """Only what is certain to be the fold of the log as it is now, up to its ``seq``. Its
        lines may raise ``ValueError``."""
        ...

    async def keep(self, programme: ProgrammeId, kept: Kept) -> None:
        """In place of the one before."""
        ...


class NoSnapshots:
    """For programmes that are small or short-lived: every opening folds the log."""

    async def latest(self, _: ProgrammeId) -> Kept | None:
        return None

    async def keep(self, _: ProgrammeId, __: Kept) -> None:
        return None


class Clock(Protocol):
    def now(self) -> datetime: ...


@dataclass(frozen=True, slots=True)
class ProgrammeSummary:
    """What a list of programmes shows of each."""

    id: ProgrammeId
    title: Text
    owner: OrganisationId
    starts_on: date
    ends_on: date


@dataclass(frozen=True, slots=True)
class Contact:
    """Where notices for an organisation go. ``language``: ``zh`` or ``en``."""

    organisation: OrganisationId
    email: str
    language: str


@dataclass(frozen=True, slots=True)
class Message:
    """Something to be sent to one recipient, until it was. ``channel``: ``email`` or ``webhook``;
    ``recipient`` is an address for the one and empty for the other."""

    channel: str
    recipient: str
    subject: str
    body: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message in the queue. ``attempts``: those that failed."""

    id: int
    message: Message
    attempts: int


class Queue(Protocol):
    """Messages that survive the process. What is derived from the log is added with the place in
    the log that it was derived up to, so that nothing is forgotten or said twice."""

    async def place(self, programme: ProgrammeId) -> int:
        """The last entry that was looked at; 0 at first."""
        ...

    async def add(
        self, programme: ProgrammeId, upto: int, messages: Sequence[Message], now: datetime
    ) -> None:
        """All of it or nothing."""
        ...

    async def due(self, now: datetime, limit: int) -> Sequence[Waiting]:
        """Those whose time has come, the oldest first."""
        ...

    async def sent(self, id_: int, now: datetime) -> None: ...

    async def failed(self, id_: int, retry_at: datetime | None) -> None:
        """``None`` gives it up; it is kept for people to see."""
        ...


class Contacts(Protocol):
    async def all(self) -> Sequence[Contact]:
        """By organisation."""
        ...

    async def put(self, contact: Contact) -> None: ...

    async def remove(self, organisation: OrganisationId) -> None:
        """Quiet where there is none."""
        ...
