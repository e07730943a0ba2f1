"""Statistics at rest: every vintage, in batches that come in wholly or not at all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

import polars as pl
from sqlalchemy import RowMapping, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from podium.hall.ports import Clock
from podium.situation.batches import Batch, BatchPlan
from podium.situation.figures import SCHEMA, Figure, Figures
from podium.situation.series import Source, SourceId
from podium.store.database import Database
from podium.store.tables import figure, figure_batch, figure_source
from podium.values.text import Text

_ROWS_AT_ONCE: Final = 1000


class FigureStore:
    """The newest batch's number is the version of all that is here."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def version(self) -> int:
        async with self._database.read() as connection:
            return await _version(connection)

    async def read(self) -> tuple[int, Figures]:
        """The version, and every vintage of every figure in it."""
        query = select(
            figure.c.series,
            figure.c.measure,
            figure.c.period_end,
            figure.c.months,
            figure.c.value,
            figure.c.published,
            figure.c.source,
        ).order_by(*figure.primary_key.columns)
        async with self._database.read() as connection:
            version = await _version(connection)
            rows = (await connection.execute(query)).all()
        frame = pl.DataFrame([tuple(row) for row in rows], schema=SCHEMA, orient="row")
        return version, Figures(frame)

    async def sources(self) -> Sequence[Source]:
        """Those that were added here, by name."""
        query = select(figure_source).order_by(figure_source.c.name_zh, figure_source.c.id)
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).all()
        return [Source(SourceId(r.id), Text(r.name_zh, r.name_en)) for r in rows]

    async def batches(self) -> Sequence[Batch]:
        """The newest first."""
        query = select(figure_batch).order_by(figure_batch.c.id.desc())
        async with self._database.read() as connection:
            return [_batch(row) for row in (await connection.execute(query)).mappings()]

    async def add(
        self, plan: BatchPlan, figures: Iterable[Figure], seen: int, sources: Sequence[Source] = ()
    ) -> bool:
        """One batch more, with the new sources it names; ``False`` where another one came in
        since version ``seen``, and then nothing was added."""
        rows = list(_rows(figures, seen + 1))
        batch = {
            "id": seen + 1,
            "at": self._clock.now(),
            "name": plan.name,
            "digest": plan.digest,
            "imported_by": plan.by,
            "new": plan.new,
            "revised": plan.revised,
        }
        named = [{"id": s.id, "name_zh": s.name.zh, "name_en": s.name.en} for s in sources]
        try:
            async with self._database.write() as connection:
                if await _version(connection) != seen:
                    return False
                await self._database.upsert(connection, figure_source, named)
                await connection.execute(figure_batch.insert(), batch)
                for start in range(0, len(rows), _ROWS_AT_ONCE):
                    await connection.execute(figure.insert(), rows[start : start + _ROWS_AT_ONCE])
        except IntegrityError:
            # On PostgreSQL two writers may look at once: the batch's number lets one of them in.
            return False
        return True


async def _version(connection: AsyncConnection) -> int:
    return (await connection.execute(select(func.max(figure_batch.c.id)))).scalar() or 0


def _rows(figures: Iterable[Figure], batch: int) -> Iterator[dict[str, Any]]:
    """A file may hold the same figure under two headings; it is one."""
    for one in dict.fromkeys(figures):
        yield {
            "series": one.series,
            "measure": one.measure.value,
            "period_end": one.period.end.first_day,
            "months": one.period.months,
            "published": one.published,
            "value": one.value,
            "source": one.source,
            "batch": batch,
        }


def _batch(row: RowMapping) -> Batch:
    plan = BatchPlan(row["name"], row["digest"], row["imported_by"], row["new"], row["revised"])
    return Batch(row["id"], row["at"], plan)
