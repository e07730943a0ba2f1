"""A small programme to test with, and the given / when / then of its core."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Self

from podium.values.level import Level
from podium.values.refusal import Refusal
from podium.values.text import OrganisationId, Text
from podium.work import commands as c
from podium.work.commands import Actor, Command, Role
from podium.work.decide import decide
from podium.work.events import Event, Recorded
from podium.work.evolve import replay
from podium.work.state import Assignment, Programme
from podium.work.values import (
    Area,
    AreaId,
    Body,
    Cell,
    Measure,
    MeasureId,
    ProgrammeId,
    Rating,
    Statistic,
)

DAY = date(2023, 3, 1)
DUE = date(2023, 12, 31)
PROGRAMME = ProgrammeId("boost-2023")
MINISTRY, ZHEJIANG, HANGZHOU, XIHU, NINGBO, HENAN = (
    OrganisationId(o) for o in ("ministry", "zhejiang", "hangzhou", "xihu", "ningbo", "henan")
)
CARS, HOMES = MeasureId("cars"), MeasureId("homes")


def body(id_: OrganisationId, parent: OrganisationId | None, level: Level, order: int) -> Body:
    return Body(id_, Text(id_, id_), parent, level, order)


BODIES = (
    body(MINISTRY, None, Level.NATIONAL, 0),
    body(ZHEJIANG, MINISTRY, Level.PROVINCE, 10),
    body(HANGZHOU, ZHEJIANG, Level.CITY, 11),
    body(XIHU, HANGZHOU, Level.COUNTY, 12),
    body(NINGBO, ZHEJIANG, Level.CITY, 13),
    body(HENAN, MINISTRY, Level.PROVINCE, 20),
)
AREA = Area(AreaId("bulk"), Text("大宗消费", "Bulk consumption"))
RETAIL = Statistic("retail", Text("社会消费品零售总额", "Retail sales of consumer goods"))
MEASURES = (
    Measure(CARS, AREA.id, Text("稳定汽车消费", "Stabilise car sales"), DUE, statistic=RETAIL),
    Measure(HOMES, AREA.id, Text("促进家居消费", "Promote home furnishing"), DUE, order=1),
)
CREATE = c.CreateProgramme(
    PROGRAMME,
    Text("2023消费提振年", "2023 Consumption Boost Year"),
    "",
    MINISTRY,
    "Asia/Shanghai",
    date(2023, 1, 1),
    DUE,
    BODIES,
)
PLAN = c.Plan(areas=(AREA,), measures=MEASURES)
ISSUE = c.IssueMeasures((CARS, HOMES), (ZHEJIANG, HENAN))

OFFICE = Actor(Role.OFFICE, "office")
OBSERVER = Actor(Role.OBSERVER, "observer")
TIMER = Actor(Role.SYSTEM, "timer")


def liaison(organisation: OrganisationId) -> Actor:
    return Actor(Role.LIAISON, f"liaison-{organisation}", organisation)


def report(
    organisation: OrganisationId,
    measure: MeasureId = CARS,
    *,
    period: date = DAY,
    completed: bool = False,
    text: str = "已开展活动 12 场。",
) -> c.FileReport:
    return c.FileReport(organisation, measure, period, Rating.ON_TRACK, text, completed=completed)


@dataclass(frozen=True, slots=True)
class Story:
    """A programme and how it came to be; ``do`` goes on with it on the same day."""

    state: Programme | None = None
    entries: tuple[Recorded, ...] = ()
    today: date = DAY

    def ask(self, actor: Actor, command: Command) -> tuple[Event, ...] | Refusal:
        return decide(self.state, command, actor, self.today)

    def do(self, actor: Actor, *commands: Command) -> Self:
        story = self
        for command in commands:
            decision = story.ask(actor, command)
            assert not isinstance(decision, Refusal), (command, decision)
            story = story.then(decision, actor)
        return story

    def then(self, events: tuple[Event, ...], actor: Actor) -> Self:
        at = datetime(self.today.year, self.today.month, self.today.day, 1, tzinfo=UTC)
        new = tuple(
            Recorded(len(self.entries) + n, at, actor, event) for n, event in enumerate(events, 1)
        )
        return replace(self, state=replay(new, self.state), entries=self.entries + new)

    def on(self, day: date) -> Self:
        return replace(self, today=day)

    def later(self, days: int) -> Self:
        return self.on(self.today + timedelta(days=days))

    @property
    def programme(self) -> Programme:
        assert self.state is not None
        return self.state

    def cell(self, organisation: OrganisationId, measure: MeasureId = CARS) -> Assignment:
        found = self.programme.assignment(Cell(measure, organisation))
        assert found is not None
        return found

    def history(
        self, organisation: OrganisationId, measure: MeasureId = CARS
    ) -> tuple[Recorded, ...]:
        """The entries that an assignment numbers."""
        return tuple(self.entries[seq - 1] for seq in self.cell(organisation, measure).history)

    def kinds(self, organisation: OrganisationId, measure: MeasureId = CARS) -> list[str]:
        """What happened to an assignment, by the types of its history."""
        return [entry.event.type for entry in self.history(organisation, measure)]


def planned() -> Story:
    return Story().do(OFFICE, CREATE, PLAN)


def issued() -> Story:
    """On 1 March both measures went to the two provinces."""
    return planned().do(OFFICE, ISSUE)


def signed() -> Story:
    return issued().do(liaison(ZHEJIANG), c.Sign(ZHEJIANG, (CARS, HOMES)))


def broken_down() -> Story:
    """Zhejiang gave the cars to Hangzhou and Ningbo, Hangzhou gave them to Xihu."""
    return (
        signed()
        .do(liaison(ZHEJIANG), c.BreakDown(ZHEJIANG, CARS, (HANGZHOU, NINGBO)))
        .do(liaison(HANGZHOU), c.Sign(HANGZHOU, (CARS,)))
        .do(liaison(HANGZHOU), c.BreakDown(HANGZHOU, CARS, (XIHU,)))
    )


def finished(story: Story, organisation: OrganisationId, issuer: Actor) -> Story:
    """Signed where needed, reported as complete, verified, closed."""
    return (
        story.do(liaison(organisation), c.Sign(organisation, (CARS,)))
        .do(liaison(organisation), report(organisation, completed=True))
        .do(issuer, c.Verify(organisation, CARS), c.Close(organisation, CARS))
    )
