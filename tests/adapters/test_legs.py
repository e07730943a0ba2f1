"""RTP legs of the native engine: tones prove who hears whom, over real sockets."""

from __future__ import annotations

import asyncio
import importlib.util
import itertools
import socket
import struct
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

if TYPE_CHECKING:
    from podium.media import _engine as native  # noqa: TID251

if importlib.util.find_spec("podium.media._engine") is None:
    pytest.skip("the media engine is not built: run `make setup`", allow_module_level=True)

pytest.importorskip("av")
srtp: Any = pytest.importorskip("pylibsrtp")


from tests.support.rtp_phone import CODECS, EVENTS, Phone  # noqa: E402

from podium.media import _engine  # noqa: E402, TID251

ROOM = 1
LIMIT = 15.0
HEARD, UNHEARD = 0.05, 0.005
"""Amplitudes: a tone is sent with 0.27, and levelled to about 0.11."""


class Exchange:
    """An engine and its telephones."""

    def __init__(self) -> None:
        self.engine: native.Engine = _engine.Engine(
            listen=["127.0.0.1:0"], public=[], phones="127.0.0.1"
        )
        self.engine.submit(_engine.Command.OpenRoom(ROOM))
        self.phones: dict[int, Phone] = {}
        self.addresses: dict[int, tuple[str, int]] = {}
        self.events: list[Any] = []
        self._woken = asyncio.Event()
        asyncio.get_running_loop().add_reader(self.engine.fileno(), self._woken.set)

    async def add(self, leg: int, frequency: float, codec: str = "PCMA", **agreed: Any) -> Phone:
        phone = Phone(CODECS[codec], frequency, agreed.pop("srtp", None))
        await phone.open()
        self.phones[leg] = phone
        self.addresses[leg] = self.engine.open_leg(leg)
        self.agree(leg, **agreed)
        self.engine.submit(_engine.Command.AttachLeg(leg, ROOM))
        phone.call(self.addresses[leg])
        return phone

    def agree(self, leg: int, **changed: Any) -> None:
        phone = self.phones[leg]
        agreed: dict[str, Any] = {
            "session": leg,
            "remote_address": "127.0.0.1",
            "remote_port": phone.port,
            "remote_rtcp_port": None,
            "codec": phone.codec.name,
            "payload_type": phone.codec.payload_type,
            "events_payload_type": EVENTS,
            "ptime": 20,
            "sends": True,
            "receives": True,
            "srtp_profile": None,
            "srtp_local": b"",
            "srtp_remote": b"",
        }
        self.engine.submit(_engine.Command.SetLeg(**agreed | changed))

    def open(self, *legs: int) -> None:
        for leg in legs:
            self.engine.submit(_engine.Command.SetMicrophone(leg, True))

    async def until(self, what: str, done: Callable[[], bool], limit: float = LIMIT) -> None:
        """Looks again whenever a telephone or the engine has something new."""
        try:
            async with asyncio.timeout(limit):
                while not done():
                    news = [phone.got for phone in self.phones.values()]
                    waits = [asyncio.create_task(e.wait()) for e in (self._woken, *news)]
                    await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
                    for task in waits:
                        task.cancel()
                    for event in (self._woken, *news):
                        event.clear()
                    self.events += self.engine.poll()
        except TimeoutError:
            heard = {n: [round(p.hears(f), 3) for f in TONES] for n, p in self.phones.items()}
            pytest.fail(f"never: {what}; heard {heard}, {self.events[-8:]}")

    async def packets(self, leg: int, count: int) -> None:
        """Until so many more have come."""
        enough = len(self.phones[leg].packets) + count
        await self.until("packets", lambda: len(self.phones[leg].packets) >= enough)

    def of(self, kind: type[Any]) -> list[Any]:
        self.events += self.engine.poll()
        return [event for event in self.events if type(event) is kind]

    def keys(self, leg: int) -> str:
        return "".join(e.digit for e in self.of(_engine.Event.Digit) if e.session == leg)

    async def close(self) -> None:
        for phone in self.phones.values():
            await phone.close()
        asyncio.get_running_loop().remove_reader(self.engine.fileno())
        self.engine.close()


