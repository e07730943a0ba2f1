"""The native engine through its Python interface, with aiortc as an independent client."""

from __future__ import annotations

import asyncio
import fractions
import importlib.util
import os
import select
import socket
import struct
from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

if TYPE_CHECKING:
    from podium.media import _engine as native  # noqa: TID251

if importlib.util.find_spec("podium.media._engine") is None:
    pytest.skip("the media engine is not built: run `make setup`", allow_module_level=True)

aioice = pytest.importorskip("aioice")
aiortc: Any = pytest.importorskip("aiortc")
av: Any = pytest.importorskip("av")

from aiortc import rtcdtlstransport  # noqa: E402
from tests.support.rtp_phone import CODECS, Phone  # noqa: E402

from podium.media import _engine, build  # noqa: E402, TID251
from podium.media.sdp.answer import (  # noqa: E402
    ServerEnd,
    choose_streams,
    dtls_client,
    new_credentials,
    write_answer,
)
from podium.media.sdp.offer import read_viewer_offer  # noqa: E402

ROOM = 1
LIMIT = 20.0


@pytest.fixture
def engine() -> Iterator[native.Engine]:
    made = _engine.Engine(listen=["127.0.0.1:0"], public=[], workers=2, phones="127.0.0.1")
    made.submit(_engine.Command.OpenRoom(ROOM))
    yield made
    made.close()


def wait_events(engine: native.Engine, timeout: float = 5.0) -> list[Any]:
    assert select.select([engine.fileno()], [], [], timeout)[0], "the descriptor is not readable"
    return engine.poll()


def view(session: int, **changed: Any) -> native.Command:
    stream = _engine.Stream("0", "video", "main", 1234, [_engine.Codec("VP8", 96)])
    arguments: dict[str, Any] = {
        "room": ROOM,
        "session": session,
        "local_ufrag": f"local{session}",
        "local_pwd": "a-local-password-of-some-length",
        "remote_ufrag": "remote",
        "remote_pwd": "a-remote-password-of-some-length",
        "remote_fingerprint": "sha-256 " + ":".join(["AB"] * 32),
        "dtls_client": False,
        "streams": [stream],
    }
    return _engine.Command.View(**arguments | changed)


def test_build_is_the_hash_of_the_sources() -> None:
    build.check(_engine.BUILD)
    with pytest.raises(build.StaleEngine):
        build.check("0" * 64)


def test_the_descriptor_tells_of_events(engine: native.Engine) -> None:
    assert not select.select([engine.fileno()], [], [], 0)[0]
    engine.submit(view(7))
    engine.submit(_engine.Command.Close(7))
    (event,) = wait_events(engine)
    assert type(event) is _engine.Event.Disconnected
    assert (event.session, event.reason) == (7, "closed")
    assert not select.select([engine.fileno()], [], [], 0)[0]


@pytest.mark.parametrize(
    ("offer", "words"),
    [
        ("", "not SDP"),
        ("{}", "not SDP"),
        ("v=0\r\n" + "a=x\r\n" * 30_000, "longer than"),
        ("v=0\r\nm=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n", "audio and video"),
        ("v=0\r\nm=video 9 RTP/AVP 96\r\n", "SAVPF"),
        ("v=0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=recvonly\r\n", "neither"),
        ("v=0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\n", "fingerprint"),
        (
            "v=0\r\na=fingerprint:sha-256 A\r\na=ice-ufrag:x\r\nm=video 9 UDP/TLS/RTP/SAVPF 9",
            "not understood",
        ),
    ],
)
def test_bad_offers_are_refused_in_words(engine: native.Engine, offer: str, words: str) -> None:
    with pytest.raises(_engine.OfferError, match=words):
        engine.publish(ROOM, 5, offer, label="test")
    assert engine.stats().publishers == 0


