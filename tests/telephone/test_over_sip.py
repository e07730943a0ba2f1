"""The telephone as it is wired, over real sockets: who gets an answer, calls in, calls out."""

from __future__ import annotations

import logging
from dataclasses import replace
from ipaddress import ip_network
from pathlib import Path

import pytest
from tests.support.conferences import HENAN, ZHEJIANG
from tests.support.served_telephone import NUMBER, SECTION, serving
from tests.support.sip_phones import HOST, phone

from podium.app.errors import StartError
from podium.conference import commands as c
from podium.conference.calls import CallEnd
from podium.config.telephone import TelephoneSection, TrunkSection
from podium.demo.phone import CallRefused
from podium.hall.legs import LegId
from podium.hall.trunks import TrunkCondition
from podium.telephone.sip.events import Why


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