TONES = (500.0, 900.0, 1_300.0, 2_000.0)


@pytest.fixture
async def exchange() -> AsyncIterator[Exchange]:
    made = Exchange()
    yield made
    await made.close()


@pytest.mark.parametrize("codec", sorted(CODECS))
async def test_everybody_hears_all_others_and_not_itself(exchange: Exchange, codec: str) -> None:
    low, high, third = TONES[:3]
    await exchange.add(1, low, codec)
    await exchange.add(2, high, codec)
    listener = await exchange.add(3, third, codec)
    exchange.open(1, 2)
    one, two = exchange.phones[1], exchange.phones[2]
    await exchange.until(
        "two voices", lambda: min(listener.hears(low), listener.hears(high)) > HEARD
    )
    await exchange.until("the other", lambda: one.hears(high) > HEARD and two.hears(low) > HEARD)
    await exchange.packets(3, 25)
    assert one.hears(low) < UNHEARD
    assert two.hears(high) < UNHEARD
    assert listener.hears(third) < UNHEARD, "a closed microphone is not heard"
    exchange.engine.submit(_engine.Command.SetMicrophone(1, False))
    await exchange.until("one voice less", lambda: listener.hears(low) < UNHEARD)
    assert listener.hears(high) > HEARD


async def test_numbers_of_a_stream_never_break(exchange: Exchange) -> None:
    """Whatever changes what a leg hears: one SSRC, sequence by one, time by 20 ms."""
    phone = await exchange.add(1, TONES[0])
    await exchange.add(2, TONES[1])
    exchange.engine.load_prompt("beep", _beep(0.2))
    exchange.open(2)
    await exchange.packets(1, 10)
    exchange.open(1)
    await exchange.packets(1, 10)
    exchange.engine.submit(_engine.Command.Play(1, ["beep"], True))
    await exchange.packets(1, 20)
    exchange.engine.submit(_engine.Command.SetMicrophone(1, False))
    await exchange.packets(1, 20)
    headers = [struct.unpack(">BBHII", packet) for packet in phone.packets]
    assert len({ssrc for *_, ssrc in headers}) == 1
    for (_, _, before, early, _), (_, _, after, late, _) in itertools.pairwise(headers):
        assert (after - before) & 0xFFFF == 1
        assert (late - early) & 0xFFFF_FFFF in {160, 320}, "at most one period is left out"


def _beep(seconds: float, frequency: float = TONES[3]) -> bytes:
    at = np.arange(int(16_000 * seconds)) / 16_000
    return (np.sin(2 * np.pi * frequency * at) * 8_000).astype("<i2").tobytes()


async def test_prompts_play_instead_of_the_room_or_over_it(exchange: Exchange) -> None:
    voice, beep = TONES[0], TONES[3]
    phone = await exchange.add(1, TONES[1])
    await exchange.add(2, voice)
    exchange.open(2)
    exchange.engine.load_prompt("beep", _beep(1.0))
    played = _engine.Event.Played
    await exchange.until("the voice", lambda: phone.hears(voice) > HEARD)
    exchange.engine.submit(_engine.Command.Play(1, ["beep"], False))
    await exchange.until(
        "the beep alone", lambda: phone.hears(beep) > 0.1 and phone.hears(voice) < UNHEARD
    )
    await exchange.until("its end", lambda: len(exchange.of(played)) == 1)
    await exchange.until("the voice again", lambda: phone.hears(voice) > HEARD)
    exchange.engine.submit(_engine.Command.Play(1, ["beep", "beep"], True))
    await exchange.until("both", lambda: phone.hears(beep) > 0.1 and phone.hears(voice) > HEARD / 4)
    exchange.engine.submit(_engine.Command.Play(1, [], False))
    await exchange.until("it was ended", lambda: len(exchange.of(played)) == 2)
    assert [event.completed for event in exchange.of(played)] == [True, False]
    await exchange.until("no beep", lambda: phone.hears(beep) < UNHEARD)