def test_callers_faults(engine: native.Engine) -> None:
    def refused(command: native.Command, words: str) -> None:
        with pytest.raises(_engine.EngineError, match=words):
            engine.submit(command)

    refused(_engine.Command.OpenRoom(ROOM), "already open")
    refused(_engine.Command.CloseRoom(9), "not open")
    refused(_engine.Command.Close(9), "unknown")
    refused(_engine.Command.SetSlot(ROOM, "main", 9), "unknown")
    refused(_engine.Command.SetSlot(ROOM, "sound", None), "program slot")
    refused(_engine.Command.SetPrivateSlot(9, 0, None, "huge"), "size")
    refused(_engine.Command.StartTap(ROOM, 9999), "descriptor")
    refused(view(7, room=9), "not open")
    refused(view(7, remote_fingerprint="sha-256 AB"), "remote_fingerprint")
    refused(view(7, streams=[]), "streams")
    refused(view(7, local_pwd="short"), "ICE")
    engine.submit(view(7))
    refused(view(7), "not reused")
    refused(view(8, local_ufrag="local7"), "in use")
    with pytest.raises(_engine.EngineError, match="slot"):
        _engine.Stream("0", "video", "64", 1, [])
    for listen, public in (
        ([], []),
        (["nonsense"], []),
        (["0.0.0.0:0"], []),
        (["127.0.0.1:0"], ["x"]),
    ):
        with pytest.raises(_engine.EngineError):
            _engine.Engine(listen=listen, public=public)
    with pytest.raises(_engine.EngineError):
        _engine.Engine(listen=["127.0.0.1:0"], public=[], workers=0)


def test_a_taken_port_is_the_systems_error() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(OSError, match="cannot open UDP port"):
            _engine.Engine(listen=[f"127.0.0.1:{taken.getsockname()[1]}"], public=[])


def test_close_ends_sessions_and_threads_and_may_be_repeated(engine: native.Engine) -> None:
    engine.submit(view(7))
    assert len(engine.stats().threads) == 5
    engine.close()
    (event,) = engine.poll()
    assert type(event) is _engine.Event.Disconnected
    assert event.reason == "closed"
    engine.close()
    with pytest.raises(_engine.EngineError, match="closed"):
        engine.submit(_engine.Command.OpenRoom(2))


class Tone(aiortc.MediaStreamTrack):  # type: ignore[misc]
    """A sine of a given frequency at 48 kHz, mono, in real time."""

    kind = "audio"

    def __init__(self, frequency: float) -> None:
        super().__init__()
        self._frequency = frequency
        self._at = 0
        self._start = asyncio.get_running_loop().time()

    async def recv(self) -> Any:
        due = self._start + self._at / 48_000
        await asyncio.sleep(max(0.0, due - asyncio.get_running_loop().time()))
        phase = 2 * np.pi * self._frequency * (self._at + np.arange(960)) / 48_000
        samples = (np.sin(phase) * 8_000).astype(np.int16).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(samples, format="s16", layout="mono")
        frame.sample_rate, frame.pts = 48_000, self._at
        frame.time_base = fractions.Fraction(1, 48_000)
        self._at += 960
        return frame


def strength(samples: np.ndarray[Any, Any], frequency: float) -> float:
    """Share of the power that lies at a frequency."""
    window = samples * np.hanning(len(samples))
    spectrum = np.abs(np.fft.rfft(window)) ** 2
    at = round(frequency * len(samples) / 48_000)
    return float(spectrum[at - 3 : at + 4].sum() / (spectrum.sum() + 1e-9))


