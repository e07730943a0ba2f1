"""What the media room relies on, of the native engine and of the one in the other tests."""

from __future__ import annotations

import asyncio
import importlib.util
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.support.engine import FakeEngine

from podium.media import engine as e
from podium.media.sdp.answer import choose_streams, new_credentials
from podium.media.sdp.offer import read_viewer_offer
from podium.media.sdp.transport import credentials

OFFER = (Path(__file__).parents[2] / "vectors/sdp/chromium_whep.sdp").read_bytes().decode()
ROOM, OTHER = e.RoomNumber(1), e.RoomNumber(2)
FIRST, SECOND = e.SessionNumber(1), e.SessionNumber(2)


@pytest.fixture(params=["fake", "native"])
async def engine(request: pytest.FixtureRequest) -> AsyncIterator[e.EnginePort]:
    if request.param == "fake":
        made: e.EnginePort = FakeEngine()
    else:
        if importlib.util.find_spec("podium.media._engine") is None:
            pytest.skip("the media engine is not built: run `make setup`")
        from podium.media.native import NativeEngine

        made = NativeEngine(listen=["127.0.0.1:0"], phones="127.0.0.1")
    yield made
    made.close()


def view(session: e.SessionNumber, room: e.RoomNumber = ROOM) -> e.View:
    offer = read_viewer_offer(OFFER)
    local, remote = new_credentials(), offer.transport.credentials
    return e.View(
        room,
        session,
        local.ufrag,
        local.pwd,
        remote.ufrag,
        remote.pwd,
        offer.transport.fingerprint,
        False,
        tuple(choose_streams(offer, "sound", ("main", "second", "0"))),
    )


async def events(engine: e.EnginePort, count: int) -> list[e.Event]:
    """Waits on the descriptor, as the event loop does."""
    loop, woken, found = asyncio.get_running_loop(), asyncio.Event(), list[e.Event]()
    loop.add_reader(engine.fileno(), woken.set)
    try:
        async with asyncio.timeout(5):
            while len(found) < count:
                await woken.wait()
                woken.clear()
                found += engine.poll()
    finally:
        loop.remove_reader(engine.fileno())
    return found


async def test_it_says_who_it_is(engine: e.EnginePort) -> None:
    assert engine.fingerprint.startswith("sha-256 ")
    assert len(engine.fingerprint) == len("sha-256 ") + 95
    [(address, port)] = engine.candidates
    assert address == "127.0.0.1"
    assert 0 < port < 65_536
    assert engine.poll() == []


async def test_rooms_are_opened_once(engine: e.EnginePort) -> None:
    engine.submit(e.OpenRoom(ROOM))
    with pytest.raises(e.EngineFailed):
        engine.submit(e.OpenRoom(ROOM))
    with pytest.raises(e.EngineFailed):
        engine.submit(e.CloseRoom(OTHER))


async def test_a_viewer_lives_until_it_is_closed(engine: e.EnginePort) -> None:
    engine.submit(e.OpenRoom(ROOM))
    engine.submit(view(FIRST))
    local = credentials("abcdefgh", "0" * 24)
    engine.submit(e.RestartViewer(FIRST, local.ufrag, local.pwd, local.ufrag, local.pwd))
    engine.submit(e.SetPrivateSlot(FIRST, 0, None, "low"))
    engine.submit(e.SetSelf(FIRST, None))
    assert engine.figures().viewers == 1
    engine.submit(e.Close(FIRST))
    assert await events(engine, 1) == [e.Disconnected(FIRST, "closed")]
    assert engine.figures().viewers == 0
    engine.submit(e.SetSelf(FIRST, None))
    with pytest.raises(e.EngineFailed):
        engine.submit(view(FIRST))


async def test_a_room_ends_its_sessions(engine: e.EnginePort) -> None:
    for room, session in ((ROOM, FIRST), (OTHER, SECOND)):
        engine.submit(e.OpenRoom(room))
        engine.submit(view(session, room))
    engine.submit(e.CloseRoom(ROOM))
    assert await events(engine, 1) == [e.Disconnected(FIRST, "closed")]
    assert engine.figures().viewers == 1


