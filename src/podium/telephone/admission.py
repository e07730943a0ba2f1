"""From what a caller types to whom it stands for, behind the guards."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Final

from podium.hall.pins import PinHolder
from podium.telephone.acquaintances import Acquaintances
from podium.telephone.dialplan import normal
from podium.telephone.guard import LONGEST_HOLD, Attempt, By, Locked, PinGuard, Slowed
from podium.telephone.lockout import Lockout
from podium.telephone.ports import Pins
from podium.telephone.sip.events import IncomingCall

_IPV6_SITE: Final = 64
"""Bits: whoever has one address has all that share them."""
AT_ONCE: Final = 8
"""PINs of strangers that are looked up at one time, so that not many slip in beside the last."""


@dataclass(frozen=True, slots=True)
class UnknownPin:
    pass


@dataclass(frozen=True, slots=True)
class LockedOut:
    """This caller, or all of its source, has no chance for so many seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class StrangersOut:
    """No stranger has a chance for so many seconds."""

    seconds: float


Found = PinHolder | UnknownPin | LockedOut | StrangersOut


@dataclass(frozen=True, slots=True)
class Entrances:
    """By which names the gate admits calls: ``trunks`` of the telephone network, ``phones`` of our
    own, which have given their password."""

    trunks: frozenset[str]
    phones: frozenset[str]


@dataclass(frozen=True, slots=True)
class Admission:
    """``disguise`` makes pseudonyms: what the guard remembers tells no number and no address.
    ``changed`` is told that there is something new to write down."""

    pins: Pins
    entrances: Entrances
    guard: PinGuard
    lockout: Lockout
    acquaintances: Acquaintances
    disguise: Callable[[str], str]
    changed: Callable[[], None]
    now: Callable[[], float]
    few: asyncio.Semaphore

    async def look_up(self, incoming: IncomingCall, pin: str) -> Found:
        """Takes as long as the guards say, whether or not the PIN exists. Raises what the store
        raises."""
        stranger = self.is_stranger(incoming)
        who = Attempt(tuple(self._keys(incoming)))
        verdict = self.guard.attempt(who, self.now())
        self.changed()
        if isinstance(verdict, Locked):
            return LockedOut(verdict.seconds)
        wait = verdict.seconds if isinstance(verdict, Slowed) else 0.0
        found = await (self._of_stranger(pin, wait) if stranger else self._of_known(pin, wait))
        if isinstance(found, PinHolder):
            self.guard.succeeded(who)
            number = caller_of(incoming)
            if number is not None:
                self.acquaintances.remember(number)
            self.changed()
        return found

    def refused(self, incoming: IncomingCall) -> StrangersOut | None:
        """Whom there is no use to ask for a PIN."""
        verdict = self.lockout.verdict()
        if isinstance(verdict, Locked) and self.is_stranger(incoming):
            return StrangersOut(verdict.seconds)
        return None

    def is_stranger(self, incoming: IncomingCall) -> bool:
        """Nothing but a right PIN would speak for this caller."""
        if incoming.by in self.entrances.phones:
            return False
        number = caller_of(incoming)
        return number is None or not self.acquaintances.knows(number)

    async def _of_known(self, pin: str, wait: float) -> Found:
        await _pause(wait)
        return await self.pins.find(pin) or UnknownPin()

    async def _of_stranger(self, pin: str, wait: float) -> Found:
        verdict = self.lockout.verdict()
        if isinstance(verdict, Slowed):
            wait = min(LONGEST_HOLD, max(wait, verdict.seconds))
        await _pause(wait)
        async with self.few:
            verdict = self.lockout.verdict()
            if isinstance(verdict, Locked):
                return StrangersOut(verdict.seconds)
            holder = await self.pins.find(pin)
            if holder is None:
                self.lockout.wrong()
            return holder or UnknownPin()

    def _keys(self, incoming: IncomingCall) -> Iterator[tuple[By, str]]:
        source = By.SOURCE, self.disguise(_site(incoming.source.host))
        if incoming.by in self.entrances.phones:
            yield By.CALLER, self.disguise(f"phone {incoming.by}")
            yield source
        elif incoming.by in self.entrances.trunks:
            number = caller_of(incoming)
            if number is not None:  # all who show none would be locked out by one of them
                yield By.CALLER, self.disguise(number)
            yield By.TRUNK, incoming.by[:64]
        else:
            uri = incoming.from_.uri
            yield By.CALLER, self.disguise(f"{uri.username}@{uri.host}")
            yield source


def caller_of(incoming: IncomingCall) -> str | None:
    """The number that the caller shows, if it is one."""
    return normal(incoming.from_.uri.username)


async def _pause(seconds: float) -> None:
    if seconds > 0:
        await asyncio.sleep(seconds)


def _site(host: str) -> str:
    address = ip_address(host)
    if isinstance(address, IPv6Address) and address.ipv4_mapped is None:
        return str(ip_network((address, _IPV6_SITE), strict=False))
    return str(address)