class Clients:
    """aiortc peers of one engine."""

    def __init__(self, engine: native.Engine) -> None:
        self.engine = engine
        self.events: list[Any] = []
        self.peers: list[Any] = []
        self.heard: dict[int, list[np.ndarray[Any, Any]]] = {}
        self.seen: dict[int, int] = {}
        self._tasks: list[asyncio.Task[None]] = []

    async def publish(self, session: int, frequency: float) -> None:
        peer = aiortc.RTCPeerConnection()
        self.peers.append(peer)
        peer.addTrack(Tone(frequency))
        peer.addTrack(aiortc.mediastreams.VideoStreamTrack())
        await peer.setLocalDescription(await peer.createOffer())
        offer = peer.localDescription.sdp
        answer = self.engine.publish(ROOM, session, offer, label="aiortc")
        await peer.setRemoteDescription(aiortc.RTCSessionDescription(answer, "answer"))

    async def view(self, session: int) -> None:
        peer = aiortc.RTCPeerConnection()
        self.peers.append(peer)

        @peer.on("track")  # type: ignore[untyped-decorator]
        def on_track(track: Any) -> None:
            take = self._listen if track.kind == "audio" else self._watch
            self._tasks.append(asyncio.ensure_future(take(session, track)))

        for kind in "audio", "video":
            peer.addTransceiver(kind, direction="recvonly")
        await peer.setLocalDescription(await peer.createOffer())
        offer = read_viewer_offer(peer.localDescription.sdp)
        local, remote = new_credentials(), offer.transport.credentials
        streams = choose_streams(offer, "sound", ("main",))
        server = ServerEnd(self.engine.fingerprint, self.engine.candidates)
        self.engine.submit(
            _engine.Command.View(
                ROOM,
                session,
                local.ufrag,
                local.pwd,
                remote.ufrag,
                remote.pwd,
                offer.transport.fingerprint,
                dtls_client(offer),
                [
                    _engine.Stream(
                        s.mid,
                        s.kind,
                        s.slot,
                        s.ssrc,
                        [
                            _engine.Codec(c.name, c.payload_type, fmtp=c.fmtp, rtx=c.rtx)
                            for c in s.codecs
                        ],
                        rtx_ssrc=s.rtx_ssrc,
                        mid_extension=s.mid_extension,
                        abs_send_time_extension=s.abs_send_time_extension,
                    )
                    for s in streams
                ],
            )
        )
        answer = write_answer(offer, streams, local, server)
        await peer.setRemoteDescription(aiortc.RTCSessionDescription(answer, "answer"))

    async def _listen(self, session: int, track: Any) -> None:
        while True:
            try:
                frame = await track.recv()
            except aiortc.mediastreams.MediaStreamError:
                return
            samples = frame.to_ndarray().reshape(-1, len(frame.layout.channels))[:, 0]
            self.heard.setdefault(session, []).append(samples / 32_768)

    async def _watch(self, session: int, track: Any) -> None:
        while True:
            try:
                await track.recv()
            except aiortc.mediastreams.MediaStreamError:
                return
            self.seen[session] = self.seen.get(session, 0) + 1

    def lately(self, session: int) -> np.ndarray[Any, Any]:
        """The last half second that this viewer heard."""
        return np.concatenate([np.zeros(24_000), *self.heard.get(session, [])[-25:]])[-24_000:]

    async def until(self, what: str, done: Any) -> None:
        end = asyncio.get_running_loop().time() + LIMIT
        while not done():
            self.events += self.engine.poll()
            assert asyncio.get_running_loop().time() < end, f"never: {what}"
            # Decoded frames have no descriptor to wait on.
            await asyncio.sleep(0.02)

    def profile(self, session: int) -> str | None:
        connected = [e for e in self.events if type(e) is _engine.Event.Connected]
        return next((e.profile for e in connected if e.session == session), None)

    async def close(self) -> None:
        for peer in self.peers:
            await peer.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


@pytest.fixture
async def clients(engine: native.Engine, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Clients]:
    monkeypatch.setattr(aioice.ice, "get_host_addresses", lambda **_: ["127.0.0.1"])
    made = Clients(engine)
    yield made
    await made.close()


