"""The records of all conferences: read, exported, and their communiques written.

A record is folded anew whenever it is asked for: there is no second source of truth.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from operator import is_
from typing import Final

from pydantic_core import to_json

from podium.conference.events import Recorded
from podium.conference.state import ConferenceId, Phase
from podium.desk.programmes import Programmes
from podium.record.communique.decide import CHANGED_MEANWHILE, decide
from podium.record.communique.document import Document, document
from podium.record.communique.draft import draft
from podium.record.communique.events import Author, Command, Edit, Entry, Redraft, edit_from_json
from podium.record.export.layout import Locale, Paper
from podium.record.export.minutes import minutes
from podium.record.export.report import Report
from podium.record.export.tables import Table, write_table
from podium.record.folds.record import Record, record_of
from podium.record.ports import Clock
from podium.record.press import Press
from podium.record.wire import Json, document_json, record_json
from podium.values.log import Examined, LogConflict, ProvenLog
from podium.values.refusal import Refusal
from podium.work.state import Programme

KEPT_MOST: Final = 4
"""A record of three thousand venues has some 8 MB."""
_DOCX: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@dataclass(frozen=True, slots=True)
class Export:
    """A file to be handed out. ``name`` is ASCII."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class _Known:
    record: Record
    proof: Examined


@dataclass(frozen=True, slots=True)
class _Kept:
    """A closed conference's record as JSON. It holds as long as the log, which is examined at every
    look, and the programmes are what they were."""

    proof: Examined
    programmes: Sequence[Programme]
    content: bytes


def _same(some: Sequence[Programme], others: Sequence[Programme]) -> bool:
    """The very same states."""
    return len(some) == len(others) and all(map(is_, some, others))


_Writer = Callable[[_Known, Document, Locale], Paper | bytes]
"""Gives a paper that is yet to be laid out, or the file itself."""


