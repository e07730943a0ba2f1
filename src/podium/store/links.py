"""Links of stations and walls: whoever holds one is that venue, or that wall."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from podium.conference.state import ConferenceId, VenueId
from podium.hall.access import Link, LinkState, StationLink, UnknownLink, WallLink
from podium.hall.ports import Clock
from podium.store.database import Database
from podium.store.secrets import STATION_LINK, WALL_LINK, new_secret, secret_hash
from podium.store.tables import link
from podium.store.uses import UseNotes

_WALL = ""
"""What ``link.venue`` holds for a wall."""
_BATCH = 500
"""Below every database's limit of parameters in a statement."""


_KNOWN_FOR: Final = 5.0
"""Seconds: a page that comes in asks three times within a moment (socket, WHEP, WHIP)."""
_KNOWN_MOST: Final = 10_000


class _Known:
    """Links found a moment ago. A change in this process counts at once; one that another
    process makes in the same PostgreSQL, after ``_KNOWN_FOR`` seconds."""

    def __init__(self) -> None:
        self._links: dict[str, tuple[float, Link]] = {}
        self.generation = 0
        """Changes whenever links do: what was read before must not be remembered after."""

    def get(self, hashed: str) -> Link | None:
        until, link_ = self._links.get(hashed, (0.0, None))
        return link_ if until > time.monotonic() else None

    def put(self, hashed: str, found: Link, generation: int) -> None:
        if generation == self.generation:
            if len(self._links) >= _KNOWN_MOST:
                self._links.clear()
            self._links[hashed] = time.monotonic() + _KNOWN_FOR, found

    def clear(self) -> None:
        self.generation += 1
        self._links.clear()


class LinkStore:
    """At most one valid link for each venue of a conference, and one for its wall."""

    def __init__(self, database: Database, clock: Clock, uses: UseNotes) -> None:
        self._database = database
        self._clock = clock
        self._uses = uses
        self._known = _Known()

    async def states(self, conference: ConferenceId) -> Sequence[LinkState]:
        """The venues' valid links."""
        query = (
            select(link)
            .where(link.c.conference == conference, link.c.venue != _WALL)
            .order_by(link.c.venue)
        )
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).all()
        return [LinkState(VenueId(row.venue), row.issued_at, row.last_used_at) for row in rows]

    async def issue(
        self, conference: ConferenceId, venues: Sequence[VenueId]
    ) -> Mapping[VenueId, str]:
        """New secrets; the older links of the same venues are revoked, all or nothing."""
        issued = {venue: new_secret(STATION_LINK) for venue in venues if venue != _WALL}
        await self._replace_all(conference, issued)
        return issued

    async def issue_wall(self, conference: ConferenceId) -> str:
        """A new secret; the older wall link is revoked."""
        secret = new_secret(WALL_LINK)
        await self._replace_all(conference, {VenueId(_WALL): secret})
        return secret

    async def revoke(self, conference: ConferenceId, venue: VenueId) -> None:
        """Raises ``UnknownLink``."""
        this = link.c.conference == conference, link.c.venue == venue, link.c.venue != _WALL
        async with self._database.write() as connection:
            if not (await connection.execute(delete(link).where(*this))).rowcount:
                raise UnknownLink(venue)
        self._known.clear()

    async def find(self, secret: str) -> Link | None:
        """What the link stands for; notes the use. ``None`` if not valid."""
        if not secret.startswith((STATION_LINK, WALL_LINK)):
            return None
        hashed = secret_hash(secret)
        found = self._known.get(hashed)
        if found is None:
            found = await self._look_up(hashed)
        if found is not None:
            self._uses.note(link, hashed, self._clock.now())
        return found

    async def _look_up(self, hashed: str) -> Link | None:
        generation = self._known.generation
        query = select(link.c.conference, link.c.venue).where(link.c.secret_hash == hashed)
        async with self._database.read() as connection:
            row = (await connection.execute(query)).one_or_none()
        if row is None:
            return None
        conference, venue = ConferenceId(row.conference), VenueId(row.venue)
        found: Link = WallLink(conference) if venue == _WALL else StationLink(conference, venue)
        self._known.put(hashed, found, generation)
        return found

    async def _replace_all(self, conference: ConferenceId, issued: Mapping[VenueId, str]) -> None:
        async with self._database.write() as connection:
            await self._replace(connection, conference, issued)
        self._known.clear()

    async def _replace(
        self,
        connection: AsyncConnection,
        conference: ConferenceId,
        issued: Mapping[VenueId, str],
    ) -> None:
        venues, now = list(issued), self._clock.now()
        for start in range(0, len(venues), _BATCH):
            chunk = venues[start : start + _BATCH]
            older = link.c.conference == conference, link.c.venue.in_(chunk)
            await connection.execute(delete(link).where(*older))
            rows = [
                {
                    "secret_hash": secret_hash(issued[venue]),
                    "conference": conference,
                    "venue": venue,
                    "issued_at": now,
                }
                for venue in chunk
            ]
            await connection.execute(link.insert(), rows)
