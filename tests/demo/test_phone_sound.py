"""The synthetic telephone's sound: what one says the other hears, and keys are RFC 4733."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest

from podium.demo.phone_sound import PhoneSound, decode, encode

HOST = "127.0.0.1"


def test_a_law_is_that_of_the_standard() -> None:
    # ITU-T G.711: silence, the extremes, and a round trip of every octet.
    assert decode(b"\xd5\x55\xaa\x2a").tolist() == [8, -8, 32256, -32256]
    assert encode(decode(bytes(range(256)))) == bytes(range(256))


def test_a_law_is_near_what_was_said() -> None:
    samples = np.arange(-32000, 32000, 37, dtype=np.int16)
    error = np.abs(decode(encode(samples)).astype(int) - samples)
    assert (error <= np.maximum(16, np.abs(samples.astype(int)) / 31)).all()


async def test_each_hears_the_other_and_not_itself() -> None:
    heard: asyncio.Queue[frozenset[int]] = asyncio.Queue()
    one = await PhoneSound.open(HOST, 1, [1, 2, 3])
    one.on_heard = heard.put_nowait
    two = await PhoneSound.open(HOST, 2, [1, 2, 3])
    try:
        one.talk_to((HOST, two.port), 8, 101)
        two.talk_to((HOST, one.port), 8, 101)
        one.speaking = two.speaking = True
        async with asyncio.timeout(5):
            while await heard.get() != {2}:
                pass
            two.speaking = False
            while await heard.get() != frozenset():
                pass
    finally:
        await one.close()
        await two.close()


class Tap(asyncio.DatagramProtocol):
    def __init__(self) -> None:
        self.packets: list[bytes] = []
        self._news = asyncio.Event()

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.packets.append(data)
        self._news.set()

    def events(self) -> list[bytes]:
        return [p for p in self.packets if p[1] & 0x7F == 101]

    async def has_events(self, count: int) -> None:
        while len(self.events()) < count:
            self._news.clear()
            await self._news.wait()


async def test_a_key_is_one_event_with_one_timestamp_and_three_ends() -> None:
    loop = asyncio.get_running_loop()
    transport, tap = await loop.create_datagram_endpoint(Tap, local_addr=(HOST, 0))
    phone = await PhoneSound.open(HOST, 1, [1])
    try:
        phone.talk_to(transport.get_extra_info("sockname"), 8, 101)
        async with asyncio.timeout(5):
            await phone.press("7#")
            await tap.has_events(16)
    finally:
        await phone.close()
        transport.close()
    events = tap.events()
    for key in (7, 11):
        own = [p for p in events if p[12] == key]
        assert len({p[4:8] for p in own}) == 1
        assert [p[1] >> 7 for p in own] == [1] + [0] * 7
        assert [p[13] >> 7 for p in own] == [0] * 5 + [1] * 3
        assert [int.from_bytes(p[14:16]) for p in own] == [160, 320, 480, 640, 800, 800, 800, 800]
    numbers = [int.from_bytes(p[2:4]) for p in tap.packets]
    assert numbers == [(numbers[0] + n) & 0xFFFF for n in range(len(numbers))]


async def test_what_is_no_key_is_not_sent() -> None:
    phone = await PhoneSound.open(HOST, 1, [1])
    with pytest.raises(ValueError, match="substring not found"):
        await phone.press("x")
    await phone.close()
