"""WHIP and WHEP with aiortc: the two media sessions of a synthetic venue."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import urljoin, urlsplit

import aioice.ice
import httpx
from aiortc import (
    MediaStreamTrack,
    RTCBundlePolicy,
    RTCConfiguration,
    RTCPeerConnection,
    RTCSessionDescription,
)
from aiortc.mediastreams import MediaStreamError
from av import AudioFrame, VideoFrame

OnFrame = Callable[[str, VideoFrame | AudioFrame], None]
"""Called with the slot ("main", "second", "content" or "sound") for each decoded frame."""


class SessionRefused(Exception):
    """The server did not take the offer; ``args[0]`` says why."""


def use_address_towards(url: str) -> None:
    """Makes this process gather candidates only on the address from which ``url`` is reached.

    aiortc leaves out loopback, where the demo usually runs, and offers every other interface.
    """
    parts = urlsplit(url)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect((parts.hostname or "127.0.0.1", parts.port or 80))
        address: str = probe.getsockname()[0]

    def addresses(use_ipv4: bool, use_ipv6: bool) -> list[str]:
        del use_ipv6
        return [address] if use_ipv4 else []

    aioice.ice.get_host_addresses = addresses


@dataclass(slots=True)
class Session:
    """One WHIP or WHEP session that has been answered."""

    peer: RTCPeerConnection
    location: str
    _http: httpx.AsyncClient
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)

    async def connected(self, seconds: float = 15) -> None:
        """Returns once media can flow. Raises ``SessionRefused`` or ``TimeoutError``."""
        changed = asyncio.Event()
        self.peer.on("connectionstatechange", changed.set)
        async with asyncio.timeout(seconds):
            while self.peer.connectionState != "connected":
                if self.peer.connectionState in {"failed", "closed"}:
                    raise SessionRefused("the media connection failed")
                changed.clear()
                await changed.wait()

    async def lost(self) -> None:
        """Returns when the media connection has failed or ended."""
        changed = asyncio.Event()
        self.peer.on("connectionstatechange", changed.set)
        while self.peer.connectionState not in {"failed", "closed"}:
            changed.clear()
            await changed.wait()

    async def loss(self) -> float:
        """Share of packets lost on the way to us, 0..1, over all streams so far."""
        received = lost = 0
        for report in (await self.peer.getStats()).values():
            if report.type == "inbound-rtp":
                received += report.packetsReceived
                lost += max(0, report.packetsLost)
        return lost / (received + lost) if received + lost else 0.0

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        with suppress(httpx.HTTPError):
            await self._http.delete(self.location)
        await self.peer.close()


async def publish(
    http: httpx.AsyncClient, *tracks: MediaStreamTrack, source: str = "camera"
) -> Session:
    """Begins to send. ``http`` carries the venue's token. Raises ``SessionRefused``."""
    peer = _new_peer()
    for track in tracks:
        peer.addTransceiver(track, direction="sendonly")
    return await _negotiate(http, f"/whip?source={source}", peer)


async def watch(http: httpx.AsyncClient, on_frame: OnFrame) -> Session:
    """Begins to receive the program. Raises ``SessionRefused``."""
    peer = _new_peer()
    slots = {}
    for slot in ("sound", "main", "second", "content"):
        kind = "audio" if slot == "sound" else "video"
        transceiver = peer.addTransceiver(kind, direction="recvonly")
        slots[slot] = transceiver.receiver
    session = await _negotiate(http, "/whep", peer)
    for slot, receiver in slots.items():
        session._tasks.append(asyncio.ensure_future(_drain(receiver.track, slot, on_frame)))
    return session


def _new_peer() -> RTCPeerConnection:
    # aiortc bundles what the answer bundles only if every section began with its own transport:
    # "balanced" leaves the second picture on a transport that it closes, "max-bundle" forgets the
    # candidates, which stand in the first section.
    return RTCPeerConnection(RTCConfiguration(bundlePolicy=RTCBundlePolicy.MAX_COMPAT))


async def _negotiate(http: httpx.AsyncClient, path: str, peer: RTCPeerConnection) -> Session:
    await peer.setLocalDescription(await peer.createOffer())
    try:
        answer = await http.post(
            path,
            content=peer.localDescription.sdp,
            headers={"Content-Type": "application/sdp"},
        )
        if answer.status_code != 201:
            raise SessionRefused(f"{path}: {answer.status_code} {answer.text[:300]}")
        await peer.setRemoteDescription(RTCSessionDescription(answer.text, "answer"))
    except BaseException:
        await peer.close()
        raise
    location = urljoin(str(answer.request.url), answer.headers["Location"])
    return Session(peer, location, http)


async def _drain(track: MediaStreamTrack, slot: str, on_frame: OnFrame) -> None:
    with suppress(MediaStreamError):
        while True:
            frame = await track.recv()
            assert isinstance(frame, VideoFrame | AudioFrame)
            on_frame(slot, frame)
