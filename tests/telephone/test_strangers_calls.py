"""What callers hear, and who still comes in, while strangers are locked out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from tests.support.conferences import CHAIR, HENAN, ZHEJIANG
from tests.support.telephone import Rig, rig

from podium.conference import commands as c
from podium.conference.state import VenueKind
from podium.hall.pins import PinLock
from podium.telephone import admission, strangers

GUEST = "8613900000001"


@asynccontextmanager
async def besieged() -> AsyncIterator[Rig]:
    async with rig() as r:
        await r.do(CHAIR, c.OpenConference(), c.StartSession())
        r.besiege()
        yield r


async def test_guesses_of_many_callers_lock_strangers_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with rig() as r:
        await r.do(CHAIR, c.OpenConference(), c.StartSession())
        await r.dial(by="one", caller="8613900000099")
        r.lockout.restore(strangers.Tally(strangers.LIMIT - 0.5, r.now()))
        assert not r.locks
        monkeypatch.setattr(strangers, "LONGEST_HOLD", 0.0)
        await r.press("11111111#")
        (lock,) = r.locks
        assert isinstance(lock, PinLock)
        asked = r.pins.asked
        await r.press("20230301#")
        assert r.heard()[-4:] == ["strangers_locked", "again_15_minutes"] * 2
        assert r.pins.asked == asked


async def test_a_stranger_is_told_at_once_until_when_and_is_asked_for_nothing() -> None:
    async with besieged() as r:
        key = await r.dial(by="one", caller=GUEST)
        assert r.heard() == ["strangers_locked", "again_15_minutes"] * 2
        assert "hung up" in r.agent.done[key]
        assert r.pins.asked == 0


@pytest.mark.parametrize("user", ["20230301", "55555555"])
async def test_a_pin_as_the_number_called_tells_a_stranger_nothing_of_what_exists(
    user: str,
) -> None:
    async with besieged() as r:
        key = await r.dial(user, by="one", caller=GUEST)
        assert r.agent.done[key][0] == "accepted"
        assert r.heard() == ["strangers_locked", "again_15_minutes"] * 2
        assert r.pins.asked == 0


@pytest.mark.parametrize("caller", ["+861065120001", "861065120001", "01065120001"])
async def test_a_venue_s_number_comes_in_however_the_network_shows_it(caller: str) -> None:
    async with besieged() as r:
        await r.dial(by="one", caller=caller)
        assert r.heard() == ["welcome", "welcome"]
        await r.press("20230302#")
        assert r.venue(ZHEJIANG).on_telephone


async def test_a_venue_s_number_of_a_conference_that_is_over_is_a_stranger_s() -> None:
    async with besieged() as r:
        await r.do(CHAIR, c.CloseConference())
        await r.dial(by="one", caller="+861065120001")
        assert r.heard() == ["strangers_locked", "again_15_minutes"] * 2


async def test_wrong_pins_of_a_venue_s_number_lock_no_stranger_out() -> None:
    async with rig() as r:
        await r.dial(by="one", caller="+861065120001")
        await r.press("11111111#")
        assert r.heard()[-1] == "pin_wrong"
        assert r.lockout.tally.level == 0


async def test_who_had_a_right_pin_before_comes_in_again() -> None:
    async with rig() as r:
        await r.do(CHAIR, c.OpenConference(), c.StartSession())
        await r.dial("99990000", by="one", caller=GUEST)
        r.besiege()
        await r.dial(by="one", caller=GUEST)
        await r.press("99990000#")
        assert len([v for v in r.state.venues.values() if v.kind is VenueKind.GUEST]) == 2


async def test_a_telephone_that_is_registered_here_is_no_stranger() -> None:
    async with besieged() as r:
        await r.dial(by="8001", caller="anything")
        assert r.venue(HENAN).on_telephone


@pytest.mark.parametrize("caller", ["anonymous", "withheld"])
async def test_who_shows_no_number_is_a_stranger(caller: str) -> None:
    async with besieged() as r:
        await r.dial(by="one", caller=caller)
        assert r.heard() == ["strangers_locked", "again_15_minutes"] * 2


async def test_the_operator_lifts_the_lock() -> None:
    async with besieged() as r:
        r.house.lift_pin_lock()
        assert [lock is None for lock in r.locks] == [False, True]
        await r.dial(by="one", caller=GUEST)
        await r.press("99990000#")
        assert r.heard()[-4:-2] == ["joined_guest", "in_session"]
        r.house.lift_pin_lock()
        assert len(r.locks) == 2


async def test_the_console_is_told_when_the_lock_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(strangers, "FIRST_LOCK", 0.05)
    async with besieged() as r:
        await r.bell.until(lambda: bool(r.locks))
        async with asyncio.timeout(5):
            while r.locks[-1] is not None:
                await r.settle()


async def test_many_guesses_at_once_do_not_slip_in_beside_the_last(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(strangers, "LONGEST_HOLD", 0.0)
    async with rig() as r:
        r.pins.slow = True
        r.lockout.restore(strangers.Tally(strangers.LIMIT - 1.5, r.now()))
        calls = [r.ringing("11111111", by="one", caller=f"86139000{n:05}") for n in range(60)]
        await r.bell.until(lambda: all(r.agent.done[call] for call in calls))
        assert 1 < r.pins.asked <= admission.AT_ONCE
