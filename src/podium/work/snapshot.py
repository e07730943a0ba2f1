"""The state of a programme as text and back, so that a start need not fold its whole log.

Values that are one in memory are one in the text and one again when it is read: rows that
organisations share, assignments that stand alike. The text is lines of bounded length, so that
nobody who reads it holds others up for long. A line is ``<kind> TAB <JSON>``; many of the same
kind follow each other, and ``end`` closes the text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date
from itertools import islice
from operator import attrgetter
from types import MappingProxyType
from typing import Any, Final, TypeVar

from pydantic import TypeAdapter
from pydantic_core import from_json, to_json

from podium.values.codec import CodecError, Problem, parsed
from podium.values.fields import Code, Prose
from podium.values.text import OrganisationId, Text
from podium.work.state import Assignment, Deployment, Programme, Row
from podium.work.values import Activity, Area, Body, Measure, MeasureId, Policy, ProgrammeId

_MANY: Final = 500
"""Values in one line at most."""
*_STANDING, _LAST = (f.name for f in fields(Assignment))
assert _LAST == "history"
_standing: Final[Callable[[Assignment], tuple[Any, ...]]] = attrgetter(*_STANDING)
"""All of an assignment but its history: many have the same."""
_made: Final[Callable[..., Assignment]] = Assignment
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Head:
    id: ProgrammeId
    title: Text
    about: Prose
    owner: OrganisationId
    zone: Code
    starts_on: date
    ends_on: date


_HEAD: Final = TypeAdapter(_Head)
_LISTS: Final[Mapping[str, TypeAdapter[tuple[Any, ...]]]] = {
    "bodies": TypeAdapter(tuple[Body, ...]),
    "areas": TypeAdapter(tuple[Area, ...]),
    "policies": TypeAdapter(tuple[Policy, ...]),
    "measures": TypeAdapter(tuple[Measure, ...]),
    "activities": TypeAdapter(tuple[Activity, ...]),
    "deployments": TypeAdapter(tuple[Deployment, ...]),
    "standing": TypeAdapter(tuple[Assignment, ...]),
}
"""``standing``: assignments without their history, each once."""
_MAPPINGS: Final = ("bodies", "areas", "policies", "measures", "activities")


def snapshot_lines(state: Programme) -> Iterator[bytes]:
    head = _Head(
        state.id,
        state.title,
        state.about,
        state.owner,
        state.zone,
        state.starts_on,
        state.ends_on,
    )
    yield _line("head", _HEAD.dump_json(head))
    for kind in _MAPPINGS:
        yield from _listed(kind, getattr(state, kind).values())
    yield from _listed("deployments", state.deployments)
    yield from _rows(state.rows)
    yield _line("end", b"[]")


def _line(kind: str, json: bytes) -> bytes:
    return kind.encode() + b"\t" + json


def _listed(kind: str, values: Iterable[Any]) -> Iterator[bytes]:
    for some in _chunks(values):
        yield _line(kind, _LISTS[kind].dump_json(tuple(some)))


def _chunks(values: Iterable[T]) -> Iterator[Sequence[T]]:
    source = iter(values)
    while some := list(islice(source, _MANY)):
        yield some


def _rows(all_: Mapping[OrganisationId, Row]) -> Iterator[bytes]:
    """Assignments are numbered as they come, and so are rows: ``standing`` and ``assignments``
    before the ``row`` that needs them, then the ``holders`` of all rows."""
    pool = _Pool()
    places: dict[int, int] = {}
    for row in all_.values():
        if id(row) not in places:
            places[id(row)] = len(places)
            numbers = [pool.number(assignment) for assignment in row.values()]
            yield from pool.taken()
            yield _line("row", to_json([list(row), numbers]))
    for some in _chunks(all_.items()):
        yield _line("holders", to_json([[holder, places[id(row)]] for holder, row in some]))


@dataclass(slots=True)
class _Pool:
    """Gives every assignment a number, equal ones perhaps several, the same one always one."""

    numbers: dict[int, int] = field(default_factory=dict)
    standings: dict[tuple[Any, ...], int] = field(default_factory=dict)
    new_standings: list[Assignment] = field(default_factory=list)
    new: list[list[int]] = field(default_factory=list)

    def number(self, assignment: Assignment) -> int:
        known = self.numbers.get(id(assignment))
        if known is None:
            known = self.numbers[id(assignment)] = len(self.numbers)
            standing = _standing(assignment)
            place = self.standings.get(standing)
            if place is None:
                place = self.standings[standing] = len(self.standings)
                self.new_standings.append(replace(assignment, history=()))
            self.new.append([place, *assignment.history])
        return known

    def taken(self) -> Iterator[bytes]:
        yield from _listed("standing", self.new_standings)
        for some in _chunks(self.new):
            yield _line("assignments", to_json(some))
        self.new_standings, self.new = [], []


# --- and back


def from_snapshot(lines: Iterable[bytes]) -> Programme:
    """Raises ``CodecError`` for what ``snapshot_lines`` did not write, or not to its end."""
    reading = _Reading()
    for line in lines:
        kind, _, json = line.partition(b"\t")
        try:
            reading.take(kind.decode(), json)
        except (ValueError, TypeError, LookupError) as error:
            raise CodecError((Problem(repr(kind), str(error)),)) from error
    if reading.head is None or not reading.ended:
        raise CodecError((Problem("", "the snapshot is cut off"),))
    return reading.programme(reading.head)


@dataclass(slots=True)
class _Reading:
    head: _Head | None = None
    ended: bool = False
    lists: dict[str, list[Any]] = field(default_factory=lambda: {kind: [] for kind in _LISTS})
    standings: list[tuple[Any, ...]] = field(default_factory=list)
    assignments: list[Assignment] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    holders: dict[OrganisationId, Row] = field(default_factory=dict)
    names: dict[MeasureId, MeasureId] = field(default_factory=dict)
    """So that all rows have the same texts."""

    def take(self, kind: str, json: bytes) -> None:
        if kind in self.lists:
            values: tuple[Any, ...] = parsed(_LISTS[kind], json)
            self.lists[kind] += values
            if kind == "standing":
                self.standings += map(_standing, values)
        elif kind == "assignments":
            standings = self.standings
            self.assignments += [
                _made(*standings[place], tuple(history)) for place, *history in from_json(json)
            ]
        elif kind == "row":
            measures, numbers = from_json(json)
            keys = [self.names.setdefault(measure, measure) for measure in measures]
            found = [self.assignments[n] for n in numbers]
            self.rows.append(MappingProxyType(dict(zip(keys, found, strict=True))))
        elif kind == "holders":
            self.holders |= {holder: self.rows[place] for holder, place in from_json(json)}
        elif kind == "head":
            self.head = parsed(_HEAD, json)
        elif kind == "end":
            self.ended = True
        else:
            raise ValueError("no such kind")

    def programme(self, head: _Head) -> Programme:
        mappings = {kind: _by_id(self.lists[kind]) for kind in _MAPPINGS}
        return Programme(
            id=head.id,
            title=head.title,
            about=head.about,
            owner=head.owner,
            zone=head.zone,
            starts_on=head.starts_on,
            ends_on=head.ends_on,
            rows=MappingProxyType(self.holders),
            deployments=tuple(self.lists["deployments"]),
            **mappings,
        )


def _by_id(values: Iterable[Any]) -> Mapping[Any, Any]:
    return MappingProxyType({value.id: value for value in values})
