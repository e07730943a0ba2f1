"""The sound of a synthetic telephone: G.711 A-law over RTP, a voice with a pitch, keys.

Sources: RFC 3550 (RTP), ITU-T G.711, RFC 4733 (keys).
"""

from __future__ import annotations

import asyncio
import secrets
import struct
from collections.abc import Callable, Sequence
from typing import Final, Self, cast

import numpy as np
from numpy.typing import NDArray

from podium.demo.tone import SAMPLE_RATE, Listener, speak

RATE: Final = 8000
PACKET: Final = 160
"""Samples, 20 ms."""
_PACKET_SECONDS: Final = PACKET / RATE
_KEYS: Final = "0123456789*#ABCD"
_KEY_PACKETS: Final = 5
"""100 ms; then the end three times, and as long a pause."""
_FACTOR: Final = SAMPLE_RATE // RATE
_HEADER: Final = struct.Struct("!BBHII")
_EVENT: Final = struct.Struct("!BBH")
_LOUDNESS: Final = 10
"""Of keys, in -dBm0."""


def _decode_table() -> NDArray[np.int16]:
    """A-law octet to linear sample (ITU-T G.711, table 1a)."""
    code = np.arange(256) ^ 0x55
    mantissa, segment = (code & 0x0F) << 4, (code >> 4) & 0x07
    low = mantissa + 8
    high = (mantissa + 0x108) << np.maximum(segment - 1, 0)
    value = np.where(segment == 0, low, high)
    return np.where(code & 0x80, value, -value).astype(np.int16)


_DECODED: Final = _decode_table()
_BY_LEVEL: Final = np.argsort(_DECODED, kind="stable").astype(np.uint8)
_LEVELS: Final = _DECODED[_BY_LEVEL].astype(np.int32)
_BETWEEN: Final = (_LEVELS[1:] + _LEVELS[:-1]) / 2


def decode(octets: bytes) -> NDArray[np.int16]:
    """A-law octets to linear samples."""
    return _DECODED[np.frombuffer(octets, np.uint8)]


def encode(samples: NDArray[np.int16]) -> bytes:
    """Linear samples to the nearest A-law octets."""
    return _BY_LEVEL[np.searchsorted(_BETWEEN, samples)].tobytes()


class PhoneSound(asyncio.DatagramProtocol):
    """One RTP port. It speaks at the pitch of ``voice`` (``podium.demo.tone``) while ``speaking``,
    and tells which of ``voices`` it hears, every 200 ms."""

    def __init__(self, voice: int, voices: Sequence[int]) -> None:
        self.on_heard: Callable[[frozenset[int]], None] = lambda _: None
        """Called with the voices of each 200 ms."""
        self._voice = voice
        self._listener = Listener(voices)
        self._transport: asyncio.DatagramTransport | None = None
        self._task: asyncio.Task[None] | None = None
        self._remote: tuple[str, int] | None = None
        self._payload_type = 8
        self._events: int | None = None
        self._ssrc = secrets.randbits(32)
        self._sequence = secrets.randbits(15)
        self._timestamp = secrets.randbits(31)
        self._keys: list[tuple[int, asyncio.Future[None]]] = []
        self._closed = asyncio.Event()
        self.speaking = False
        self.received = 0
        """RTP packets of sound."""

    @classmethod
    async def open(cls, host: str, voice: int, voices: Sequence[int]) -> Self:
        loop = asyncio.get_running_loop()
        _, sound = await loop.create_datagram_endpoint(
            lambda: cls(voice, voices), local_addr=(host, 0)
        )
        return sound

    @property
    def port(self) -> int:
        assert self._transport is not None
        return int(self._transport.get_extra_info("sockname")[1])

    def talk_to(self, remote: tuple[str, int], payload_type: int, events: int | None) -> None:
        """Sends there from now on: A-law by ``payload_type``, keys by ``events``."""
        self._remote, self._payload_type, self._events = remote, payload_type, events
        if self._task is None:
            self._task = asyncio.create_task(self._send_all())

    async def press(self, keys: str) -> None:
        """Returns when the last key has been sent. Raises ``ValueError`` for what is no key."""
        loop = asyncio.get_running_loop()
        pressed = [(_KEYS.index(key), loop.create_future()) for key in keys]
        self._keys.extend(pressed)
        for _, sent in pressed:
            await sent

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
        if self._transport is not None:
            self._transport.close()
            await self._closed.wait()

    # --- sending

    async def _send_all(self) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            if self._keys:
                key, sent = self._keys.pop(0)
                due = await self._send_key(key, due)
                if not sent.done():
                    sent.set_result(None)
            else:
                self._send_sound()
                due = await self._pause(due)

    def _send_sound(self) -> None:
        if self.speaking:
            at = self._timestamp * _FACTOR
            samples = speak(self._voice, at, PACKET * _FACTOR)[::_FACTOR]
        else:
            samples = np.zeros(PACKET, np.int16)
        self._send(self._payload_type, encode(samples), self._timestamp)

    async def _send_key(self, key: int, due: float) -> float:
        start = self._timestamp
        lasts = [*([False] * _KEY_PACKETS), True, True, True]
        for n, last in enumerate(lasts):
            duration = PACKET * min(n + 1, _KEY_PACKETS)
            payload = _EVENT.pack(key, (0x80 if last else 0) | _LOUDNESS, duration)
            if self._events is not None:
                self._send(self._events, payload, start, marker=n == 0)
            due = await self._pause(due)
        for _ in range(_KEY_PACKETS):
            self._send_sound()
            due = await self._pause(due)
        return due

    async def _pause(self, due: float) -> float:
        self._timestamp = (self._timestamp + PACKET) & 0xFFFFFFFF
        due += _PACKET_SECONDS
        await asyncio.sleep(due - asyncio.get_running_loop().time())
        return due

    def _send(
        self, payload_type: int, payload: bytes, timestamp: int, *, marker: bool = False
    ) -> None:
        if self._transport is None or self._remote is None:
            return
        self._sequence = (self._sequence + 1) & 0xFFFF
        second = payload_type | (0x80 if marker else 0)
        header = _HEADER.pack(0x80, second, self._sequence, timestamp, self._ssrc)
        self._transport.sendto(header + payload, self._remote)

    # --- receiving

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self._closed.set()

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if len(data) <= _HEADER.size or data[0] != 0x80 or data[1] & 0x7F != self._payload_type:
            return  # RTCP, or what was not agreed
        self.received += 1
        sound = np.repeat(decode(data[_HEADER.size :]).astype(np.float64), _FACTOR)
        for heard in self._listener.feed(sound):
            self.on_heard(heard)
