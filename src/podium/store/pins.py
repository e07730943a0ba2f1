"""PINs of telephones: eight digits, made from the server's key and a random nonce.

At rest there are the nonce and an HMAC-SHA256 of the PIN under the server's key. So a copy of the
database tells no PIN, and the server can still tell a venue its own.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from podium.conference.state import ConferenceId, Phase, VenueId
from podium.hall.pins import PIN_DIGITS, PinHolder, Pins
from podium.hall.ports import Clock
from podium.store.database import Database
from podium.store.tables import conference, pin

_GENERAL: Final = VenueId("")
"""What ``pin.venue`` holds for the general PIN."""
_BATCH: Final = 500
"""Below every database's limit of parameters in a statement."""
_NONCE_BYTES: Final = 16


@dataclass(frozen=True, slots=True)
class _Made:
    venue: VenueId
    nonce: str
    digits: str
    hashed: str


class PinStore:
    """At most one valid PIN for each venue of a conference, and a general one. No two unfinished
    conferences have a PIN in common."""

    def __init__(self, database: Database, clock: Clock, key: bytes) -> None:
        self._database = database
        self._clock = clock
        self._key = key

    async def find(self, digits: str) -> PinHolder | None:
        """Who has this PIN in a conference that is not finished."""
        if len(digits) != PIN_DIGITS or not (digits.isascii() and digits.isdigit()):
            return None
        query = (
            select(pin.c.conference, pin.c.venue)
            .join(conference, conference.c.id == pin.c.conference)
            .where(pin.c.pin_hash == self._hash(digits), conference.c.phase != Phase.CLOSED.value)
        )
        async with self._database.read() as connection:
            row = (await connection.execute(query)).one_or_none()
        if row is None:
            return None
        venue = None if row.venue == _GENERAL else VenueId(row.venue)
        return PinHolder(ConferenceId(row.conference), venue)

    async def issue(
        self, of: ConferenceId, venues: Sequence[VenueId], *, general: bool = False
    ) -> Pins:
        """New PINs; the older ones of the same venues are revoked, all or nothing."""
        wanted = [v for v in dict.fromkeys(venues) if v != _GENERAL]
        wanted += [_GENERAL] if general else []
        made: dict[VenueId, str] = {}
        async with self._database.write() as connection:
            await connection.execute(delete(pin).where(_finished()))
            for start in range(0, len(wanted), _BATCH):
                chunk = wanted[start : start + _BATCH]
                older = pin.c.conference == of, pin.c.venue.in_(chunk)
                await connection.execute(delete(pin).where(*older))
                made |= await self._write(connection, of, chunk)
        return _as_pins(made)

    async def revoke(self, of: ConferenceId, venue: VenueId | None) -> None:
        """``None``: the general PIN. Quiet where there is none."""
        this = pin.c.conference == of, pin.c.venue == (_GENERAL if venue is None else venue)
        async with self._database.write() as connection:
            await connection.execute(delete(pin).where(*this))

    async def of(self, id_: ConferenceId, venue: VenueId) -> str | None:
        """The venue's PIN, for the venue itself."""
        query = select(pin.c.nonce).where(pin.c.conference == id_, pin.c.venue == venue)
        async with self._database.read() as connection:
            nonce = (await connection.execute(query)).scalar_one_or_none()
        return None if nonce is None else self._digits(id_, venue, nonce)

    async def _write(
        self, connection: AsyncConnection, of: ConferenceId, venues: Sequence[VenueId]
    ) -> dict[VenueId, str]:
        """Makes PINs that nobody has and writes them."""
        done: dict[VenueId, str] = {}
        left = list(venues)
        while left:
            new = {made.hashed: made for made in (self._make(of, venue) for venue in left)}
            taken = select(pin.c.pin_hash).where(pin.c.pin_hash.in_(new))
            for hashed in (await connection.execute(taken)).scalars().all():
                del new[hashed]
            if new:
                rows = [self._row(of, made) for made in new.values()]
                await connection.execute(pin.insert(), rows)
            done |= {made.venue: made.digits for made in new.values()}
            left = [venue for venue in left if venue not in done]
        return done

    def _row(self, of: ConferenceId, made: _Made) -> dict[str, object]:
        return {
            "pin_hash": made.hashed,
            "conference": of,
            "venue": made.venue,
            "nonce": made.nonce,
            "issued_at": self._clock.now(),
        }

    def _make(self, of: ConferenceId, venue: VenueId) -> _Made:
        nonce = secrets.token_hex(_NONCE_BYTES)
        digits = self._digits(of, venue, nonce)
        return _Made(venue, nonce, digits, self._hash(digits))

    def _digits(self, of: ConferenceId, venue: VenueId, nonce: str) -> str:
        drawn = int.from_bytes(self._mac("pin", of, venue, nonce))
        return f"{drawn % 10**PIN_DIGITS:0{PIN_DIGITS}}"

    def _hash(self, digits: str) -> str:
        return self._mac("find", digits).hex()

    def _mac(self, *parts: str) -> bytes:
        message = b"".join(len(p.encode()).to_bytes(2) + p.encode() for p in parts)
        return hmac.digest(self._key, message, "sha256")


def _finished() -> ColumnElement[bool]:
    closed = select(conference.c.id).where(conference.c.phase == Phase.CLOSED.value)
    return pin.c.conference.in_(closed)


def _as_pins(made: dict[VenueId, str]) -> Pins:
    return Pins({v: d for v, d in made.items() if v != _GENERAL}, made.get(_GENERAL))
