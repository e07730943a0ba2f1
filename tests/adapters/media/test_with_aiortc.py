"""An independent WebRTC client publishes and watches through the native engine."""

from __future__ import annotations

import asyncio
import importlib.util
from collections.abc import AsyncIterator
from typing import Any

import numpy as np
import pytest

from podium.conference import effects as fx
from podium.conference.commands import ReportBlind, ReportConnection
from podium.conference.state import ConferenceId, Connection, Slot, VenueId
from podium.hall.sessions import Answer, PublishDemand, Source, Video, View
from podium.media.adapter import MediaHouse

aioice: Any = pytest.importorskip("aioice")
aiortc: Any = pytest.importorskip("aiortc")
av: Any = pytest.importorskip("av")

SPRING = ConferenceId("spring")
BEIJING, HAINAN = VenueId("beijing"), VenueId("hainan")
GREEN = (0, 160, 0)


class Plain(aiortc.VideoStreamTrack):  # type: ignore[misc]
    """One colour, 30 pictures a second."""

    async def recv(self) -> Any:
        timestamp, base = await self.next_timestamp()
        pixels = np.full((180, 320, 3), GREEN, dtype=np.uint8)
        frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
        frame.pts, frame.time_base = timestamp, base
        return frame


class Reports:
    def __init__(self) -> None:
        self.made: list[ReportConnection | ReportBlind] = []
        self._changed = asyncio.Event()

    def __call__(self, conference: ConferenceId, command: ReportConnection | ReportBlind) -> None:
        self.made.append(command)
        self._changed.set()

    async def until(self, wanted: ReportConnection) -> None:
        async with asyncio.timeout(15):
            while wanted not in self.made:
                self._changed.clear()
                await self._changed.wait()


@pytest.fixture
def reports() -> Reports:
    return Reports()


@pytest.fixture
async def house(reports: Reports, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[MediaHouse]:
    if importlib.util.find_spec("podium.media._engine") is None:
        pytest.skip("the media engine is not built: run `make setup`")
    from podium.media.native import NativeEngine

    # aioice leaves loopback out of its candidates.
    monkeypatch.setattr(aioice.ice, "get_host_addresses", lambda **_: ["127.0.0.1"])
    made = MediaHouse(NativeEngine(listen=["127.0.0.1:0"]), reports, grace=0.2)
    made.apply(SPRING, [fx.OpenRoom(), fx.ShowInSlot(Slot.MAIN, BEIJING)])
    yield made
    made.close()


async def offer_of(peer: Any) -> str:
    await peer.setLocalDescription(await peer.createOffer())
    sdp: str = peer.localDescription.sdp
    return sdp


async def take(peer: Any, answer: Answer) -> None:
    await peer.setRemoteDescription(aiortc.RTCSessionDescription(answer.sdp, "answer"))


async def test_a_venue_on_air_is_seen_and_its_departure_reported(
    house: MediaHouse, reports: Reports
) -> None:
    assert house.demand(SPRING, BEIJING) == PublishDemand(Video.HIGH)
    sender, receiver = aiortc.RTCPeerConnection(), aiortc.RTCPeerConnection()
    tracks: asyncio.Queue[Any] = asyncio.Queue()
    receiver.on("track", tracks.put_nowait)
    try:
        receiver.addTransceiver("audio", direction="recvonly")
        receiver.addTransceiver("video", direction="recvonly")
        watching = await house.view(
            SPRING, View.PROGRAM, await offer_of(receiver), owner="hainan", venue=HAINAN
        )
        await take(receiver, watching)
        await reports.until(ReportConnection(HAINAN, Connection.CONNECTED))

        sender.addTrack(Plain())
        sending = await house.publish(
            SPRING, BEIJING, Source.CAMERA, await offer_of(sender), owner="beijing"
        )
        await take(sender, sending)
        await reports.until(ReportConnection(BEIJING, Connection.CONNECTED))

        async with asyncio.timeout(15):
            while (track := await tracks.get()).kind != "video":
                pass
            assert track.id == "main"
            frame = await track.recv()
        red, green, blue = frame.to_ndarray(format="rgb24").reshape(-1, 3).mean(axis=0)
        assert abs(green - GREEN[1]) < 20
        assert max(red, blue) < 30

        await house.delete(sending.session.id)
        await reports.until(ReportConnection(BEIJING, Connection.LOST, "left"))
        await receiver.close()
        await reports.until(ReportConnection(HAINAN, Connection.LOST, "left"))
        assert house.find(watching.session.id) is None
    finally:
        await sender.close()
        await receiver.close()