@pytest.mark.parametrize("name", ["AEAD_AES_256_GCM", "AEAD_AES_128_GCM", "AES128_CM_SHA1_80"])
async def test_every_srtp_profile_carries_pictures_both_ways(
    clients: Clients, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    wanted = name.replace("AEAD", "SRTP_AEAD").replace("AES128_CM", "SRTP_AES128_CM")
    only = [p for p in rtcdtlstransport.SRTP_PROFILES if p.openssl_profile.decode() == wanted]
    if not only:
        pytest.skip(f"this aiortc does not offer {wanted}")
    monkeypatch.setattr(rtcdtlstransport, "SRTP_PROFILES", only)
    await clients.publish(11, 440)
    await clients.view(21)
    clients.engine.submit(_engine.Command.SetSlot(ROOM, "main", 11))
    await clients.until("pictures", lambda: clients.seen.get(21, 0) > 20)
    assert clients.profile(11) == clients.profile(21) == name


async def test_everybody_hears_open_microphones_but_their_own(clients: Clients) -> None:
    low, high = 440.0, 1000.0
    for session, frequency in (11, low), (12, high):
        await clients.publish(session, frequency)
    for session in 21, 22:
        await clients.view(session)
    engine = clients.engine
    engine.submit(_engine.Command.SetSelf(21, 11))
    await clients.until("connected", lambda: all(map(clients.profile, (11, 12, 21, 22))))
    engine.submit(_engine.Command.SetMicrophone(11, True))
    await clients.until("one voice", lambda: strength(clients.lately(22), low) > 0.8)
    assert np.abs(clients.lately(21)).max() < 0.02, "nobody hears itself"
    engine.submit(_engine.Command.SetMicrophone(12, True))
    await clients.until(
        "two voices",
        lambda: min(strength(clients.lately(22), f) for f in (low, high)) > 0.3,
    )
    await clients.until("the other", lambda: strength(clients.lately(21), high) > 0.8)
    speaking = [e for e in clients.events if type(e) is _engine.Event.Speaking]
    assert {source for e in speaking for source, _ in e.levels} >= {11}
    for source in 11, 12:
        engine.submit(_engine.Command.SetMicrophone(source, False))
    await clients.until("silence", lambda: np.abs(clients.lately(22)).max() < 0.02)
    await clients.until(
        "nobody speaks",
        lambda: any(type(e) is _engine.Event.Speaking and not e.levels for e in clients.events),
    )


async def test_stations_and_telephones_hear_each_other(clients: Clients) -> None:
    station, call = 440.0, 1300.0
    engine = clients.engine
    phone = Phone(CODECS["G722"], call)
    await phone.open()
    try:
        address = engine.open_leg(31)
        engine.submit(
            _engine.Command.SetLeg(
                *(31, "127.0.0.1", phone.port, None, "G722", 9, 101, 20, True, True),
                *(None, b"", b""),
            )
        )
        engine.submit(_engine.Command.AttachLeg(31, ROOM))
        phone.call(address)
        await clients.publish(11, station)
        for session in 21, 22:
            await clients.view(session)
        await clients.until("connected", lambda: all(map(clients.profile, (11, 21, 22))))
        # The second viewer's venue speaks by telephone.
        engine.submit(_engine.Command.SetSelf(22, 31))
        for source in 11, 31:
            engine.submit(_engine.Command.SetMicrophone(source, True))
        await clients.until("the phone hears the station", lambda: phone.hears(station) > 0.05)
        await clients.until(
            "a viewer hears both",
            lambda: min(strength(clients.lately(21), f) for f in (station, call)) > 0.1,
        )
        await clients.until("not its own", lambda: strength(clients.lately(22), station) > 0.9)
        assert strength(clients.lately(22), call) < 0.01
        assert phone.hears(call) < 0.005
    finally:
        await phone.close()


async def test_a_tap_gets_program_and_sound(clients: Clients) -> None:
    await clients.publish(11, 440)
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb", buffering=0) as tap:
        clients.engine.submit(_engine.Command.StartTap(ROOM, writing))
        clients.engine.submit(_engine.Command.SetSlot(ROOM, "main", 11))
        clients.engine.submit(_engine.Command.SetMicrophone(11, True))
        got = bytearray()

        def records() -> set[int]:
            ready = select.select([tap], [], [], 0)[0]
            got.extend(tap.read(65_536) if ready else b"")
            at, found = 8, set()
            while at + 5 <= len(got):
                (length,) = struct.unpack_from(">I", got, at)
                found.add(got[at + 4])
                at += 4 + length
            return found

        await clients.until("both kinds", lambda: records() == {1, 2})
        assert got[:8] == b"PODTAP1\n"
        clients.engine.submit(_engine.Command.StopTap(ROOM))
        await clients.until(
            "the end",
            lambda: records() and any(type(e) is _engine.Event.TapEnded for e in clients.events),
        )