async def test_a_leg_in_no_room_hears_prompts_only(exchange: Exchange) -> None:
    phone = await exchange.add(1, TONES[0])
    await exchange.add(2, TONES[1])
    exchange.open(1, 2)
    await exchange.until("the voice", lambda: phone.hears(TONES[1]) > HEARD)
    exchange.engine.submit(_engine.Command.AttachLeg(1, None))
    await exchange.until("silence", lambda: phone.hears(TONES[1]) < UNHEARD)
    await exchange.until("it is not heard", lambda: exchange.phones[2].hears(TONES[0]) < UNHEARD)
    exchange.engine.load_prompt("beep", _beep(1.0))
    exchange.engine.submit(_engine.Command.Play(1, ["beep"], False))
    await exchange.until("the beep", lambda: phone.hears(TONES[3]) > 0.1)
    exchange.engine.submit(_engine.Command.AttachLeg(1, ROOM))
    await exchange.until("it is heard again", lambda: exchange.phones[2].hears(TONES[0]) > HEARD)
    exchange.engine.submit(_engine.Command.CloseRoom(ROOM))
    await exchange.until("silence", lambda: phone.hears(TONES[1]) < UNHEARD)
    assert exchange.engine.stats().legs == 2


async def test_keys_are_heard_once_and_sent(exchange: Exchange) -> None:
    phone = await exchange.add(1, TONES[0])
    await exchange.until("found", lambda: bool(exchange.of(_engine.Event.LegHeard)))
    for key in "159*#":
        phone.press(key, lost_start=key == "9")
    await exchange.until("keys", lambda: len(exchange.keys(1)) >= 5)
    await exchange.packets(1, 5)
    assert exchange.keys(1) == "159*#"
    exchange.engine.submit(_engine.Command.SendDigits(1, "42#"))
    await exchange.until("keys are sent", lambda: len(phone.keys) >= 3)
    assert phone.keys == ["4", "2", "#"]


async def test_little_of_what_nobody_hears_is_read(exchange: Exchange) -> None:
    phone = await exchange.add(1, TONES[0])
    listener = await exchange.add(2, TONES[1])
    await exchange.until("found", lambda: len(exchange.of(_engine.Event.LegHeard)) == 2)
    listener.speaks = False
    await exchange.packets(1, 5)
    read, sent = exchange.engine.stats().packets_in, phone.sent
    await exchange.until("a second and more", lambda: phone.sent >= sent + 64)
    assert 0 < exchange.engine.stats().packets_in - read <= 16, "of 64 about 4"
    phone.press("7")
    await exchange.until("keys", lambda: exchange.keys(1) == "7")
    exchange.open(1)
    await exchange.until("the voice", lambda: listener.hears(TONES[0]) > HEARD)
    read, sent = exchange.engine.stats().packets_in, phone.sent
    await exchange.until("a second and more", lambda: phone.sent >= sent + 64)
    assert exchange.engine.stats().packets_in - read >= 60


async def test_only_the_latched_source_is_heard(exchange: Exchange) -> None:
    phone = await exchange.add(1, TONES[0])
    listener = await exchange.add(2, TONES[1])
    exchange.open(1)
    await exchange.until("the voice", lambda: listener.hears(TONES[0]) > HEARD)
    found = len(exchange.of(_engine.Event.LegHeard))
    stranger = Phone(phone.codec, TONES[2])
    exchange.phones[9] = stranger
    await stranger.open()
    stranger.call(exchange.addresses[1])
    rejected = exchange.engine.stats().rejected
    await exchange.until("it is refused", lambda: exchange.engine.stats().rejected >= rejected + 25)
    stranger.press("7")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as nobody:
        for garbage in (b"", b"\x80", b"\x80\x88" + bytes(9), bytes(40), bytes(range(250)) * 8):
            nobody.sendto(garbage, exchange.addresses[1])
    await exchange.packets(2, 25)
    assert listener.hears(TONES[2]) < UNHEARD
    assert listener.hears(TONES[0]) > HEARD
    assert (stranger.packets, exchange.keys(1)) == ([], "")
    assert len(exchange.of(_engine.Event.LegHeard)) == found


