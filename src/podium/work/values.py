"""What a programme is made of, and the words that assignments are spoken of in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Annotated, Final, NewType

from annotated_types import Ge, Le
from pydantic import AllowInfNan

from podium.values.fields import Code, Digest, Identifier, Order, Prose, Words
from podium.values.level import Level
from podium.values.text import OrganisationId, Text

ProgrammeId = NewType("ProgrammeId", Identifier)
AreaId = NewType("AreaId", Identifier)
PolicyId = NewType("PolicyId", Identifier)
MeasureId = NewType("MeasureId", Identifier)
ActivityId = NewType("ActivityId", Identifier)

"""SHA-256 of a file, in hexadecimal; the file is kept under it."""
Number = Annotated[float, AllowInfNan(False)]


class ActivityKind(StrEnum):
    """``theme``: a season of the programme; ``week``: one of its weeks; ``local``: held by a
    place; ``sector``: held by a trade."""

    THEME = "theme"
    EXPOSITION = "exposition"
    WEEK = "week"
    LOCAL = "local"
    SECTOR = "sector"
    OTHER = "other"


class Duty(StrEnum):
    """What an organisation is to an assignment."""

    LEAD = "lead"
    COOPERATING = "cooperating"


class Rating(StrEnum):
    """How a body rates its own progress; shown beside the computed light, never instead."""

    ON_TRACK = "on_track"
    AT_RISK = "at_risk"
    BEHIND = "behind"


class Rhythm(StrEnum):
    """How often a report is due; ``once``: only when the work is done."""

    WEEKLY = "weekly"
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    ONCE = "once"


@dataclass(frozen=True, slots=True)
class Cycle:
    """``due_day``: of the week (1 is Monday) or month after the period, when its report is due."""

    rhythm: Rhythm = Rhythm.MONTHLY
    due_day: Annotated[int, Ge(1), Le(28)] = 5


MONTHLY: Final = Cycle()


@dataclass(frozen=True, slots=True)
class Body:
    """An organisation as the programme knows it.

    One that was abolished keeps its place in the record; what it had to do is ``successor``'s.
    """

    id: OrganisationId
    name: Text
    parent: OrganisationId | None
    level: Level
    order: Order
    """Protocol order: ascending, whole tree."""
    abolished: bool = False
    successor: OrganisationId | None = None


@dataclass(frozen=True, slots=True)
class Area:
    """A field of work, such as automobiles; ``parent`` is the wider one, such as bulk goods."""

    id: AreaId
    name: Text
    parent: AreaId | None = None
    order: Order = 0


@dataclass(frozen=True, slots=True)
class Policy:
    """A document that measures rest on. ``source``: where the facts about it are from."""

    id: PolicyId
    title: Text
    number: Words | None = None
    issued_on: date | None = None
    issued_by: Words | None = None
    source: Words | None = None


@dataclass(frozen=True, slots=True)
class Statistic:
    """The series that something is meant to move; ``series`` is its code in the situation."""

    series: Code
    name: Text


@dataclass(frozen=True, slots=True)
class Measure:
    """Something to be done. ``due``: when it should be, unless an assignment says otherwise."""

    id: MeasureId
    area: AreaId
    title: Text
    due: date
    detail: Prose = ""
    policy: PolicyId | None = None
    lead: tuple[OrganisationId, ...] = ()
    cooperating: tuple[OrganisationId, ...] = ()
    starts_on: date | None = None
    statistic: Statistic | None = None
    order: Order = 0


@dataclass(frozen=True, slots=True)
class Activity:
    """Something that is held. Without ``starts_on`` its date is not known yet; ``exact`` is
    false where only the months are."""

    id: ActivityId
    kind: ActivityKind
    title: Text
    place: Text | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    exact: bool = True
    lead: tuple[OrganisationId, ...] = ()
    cooperating: tuple[OrganisationId, ...] = ()
    statistic: Statistic | None = None
    detail: Prose = ""
    source: Words | None = None
    order: Order = 0


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of a report, with its unit."""

    name: Words
    value: Number
    unit: Words


@dataclass(frozen=True, slots=True)
class Evidence:
    """A file that a report refers to. ``size`` in bytes."""

    name: Words
    digest: Digest
    size: Annotated[int, Ge(0), Le(2**40)]


@dataclass(frozen=True, slots=True)
class Cell:
    """Which assignment: one measure as one organisation's duty."""

    measure: MeasureId
    organisation: OrganisationId
