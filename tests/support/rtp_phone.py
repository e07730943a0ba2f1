"""A telephone of RTP alone: it speaks with a tone of its own, hears, and presses keys. Its codecs
are FFmpeg's and its SRTP is libsrtp's, so that both ends of the wire are not the same code."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import struct
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import av
import numpy as np
from av.audio.codeccontext import AudioCodecContext

Samples = np.ndarray[Any, Any]
KEYS: Final = "0123456789*#ABCD"
EVENTS: Final = 101


@dataclass(frozen=True, slots=True)
class Codec:
    """As SDP and FFmpeg name it; ``rate`` of samples, ``clock`` of RTP, both in Hz."""

    name: str
    library: str
    payload_type: int
    rate: int
    clock: int


CODECS: Final = {
    codec.name: codec
    for codec in (
        Codec("PCMA", "pcm_alaw", 8, 8_000, 8_000),
        Codec("PCMU", "pcm_mulaw", 0, 8_000, 8_000),
        Codec("G722", "g722", 9, 16_000, 8_000),
        Codec("opus", "libopus", 111, 48_000, 48_000),
    )
}


def _context(codec: Codec, mode: Literal["r", "w"]) -> AudioCodecContext:
    context: Any = av.CodecContext.create(codec.library, mode)
    context.sample_rate, context.layout, context.format = codec.rate, "mono", "s16"
    if mode == "w":
        context.bit_rate = 64_000
    assert isinstance(context, AudioCodecContext)
    return context


def strength(samples: Samples, frequency: float, rate: int) -> float:
    """Amplitude at a frequency, as a share of full scale."""
    window = np.hanning(len(samples))
    phase = np.exp(-2j * np.pi * frequency * np.arange(len(samples)) / rate)
    return float(2 * abs((samples * window * phase).sum()) / window.sum())


class _Wire(asyncio.DatagramProtocol):
    def __init__(self, phone: Phone) -> None:
        self._phone = phone

    def datagram_received(self, data: bytes, addr: Any) -> None:
        self._phone.receive(data)

    def error_received(self, exc: Exception) -> None:
        pass  # a port of the engine's that is closed already


@dataclass
class Phone:
    """``srtp``: libsrtp sessions (out, in). ``speaks``: it sends its tone."""

    codec: Codec
    frequency: float
    srtp: tuple[Any, Any] | None = None
    speaks: bool = True
    port: int = 0
    heard: list[Samples] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    sent: int = 0
    """Packets."""
    packets: list[bytes] = field(default_factory=list)
    """RTP headers of what came."""
    got: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self._ssrc = secrets.randbits(32)
        self._sequence = secrets.randbits(16)
        self._base = secrets.randbits(32)
        self._at = 0
        self._encoder, self._decoder = _context(self.codec, "w"), _context(self.codec, "r")
        self._transport: asyncio.DatagramTransport | None = None
        self._task: asyncio.Task[None] | None = None
        self._last_key: int | None = None

    async def open(self) -> int:
        """Its port."""
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(
            lambda: _Wire(self), local_addr=("127.0.0.1", 0)
        )
        self._transport = transport
        self.port = transport.get_extra_info("sockname")[1]
        return self.port

    async def move(self) -> int:
        """The same call from another port, as after a router's memory has gone."""
        old = self._transport
        port = await self.open()
        if old is not None:
            old.close()
        return port

    def call(self, to: tuple[str, int]) -> None:
        """Begins to send."""
        self._to = to
        self._task = asyncio.create_task(self._run())

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        if self._transport is not None:
            self._transport.close()

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        start = loop.time()
        for tick in range(1_000_000):
            # Real time is what an RTP source keeps.
            await asyncio.sleep(max(0.0, start + tick * 0.02 - loop.time()))
            if self.speaks:
                self.speak()
            else:
                self._at += 1

    def speak(self) -> None:
        """Sends 20 ms of its tone."""
        count = self.codec.rate // 50
        phase = 2 * np.pi * self.frequency * (self._at * count + np.arange(count))
        samples = (np.sin(phase / self.codec.rate) * 9_000).astype(np.int16).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(samples, format="s16", layout="mono")
        frame.sample_rate, frame.pts = self.codec.rate, self._at * count
        for packet in self._encoder.encode(frame):
            self.send(self.codec.payload_type, self._time, bytes(packet))
        self._at += 1

    @property
    def _time(self) -> int:
        return (self._base + self._at * (self.codec.clock // 50)) & 0xFFFF_FFFF

    def send(
        self,
        payload_type: int,
        time: int,
        payload: bytes,
        *,
        marker: bool = False,
        skip: bool = False,
    ) -> None:
        """``skip``: the packet is lost on its way."""
        second = payload_type | (0x80 if marker else 0)
        sequence = self._sequence & 0xFFFF
        packet = struct.pack(">BBHII", 0x80, second, sequence, time, self._ssrc) + payload
        self._sequence += 1
        if self.srtp is not None:
            packet = self.srtp[0].protect(packet)
        if not skip and self._transport is not None:
            self._transport.sendto(packet, self._to)
            self.sent += 1

    def press(self, key: str, *, lost_start: bool = False) -> None:
        """One press of 100 ms, all of its packets at once (RFC 4733)."""
        self._at += 20
        time, unit = self._time, self.codec.clock // 50
        for n in range(1, 8):
            end = 0x80 if n >= 5 else 0
            payload = struct.pack(">BBH", KEYS.index(key), end | 10, unit * min(n, 5))
            self.send(EVENTS, time, payload, marker=n == 1, skip=lost_start and n < 5)

    def receive(self, data: bytes) -> None:
        self.got.set()
        if 192 <= data[1] <= 223:
            return
        if self.srtp is not None:
            data = self.srtp[1].unprotect(data)
        _, kind, _, time, _ = struct.unpack(">BBHII", data[:12])
        self.packets.append(data[:12])
        if kind & 0x7F == EVENTS:
            if time != self._last_key:
                self.keys.append(KEYS[data[12]])
            self._last_key = time
        elif kind & 0x7F == self.codec.payload_type:
            for frame in self._decoder.decode(av.Packet(data[12:])):
                self.heard.append(frame.to_ndarray().reshape(-1) / _full_scale(frame.format.name))

    def lately(self) -> Samples:
        """The last 400 ms that were heard."""
        count = self.codec.rate * 2 // 5
        return np.concatenate([np.zeros(count), *self.heard[-24:]])[-count:]

    def hears(self, frequency: float) -> float:
        return strength(self.lately(), frequency, self.codec.rate)


def _full_scale(name: str) -> float:
    return 32_768.0 if name.startswith("s16") else 1.0
