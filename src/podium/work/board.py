"""Every light of a programme on one day, and the counts that pages ask for.

A board is made from the one before it: rows that are still the same values keep their lights, so
that one report among 600,000 assignments costs one row.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from podium.values.level import Level
from podium.values.text import OrganisationId
from podium.work.lights import Light, LightRule, light_rule
from podium.work.state import Programme, Row
from podium.work.tree import children
from podium.work.values import AreaId, MeasureId

LIGHTS: Final = tuple(Light)
_PLACE: Final = {light: place for place, light in enumerate(LIGHTS)}

Counts = Mapping[Light, int]


@dataclass(frozen=True, slots=True)
class LitRow:
    """What one organisation has to do, with lights. ``counts`` follow ``LIGHTS``."""

    row: Row
    rules: Mapping[MeasureId, LightRule]
    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Board:
    state: Programme
    today: date
    rows: Mapping[OrganisationId, LitRow]


def board(state: Programme, today: date, before: Board | None = None) -> Board:
    """``before``: any earlier board of the same programme, to take over from."""
    known: dict[int, LitRow] = {}
    if before is not None and before.today == today:
        known = {id(lit.row): lit for lit in before.rows.values()}
    rows: dict[OrganisationId, LitRow] = {}
    for organisation, row in state.rows.items():
        lit = known.get(id(row))
        if lit is None:
            lit = known[id(row)] = _lit(row, today)
        rows[organisation] = lit
    return Board(state, today, rows)


def _lit(row: Row, today: date) -> LitRow:
    rules = {measure: light_rule(assignment, today) for measure, assignment in row.items()}
    return LitRow(row, rules, _tally(rule.light for rule in rules.values()))


def _tally(lights: Iterable[Light]) -> tuple[int, ...]:
    counts = [0] * len(LIGHTS)
    for light in lights:
        counts[_PLACE[light]] += 1
    return tuple(counts)


def named(counts: Iterable[int]) -> Counts:
    return dict(zip(LIGHTS, counts, strict=True))


def _sum(all_: Iterable[tuple[int, ...]]) -> tuple[int, ...]:
    return tuple(map(sum, zip(*all_, strict=True))) or (0,) * len(LIGHTS)


# --- roll-up


@dataclass(frozen=True, slots=True)
class RollUp:
    """``organisations``: each with all that is below it, also those without an assignment of
    their own that have some below."""

    total: Counts
    levels: Mapping[Level, Counts]
    organisations: Mapping[OrganisationId, Counts]
    measures: Mapping[MeasureId, Counts]
    areas: Mapping[AreaId, Counts]
    """Each with the narrower ones inside it."""


def roll_up(lit: Board) -> RollUp:
    state = lit.state
    levels: dict[Level, list[tuple[int, ...]]] = {}
    for organisation, row in lit.rows.items():
        levels.setdefault(state.bodies[organisation].level, []).append(row.counts)
    measures = measure_counts(lit, lit.rows)
    return RollUp(
        total=named(_sum(row.counts for row in lit.rows.values())),
        levels={level: named(_sum(levels[level])) for level in Level if level in levels},
        organisations=organisation_counts(lit),
        measures={measure: named(counts) for measure, counts in measures.items()},
        areas=_area_counts(state, measures),
    )


def organisation_counts(lit: Board) -> Mapping[OrganisationId, Counts]:
    """With all that is below; in protocol order."""
    sums: dict[OrganisationId, tuple[int, ...]] = {o: row.counts for o, row in lit.rows.items()}
    for body in _deepest_first(lit.state):
        parent = lit.state.bodies[body].parent
        if parent is not None and body in sums:
            upper = sums.get(parent)
            sums[parent] = sums[body] if upper is None else _sum((upper, sums[body]))
    return {body: named(sums[body]) for body in lit.state.bodies if body in sums}


def _deepest_first(state: Programme) -> list[OrganisationId]:
    below = children(state.bodies)
    order = list(below.get(None, ()))
    for body in order:  # grows while it is walked
        order.extend(below.get(body, ()))
    order.reverse()
    return order


def measure_counts(
    lit: Board, organisations: Iterable[OrganisationId]
) -> Mapping[MeasureId, list[int]]:
    """Over these organisations alone. Rows that are the same value are counted once for all."""
    counts: dict[MeasureId, list[int]] = {m: [0] * len(LIGHTS) for m in lit.state.measures}
    times: dict[int, int] = {}
    distinct: dict[int, LitRow] = {}
    for organisation in organisations:
        row = lit.rows.get(organisation)
        if row is not None:
            times[id(row)] = times.get(id(row), 0) + 1
            distinct[id(row)] = row
    for key, row in distinct.items():
        n = times[key]
        for measure, rule in row.rules.items():
            counts[measure][_PLACE[rule.light]] += n
    return counts


def _area_counts(
    state: Programme, measures: Mapping[MeasureId, list[int]]
) -> Mapping[AreaId, Counts]:
    sums: dict[AreaId, list[int]] = {area: [0] * len(LIGHTS) for area in state.areas}
    for measure, counts in measures.items():
        at: AreaId | None = state.measures[measure].area
        seen: set[AreaId] = set()
        while at is not None and at in sums and at not in seen:
            seen.add(at)
            sums[at] = [a + b for a, b in zip(sums[at], counts, strict=True)]
            at = state.areas[at].parent
    return {area: named(counts) for area, counts in sums.items()}
