"""The engine's own tap, with a venue that is a real WebRTC client: what it sends is on the disk."""

from __future__ import annotations

import asyncio
import importlib.util
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aioice
import aiortc
import av
import pytest
from tests.adapters.media.test_with_aiortc import (
    BEIJING,
    GREEN,
    SPRING,
    Plain,
    Reports,
    offer_of,
    take,
)
from tests.record.test_recording import Clock, shelf, until_written

from podium.conference import effects as fx
from podium.conference.commands import ReportConnection
from podium.conference.state import Connection, Slot
from podium.hall.sessions import Source
from podium.media.adapter import MediaHouse
from podium.record.recording.naming import PART, Track
from podium.record.recording.shelf import Shelf


@pytest.fixture
def reports() -> Reports:
    return Reports()


@pytest.fixture
async def shelved(tmp_path: Path) -> Shelf:
    return shelf(tmp_path, Clock())


@pytest.fixture
async def house(
    shelved: Shelf, reports: Reports, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[MediaHouse]:
    """An open room; what is recorded of it is finished behind the test."""
    if importlib.util.find_spec("podium.media._engine") is None:
        pytest.skip("the media engine is not built: run `make setup`")
    from podium.media.native import NativeEngine

    # aioice leaves loopback out of its candidates.
    monkeypatch.setattr(aioice.ice, "get_host_addresses", lambda **_: ["127.0.0.1"])
    made = MediaHouse(NativeEngine(listen=["127.0.0.1:0"]), reports, shelved, grace=0.2)
    made.apply(SPRING, [fx.OpenRoom()])
    yield made
    made.close()
    await shelved.close()


@asynccontextmanager
async def sending(house: MediaHouse, source: Source) -> AsyncIterator[None]:
    """Beijing sends plain green."""
    peer = aiortc.RTCPeerConnection()
    try:
        peer.addTrack(Plain())
        offer = await offer_of(peer)
        await take(peer, await house.publish(SPRING, BEIJING, source, offer, owner="beijing"))
        yield
    finally:
        await peer.close()


async def written(folder: Path, track: Track, seconds: float) -> None:
    """Until so much of it is on the disk."""
    async with asyncio.timeout(15):
        while not (parts := list(folder.glob(f"*/*.{track}.*{PART}"))):  # noqa: ASYNC240
            await asyncio.to_thread(threading.Event().wait, 0.05)
    await asyncio.to_thread(until_written, parts[0], seconds)


async def test_what_a_venue_sends_is_recorded(
    house: MediaHouse, shelved: Shelf, reports: Reports, tmp_path: Path
) -> None:
    house.apply(SPRING, [fx.RecordProgram(True), fx.ShowInSlot(Slot.MAIN, BEIJING)])
    async with sending(house, Source.CAMERA):
        await reports.until(ReportConnection(BEIJING, Connection.CONNECTED))
        await written(tmp_path, Track.MAIN, 2.0)
        house.apply(SPRING, [fx.CloseRoom()])
    house.close()
    await shelved.close()
    (found,) = await shelved.list(SPRING)
    served = await shelved.file(SPRING, found.id)
    assert served is not None
    with av.open(str(served[0])) as source:
        frames = list(source.decode(video=0))
    assert len(frames) >= 40
    red, green, blue = frames[-1].to_ndarray(format="rgb24").reshape(-1, 3).mean(axis=0)
    assert abs(green - GREEN[1]) < 20
    assert max(red, blue) < 30


async def test_what_is_on_air_already_is_recorded_at_once_and_content_while_it_is_shown(
    house: MediaHouse, shelved: Shelf, reports: Reports, tmp_path: Path
) -> None:
    shown = fx.ShowInSlot(Slot.MAIN, BEIJING), fx.ShowInSlot(Slot.CONTENT, BEIJING)
    house.apply(SPRING, shown)
    async with sending(house, Source.CAMERA), sending(house, Source.CONTENT):
        await reports.until(ReportConnection(BEIJING, Connection.CONNECTED))
        # Nobody watches: no keyframe comes but the one that the recording asks for.
        house.apply(SPRING, [fx.RecordProgram(True)])
        await written(tmp_path, Track.MAIN, 1.0)
        await written(tmp_path, Track.CONTENT, 1.0)
        house.apply(SPRING, [fx.ShowInSlot(Slot.CONTENT, None)])
        async with asyncio.timeout(15):
            while {r.track for r in await shelved.list(SPRING) if r.seconds is not None} != {
                Track.CONTENT
            }:
                await asyncio.to_thread(threading.Event().wait, 0.05)
        house.apply(SPRING, [fx.CloseRoom()])
    house.close()
    await shelved.close()
    found = {r.track: r for r in await shelved.list(SPRING)}
    assert set(found) == {Track.MAIN, Track.CONTENT}
    assert (found[Track.MAIN].seconds or 0) > (found[Track.CONTENT].seconds or 0) >= 1
