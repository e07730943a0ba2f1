"""The shapes of the work's JSON. Plans, bodies and measures are the core's own values."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from podium.values.fields import PROSE_LENGTH
from podium.values.level import Level
from podium.values.text import OrganisationId, Text
from podium.web.shapes import Asked, Id, ImportFault, Shape
from podium.work.exchange.imports import ChangeKind
from podium.work.lights import Light
from podium.work.outcomes import Reading
from podium.work.refusals import MAX_MEASURES
from podium.work.state import Escalation, Stage
from podium.work.values import (
    Activity,
    Area,
    AreaId,
    Body,
    Cycle,
    Duty,
    Measure,
    MeasureId,
    Policy,
    ProgrammeId,
    Rating,
    Statistic,
)


class ProgrammeItem(Shape):
    id: ProgrammeId
    title: Text
    owner: OrganisationId
    starts_on: date
    ends_on: date


class ProgrammeItems(Shape):
    programmes: list[ProgrammeItem]


class NewProgramme(Asked):
    """Its bodies are those of the directory."""

    title: Text
    about: Annotated[str, StringConstraints(max_length=PROSE_LENGTH)] = ""
    owner: Id
    zone: Annotated[str, StringConstraints(min_length=1, max_length=32)] = "Asia/Shanghai"
    starts_on: date
    ends_on: date


class CreatedProgramme(Shape):
    id: ProgrammeId
    seq: int


class ActingFor(Shape):
    """Whom the asker acts for. ``owns``: that is the department whose programme it is."""

    organisation: OrganisationId | None
    owns: bool


class RuleShape(Shape):
    code: str
    light: Light
    text: Text


class ProgrammeShape(ProgrammeItem):
    """``bodies`` are those that the asker may see, in protocol order; ``today`` is the day in the
    programme's zone."""

    seq: int
    about: str
    zone: str
    today: date
    you: ActingFor
    bodies: list[Body]
    areas: list[Area]
    policies: list[Policy]
    measures: list[Measure]
    activities: list[Activity]
    rules: list[RuleShape]


class CountsShape(Shape):
    red: int
    amber: int
    green: int
    done: int
    none: int


class LineShape(Shape):
    """One assignment. ``late``: days. ``report_due``: of the next report."""

    measure: MeasureId
    organisation: OrganisationId
    issuer: OrganisationId
    duty: Duty
    stage: Stage
    light: Light
    rule: str
    rating: Rating | None
    due: date
    report_due: date | None
    late: int
    escalation: Escalation
    extension: date | None


class LineList(Shape):
    lines: list[LineShape]
    total: int


class MeasureHead(Shape):
    id: MeasureId
    counts: CountsShape


class OrganisationHead(Shape):
    id: OrganisationId
    counts: CountsShape
    has_below: bool


class MatrixCellShape(Shape):
    """``own``: the organisation's assignment; ``below``: lights of the bodies below it."""

    measure: MeasureId
    organisation: OrganisationId
    own: LineShape | None
    below: CountsShape | None


class MatrixShape(Shape):
    measures: list[MeasureHead]
    organisations: list[OrganisationHead]
    cells: list[MatrixCellShape]
    all_measures: int
    all_organisations: int


class LevelCounts(Shape):
    level: Level
    counts: CountsShape


class AreaCounts(Shape):
    id: AreaId
    counts: CountsShape


class RollUpShape(Shape):
    total: CountsShape
    levels: list[LevelCounts]
    organisations: list[OrganisationHead]
    measures: list[MeasureHead]
    areas: list[AreaCounts]


class StepBy(Shape):
    role: str
    organisation: OrganisationId | None


class StepShape(Shape):
    """One entry of an assignment's history. ``details``: what the event says of this one."""

    seq: int
    at: datetime
    by: StepBy
    type: str
    details: dict[str, Any]


class AssignmentShape(Shape):
    line: LineShape
    issued_on: date
    cycle: Cycle
    awaited: date | None
    history: list[StepShape]
    below: list[LineShape]
    """Cut at 200; ``below_total`` says how many there are."""
    below_total: int
    may: list[str]


class StandingShape(Shape):
    done: int
    running: int
    overdue: int


class OrganisationStanding(Shape):
    id: OrganisationId
    standing: StandingShape


class MeasureStanding(Shape):
    id: MeasureId
    standing: StandingShape
    statistic: Statistic | None


class SummaryShape(Shape):
    """What the next conference opens with. ``agenda``: what was escalated to it. The lists are
    cut at 200; the totals say how many there are."""

    total: StandingShape
    organisations: list[OrganisationStanding]
    measures: list[MeasureStanding]
    overdue: list[LineShape]
    overdue_total: int
    agenda: list[LineShape]
    agenda_total: int


