"""The engine's own tap, with a venue that is a real WebRTC client: what it sends is on the disk."""

from __future__ import annotations

import asyncio
import importlib.util
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
from tests.record.test_recording import MORNING, Clock, shelf, until_written

from podium.conference import effects as fx
from podium.conference.commands import ReportConnection
from podium.conference.state import Connection, Slot
from podium.hall.sessions import Source
from podium.media.adapter import MediaHouse
from podium.record.recording.naming import PART, Track, file_name


async def test_what_a_venue_sends_is_recorded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if importlib.util.find_spec("podium.media._engine") is None:
        pytest.skip("the media engine is not built: run `make setup`")
    from podium.media.native import NativeEngine

    # aioice leaves loopback out of its candidates.
    monkeypatch.setattr(aioice.ice, "get_host_addresses", lambda **_: ["127.0.0.1"])
    reports, shelved = Reports(), shelf(tmp_path, Clock())
    house = MediaHouse(NativeEngine(listen=["127.0.0.1:0"]), reports, shelved, grace=0.2)
    sender = aiortc.RTCPeerConnection()
    try:
        shown = fx.ShowInSlot(Slot.MAIN, BEIJING)
        house.apply(SPRING, [fx.OpenRoom(), fx.RecordProgram(True), shown])
        sender.addTrack(Plain())
        answer = await house.publish(
            SPRING, BEIJING, Source.CAMERA, await offer_of(sender), owner="beijing"
        )
        await take(sender, answer)
        await reports.until(ReportConnection(BEIJING, Connection.CONNECTED))
        part = tmp_path / SPRING / (file_name(MORNING, Track.MAIN, "vp8") + PART)
        await asyncio.to_thread(until_written, part, 2.0)
        house.apply(SPRING, [fx.CloseRoom()])
    finally:
        await sender.close()
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
