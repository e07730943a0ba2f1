"""What the desk needs of the rooms above it, and the values that it hands them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from podium.values import log
from podium.values.text import OrganisationId, Text
from podium.work.events import Recorded
from podium.work.values import ProgrammeId

Log = log.Log[ProgrammeId, Recorded]
"""One stream per programme."""


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
