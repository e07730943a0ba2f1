"""What happened in a programme: the only source of truth, appended and never changed.

Facts, not intentions. ``on`` is the day in the programme's time zone; ``Recorded.at`` the moment.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal

from pydantic import Discriminator

from podium.values.fields import Code, Identifier, Moment, Prose
from podium.values.text import OrganisationId, Text
from podium.work.commands import Actor
from podium.work.state import Escalation
from podium.work.values import (
    Activity,
    ActivityId,
    Area,
    Body,
    Cell,
    Cycle,
    Evidence,
    Figure,
    Measure,
    MeasureId,
    Policy,
    ProgrammeId,
    Rating,
)


@dataclass(frozen=True, slots=True)
class ProgrammeCreated:
    programme: ProgrammeId
    title: Text
    about: Prose
    owner: OrganisationId
    zone: Code
    starts_on: date
    ends_on: date
    bodies: tuple[Body, ...]
    type: Literal["programme_created"] = "programme_created"


@dataclass(frozen=True, slots=True)
class ProgrammeRevised:
    title: Text
    about: Prose
    starts_on: date
    ends_on: date
    type: Literal["programme_revised"] = "programme_revised"


@dataclass(frozen=True, slots=True)
class Planned:
    areas: tuple[Area, ...]
    policies: tuple[Policy, ...]
    measures: tuple[Measure, ...]
    activities: tuple[Activity, ...]
    type: Literal["planned"] = "planned"


@dataclass(frozen=True, slots=True)
class MeasureDropped:
    measure: MeasureId
    type: Literal["measure_dropped"] = "measure_dropped"


@dataclass(frozen=True, slots=True)
class ActivityDropped:
    activity: ActivityId
    type: Literal["activity_dropped"] = "activity_dropped"


@dataclass(frozen=True, slots=True)
class BodiesEnrolled:
    bodies: tuple[Body, ...]
    type: Literal["bodies_enrolled"] = "bodies_enrolled"


@dataclass(frozen=True, slots=True)
class BodyMoved:
    """Where the new superior has the same measure, it becomes the issuer."""

    body: OrganisationId
    parent: OrganisationId | None
    type: Literal["body_moved"] = "body_moved"


@dataclass(frozen=True, slots=True)
class BodyMerged:
    body: OrganisationId
    into: OrganisationId
    type: Literal["body_merged"] = "body_merged"


@dataclass(frozen=True, slots=True)
class BodyAbolished:
    body: OrganisationId
    type: Literal["body_abolished"] = "body_abolished"


@dataclass(frozen=True, slots=True)
class MeasuresIssued:
    """``due``: for each measure its day."""

    issuer: OrganisationId
    measures: tuple[MeasureId, ...]
    due: tuple[date, ...]
    lead: tuple[OrganisationId, ...]
    cooperating: tuple[OrganisationId, ...]
    cycle: Cycle
    on: date
    note: Prose = ""
    conference: Identifier | None = None
    item: Identifier | None = None
    type: Literal["measures_issued"] = "measures_issued"


@dataclass(frozen=True, slots=True)
class Signed:
    organisation: OrganisationId
    measures: tuple[MeasureId, ...]
    type: Literal["signed"] = "signed"


@dataclass(frozen=True, slots=True)
class ReportFiled:
    """``period``: the first day of the period that it is about."""

    organisation: OrganisationId
    measure: MeasureId
    period: date
    rating: Rating
    text: Prose
    figures: tuple[Figure, ...]
    evidence: tuple[Evidence, ...]
    completed: bool
    type: Literal["report_filed"] = "report_filed"


@dataclass(frozen=True, slots=True)
class ExtensionAsked:
    organisation: OrganisationId
    measure: MeasureId
    until: date
    reason: Prose
    type: Literal["extension_asked"] = "extension_asked"


@dataclass(frozen=True, slots=True)
class ExtensionAnswered:
    organisation: OrganisationId
    measure: MeasureId
    granted: bool
    until: date
    note: Prose
    type: Literal["extension_answered"] = "extension_answered"


@dataclass(frozen=True, slots=True)
class Verified:
    organisation: OrganisationId
    measure: MeasureId
    note: Prose
    type: Literal["verified"] = "verified"


@dataclass(frozen=True, slots=True)
class SentBack:
    organisation: OrganisationId
    measure: MeasureId
    reason: Prose
    on: date
    type: Literal["sent_back"] = "sent_back"


@dataclass(frozen=True, slots=True)
class Closed:
    organisation: OrganisationId
    measure: MeasureId
    note: Prose
    type: Literal["closed"] = "closed"


@dataclass(frozen=True, slots=True)
class Reopened:
    organisation: OrganisationId
    measure: MeasureId
    reason: Prose
    on: date
    type: Literal["reopened"] = "reopened"


@dataclass(frozen=True, slots=True)
class Withdrawn:
    organisation: OrganisationId
    measure: MeasureId
    reason: Prose
    type: Literal["withdrawn"] = "withdrawn"


@dataclass(frozen=True, slots=True)
class Escalated:
    """All that went to one level on one day."""

    level: Escalation
    cells: tuple[Cell, ...]
    on: date
    type: Literal["escalated"] = "escalated"


Event = (
    ProgrammeCreated
    | ProgrammeRevised
    | Planned
    | MeasureDropped
    | ActivityDropped
    | BodiesEnrolled
    | BodyMoved
    | BodyMerged
    | BodyAbolished
    | MeasuresIssued
    | Signed
    | ReportFiled
    | ExtensionAsked
    | ExtensionAnswered
    | Verified
    | SentBack
    | Closed
    | Reopened
    | Withdrawn
    | Escalated
)

OneCell = (
    ReportFiled
    | ExtensionAsked
    | ExtensionAnswered
    | Verified
    | SentBack
    | Closed
    | Reopened
    | Withdrawn
)
"""Events of a single assignment."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """One entry of the log. ``seq`` counts from 1 without gaps within a programme."""

    seq: int
    at: Moment
    by: Actor
    event: Annotated[Event, Discriminator("type")]
