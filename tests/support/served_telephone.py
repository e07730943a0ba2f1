"""The telephone as it is wired, on real sockets, over halls and legs that only remember."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from tests.support.conferences import CHAIR, CONFERENCE, HENAN, OFFICE, SCHEDULE
from tests.support.halls import HandClock, MemoryLog, MemoryMedia
from tests.support.sip_phones import HOST
from tests.support.telephone import Bell, MemoryLegs, MemoryNotebook, MemoryPins, disguise

from podium.app.telephone import Around, TelephoneRoom, make_telephone
from podium.conference import commands as c
from podium.conference.calls import CallEnd, EndedCall, StandingCall
from podium.conference.state import ConferenceId, VenueId
from podium.conference.telephone import CallEffect
from podium.config.telephone import TelephoneSection
from podium.hall.legs import KeyPressed, LegId
from podium.hall.registry import Halls

SECTION = TelephoneSection(hosts=(HOST,), port=0)
NUMBER = "+861065120001"


class _Late:
    """Halls direct the telephone, which asks halls."""

    room: TelephoneRoom

    def apply(self, conference: ConferenceId, effects: Sequence[CallEffect]) -> None:
        self.room.apply(conference, effects)


@dataclass
class Served:
    room: TelephoneRoom
    halls: Halls
    legs: MemoryLegs
    bell: Bell
    stopped: bool = False

    async def stop(self) -> None:
        if not self.stopped:
            self.stopped = True
            await self.room.stop()

    def address(self, user: str) -> str:
        return f"sip:{user}@{HOST}:{self.room.port}"

    def call_of(self, venue: VenueId) -> object:
        (hall,) = self.halls.opened()
        assert hall.state is not None
        return hall.state.venues[venue].call

    def joined(self, venue: VenueId) -> bool:
        call = self.call_of(venue)
        return isinstance(call, StandingCall) and call.joined

    def ended(self, venue: VenueId) -> CallEnd | None:
        call = self.call_of(venue)
        return call.reason if isinstance(call, EndedCall) else None

    async def until(self, true: Callable[[], bool]) -> None:
        await self.bell.until(true, 15)

    async def ring(self) -> None:
        """With every change of the conference."""
        hall = await self.halls.get(CONFERENCE)
        assert hall is not None
        with hall.subscribe() as changes:
            async for _ in changes:
                self.bell.ring()

    async def press(self, keys: str, leg: int = 1) -> None:
        for key in keys:
            self.legs.tell(KeyPressed(LegId(leg), key))
        await asyncio.sleep(0)

    async def give(self, venue: VenueId, number: str) -> None:
        """A telephone number."""
        invited = next(v for v in SCHEDULE.venues if v.id == venue)
        await self.do(c.InviteVenues((), (replace(invited, telephones=(number,)),)))

    async def do(self, *commands: c.Command) -> None:
        hall = await self.halls.get(CONFERENCE)
        assert hall is not None
        for command in commands:
            await hall.submit(command, CHAIR)


@asynccontextmanager
async def serving(section: TelephoneSection = SECTION) -> AsyncIterator[Served]:
    log, late, bell = MemoryLog(), _Late(), Bell()
    halls = Halls(log, MemoryMedia(log), late, HandClock())
    legs = MemoryLegs(bell)
    around = Around(legs, halls, MemoryPins(), MemoryNotebook(), disguise, HandClock(), 5.0)
    late.room = room = make_telephone(section, around)
    venues = tuple(
        replace(v, telephones=(NUMBER,)) if v.id == HENAN else v for v in SCHEDULE.venues
    )
    await halls.create(replace(SCHEDULE, venues=venues), OFFICE)
    await room.start()
    served = Served(room, halls, legs, bell)
    ringing = asyncio.create_task(served.ring())
    room.listen(bell.ring)
    await served.do(c.OpenConference(), c.StartSession())
    try:
        yield served
    finally:
        ringing.cancel()
        await served.stop()
        await halls.close()
