"""The matrix of measures by organisations: filtered, in pages, one level of the tree at a time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from podium.values.text import OrganisationId
from podium.work.board import Board, Counts, measure_counts, named, organisation_counts
from podium.work.lights import Light, LightRule
from podium.work.state import Assignment
from podium.work.tree import children, subtree
from podium.work.values import AreaId, MeasureId


@dataclass(frozen=True, slots=True)
class Page:
    """Entries from ``start``, ``size`` at most."""

    start: int = 0
    size: int = 50


@dataclass(frozen=True, slots=True)
class MatrixQuery:
    """``under``: whose subordinates make the columns; ``None`` takes the tops of the tree.
    ``lights`` keeps the measures that have such a light somewhere below ``under``, and the
    organisations likewise. ``search`` is looked for in titles and codes."""

    under: OrganisationId | None = None
    area: AreaId | None = None
    lights: frozenset[Light] = frozenset()
    search: str = ""
    measures: Page = Page()
    organisations: Page = Page()


@dataclass(frozen=True, slots=True)
class MatrixCell:
    """``own`` is the organisation's assignment, if it has one; ``below`` counts those of the
    bodies below it, if there are any."""

    own: tuple[Assignment, LightRule] | None
    below: Counts | None


@dataclass(frozen=True, slots=True)
class Matrix:
    """``cells`` by measure and organisation, for what is on this page; a missing one is empty.
    The counts are over everything below, not over the page alone."""

    measures: Sequence[MeasureId]
    organisations: Sequence[OrganisationId]
    cells: Mapping[MeasureId, Mapping[OrganisationId, MatrixCell]]
    measure_counts: Mapping[MeasureId, Counts]
    organisation_counts: Mapping[OrganisationId, Counts]
    all_measures: int
    all_organisations: int


def matrix(lit: Board, query: MatrixQuery) -> Matrix:
    columns = _columns(lit, query.under)
    whole = organisation_counts(lit)
    scope = _scope(lit, query.under)
    counts = measure_counts(lit, scope)
    organisations = [o for o in columns if o in whole and _has(whole[o], query.lights)]
    measures = [
        m for m in _measures(lit, query) if any(counts[m]) and _has(named(counts[m]), query.lights)
    ]
    shown = measures[query.measures.start :][: query.measures.size]
    across = organisations[query.organisations.start :][: query.organisations.size]
    return Matrix(
        measures=shown,
        organisations=across,
        cells=_cells(lit, shown, across),
        measure_counts={m: named(counts[m]) for m in shown},
        organisation_counts={o: whole[o] for o in across},
        all_measures=len(measures),
        all_organisations=len(organisations),
    )


def _columns(lit: Board, under: OrganisationId | None) -> Sequence[OrganisationId]:
    """The body itself first, where it has something to do."""
    below = children(lit.state.bodies).get(under, ())
    return (under, *below) if under is not None and under in lit.rows else below


def _scope(lit: Board, under: OrganisationId | None) -> Iterable[OrganisationId]:
    return lit.rows if under is None else subtree(lit.state.bodies, under)


def _has(counts: Counts, lights: frozenset[Light]) -> bool:
    return not lights or any(counts[light] for light in lights)


def _measures(lit: Board, query: MatrixQuery) -> Iterable[MeasureId]:
    areas = _areas(lit, query.area)
    needle = query.search.casefold().strip()
    for measure in lit.state.measures.values():
        if areas is not None and measure.area not in areas:
            continue
        words = (measure.id, measure.title.zh, measure.title.en)
        if not needle or any(needle in text.casefold() for text in words):
            yield measure.id


def _areas(lit: Board, top: AreaId | None) -> frozenset[AreaId] | None:
    """An area with the narrower ones inside it."""
    if top is None:
        return None
    inside = {top}
    for _ in lit.state.areas:
        wider = {a.id for a in lit.state.areas.values() if a.parent in inside} - inside
        if not wider:
            break
        inside |= wider
    return frozenset(inside)


def _cells(
    lit: Board, measures: Sequence[MeasureId], organisations: Sequence[OrganisationId]
) -> Mapping[MeasureId, Mapping[OrganisationId, MatrixCell]]:
    cells: dict[MeasureId, dict[OrganisationId, MatrixCell]] = {m: {} for m in measures}
    for organisation in organisations:
        beneath = subtree(lit.state.bodies, organisation)[1:]
        counts = measure_counts(lit, beneath) if beneath else {}
        own = lit.rows.get(organisation)
        for measure in measures:
            rule = None if own is None else own.rules.get(measure)
            below = counts.get(measure)
            if rule is None and not (below and any(below)):
                continue
            cells[measure][organisation] = MatrixCell(
                own=None if own is None or rule is None else (own.row[measure], rule),
                below=named(below) if below and any(below) else None,
            )
    return cells
