"""From what a caller types to whom it stands for, behind the guard."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Final

from podium.hall.pins import PinHolder
from podium.telephone.board import Board
from podium.telephone.dialplan import normal
from podium.telephone.guard import Attempt, By, Locked, Slowed
from podium.telephone.sip.events import IncomingCall

_IPV6_SITE: Final = 64
"""Bits: whoever has one address has all that share them."""


@dataclass(frozen=True, slots=True)
class UnknownPin:
    pass


@dataclass(frozen=True, slots=True)
class LockedOut:
    pass


async def look_up(
    board: Board, incoming: IncomingCall, pin: str
) -> PinHolder | UnknownPin | LockedOut:
    """Takes as long as the guard says, whether or not the PIN exists. Raises what the store
    raises."""
    who = Attempt(tuple(_keys(board, incoming)))
    verdict = board.guard.attempt(who, board.now())
    if isinstance(verdict, Locked):
        return LockedOut()
    if isinstance(verdict, Slowed):
        await asyncio.sleep(verdict.seconds)
    holder = await board.pins.find(pin)
    if holder is None:
        return UnknownPin()
    board.guard.succeeded(who)
    return holder


def _keys(board: Board, incoming: IncomingCall) -> Iterator[tuple[By, str]]:
    manners = board.manners
    if incoming.by in manners.phones:
        yield By.CALLER, f"phone {incoming.by}"
        yield By.SOURCE, _site(incoming.source.host)
    elif incoming.by in manners.trunks:
        yield By.CALLER, caller_of(incoming) or "withheld"
        yield By.TRUNK, incoming.by
    else:
        yield By.CALLER, f"{incoming.from_.uri.username}@{incoming.from_.uri.host}"
        yield By.SOURCE, _site(incoming.source.host)
    called = incoming.request_uri.username
    yield By.CALLED, called if called in manners.access else "direct"


def caller_of(incoming: IncomingCall) -> str | None:
    """The number that the caller shows, if it is one."""
    return normal(incoming.from_.uri.username)


def _site(host: str) -> str:
    address = ip_address(host)
    if isinstance(address, IPv6Address) and address.ipv4_mapped is None:
        return str(ip_network((address, _IPV6_SITE), strict=False))
    return str(address)
