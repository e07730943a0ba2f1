"""An installation without a telephone says so of every call."""

from __future__ import annotations

from pathlib import Path

from tests.support.conferences import (
    CHAIR,
    CONFERENCE,
    OFFICE,
    SCHEDULE,
    XINJIANG,
)
from tests.support.halls import HandClock
from tests.support.web import fake_engine

from podium.app.addresses import MediaAddresses
from podium.app.house import open_house
from podium.conference import commands as c
from podium.conference.calls import CallEnd, EndedCall
from podium.conference.state import VenueId
from podium.config import Settings, StoreSection


async def test_a_call_that_is_asked_for_ends_at_once_with_the_reason(tmp_path: Path) -> None:
    make_engine, _ = fake_engine()
    addresses = MediaAddresses(listen=("127.0.0.1:0",), public=("127.0.0.1",))
    settings = Settings(store=StoreSection(data=tmp_path))
    async with open_house(settings, addresses, make_engine, HandClock()) as house:
        await house.halls.create(SCHEDULE, OFFICE)
        hall = await house.halls.get(CONFERENCE)
        assert hall is not None
        changes = hall.subscribe()
        await hall.submit(c.OpenConference(), CHAIR)
        guest = VenueId("guest-a")
        await hall.submit(c.DialNumber(guest, "8001", SCHEDULE.title), CHAIR)
        async for change in changes:
            call = change.after.venues[guest].call if guest in change.after.venues else None
            if isinstance(call, EndedCall):
                break
        assert isinstance(call, EndedCall)
        assert call.reason is CallEnd.NOT_CONFIGURED
        assert XINJIANG in change.after.venues
