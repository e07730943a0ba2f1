"""What a programme is at one moment: immutable values, no behaviour but look-ups.

Everything here is a fold over :mod:`podium.work.events`. An assignment does not name its measure
and organisation: three thousand that stand alike are one value, and organisations that were
assigned the same measures share one row until something happens to one of them. What was said stays
in the log; an assignment has the numbers of its entries.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Any, TypeVar

from podium.values.fields import Identifier, Moment, Prose
from podium.values.text import OrganisationId, Text
from podium.work.commands import Actor
from podium.work.values import (
    Activity,
    ActivityId,
    Area,
    AreaId,
    Body,
    Cell,
    Cycle,
    Duty,
    Evidence,
    Measure,
    MeasureId,
    Policy,
    PolicyId,
    ProgrammeId,
    Rating,
)


class Stage(StrEnum):
    """Where an assignment stands in its life; see ``lifecycle.ASSIGNMENT``."""

    ISSUED = "issued"
    SIGNED = "signed"
    SUBMITTED = "submitted"
    VERIFIED = "verified"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


class Escalation(StrEnum):
    """Who has been told that an assignment is late; see ``lifecycle.ESCALATION``."""

    NONE = "none"
    REMINDED = "reminded"
    DEPARTMENT = "department"
    CONFERENCE = "conference"


ENDED = frozenset({Stage.CLOSED, Stage.WITHDRAWN})


@dataclass(frozen=True, slots=True)
class Signature:
    """``seq``: its entry in the log."""

    seq: int
    at: Moment
    by: Actor


@dataclass(frozen=True, slots=True)
class Assignment:
    """A measure as one organisation's duty."""

    issuer: OrganisationId
    """Who gave it, and who alone may close it."""
    duty: Duty
    stage: Stage
    issued_on: date
    due: date
    cycle: Cycle
    awaited: date | None
    """First day of the earliest period without a report; ``None`` where none is awaited."""
    report_due: date | None
    """When that report is due."""
    rating: Rating | None = None
    """As in the latest report."""
    extension: date | None = None
    """The day until which an extension is asked for; ``None`` while none is."""
    escalation: Escalation = Escalation.NONE
    signature: Signature | None = None
    """The latest since it was issued."""
    files: tuple[Evidence, ...] = ()
    """What its reports refer to, each content once."""
    history: tuple[int, ...] = ()
    """The number of every entry of the log that concerns this assignment, or one that it took
    over; ascending."""

    @property
    def open(self) -> bool:
        return self.stage not in ENDED


@dataclass(frozen=True, slots=True)
class Deployment:
    """What a conference issued in one action. ``seq``: its entry in the log."""

    seq: int
    at: Moment
    conference: Identifier
    item: Identifier | None
    measures: tuple[MeasureId, ...]
    organisations: tuple[OrganisationId, ...]


Row = Mapping[MeasureId, Assignment]
"""What one organisation has to do."""


def _nothing() -> Mapping[Any, Any]:
    return MappingProxyType({})


KeyT = TypeVar("KeyT")
ValueT = TypeVar("ValueT")


def with_items(
    mapping: Mapping[KeyT, ValueT], items: Mapping[KeyT, ValueT]
) -> Mapping[KeyT, ValueT]:
    """A mapping like the first with these items. Ten times as quick as ``{**a, **b}``, which asks
    a proxy for its values one by one."""
    known = mapping if isinstance(mapping, MappingProxyType) else MappingProxyType(dict(mapping))
    return MappingProxyType(known | dict(items))


NO_ROW: Row = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Programme:
    """The whole state of one programme. Its mappings iterate in their own order: bodies in
    protocol order, plans as they are numbered."""

    id: ProgrammeId
    title: Text
    about: Prose
    owner: OrganisationId
    """The department that issues the programme's measures."""
    zone: str
    """IANA name of the time zone whose dates count."""
    starts_on: date
    ends_on: date
    bodies: Mapping[OrganisationId, Body] = field(default_factory=_nothing)
    areas: Mapping[AreaId, Area] = field(default_factory=_nothing)
    policies: Mapping[PolicyId, Policy] = field(default_factory=_nothing)
    measures: Mapping[MeasureId, Measure] = field(default_factory=_nothing)
    activities: Mapping[ActivityId, Activity] = field(default_factory=_nothing)
    rows: Mapping[OrganisationId, Row] = field(default_factory=_nothing)
    """Assignments, by organisation and measure."""
    deployments: tuple[Deployment, ...] = ()
    """Those of conferences, in the order in which they were issued."""

    def assignment(self, cell: Cell) -> Assignment | None:
        return self.rows.get(cell.organisation, NO_ROW).get(cell.measure)

    def cells(self) -> Iterator[tuple[Cell, Assignment]]:
        """Every assignment. Slow where there are many; pages fold rows instead."""
        for organisation, row in self.rows.items():
            for measure, assignment in row.items():
                yield Cell(measure, organisation), assignment
