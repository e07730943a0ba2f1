"""The situation of an installation: its figures, their briefings and pictures, and imports.

Everything computed is kept by the figures' version, so that an import shows at once and nothing
is computed twice.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Final

from pydantic_core import to_json

from podium.briefing.memo import Memo
from podium.briefing.official import official_batch, official_figures
from podium.briefing.ports import FigureBook
from podium.briefing.tasks import Briefings, Kind, briefings, picture
from podium.briefing.wire import (
    Json,
    batch_json,
    briefing_json,
    figure_json,
    plan_json,
    reading_json,
    series_json,
    source_json,
)
from podium.briefing.workshop import Workshop, WorkshopFailed
from podium.sheets.table import Fault
from podium.situation.batches import BatchPlan
from podium.situation.figures import Figures
from podium.situation.importing.entry import Release
from podium.situation.importing.own import export_csv
from podium.situation.importing.plan import ImportPlan, plan_import
from podium.situation.indicators import Reading, latest_month, latest_year_to_date, reading
from podium.situation.period import whole_year
from podium.situation.series import Catalogue, Measure, Rhythm, Series, SeriesId, Source, SourceId
from podium.situation.statement import Language
from podium.situation.subject import RETAIL, Subject
from podium.values.refusal import Refusal
from podium.values.text import Text

_CHANGES_SHOWN: Final = 200
_ATTEMPTS: Final = 4


@dataclass(frozen=True, slots=True)
class _Known:
    """All figures of one version, and what they are about."""

    version: int
    figures: Figures
    subject: Subject

    @property
    def catalogue(self) -> Catalogue:
        return self.subject.catalogue


class SituationBook:
    """The workshop belongs to the caller. ``x13``: the program that adjusts for the season."""

    def __init__(
        self,
        store: FigureBook,
        workshop: Workshop,
        subject: Subject = RETAIL,
        x13: Path | None = None,
    ) -> None:
        self._store = store
        self._workshop = workshop
        self._subject = subject
        self._x13 = x13
        self._known: Memo[int, _Known] = Memo(2)
        self._briefings: Memo[tuple[int, date], Briefings | None] = Memo(32)
        self._pictures: Memo[tuple[int, date, Language, str, Kind], bytes | None] = Memo(160)

    async def series(self) -> Json:
        """Every series with the number of its figures, and the sources."""
        known = await self._now()
        published = {
            row[0]: (row[1].isoformat(), row[2].isoformat(), row[3])
            for row in known.figures.spans()
        }
        return {
            "version": known.version,
            "title": {"zh": known.subject.title.zh, "en": known.subject.title.en},
            "whole": known.subject.whole,
            "series": [series_json(s, published) for s in known.catalogue],
            "sources": [source_json(s) for s in known.catalogue.sources.values()],
        }

    async def figures(self, day: date, series: Sequence[str]) -> Json | None:
        """What was known on ``day`` of these series; ``None`` where one is not in the catalogue."""
        known = await self._now()
        asked = [SeriesId(s) for s in series]
        if not all(s in known.catalogue for s in asked):
            return None
        found = await asyncio.to_thread(known.figures.as_of, day)
        rows = [f for s in asked for m in Measure for f in found.all_of(s, m)]
        return {
            "day": day.isoformat(),
            "version": known.version,
            "figures": [figure_json(f, known.catalogue) for f in rows],
        }

    async def statistic(self, series: str, day: date) -> Json | None:
        """The series' last month and year to date as known on ``day``; ``None`` where it is not in
        the catalogue."""
        known = await self._now()
        if series not in known.catalogue:
            return None
        about = known.catalogue[SeriesId(series)]
        month, to_date = await asyncio.to_thread(_latest, known.figures, about, day)
        catalogue = known.catalogue
        return {
            "day": day.isoformat(),
            "series": series_json(about, {}),
            "month": month and reading_json(month, catalogue),
            "to_date": to_date and reading_json(to_date, catalogue),
        }

    async def briefing(self, day: date, language: Language) -> Json | Refusal | None:
        """``None`` where nothing was known on ``day``; a refusal where it cannot be computed."""
        known = await self._now()
        try:
            found = await self._composed(known, day)
        except WorkshopFailed as error:
            return error.refusal
        if found is None:
            return None
        return briefing_json(found[language], known.catalogue, known.version)

    async def page(
        self, day: date, language: Language, page: str, kind: str
    ) -> bytes | Refusal | None:
        """A page's picture (``png``, ``svg``) or its specification (``json``); ``None`` where the
        briefing has no such page; a refusal where it cannot be computed."""
        try:
            return await self._page(day, language, page, kind)
        except WorkshopFailed as error:
            return error.refusal

    async def _page(self, day: date, language: Language, page: str, kind: str) -> bytes | None:
        known = await self._now()
        found = await self._composed(known, day)
        if found is None:
            return None
        pages = found[language].pages
        spec = next((p.chart.spec for p in pages if p.id == page), None)
        if spec is None or kind not in ("png", "svg", "json"):
            return None
        if kind == "json":
            return to_json(spec)
        drawn: Kind = "png" if kind == "png" else "svg"
        key = (known.version, day, language, page, drawn)
        return await self._pictures.get(key, lambda: self._workshop.run(picture, spec, drawn))

    async def export(self) -> bytes:
        """Every vintage as CSV, which an import reads back without a change."""
        known = await self._now()
        return await asyncio.to_thread(export_csv, known.figures)

    async def batches(self) -> Json:
        await self._now()
        return {"batches": [batch_json(b) for b in await self._store.batches()]}

    async def bring_in(
        self, data: bytes, name: str, day: date, source: str | Text, by: str, *, apply: bool
    ) -> Json | None:
        """Plans an import, and with ``apply`` carries it out, unless the file has any fault.

        ``source``: one that is known, or the names of a new one; ``None`` is returned where the
        identifier is not known.
        """
        for _ in range(_ATTEMPTS):
            known = await self._now()
            added = _added_source(source, known.catalogue)
            if isinstance(source, str) and source not in known.catalogue.sources:
                return None
            catalogue = known.catalogue.merged(Catalogue((), added))
            release = Release(day, added[0].id if added else SourceId(str(source)))
            plan = await asyncio.to_thread(plan_import, data, catalogue, known.figures, release)
            applied = apply and bool(plan.changed) and not plan.faults
            batch = _batch_of(plan, data, name, by)
            named = [s for s in added if s.id not in known.catalogue.sources]
            if not applied or await self._store.add(batch, plan.changed, known.version, named):
                return plan_json(plan, catalogue, applied=applied, most=_CHANGES_SHOWN)
        fault = Fault(1, "", _TAKEN_TURNS)
        nothing = ImportPlan((), (), (), 0, (), (fault,))
        return plan_json(nothing, known.catalogue, applied=False, most=_CHANGES_SHOWN)

    async def _composed(self, known: _Known, day: date) -> Briefings | None:
        key = (known.version, day)
        return await self._briefings.get(
            key, lambda: self._workshop.run(briefings, known.figures, known.subject, day, self._x13)
        )

    async def _now(self) -> _Known:
        """The newest version; the official figures come first, once."""
        version = await self._store.version()
        if version == 0:
            await self._begin()
            version = await self._store.version()
        return await self._known.get(version, self._read)

    async def _read(self) -> _Known:
        version, figures = await self._store.read()
        sources = Catalogue((), await self._store.sources())
        catalogue = self._subject.catalogue.merged(sources)
        return _Known(version, figures, replace(self._subject, catalogue=catalogue))

    async def _begin(self) -> None:
        figures = await asyncio.to_thread(official_figures)
        series = figures.frame["series"].unique().to_list()
        batch = await asyncio.to_thread(official_batch)
        await self._store.add(batch, figures.of_series(series), 0)


_TAKEN_TURNS: Final = Text(
    "其他人正在导入，请稍后重试。", "Others are importing at the same time. Try again in a moment."
)


def _added_source(source: str | Text, catalogue: Catalogue) -> tuple[Source, ...]:
    """A new source, unless one of the same name is there already."""
    if isinstance(source, str):
        return ()
    same = next((s for s in catalogue.sources.values() if s.name == source), None)
    digest = hashlib.sha256(f"{source.zh}\n{source.en}".encode()).hexdigest()
    return (same or Source(SourceId(f"office.{digest[:16]}"), source),)


def _batch_of(plan: ImportPlan, data: bytes, name: str, by: str) -> BatchPlan:
    digest = hashlib.sha256(data).hexdigest()
    replaced = len(plan.revised) + len(plan.confirmed)
    return BatchPlan(name, digest, by, len(plan.new), replaced)


def _latest(figures: Figures, series: Series, day: date) -> tuple[Reading | None, Reading | None]:
    known = figures.as_of(day)
    if series.rhythm is Rhythm.YEARLY:
        last = known.of_year_to_date(series.id, Measure.VALUE)
        return None, reading(known, series, whole_year(last[-1].period.end.year)) if last else None
    return latest_month(known, series), latest_year_to_date(known, series)