async def test_a_new_agreement_lets_another_source_in(exchange: Exchange) -> None:
    phone = await exchange.add(1, TONES[0])
    listener = await exchange.add(2, TONES[1])
    exchange.open(1)
    await exchange.until("the voice", lambda: listener.hears(TONES[0]) > HEARD)
    await phone.close()
    other = Phone(phone.codec, TONES[2])
    exchange.phones[1] = other
    await other.open()
    exchange.agree(1)
    other.call(exchange.addresses[1])
    await exchange.until("the other", lambda: listener.hears(TONES[2]) > HEARD)
    await exchange.until("it hears", lambda: len(other.packets) > 10)


async def test_a_moved_phone_goes_on_after_a_silence(exchange: Exchange) -> None:
    phone = await exchange.add(1, TONES[0])
    listener = await exchange.add(2, TONES[1])
    exchange.open(1)
    await exchange.until("the voice", lambda: listener.hears(TONES[0]) > HEARD)
    phone.speaks = False
    await phone.move()
    before = len(listener.packets)
    # The engine's own clock decides; the listener's packets count 3.2 s of it.
    await exchange.until("a silence", lambda: len(listener.packets) >= before + 160)
    phone.speaks = True
    await exchange.until("it is heard again", lambda: listener.hears(TONES[0]) > HEARD)
    await exchange.packets(1, 10)


PROFILES = {
    "AES_CM_128_HMAC_SHA1_80": ("PROFILE_AES128_CM_SHA1_80", 30),
    "AES_CM_128_HMAC_SHA1_32": ("PROFILE_AES128_CM_SHA1_32", 30),
    "AEAD_AES_128_GCM": ("PROFILE_AEAD_AES_128_GCM", 28),
    "AEAD_AES_256_GCM": ("PROFILE_AEAD_AES_256_GCM", 44),
}


def _srtp(name: str, key: bytes, inbound: bool) -> Any:
    policy = srtp.Policy(
        key=key,
        ssrc_type=srtp.Policy.SSRC_ANY_INBOUND if inbound else srtp.Policy.SSRC_ANY_OUTBOUND,
        srtp_profile=getattr(srtp.Policy, f"SRTP_{name}"),
    )
    return srtp.Session(policy=policy)


@pytest.mark.parametrize("profile", sorted(PROFILES))
async def test_srtp_protects_both_ways(exchange: Exchange, profile: str) -> None:
    name, length = PROFILES[profile]
    if not hasattr(srtp.Policy, f"SRTP_{name}"):
        pytest.skip(f"this libsrtp does not have {profile}")
    ours, theirs = bytes(range(length)), bytes(range(100, 100 + length))
    phone = await exchange.add(
        1,
        TONES[0],
        srtp=(_srtp(name, theirs, False), _srtp(name, ours, True)),
        srtp_profile=profile,
        srtp_local=ours,
        srtp_remote=theirs,
    )
    plain = await exchange.add(2, TONES[1])
    exchange.open(1, 2)
    await exchange.until("it hears", lambda: phone.hears(TONES[1]) > HEARD)
    await exchange.until("it is heard", lambda: plain.hears(TONES[0]) > HEARD)
    phone.press("5")
    await exchange.until("a key", lambda: exchange.keys(1) == "5")
    # Without the key nobody gets in, from whatever address.
    rejected = exchange.engine.stats().rejected
    phone.srtp, keep = None, phone.srtp
    await exchange.until(
        "plain RTP is refused", lambda: exchange.engine.stats().rejected > rejected + 5
    )
    phone.srtp = keep


async def test_on_hold_nothing_is_sent_or_heard(exchange: Exchange) -> None:
    phone = await exchange.add(1, TONES[0])
    listener = await exchange.add(2, TONES[1])
    exchange.open(1)
    await exchange.until("the voice", lambda: listener.hears(TONES[0]) > HEARD)
    exchange.agree(1, sends=False, receives=False)
    await exchange.until("silence", lambda: listener.hears(TONES[0]) < UNHEARD)
    before = len(phone.packets)
    await exchange.packets(2, 25)
    assert len(phone.packets) <= before + 2
    exchange.agree(1)
    await exchange.until("the voice again", lambda: listener.hears(TONES[0]) > HEARD)
    await exchange.packets(1, 5)