class RecordBook:
    """``zone``: whose days and hours the papers mean."""

    def __init__(
        self,
        log: ProvenLog[ConferenceId, Recorded],
        communiques: ProvenLog[ConferenceId, Entry],
        programmes: Programmes,
        clock: Clock,
        zone: tzinfo,
    ) -> None:
        self._log = log
        self._communiques = communiques
        self._programmes = programmes
        self._clock = clock
        self._zone = zone
        self._kept: dict[ConferenceId, _Kept] = {}
        """The last records that were read of closed conferences, the newest last."""
        self._press = Press()

    def close(self) -> None:
        """Papers that are being laid out are not waited for."""
        self._press.close()

    async def read(self, conference: ConferenceId) -> bytes | None:
        """The record as JSON (see ``wire``); ``None`` where nothing is recorded."""
        proof = await self._log.examine(conference)
        programmes = await self._issuing(conference)
        kept = self._kept.get(conference)
        if kept is not None and kept.proof == proof and _same(kept.programmes, programmes):
            return kept.content
        known = await self._folded(conference, proof, programmes)
        if known is None:
            return None
        content = await asyncio.to_thread(lambda: to_json(record_json(known.record, proof)))
        if known.record.periods.phase is Phase.CLOSED:
            self._keep(conference, _Kept(proof, programmes, content))
        return content

    def _keep(self, conference: ConferenceId, kept: _Kept) -> None:
        self._kept.pop(conference, None)
        self._kept[conference] = kept
        for oldest in list(self._kept)[:-KEPT_MOST]:
            del self._kept[oldest]

    async def export(
        self, conference: ConferenceId, kind: str, locale: str
    ) -> Export | Refusal | None:
        """``kind``: "record.pdf", "record.docx", "record.json", "minutes.pdf", "minutes.docx", or
        the name of a table with ".csv". ``None`` where there is no such conference or kind.
        A refusal where this installation cannot make it."""
        name, _, ending = kind.rpartition(".")
        write = self._writer(name, ending)
        known = None if write is None else await self._known(conference)
        if known is None or write is None:
            return None
        doc = await self._document(conference)
        written = await asyncio.to_thread(write, known, doc, Locale(locale))
        content = (
            await self._press.print(written, ending) if isinstance(written, Paper) else written
        )
        if isinstance(content, Refusal):
            return content
        return Export(f"{conference}-{kind}", _MEDIA_TYPES[ending], content)

    async def communique(self, conference: ConferenceId) -> Json:
        """The communique as JSON values; without pieces where none was drafted."""
        return document_json(await self._document(conference))

    async def redraft(
        self, conference: ConferenceId, account: str, name: str, seen: int
    ) -> Json | Refusal:
        """Begins it from the record as it is now, or begins it anew. ``seen``: the ``seq`` of the
        communique that the author has looked at."""
        known = await self._known(conference)
        pieces = () if known is None else await asyncio.to_thread(draft, known.record, self._zone)
        head = None if known is None else known.proof.head
        command = Redraft(pieces, head.seq if head else 0, head.hash if head else "")
        return await self._carry_out(conference, command, Author(account, name), seen)

    async def edit(
        self, conference: ConferenceId, body: bytes, account: str, name: str, seen: int
    ) -> Json | Refusal:
        """One command of :mod:`communique.events` as JSON. Raises ``CodecError``."""
        command: Edit = edit_from_json(body)
        return await self._carry_out(conference, command, Author(account, name), seen)

    async def _carry_out(
        self, conference: ConferenceId, command: Command, author: Author, seen: int
    ) -> Json | Refusal:
        entries = await self._communiques.read(conference)
        doc = document(entries)
        decision = decide(doc, command, seen)
        if isinstance(decision, Refusal):
            return decision
        now = max([self._clock.now(), *(entry.at for entry in entries[-1:])])
        new = [Entry(doc.seq + n, now, author, event) for n, event in enumerate(decision, 1)]
        try:
            await self._communiques.append(conference, new)
        except LogConflict:
            return CHANGED_MEANWHILE
        return document_json(document([*entries, *new]))

    async def _known(self, conference: ConferenceId) -> _Known | None:
        proof = await self._log.examine(conference)
        return await self._folded(conference, proof, await self._issuing(conference))

    async def _folded(
        self, conference: ConferenceId, proof: Examined, programmes: Sequence[Programme]
    ) -> _Known | None:
        entries = await self._log.read(conference)
        record = await asyncio.to_thread(record_of, entries, self._clock.now(), programmes)
        return None if record is None else _Known(record, proof)

    async def _issuing(self, conference: ConferenceId) -> list[Programme]:
        """The programmes of which the conference issued something."""
        looked = [await self._programmes.look(id_) for id_ in await self._programmes.ids()]
        return [
            state
            for state in looked
            if state is not None and any(d.conference == conference for d in state.deployments)
        ]

    async def _document(self, conference: ConferenceId) -> Document:
        return document(await self._communiques.read(conference))

    def _writer(self, name: str, ending: str) -> _Writer | None:
        match name, ending:
            case _, "csv" if name in _TABLES:
                return lambda k, _, at: write_table(k.record, Table(name), at, self._zone)
            case "record", "json":
                return lambda k, _, __: to_json(record_json(k.record, k.proof), indent=1)
            case "record", "pdf" | "docx":
                return self._report
            case "minutes", "pdf" | "docx":
                return self._minutes
            case _:
                return None

    def _report(self, known: _Known, _: Document, locale: Locale) -> Paper:
        return Report(known.record, locale, self._zone).paper(known.proof)

    def _minutes(self, known: _Known, doc: Document, locale: Locale) -> Paper:
        return minutes(known.record, doc, known.proof, locale, self._zone)


_TABLES: Final = frozenset(table.value for table in Table)
_MEDIA_TYPES: Final = {
    "pdf": "application/pdf",
    "docx": _DOCX,
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
}