async def test_what_does_not_exist_is_refused(engine: e.EnginePort) -> None:
    with pytest.raises(e.EngineFailed):
        engine.submit(view(FIRST))
    with pytest.raises(e.EngineFailed):
        engine.publish(ROOM, FIRST, OFFER, label="x")
    engine.submit(e.OpenRoom(ROOM))
    for command in (
        e.Close(FIRST),
        e.SetMicrophone(FIRST, True),
        e.SetSelf(FIRST, None),
        e.SetPrivateSlot(FIRST, 0, None, "low"),
        e.SetSlot(OTHER, "main", None),
    ):
        with pytest.raises(e.EngineFailed):
            engine.submit(command)
    engine.submit(e.SetSlot(ROOM, "content", None))


async def test_an_offer_without_media_is_the_peers_fault(engine: e.EnginePort) -> None:
    engine.submit(e.OpenRoom(ROOM))
    with pytest.raises(e.OfferUnanswerable):
        engine.publish(ROOM, FIRST, "v=0\r\n", label="x")


async def test_a_publisher_is_answered(engine: e.EnginePort) -> None:
    engine.submit(e.OpenRoom(ROOM))
    offer = OFFER.replace("a=recvonly", "a=sendonly")
    offer = offer[: offer.index("m=video", offer.index("m=video") + 1)]
    offer = offer.replace("BUNDLE 0 1 2 3", "BUNDLE 0 1")
    assert engine.publish(ROOM, FIRST, offer, label="hainan/camera").startswith("v=0\r\n")
    assert engine.figures().publishers == 1
    engine.submit(e.SetMicrophone(FIRST, True))
    engine.submit(e.SetSlot(ROOM, "main", FIRST))
    engine.submit(e.Close(FIRST))
    assert await events(engine, 1) == [e.Disconnected(FIRST, "closed")]


async def test_closed_is_closed(engine: e.EnginePort) -> None:
    engine.close()
    engine.close()
    with pytest.raises(e.EngineFailed):
        engine.submit(e.OpenRoom(ROOM))


def leg_spec(session: e.SessionNumber) -> e.SetLeg:
    return e.SetLeg(
        session, "127.0.0.1", 40_000, None, "PCMA", 8, 101, 20, True, True, None, b"", b""
    )


async def test_legs_are_opened_attached_and_closed(engine: e.EnginePort) -> None:
    engine.submit(e.OpenRoom(ROOM))
    address, port = engine.open_leg(FIRST)
    assert (address, port % 2) == ("127.0.0.1", 0)
    assert engine.open_leg(SECOND)[1] != port
    assert engine.figures().legs == 2
    engine.submit(leg_spec(FIRST))
    for room in ROOM, None, ROOM:
        engine.submit(e.AttachLeg(FIRST, room))
    engine.submit(e.SetMicrophone(FIRST, True))
    engine.submit(e.SetSelf(FIRST, SECOND))
    engine.submit(e.SendDigits(FIRST, "12#"))
    engine.submit(e.CloseRoom(ROOM))
    assert engine.figures().legs == 2, "a room that closes does not end its legs"
    engine.submit(e.Close(FIRST))
    assert await events(engine, 1) == [e.Disconnected(FIRST, "closed")]
    assert engine.figures().legs == 1


async def test_what_makes_no_sense_for_a_leg_is_refused(engine: e.EnginePort) -> None:
    engine.submit(e.OpenRoom(ROOM))
    engine.submit(view(FIRST))
    engine.open_leg(SECOND)
    with pytest.raises(e.EngineFailed):
        engine.open_leg(SECOND)
    refused: list[e.Command] = [
        leg_spec(FIRST),
        e.AttachLeg(FIRST, ROOM),
        e.AttachLeg(SECOND, OTHER),
        e.Play(SECOND, ("unknown",), False),
        e.SendDigits(e.SessionNumber(99), "1"),
    ]
    for command in refused:
        with pytest.raises(e.EngineFailed):
            engine.submit(command)
    with pytest.raises(e.EngineFailed):
        engine.load_prompt("odd", b"x")
    engine.load_prompt("short", bytes(640))
    engine.submit(e.Play(SECOND, ("short",), False))
