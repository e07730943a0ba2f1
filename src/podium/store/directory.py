"""The standing directory, as the database keeps it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from podium.conference.state import OrganisationId, Text, VenueId, VenueKind
from podium.directory.csv_export import export_csv
from podium.directory.csv_import import ImportPlan, plan_import
from podium.directory.numbers import join_numbers, split_numbers
from podium.directory.templates import TEMPLATES, Template
from podium.directory.values import Body, Directory, Level, Place
from podium.store.database import Database
from podium.store.tables import organisation, venue


class DirectoryStore:
    """Reads are whole: a directory of thousands of venues is a few hundred kilobytes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def read(self) -> Directory:
        async with self._database.read() as connection:
            return await _load(connection)

    async def import_csv(self, data: bytes, *, apply: bool) -> ImportPlan:
        """Plans against what is stored; with ``apply`` and no fault also does it, at once and
        wholly. Never raises for what is in ``data``."""
        if not apply:
            return await asyncio.to_thread(plan_import, data, await self.read())
        async with self._database.write() as connection:
            if self._database.is_postgresql:
                # Two imports at once would each plan without the other's venues.
                await connection.execute(text("LOCK TABLE organisation IN EXCLUSIVE MODE"))
            plan = await asyncio.to_thread(plan_import, data, await _load(connection))
            await self._write(connection, plan)
            return plan

    async def export_csv(self) -> bytes:
        """UTF-8 with a byte-order mark, in the import's layout."""
        return export_csv(await self.read())

    async def templates(self) -> Sequence[Template]:
        return tuple(TEMPLATES.values())

    async def _write(self, connection: AsyncConnection, plan: ImportPlan) -> None:
        bodies = [_body_row(body) for body in plan.organisations]
        places = [_place_row(place) for place in plan.venues]
        await self._database.upsert(connection, organisation, bodies)
        await self._database.upsert(connection, venue, places)


async def _load(connection: AsyncConnection) -> Directory:
    by_protocol = organisation.c.protocol_order, organisation.c.id
    bodies = await connection.execute(select(organisation).order_by(*by_protocol))
    places = await connection.execute(select(venue).order_by(venue.c.protocol_order, venue.c.id))
    return Directory(
        tuple(
            Body(
                id=OrganisationId(row.id),
                name=Text(row.name_zh, row.name_en),
                parent=OrganisationId(row.parent) if row.parent is not None else None,
                level=Level(row.level),
                order=row.protocol_order,
            )
            for row in bodies
        ),
        tuple(
            Place(
                id=VenueId(row.id),
                organisation=OrganisationId(row.organisation),
                name=Text(row.name_zh, row.name_en),
                kind=VenueKind(row.kind),
                order=row.protocol_order,
                pinyin=(row.pinyin, row.initials),
                telephones=split_numbers(row.telephones),
            )
            for row in places
        ),
    )


def _body_row(body: Body) -> dict[str, Any]:
    return {
        "id": body.id,
        "parent": body.parent,
        "name_zh": body.name.zh,
        "name_en": body.name.en,
        "level": body.level.value,
        "protocol_order": body.order,
    }


def _place_row(place: Place) -> dict[str, Any]:
    return {
        "id": place.id,
        "organisation": place.organisation,
        "name_zh": place.name.zh,
        "name_en": place.name.en,
        "kind": place.kind.value,
        "protocol_order": place.order,
        "pinyin": place.pinyin[0],
        "initials": place.pinyin[1],
        "telephones": join_numbers(place.telephones),
    }
