"""The demo's telephones: for whom they stand, on which lines, and how the server is told."""

from __future__ import annotations

import secrets
import socket
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Final

from podium.demo.messages import VenueSpec
from podium.demo.phone import Phone
from podium.demo.phone_line import HOST, Registrar, phone

ACCESS: Final = "9000"
"""What is called to come in by PIN."""
_FIRST_NUMBER: Final = 8001
_GRACE: Final = 2
"""Seconds of video until a call that stood in for it is released."""


class Part(StrEnum):
    """What a telephone does in the conference."""

    DIALS_IN = "dials_in"
    IS_DIALLED = "is_dialled"
    STANDS_IN = "stands_in"
    """Rings when its venue's video is lost."""


_PARTS: Final = (Part.DIALS_IN, Part.DIALS_IN, Part.IS_DIALLED, Part.STANDS_IN)


@dataclass(frozen=True, slots=True)
class PhoneSpec:
    """``number``: what is dialled to reach it."""

    venue: VenueSpec
    part: Part
    number: str


def cast(count: int, videos: Sequence[VenueSpec], others: Sequence[VenueSpec]) -> list[PhoneSpec]:
    """Gives each of ``count`` telephones its part: two dial in, one is dialled, one stands in for
    the last venue of ``videos``; any more dial in."""
    parts = [*_PARTS, *[Part.DIALS_IN] * max(0, count - len(_PARTS))][:count]
    free = iter(others)
    return [
        PhoneSpec(videos[-1] if part is Part.STANDS_IN else next(free), part, _number(place))
        for place, part in enumerate(parts)
    ]


def _number(place: int) -> str:
    return str(_FIRST_NUMBER + place)


@dataclass(frozen=True, slots=True)
class Exchange:
    """The server's telephone: its port, and the passwords of the numbers that register there."""

    port: int
    secrets: Mapping[str, str]

    @classmethod
    def open(cls, phones: int) -> Exchange:
        """For so many telephones, on a port that is free."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.bind((HOST, 0))
            port = probe.getsockname()[1]
        numbers = (_number(place) for place in range(phones))
        return cls(port, {number: secrets.token_urlsafe(12) for number in numbers})

    @property
    def address(self) -> str:
        return f"{HOST}:{self.port}"

    def settings(self, data: Path) -> dict[str, str]:
        """Writes the accounts into ``data``; the server's environment."""
        accounts = data / "phones.toml"
        entries = (
            f'[[phone]]\nnumber = "{number}"\nsecret = "{secret}"\n'
            for number, secret in self.secrets.items()
        )
        accounts.write_text("\n".join(entries), encoding="utf-8")
        accounts.chmod(0o600)
        return {
            "PODIUM_TELEPHONE_HOSTS": HOST,
            "PODIUM_TELEPHONE_PORT": str(self.port),
            "PODIUM_TELEPHONE_ACCOUNTS": str(accounts),
            "PODIUM_TELEPHONE_FALLBACK_GRACE": str(_GRACE),
        }


@dataclass(slots=True)
class PhoneNow:
    """A telephone and what came of it so far."""

    spec: PhoneSpec
    phone: Phone
    join_seconds: float | None = None
    """From the first ring, or the first digit of the call, to its place in the conference."""
    heard: set[int] = field(default_factory=set)
    """Whom it heard when it should. Prompts, which are speech, hold every pitch."""
    understood: list[str] = field(default_factory=list)
    """What its keys were understood as."""

    async def hears(self, voices: set[int], seconds: float) -> None:
        """Returns when it hears these and no other. Raises ``TimeoutError``."""
        await self.phone.hears(lambda heard: heard == voices, seconds)
        self.heard |= voices


@asynccontextmanager
async def connected(
    phones: Sequence[PhoneSpec], exchange: Exchange, voices: Sequence[int]
) -> AsyncIterator[list[PhoneNow]]:
    """All telephones on their lines; those that are to be reached have registered."""
    async with AsyncExitStack() as stack:
        made = []
        for spec in phones:
            reached = spec.part is not Part.DIALS_IN
            at = Registrar(exchange.port, exchange.secrets[spec.number]) if reached else None
            line = phone(spec.number, spec.venue.number, voices, at=at)
            telephone, _ = await stack.enter_async_context(line)
            if reached:
                await telephone.registered()
            made.append(PhoneNow(spec, telephone))
        yield made
