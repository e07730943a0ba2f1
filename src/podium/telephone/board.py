"""What every call works with, and which calls there are."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from podium.conference.calls import CallEnd, CallId
from podium.conference.commands import Actor, Command, Role
from podium.conference.state import Conference, ConferenceId, VenueId
from podium.hall.legs import LegId, LegNotice
from podium.hall.loop import CommandFailed, HallBusy, HallStopped
from podium.telephone.admission import Admission
from podium.telephone.dialplan import DialLedger
from podium.telephone.phones import Phone
from podium.telephone.ports import Agent, Conferences, Legs, Routes
from podium.telephone.prompts.texts import Language
from podium.telephone.sip.events import CallEvent, CallKey
from podium.telephone.sound import Terms

logger = logging.getLogger("podium.telephone")

TELEPHONE: Final = Actor(Role.SYSTEM, "telephone")
UNABLE: Final = (HallStopped, HallBusy, CommandFailed, OSError)
"""The conference cannot be asked now: the server's fault."""


class SipUser(Protocol):
    """Is told what happens to a call of the user agent."""

    def sip(self, event: CallEvent) -> None: ...

    def pin_revoked(self, conference: ConferenceId, venue: VenueId | None) -> None:
        """The PIN of a venue, or the general one, is not valid any more."""
        ...


class LegUser(Protocol):
    """Is told what a leg brings."""

    def leg(self, notice: LegNotice) -> None: ...


class Seat(Protocol):
    """A call that a conference knows."""

    def connect(self, venue: VenueId) -> None: ...

    def drop(self, reason: CallEnd) -> None: ...

    def changed(self, seq: int, state: Conference) -> None:
        """The conference after its entry ``seq``."""
        ...


@dataclass(frozen=True, slots=True)
class Manners:
    """The house's own ways."""

    languages: tuple[Language, ...]
    """The house's own first."""
    access: frozenset[str]
    """User parts that reach the voice menu."""
    trunks: frozenset[str]
    """Names by which the gate admits calls of the telephone network."""
    phones: Mapping[str, Phone]
    """Telephones of our own, by the name that the gate admits them by."""
    recorded: frozenset[str]
    """Names of all recordings."""
    longest_call: float
    """Seconds, of a call that we have placed."""


@dataclass(frozen=True, slots=True)
class Board:
    """The switchboard. Its registers hold what stands at this moment."""

    agent: Agent
    legs: Legs
    conferences: Conferences
    admission: Admission
    ledger: DialLedger
    routes: Routes
    manners: Manners
    terms: Terms
    follow: Callable[[ConferenceId], None]
    """From now on the seats of this conference are told of its changes."""
    now: Callable[[], float]
    """Seconds of a steady clock."""
    placed: Callable[[], None]
    """A call has been counted in the ledger."""
    by_call: dict[CallKey, SipUser] = field(default_factory=dict)
    by_leg: dict[LegId, LegUser] = field(default_factory=dict)
    seats: dict[ConferenceId, dict[CallId, Seat]] = field(default_factory=dict)
    closing: asyncio.Event = field(default_factory=asyncio.Event)
    """Once set, nothing is reported: calls that end then are not over for their conferences."""
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def spawn(self, work: Coroutine[Any, Any, None], failed: Callable[[], None]) -> None:
        """Runs beside everything else. What it raises is our fault, and logged; ``failed`` then
        tells the caller, who must not be left in silence."""

        def done(task: asyncio.Task[None]) -> None:
            self._tasks.discard(task)
            if not task.cancelled() and task.exception() is not None:
                logger.error("a call met a fault of ours", exc_info=task.exception())
                failed()

        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(done)

    async def close(self) -> None:
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def report(self, conference: ConferenceId, command: Command) -> None:
        if not self.closing.is_set():
            self.conferences.post(conference, command, TELEPHONE)

    def seat(self, conference: ConferenceId, call: CallId, seat: Seat) -> None:
        self.seats.setdefault(conference, {})[call] = seat
        self.follow(conference)

    def unseat(self, conference: ConferenceId, call: CallId, seat: Seat) -> None:
        seats = self.seats.get(conference, {})
        if seats.get(call) is seat:
            del seats[call]
            if not seats:
                del self.seats[conference]