class OpeningShape(Shape):
    """The next conference's opening in words. ``referred``: what was escalated to it."""

    summary: list[Text]
    referred: list[Text]


class OutcomeShape(Shape):
    """A statistic beside the measures that were first issued on ``deployed``: as known on that day
    and as known today. ``None``: nothing was published, or nothing is issued yet."""

    statistic: Statistic
    measures: list[MeasureId]
    deployed: date | None
    then: Reading | None
    now: Reading | None


class OutcomeList(Shape):
    """Of the statistics that the situation knows. Nothing is said of causes."""

    outcomes: list[OutcomeShape]


class DeployedMeasure(Shape):
    """``organisations`` have it from this conference, ``signed`` of them have signed."""

    id: MeasureId
    title: Text
    due: date
    organisations: int
    signed: int


class DeployedTo(Shape):
    """``signed_at``: the latest signature. ``venue``: where it was given in this conference;
    ``None``: by the liaison officer, or not yet."""

    id: OrganisationId
    name: Text
    issued: int
    signed: int
    signed_at: datetime | None
    venue: str | None


class DeploymentShape(Shape):
    """What one agenda item issued of one programme. ``organisations``: the page that was asked for;
    ``all_organisations``: how many there are of them."""

    item: str | None
    programme: ProgrammeId
    title: Text
    issued_at: datetime
    measures: list[DeployedMeasure]
    organisations: list[DeployedTo]
    all_organisations: int


class DeploymentList(Shape):
    deployments: list[DeploymentShape]


class OfferedMeasure(Shape):
    """``organisations``: how many have it already."""

    id: MeasureId
    title: Text
    area: Text
    due: date
    organisations: int


class OfferShape(Shape):
    """What a conference can issue. ``invited`` and ``below``: how many organisations each choice
    of ``to`` means."""

    programme: ProgrammeId
    title: Text
    today: date
    measures: list[OfferedMeasure]
    invited: int
    below: int


class Deploy(Asked):
    """``to``: the organisations of the branch venues, or all those directly below the owner.
    ``due``: instead of each measure's own day."""

    programme: Id
    item: Id
    measures: Annotated[list[Id], Field(min_length=1, max_length=MAX_MEASURES)]
    to: Literal["invited", "below"]
    due: date | None = None


class DeployDone(Shape):
    """``changed``: false where everybody had everything already."""

    seq: int
    changed: bool
    organisations: int


class StationMeasure(Shape):
    """One assignment of the venue's organisation. ``here``: signed for at this venue."""

    measure: MeasureId
    item: str | None
    title: Text
    detail: str
    duty: Duty
    due: date
    stage: Stage
    issued_at: datetime
    signed_at: datetime | None
    here: bool


class StationProgramme(Shape):
    id: ProgrammeId
    title: Text
    measures: list[StationMeasure]


class StationWork(Shape):
    """What this conference issued to the venue's organisation, and nothing else."""

    organisation: OrganisationId | None
    programmes: list[StationProgramme]


class SignHere(Asked):
    programme: Id
    measures: Annotated[list[Id], Field(min_length=1, max_length=MAX_MEASURES)]


class DueShape(Shape):
    measure: MeasureId
    day: date
    what: Literal["measure", "assignment", "report"]


class CalendarShape(Shape):
    """``held`` and ``undated`` name activities of the programme."""

    held: list[str]
    due: list[DueShape]
    undated: list[str]


class WorkDone(Shape):
    seq: int
    changed: bool


class WorkChange(Shape):
    kind: ChangeKind
    line: int
    id: str
    title: Text
    fields: list[str]


class WorkImportReport(Shape):
    applied: bool
    changes: list[WorkChange]
    errors: list[ImportFault]


class FileShape(Shape):
    """As a report refers to it."""

    name: str
    digest: str
    size: int


class FeedShape(Shape):
    """Shown this once; a new one replaces it."""

    url: str


class ContactShape(Shape):
    organisation: OrganisationId
    email: str
    language: Literal["zh", "en"]


class ContactList(Shape):
    contacts: list[ContactShape]


class PutContact(Asked):
    """``email``: one address without a display name."""

    email: Annotated[
        str,
        StringConstraints(
            max_length=254, pattern=r"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9.-]+$"
        ),
    ]
    language: Literal["zh", "en"] = "zh"


Place = Annotated[int, Field(ge=0, le=1_000_000)]
PageSize = Annotated[int, Field(ge=1, le=200)]
