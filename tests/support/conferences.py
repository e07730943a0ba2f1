"""A small conference to test with, and the given / when / then of its core."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Self

from podium.conference import commands as c
from podium.conference.commands import Actor, AgendaPlan, Command, Invitation, Role
from podium.conference.decide import decide
from podium.conference.events import Event, Recorded
from podium.conference.evolve import replay
from podium.conference.refusals import Refusal
from podium.conference.state import (
    Conference,
    ConferenceId,
    Connection,
    ItemId,
    ItemKind,
    Organisation,
    OrganisationId,
    Text,
    VenueId,
    VenueKind,
)

NOON = datetime(2023, 3, 1, 12, 0, tzinfo=UTC)
CONFERENCE = ConferenceId("conference-1")
MINISTRY = OrganisationId("ministry")
BEIJING, ZHEJIANG, HENAN, XINJIANG = (
    VenueId(v) for v in ("beijing", "zhejiang", "henan", "xinjiang")
)
BRANCHES = (ZHEJIANG, HENAN, XINJIANG)
SUMMARY, DEPLOYMENT = ItemId("summary"), ItemId("deployment")

OFFICE = Actor(Role.OFFICE, "office")
CHAIR = Actor(Role.CHAIR, "chair")
OPERATOR = Actor(Role.OPERATOR, "operator")
OBSERVER = Actor(Role.OBSERVER, "observer")
SYSTEM = Actor(Role.SYSTEM, "media")

ORGANISATIONS = (
    Organisation(MINISTRY, Text("商务部", "Ministry of Commerce"), None, 0),
    *(
        Organisation(OrganisationId(f"{v}-department"), Text(v, v), MINISTRY, n)
        for n, v in enumerate(BRANCHES, 1)
    ),
)
VENUES = (
    Invitation(BEIJING, MINISTRY, Text("北京", "Beijing"), VenueKind.MAIN, 0),
    *(
        Invitation(v, OrganisationId(f"{v}-department"), Text(v, v), VenueKind.BRANCH, n)
        for n, v in enumerate(BRANCHES, 1)
    ),
)
AGENDA = (
    AgendaPlan(SUMMARY, ItemKind.SUMMARY, Text("总结", "Summary"), timedelta(minutes=20), BEIJING),
    AgendaPlan(
        DEPLOYMENT, ItemKind.DEPLOYMENT, Text("部署", "Deployment"), timedelta(minutes=30), BEIJING
    ),
)
SCHEDULE = c.ScheduleConference(
    CONFERENCE,
    Text("全国促消费工作会议", "Consumption Promotion Conference"),
    NOON,
    AGENDA,
    ORGANISATIONS,
    VENUES,
)


def venue_actor(venue: VenueId) -> Actor:
    return Actor(Role.VENUE, f"station-{venue}", venue)


def connected(venue: VenueId) -> c.ReportConnection:
    return c.ReportConnection(venue, Connection.CONNECTED)


@dataclass(frozen=True, slots=True)
class Story:
    """A conference and how it came to be; ``do`` goes on with it, minute by minute."""

    state: Conference | None = None
    entries: tuple[Recorded, ...] = ()
    now: datetime = NOON

    def ask(self, command: Command, actor: Actor) -> tuple[Event, ...] | Refusal:
        return decide(self.state, command, actor, self.now)

    def do(self, actor: Actor, *commands: Command) -> Self:
        story = self
        for command in commands:
            decision = story.ask(command, actor)
            assert not isinstance(decision, Refusal), (command, decision)
            story = story._with(decision, actor)
        return story

    def _with(self, events: tuple[Event, ...], actor: Actor) -> Self:
        new = tuple(
            Recorded(len(self.entries) + n, self.now, actor, e) for n, e in enumerate(events, 1)
        )
        return replace(
            self,
            state=replay(new, self.state),
            entries=self.entries + new,
            now=self.now + timedelta(minutes=1),
        )

    @property
    def conference(self) -> Conference:
        assert self.state is not None
        return self.state


def scheduled() -> Story:
    return Story().do(OFFICE, SCHEDULE)


def opened() -> Story:
    """Open, with all venues but Xinjiang connected."""
    here = (connected(v) for v in (BEIJING, ZHEJIANG, HENAN))
    return scheduled().do(CHAIR, c.OpenConference()).do(SYSTEM, *here)


def in_session() -> Story:
    return opened().do(CHAIR, c.StartSession())


def adjourned() -> Story:
    return in_session().do(CHAIR, c.Adjourn())


def rehearsing() -> Story:
    here = (connected(v) for v in (BEIJING, ZHEJIANG, HENAN))
    return scheduled().do(OFFICE, c.BeginRehearsal()).do(SYSTEM, *here)


def closed() -> Story:
    return in_session().do(CHAIR, c.CloseConference())