@pytest.mark.parametrize("ptime", [30, 40, 60])
async def test_longer_packets_are_whole(exchange: Exchange, ptime: int) -> None:
    phone = await exchange.add(1, TONES[0], ptime=ptime)
    await exchange.add(2, TONES[1])
    exchange.open(2)
    await exchange.until("the voice", lambda: phone.hears(TONES[1]) > HEARD)
    await exchange.packets(1, 10)
    times = [struct.unpack(">I", packet[4:8])[0] for packet in phone.packets[-10:]]
    steps = {(late - early) & 0xFFFF_FFFF for early, late in itertools.pairwise(times)}
    assert steps == {8 * ptime}


async def test_those_who_sit_together_do_not_hear_each_other(exchange: Exchange) -> None:
    one = await exchange.add(1, TONES[0])
    two = await exchange.add(2, TONES[1])
    third = await exchange.add(3, TONES[2])
    exchange.engine.submit(_engine.Command.SetSelf(2, 1))
    exchange.open(1, 2, 3)
    await exchange.until(
        "the third hears both", lambda: min(third.hears(f) for f in TONES[:2]) > HEARD
    )
    await exchange.until(
        "both hear the third", lambda: min(p.hears(TONES[2]) for p in (one, two)) > HEARD
    )
    assert one.hears(TONES[1]) < UNHEARD
    assert two.hears(TONES[0]) < UNHEARD


async def test_a_steady_line_is_told_and_its_end_too(exchange: Exchange) -> None:
    await exchange.add(1, TONES[0])
    exchange.open(1)

    def told() -> list[bool]:
        return [event.noisy for event in exchange.of(_engine.Event.LegNoisy)]

    # Some 8 s without a gap; a busy machine makes gaps.
    await exchange.until("noise", lambda: told() == [True], limit=90)
    exchange.engine.submit(_engine.Command.SetMicrophone(1, False))
    await exchange.until("forgiven", lambda: told()[-1:] == [False])


async def test_callers_faults(exchange: Exchange) -> None:
    engine = exchange.engine
    await exchange.add(1, TONES[0])

    def refused(command: native.Command, words: str) -> None:
        with pytest.raises(_engine.EngineError, match=words):
            engine.submit(command)

    for changed, words in (
        ({"codec": "G729"}, "codec"),
        ({"remote_address": "localhost"}, "remote_address"),
        ({"remote_port": 0}, "remote_port"),
        ({"payload_type": 200}, "payload types"),
        ({"events_payload_type": 8}, "differ"),
        ({"ptime": 25}, "ptime"),
        ({"srtp_profile": "NULL"}, "SRTP profile"),
        ({"srtp_profile": "AEAD_AES_128_GCM", "srtp_local": b"short"}, "srtp_local"),
    ):
        with pytest.raises(_engine.EngineError, match=words):
            exchange.agree(1, **changed)
    refused(_engine.Command.SendDigits(1, "12x"), "digits")
    refused(_engine.Command.SendDigits(1, "1" * 100), "digits")
    refused(_engine.Command.Play(1, ["nothing"], False), "prompt")
    for pcm in (b"", b"x", bytes(2 * 16_000 * 121)):
        with pytest.raises(_engine.EngineError, match="prompt"):
            engine.load_prompt("bad", pcm)
    for phones, ports in (("nowhere", (0, 0)), ("127.0.0.1", (9, 10))):
        with pytest.raises(_engine.EngineError, match="phone"):
            _engine.Engine(listen=["127.0.0.1:0"], public=[], phones=phones, phone_ports=ports)
    without = _engine.Engine(listen=["127.0.0.1:0"], public=[])
    with pytest.raises(_engine.EngineError, match="without phones"):
        without.open_leg(1)
    without.close()
