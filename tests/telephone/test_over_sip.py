"""The telephone as it is wired, over real sockets: who gets an answer, calls in, calls out."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from ipaddress import ip_network
from pathlib import Path

import pytest
from tests.support.conferences import CHAIR, CONFERENCE, HENAN, OFFICE, SCHEDULE, ZHEJIANG
from tests.support.halls import HandClock, MemoryLog, MemoryMedia
from tests.support.sip_phones import HOST, phone
from tests.support.telephone import Bell, MemoryLegs, MemoryPins

from podium.app.errors import StartError
from podium.app.telephone import Around, TelephoneRoom, make_telephone
from podium.conference import commands as c
from podium.conference.calls import CallEnd, EndedCall, StandingCall
from podium.conference.state import ConferenceId, VenueId
from podium.conference.telephone import CallEffect
from podium.config.telephone import TelephoneSection, TrunkSection
from podium.demo.phone import CallRefused
from podium.hall.legs import KeyPressed, LegId
from podium.hall.registry import Halls
from podium.hall.trunks import TrunkCondition
from podium.telephone.sip.events import Why

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
        await self.bell.until(true)

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
    late.room = room = make_telephone(section, Around(legs, halls, MemoryPins(), HandClock(), 5.0))
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


async def test_a_telephone_dials_in_types_its_pin_and_hangs_up() -> None:
    async with serving() as served, phone("caller", 1) as (caller, _):
        await caller.call(served.address("9000"))
        assert served.legs.media[LegId(1)].remote == (HOST, caller.sound.port)
        await served.press("20230301#")
        await served.until(lambda: served.joined(HENAN))
        caller.hang_up()
        await served.until(lambda: served.ended(HENAN) is CallEnd.HUNG_UP)


async def test_a_pin_as_the_number_called_joins_at_once() -> None:
    async with serving() as served, phone("caller", 1) as (caller, _):
        await caller.call(served.address("20230302"))
        await served.until(lambda: served.joined(ZHEJIANG))
        await served.do(c.CloseConference())
        assert await caller.hung_up() is Why.HUNG_UP


@pytest.mark.parametrize("user", ["12345678", "reception", "00860000000"])
async def test_what_is_no_number_of_ours_is_refused(user: str) -> None:
    async with serving() as served, phone("caller", 1) as (caller, _):
        with pytest.raises(CallRefused, match="404"):
            await caller.call(served.address(user))


async def test_a_stranger_gets_no_answer_at_all() -> None:
    far = replace(SECTION, sources=(ip_network("192.0.2.0/24"),))
    async with serving(far) as served, phone("scanner", 1) as (scanner, _):
        with pytest.raises(TimeoutError):
            await scanner.call(served.address("9000"), 1.0)
        assert not served.legs.heard


async def test_hold_and_resume() -> None:
    async with serving() as served, phone("caller", 1) as (caller, _):
        await caller.call(served.address("20230301"))
        await served.until(lambda: served.joined(HENAN))
        caller.hold(True)
        await served.until(lambda: not served.legs.media[LegId(1)].sends)
        caller.hold(False)
        await served.until(lambda: served.legs.media[LegId(1)].sends)
        assert served.joined(HENAN)


def by_trunk(port: int, allowed: str = "+8610") -> TelephoneSection:
    trunk = TrunkSection("company", HOST, port, sources=(ip_network("192.0.2.1/32"),))
    return replace(SECTION, trunks=(trunk,), allowed_prefixes=(allowed,))


async def test_a_venue_is_dialled_by_a_trunk_and_joins_with_key_1() -> None:
    async with phone(NUMBER, 1) as (venue, port), serving(by_trunk(port)) as served:
        await served.until(lambda: served.room.trunks()[0].condition is TrunkCondition.REACHABLE)
        await served.do(c.PlaceCall(HENAN))
        await venue.answered()
        await served.until(lambda: "zh/invited" in served.legs.heard[LegId(1)])
        assert not served.joined(HENAN)
        await served.press("1")
        await served.until(lambda: served.joined(HENAN))
        await served.do(c.HangUp(HENAN))
        await venue.hung_up()


async def test_busy_is_told_and_beyond_the_allow_list_nobody_is_rung() -> None:
    async with phone(NUMBER, 1, answers=False) as (_, port):
        async with serving(by_trunk(port)) as served:
            await served.do(c.PlaceCall(HENAN))
            await served.until(
                lambda: getattr(served.call_of(HENAN), "setback", None) is CallEnd.BUSY
            )
        async with serving(by_trunk(port, "+1")) as served:
            await served.do(c.PlaceCall(HENAN))
            await served.until(lambda: served.ended(HENAN) is CallEnd.NOT_ALLOWED)
            assert not served.legs.heard


async def test_when_podium_stops_calls_that_it_placed_still_stand_for_the_conference() -> None:
    async with phone(NUMBER, 1) as (venue, port), serving(by_trunk(port)) as served:
        await served.do(c.PlaceCall(HENAN))
        await venue.answered()
        await served.until(lambda: "zh/invited" in served.legs.heard[LegId(1)])
        await served.press("1")
        await served.until(lambda: served.joined(HENAN))
        await served.stop()
        assert await venue.hung_up() is Why.HUNG_UP
        assert served.joined(HENAN)


async def test_no_pin_and_no_address_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with serving() as served, phone("8610659999", 1) as (caller, _):
        await caller.call(served.address("20230301"))
        await served.until(lambda: served.joined(HENAN))
        await served.do(c.CloseConference())
        await caller.hung_up()
        with pytest.raises(CallRefused):
            await caller.call(served.address("77777777"))
    assert caplog.records
    for secret in ("20230301", "77777777", "8610659999", HOST):
        assert secret not in caplog.text


@pytest.mark.parametrize(
    ("section", "said"),
    [
        (replace(SECTION, hosts=("192.0.2.77",)), "addresses of this machine"),
        (
            replace(SECTION, accounts=Path("/nowhere")),
            "accounts: /nowhere cannot be read",
        ),
        (
            replace(
                SECTION,
                trunks=(TrunkSection("company", HOST, secret_file=Path("/dev/null")),),
            ),
            "write the password",
        ),
    ],
)
async def test_a_start_that_cannot_be_says_what_to_do(section: TelephoneSection, said: str) -> None:
    with pytest.raises(StartError, match=said):
        async with serving(section):
            pass
