"""Legs in the media room: in which room they are, for whom they speak, what they tell."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from tests.support.engine import FakeEngine

from podium.conference import effects as fx
from podium.conference.state import ConferenceId, VenueId
from podium.hall.legs import (
    KeyPressed,
    LegId,
    LegMedia,
    LegNotice,
    NoiseChanged,
    NoLegFree,
    PromptsEnded,
    SrtpKeys,
)
from podium.hall.sessions import Notice, QualityMeasured, Source, Speaking
from podium.media import engine as e
from podium.media.adapter import MediaHouse

SPRING = ConferenceId("spring")
BEIJING, HAINAN = VenueId("beijing"), VenueId("hainan")
SEND = "v=0\r\na=ice-ufrag:abcd\r\na=ice-pwd:0123456789012345678901\r\nm=audio 9 x 111\r\n"
AGREED = LegMedia(
    remote=("192.0.2.7", 40_000),
    remote_rtcp=None,
    codec="PCMA",
    payload_type=8,
    events_payload_type=101,
    ptime_ms=20,
    sends=True,
    receives=True,
    srtp=None,
)


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
async def house(engine: FakeEngine) -> AsyncIterator[MediaHouse]:
    made = MediaHouse(engine, lambda conference, command: None)
    yield made
    made.close()


def number(leg: LegId) -> e.SessionNumber:
    return e.SessionNumber(leg)


async def told(engine: FakeEngine, *events: e.Event) -> None:
    """The engine says it, and the loop has read it."""
    engine.say(*events)
    async with asyncio.timeout(5):
        await engine.taken.wait()


async def publish(house: MediaHouse, venue: VenueId) -> e.SessionNumber:
    await house.publish(SPRING, venue, Source.CAMERA, SEND, owner=venue)
    return e.SessionNumber(house._sessions._last)


async def test_what_was_agreed_reaches_the_engine(house: MediaHouse, engine: FakeEngine) -> None:
    opened = house.legs.open()
    assert (opened.address, opened.port % 2) == ("127.0.0.1", 0)
    keys = SrtpKeys("AEAD_AES_128_GCM", b"ours", b"theirs")
    media = replace(AGREED, remote_rtcp=("192.0.2.7", 40_001), srtp=keys, sends=False)
    house.legs.set(opened.leg, AGREED)
    house.legs.set(opened.leg, media)
    plain, protected = engine.take(e.SetLeg)
    assert (plain.remote_address, plain.remote_port) == ("192.0.2.7", 40_000)
    assert (plain.remote_rtcp_port, plain.srtp_profile, plain.srtp_local) == (None, None, b"")
    assert (protected.remote_rtcp_port, protected.sends) == (40_001, False)
    assert (protected.srtp_profile, protected.srtp_remote) == ("AEAD_AES_128_GCM", b"theirs")
    for secret in "192.0.2.7", "40001", "ours":
        assert secret not in repr(protected)


async def test_without_ports_there_is_no_leg(house: MediaHouse, engine: FakeEngine) -> None:
    engine.no_ports = True
    with pytest.raises(NoLegFree, match="port"):
        house.legs.open()


async def test_a_leg_waits_for_its_room_and_comes_back_to_it(
    house: MediaHouse, engine: FakeEngine
) -> None:
    leg = house.legs.open().leg
    house.legs.attach(leg, SPRING, BEIJING)
    assert engine.take(e.AttachLeg) == []
    for _ in range(2):
        house.apply(SPRING, [fx.OpenRoom()])
        (attached,) = engine.take(e.AttachLeg)
        assert attached.session == number(leg)
        assert attached.room is not None
        house.apply(SPRING, [fx.CloseRoom()])
    house.legs.close(leg)
    house.apply(SPRING, [fx.OpenRoom()])
    assert engine.take(e.AttachLeg) == []


async def test_a_venues_microphone_is_its_call_s_too(house: MediaHouse, engine: FakeEngine) -> None:
    house.apply(SPRING, [fx.OpenRoom(), fx.SwitchMicrophone(BEIJING, live=True)])
    leg = house.legs.open().leg
    house.legs.attach(leg, SPRING, BEIJING)
    assert engine.take(e.SetMicrophone) == [e.SetMicrophone(number(leg), True)]
    house.apply(SPRING, [fx.SwitchMicrophone(HAINAN, live=True)])
    assert engine.take(e.SetMicrophone) == []
    house.apply(SPRING, [fx.SwitchMicrophone(BEIJING, live=False)])
    assert engine.take(e.SetMicrophone) == [e.SetMicrophone(number(leg), False)]
    # A guest that turns out to be another venue: the same call, that venue's microphone.
    house.legs.attach(leg, SPRING, HAINAN)
    assert engine.take(e.SetMicrophone)[-1] == e.SetMicrophone(number(leg), True)
    assert house.legs.venue_of(number(leg)) == HAINAN


async def test_a_venue_hears_neither_its_station_nor_its_call(
    house: MediaHouse, engine: FakeEngine
) -> None:
    house.apply(SPRING, [fx.OpenRoom()])
    station = await publish(house, BEIJING)
    leg = house.legs.open().leg
    house.legs.attach(leg, SPRING, BEIJING)
    assert engine.take(e.SetSelf) == [e.SetSelf(number(leg), station)]
    info = house.find(house._sessions.by_number(station).id)  # type: ignore[union-attr]
    assert info is not None
    await house.delete(info.id)
    assert engine.take(e.SetSelf) == [e.SetSelf(number(leg), None)]


async def test_what_a_leg_brings_is_told(house: MediaHouse, engine: FakeEngine) -> None:
    heard: list[LegNotice] = []

    def broken(notice: LegNotice) -> None:
        raise RuntimeError("of one listener")

    house.legs.listen(broken)
    house.legs.listen(heard.append)
    leg = house.legs.open().leg
    stranger = e.SessionNumber(999)
    await told(
        engine,
        e.Digit(number(leg), "7"),
        e.Digit(stranger, "8"),
        e.Played(number(leg), completed=False),
        e.LegNoisy(number(leg), noisy=True),
    )
    assert heard == [KeyPressed(leg, "7"), PromptsEnded(leg), NoiseChanged(leg, True)]
    assert "7" not in repr(heard[0]).replace(str(leg), "")


async def test_speaking_and_quality_name_the_venue(house: MediaHouse, engine: FakeEngine) -> None:
    notices: list[Notice] = []
    house.listen(SPRING, notices.append)
    house.apply(SPRING, [fx.OpenRoom()])
    (room,) = engine.take(e.OpenRoom)
    station = await publish(house, BEIJING)
    legs = [house.legs.open().leg for _ in range(2)]
    house.legs.attach(legs[0], SPRING, BEIJING)
    house.legs.attach(legs[1], SPRING, HAINAN)
    levels = ((number(legs[1]), 20), (number(legs[0]), 25), (station, 30))
    await told(engine, e.Levels(room.room, levels))
    assert notices == [Speaking(((HAINAN, 20), (BEIJING, 25)))]
    got = asyncio.Event()
    house.listen(SPRING, lambda notice: got.set())
    await told(engine, e.Quality(number(legs[1]), 0.5, None, 64_000, None))
    async with asyncio.timeout(5):
        await got.wait()
    assert isinstance(notices[-1], QualityMeasured)
    assert notices[-1].venues[HAINAN].loss == 0.5


async def test_prompts_by_name(house: MediaHouse, engine: FakeEngine) -> None:
    house.legs.load_prompt("welcome", bytes(640))
    leg = house.legs.open().leg
    house.legs.play(leg, ["welcome"], over=False)
    house.legs.play(leg, [], over=False)
    house.legs.send_keys(leg, "1#")
    assert [play.prompts for play in engine.take(e.Play)] == [("welcome",), ()]
    house.legs.close(leg)
    house.legs.play(leg, ["welcome"], over=True)
    house.legs.set(leg, AGREED)
    house.legs.attach(leg, SPRING, BEIJING)
    house.legs.close(leg)
    assert engine.take(e.Play) == []
    assert engine.take(e.Close) == [e.Close(number(leg))]
