"""What people ask of a programme. Each is one typed value; ``decide`` answers it.

The ``type`` tag is the wire name. An ``organisation`` is always the body whose assignment it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Literal

from podium.values.fields import Code, Identifier, Prose
from podium.values.text import OrganisationId, Text
from podium.work.values import (
    MONTHLY,
    Activity,
    ActivityId,
    Area,
    Body,
    Cycle,
    Evidence,
    Figure,
    Measure,
    MeasureId,
    Policy,
    ProgrammeId,
    Rating,
)


class Role(StrEnum):
    """What an actor is to this programme; ``policy`` says what each may do."""

    OFFICE = "office"
    """The conference office, which acts for the programme's owner."""
    LIAISON = "liaison"
    """The liaison officer of an organisation."""
    OBSERVER = "observer"
    CONSOLE = "console"
    """The console of a conference, which issues for the owner what its agenda deploys."""
    STATION = "station"
    """A venue of a conference, which signs for what that conference issued to its organisation."""
    SYSTEM = "system"
    """Podium's own timer."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks. ``id`` is an account's, of ``Role.STATION`` a venue's. ``organisation``: whom a
    liaison officer or a venue speaks for. ``conference``: of a console or a venue."""

    role: Role
    id: Identifier
    organisation: OrganisationId | None = None
    conference: Identifier | None = None


# --- the programme and its plan


@dataclass(frozen=True, slots=True)
class CreateProgramme:
    programme: ProgrammeId
    title: Text
    about: Prose
    owner: OrganisationId
    zone: Code
    starts_on: date
    ends_on: date
    bodies: tuple[Body, ...]
    type: Literal["create_programme"] = "create_programme"


@dataclass(frozen=True, slots=True)
class ReviseProgramme:
    title: Text
    about: Prose
    starts_on: date
    ends_on: date
    type: Literal["revise_programme"] = "revise_programme"


@dataclass(frozen=True, slots=True)
class Plan:
    """Adds these, and replaces those that have the same identifier; all or nothing."""

    areas: tuple[Area, ...] = ()
    policies: tuple[Policy, ...] = ()
    measures: tuple[Measure, ...] = ()
    activities: tuple[Activity, ...] = ()
    type: Literal["plan"] = "plan"


@dataclass(frozen=True, slots=True)
class DropMeasure:
    """One that was never assigned."""

    measure: MeasureId
    type: Literal["drop_measure"] = "drop_measure"


@dataclass(frozen=True, slots=True)
class DropActivity:
    activity: ActivityId
    type: Literal["drop_activity"] = "drop_activity"


# --- bodies


@dataclass(frozen=True, slots=True)
class EnrolBodies:
    """Adds bodies, or renames and reorders those that are here. Places change by ``MoveBody``."""

    bodies: tuple[Body, ...]
    type: Literal["enrol_bodies"] = "enrol_bodies"


@dataclass(frozen=True, slots=True)
class MoveBody:
    body: OrganisationId
    parent: OrganisationId | None
    type: Literal["move_body"] = "move_body"


@dataclass(frozen=True, slots=True)
class MergeBody:
    """``body`` ends; its duties, subordinates and rights pass to ``into``."""

    body: OrganisationId
    into: OrganisationId
    type: Literal["merge_body"] = "merge_body"


@dataclass(frozen=True, slots=True)
class AbolishBody:
    """A body that has nothing to pass on ends; any other must be merged."""

    body: OrganisationId
    type: Literal["abolish_body"] = "abolish_body"


# --- assignments


@dataclass(frozen=True, slots=True)
class IssueMeasures:
    """A deployment: each measure to each organisation, in one action. Those that have a measure
    already keep it as it stands. ``due``: instead of each measure's own. ``conference`` and
    ``item``: the agenda item that deploys them."""

    measures: tuple[MeasureId, ...]
    lead: tuple[OrganisationId, ...]
    cooperating: tuple[OrganisationId, ...] = ()
    due: date | None = None
    cycle: Cycle = MONTHLY
    conference: Identifier | None = None
    item: Identifier | None = None
    type: Literal["issue_measures"] = "issue_measures"


@dataclass(frozen=True, slots=True)
class Sign:
    """The organisation takes these upon itself."""

    organisation: OrganisationId
    measures: tuple[MeasureId, ...]
    type: Literal["sign"] = "sign"


@dataclass(frozen=True, slots=True)
class BreakDown:
    """The organisation hands its assignment on to bodies below it, as their issuer."""

    organisation: OrganisationId
    measure: MeasureId
    lead: tuple[OrganisationId, ...]
    cooperating: tuple[OrganisationId, ...] = ()
    due: date | None = None
    cycle: Cycle = MONTHLY
    note: Prose = ""
    type: Literal["break_down"] = "break_down"


@dataclass(frozen=True, slots=True)
class FileReport:
    """``period``: a day of the period that it is about. ``completed``: the work is done, and the
    issuer is asked to verify it."""

    organisation: OrganisationId
    measure: MeasureId
    period: date
    rating: Rating
    text: Prose
    figures: tuple[Figure, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    completed: bool = False
    type: Literal["file_report"] = "file_report"


@dataclass(frozen=True, slots=True)
class AskExtension:
    organisation: OrganisationId
    measure: MeasureId
    until: date
    reason: Prose
    type: Literal["ask_extension"] = "ask_extension"


# --- the issuer


@dataclass(frozen=True, slots=True)
class AnswerExtension:
    organisation: OrganisationId
    measure: MeasureId
    granted: bool
    note: Prose = ""
    type: Literal["answer_extension"] = "answer_extension"


@dataclass(frozen=True, slots=True)
class Verify:
    """The issuer has looked: it is done as reported."""

    organisation: OrganisationId
    measure: MeasureId
    note: Prose = ""
    type: Literal["verify"] = "verify"


@dataclass(frozen=True, slots=True)
class SendBack:
    """The issuer has looked: it is not done."""

    organisation: OrganisationId
    measure: MeasureId
    reason: Prose
    type: Literal["send_back"] = "send_back"


@dataclass(frozen=True, slots=True)
class Close:
    organisation: OrganisationId
    measure: MeasureId
    note: Prose = ""
    type: Literal["close"] = "close"


@dataclass(frozen=True, slots=True)
class Reopen:
    organisation: OrganisationId
    measure: MeasureId
    reason: Prose
    type: Literal["reopen"] = "reopen"


@dataclass(frozen=True, slots=True)
class Withdraw:
    """The issuer takes the assignment back."""

    organisation: OrganisationId
    measure: MeasureId
    reason: Prose
    type: Literal["withdraw"] = "withdraw"


@dataclass(frozen=True, slots=True)
class Escalate:
    """From the timer, once a day, until nothing follows from it: who is late goes one step up."""

    type: Literal["escalate"] = "escalate"


Command = (
    CreateProgramme
    | ReviseProgramme
    | Plan
    | DropMeasure
    | DropActivity
    | EnrolBodies
    | MoveBody
    | MergeBody
    | AbolishBody
    | IssueMeasures
    | Sign
    | BreakDown
    | FileReport
    | AskExtension
    | AnswerExtension
    | Verify
    | SendBack
    | Close
    | Reopen
    | Withdraw
    | Escalate
)
