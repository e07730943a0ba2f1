"""A synthetic telephone: real SIP by our own user agent, real sound, keys, a person at it."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Sequence
from typing import Final, Protocol, Self

from podium.demo.phone_sound import PhoneSound
from podium.hall.legs import LegMedia
from podium.telephone.sip.agreement import Capabilities, LocalLeg, NotAcceptable
from podium.telephone.sip.events import (
    Answered,
    CallKey,
    Ended,
    Event,
    IncomingCall,
    Rejected,
    Reoffered,
    TrunkHealth,
    TrunkState,
    Unreachable,
    Why,
)
from podium.telephone.sip.offer_answer import accept_answer, answer, make_offer
from podium.telephone.sip.outgoing import Invitation
from podium.telephone.sip.sdes import SEED_LENGTH, SrtpPolicy
from podium.telephone.sip.sdp import Direction, SessionDescription, parse_sdp
from podium.telephone.sip.uri import NameAddr, Uri

CAN: Final = Capabilities(codecs=("PCMA",), srtp=SrtpPolicy.REFUSED, ptimes=(20,))


class PhoneAgent(Protocol):
    """A user agent with its sockets."""

    def invite(self, invitation: Invitation) -> CallKey: ...

    def ring(self, call: CallKey, status: int = 180) -> None: ...

    def accept(self, call: CallKey, sdp: bytes) -> None: ...

    def reject(self, call: CallKey, status: int) -> None: ...

    def reoffer(self, call: CallKey, sdp: bytes) -> None: ...

    def answer_reoffer(self, call: CallKey, sdp: bytes) -> None: ...

    def hang_up(self, call: CallKey) -> None: ...


class CallRefused(Exception):
    """``args[0]``: the status of the refusal, 0 where nobody answered at all."""


class Phone:
    """One call at a time. Events of the agent go to ``sip``."""

    def __init__(self, name: str, host: str, sound: PhoneSound, *, answers: bool = True) -> None:
        self.name = name
        self.sound = sound
        self.answers = answers
        """Takes calls; else it is busy."""
        self.heard: frozenset[int] = frozenset()
        """The voices of the last 200 ms."""
        self.ended: Why | None = None
        self._host = host
        self._agent: PhoneAgent | None = None
        self._local = LocalLeg(host, sound.port, secrets.randbits(62), bytes(SEED_LENGTH))
        self._said: SessionDescription | None = None
        self._call: CallKey | None = None
        self._registered = asyncio.Event()
        self._up = asyncio.Event()
        self._over = asyncio.Event()
        self._news = asyncio.Event()
        self._status: int | None = None

    @classmethod
    async def open(
        cls, name: str, host: str, voice: int, voices: Sequence[int], *, answers: bool = True
    ) -> Self:
        """``voice``: its own pitch; ``voices``: all that it can tell apart (``demo.tone``)."""
        sound = await PhoneSound.open(host, voice, voices)
        phone = cls(name, host, sound, answers=answers)
        sound.on_heard = phone._hear
        return phone

    def use(self, agent: PhoneAgent) -> None:
        self._agent = agent

    async def close(self) -> None:
        await self.sound.close()

    @property
    def _line(self) -> PhoneAgent:
        assert self._agent is not None
        return self._agent

    # --- the person at it

    async def call(self, target: str, seconds: float = 10.0) -> None:
        """Returns when it is answered. Raises ``CallRefused`` and ``TimeoutError``."""
        us = NameAddr(Uri("sip", self.name, self._host))
        self._begin()
        self._said = make_offer(CAN, self._local)
        offer = str(self._said).encode()
        self._call = self._line.invite(Invitation(Uri.parse(target), offer, us))
        await self.answered(seconds)
        if self._status is not None:
            raise CallRefused(self._status)

    async def answered(self, seconds: float = 10.0) -> None:
        """Returns when a call is up, or refused."""
        async with asyncio.timeout(seconds):
            await self._up.wait()

    async def press(self, keys: str) -> None:
        await self.sound.press(keys)

    async def hears(self, wanted: Callable[[frozenset[int]], bool], seconds: float = 10.0) -> None:
        """Returns when what it hears is as wanted. Raises ``TimeoutError``."""
        async with asyncio.timeout(seconds):
            while not wanted(self.heard):
                self._news.clear()
                await self._news.wait()

    async def silent(self, seconds: float = 10.0, pause: float = 0.4) -> None:
        """Returns when no sound has come for ``pause`` seconds. Raises ``TimeoutError``."""
        async with asyncio.timeout(seconds):
            while True:
                before = self.sound.received
                await asyncio.sleep(pause)
                if self.sound.received == before:
                    return

    async def registered(self, seconds: float = 10.0) -> None:
        """Returns when the server knows where it is. Raises ``TimeoutError``."""
        async with asyncio.timeout(seconds):
            await self._registered.wait()

    def hold(self, held: bool) -> None:
        """Puts the other side on hold, or takes it back."""
        wanted = Direction.SENDONLY if held else Direction.SENDRECV
        self._said = make_offer(CAN, self._local, self._said, wanted)
        if self._call is not None:
            self._line.reoffer(self._call, str(self._said).encode())

    def hang_up(self) -> None:
        if self._call is not None:
            self._line.hang_up(self._call)

    async def hung_up(self, seconds: float = 10.0) -> Why:
        """Returns when the call is over, whoever ended it."""
        async with asyncio.timeout(seconds):
            await self._over.wait()
        assert self.ended is not None
        return self.ended

    # --- what happens to it

    def sip(self, event: Event) -> None:
        match event:
            case IncomingCall(call=call, offer=offer):
                self._ring(call, offer)
            case Answered(answer=theirs):
                self._answered(theirs)
            case Reoffered(call=call, offer=offer):
                sdp = self._offer_again() if offer is None else self._answer(offer)
                self._line.answer_reoffer(call, sdp)
            case TrunkState(health=TrunkHealth.UP):
                self._registered.set()
            case Rejected(status=status):
                self._refused(status)
            case Unreachable():
                self._refused(0)
            case Ended(call=call, why=why) if call == self._call:
                self.ended = why
                self._call = None
                self._over.set()
            case _:
                pass

    def _begin(self) -> None:
        self.ended = self._status = None
        self._up.clear()
        self._over.clear()

    def _ring(self, call: CallKey, offer: bytes | None) -> None:
        if not self.answers or self._call is not None:
            self._line.reject(call, 486)
            return
        self._begin()
        self._call = call
        self._said = None
        self._line.ring(call)
        self._line.accept(call, self._offer_again() if offer is None else self._answer(offer))
        self._up.set()

    def _refused(self, status: int) -> None:
        self._status = status
        self._call = None
        self._up.set()

    def _offer_again(self) -> bytes:
        self._said = make_offer(CAN, self._local, self._said)
        return str(self._said).encode()

    def _answer(self, offer: bytes) -> bytes:
        found = answer(parse_sdp(offer), CAN, self._local, self._said)
        assert not isinstance(found, NotAcceptable), found.why
        self._said = found.local
        self._talk(found.media)
        return str(found.local).encode()

    def _answered(self, theirs: bytes) -> None:
        assert self._said is not None
        found = accept_answer(self._said, parse_sdp(theirs), CAN, self._local)
        assert not isinstance(found, NotAcceptable), found.why
        self._talk(found.media)
        self._up.set()

    def _talk(self, media: LegMedia) -> None:
        self.sound.talk_to(media.remote, media.payload_type, media.events_payload_type)

    def _hear(self, heard: frozenset[int]) -> None:
        self.heard = heard
        self._news.set()
