"""The model conference's programme, and two months of work on it.

Measures and activities are those of the model case, with their own dates and sources. What the
organisations do about them is made up, and laid over the two months before today so that there
is something late, something done and something to decide.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from importlib import resources
from typing import Final

from podium.desk.programmes import Accepted, Programmes
from podium.directory.csv_import import plan_import as plan_directory
from podium.directory.values import Directory
from podium.store.opening import Store
from podium.values.text import OrganisationId, Text
from podium.work import commands as c
from podium.work.commands import Actor, Command, Role
from podium.work.exchange.imports import FileKind, plan_import
from podium.work.state import Programme
from podium.work.values import (
    Body,
    Figure,
    MeasureId,
    ProgrammeId,
    Rating,
)

PROGRAMME: Final = ProgrammeId("boost-year-2023")
HELD: Final = (MeasureId("new-types"), MeasureId("carriers"))
"""Measures that are issued at the deployment item of the demo's conference."""
OWNER: Final = OrganisationId("mofcom")
_OFFICE: Final = Actor(Role.OFFICE, "demo")
_ZONE: Final = "Asia/Shanghai"
_LENGTH: Final = timedelta(days=62)
_DUE: Final = timedelta(days=300)
_ABOUT: Final = (
    "2023 年 3 月 1 日全国促进消费工作视频电话会议部署：恢复和扩大消费，组织“2023消费提振年”"
    "系列活动，稳定汽车、家居等大宗消费，培育新型消费，完善消费平台载体。"
)
_TEXTS: Final = {
    Rating.ON_TRACK: "按计划推进：已印发实施方案，开展促消费活动 {n} 场。（演示数据）",
    Rating.AT_RISK: "活动 {n} 场；配套资金尚未到位，进度可能受影响。（演示数据）",
    Rating.BEHIND: "方案仍在征求意见，活动 {n} 场，进度滞后。（演示数据）",
}


class DemoWorkFailed(Exception):
    """The demo's own programme was refused; ``args[0]`` says why."""


@dataclass(slots=True)
class _Day:
    """A clock that the story moves."""

    at: datetime

    def now(self) -> datetime:
        return self.at


async def lay_out(store: Store, now: datetime) -> ProgrammeId:
    """Makes the programme, unless it is there. Raises ``DemoWorkFailed``, ``OSError``."""
    if PROGRAMME in await store.programme_log.ids():
        return PROGRAMME
    day = _Day(now - _LENGTH)
    story = _Story(Programmes(store.programme_log, day), day)
    await story.begin()
    await story.go_on()
    return PROGRAMME


def _data(name: str) -> bytes:
    return resources.files("podium.demo").joinpath(name).read_bytes()


def _bodies() -> tuple[Body, ...]:
    planned = plan_directory(_data("model_venues.csv"), Directory())
    return tuple(Body(b.id, b.name, b.parent, b.level, b.order) for b in planned.organisations)


@dataclass(slots=True)
class _Story:
    desk: Programmes
    day: _Day

    async def begin(self) -> None:
        create = c.CreateProgramme(
            PROGRAMME,
            Text("2023消费提振年", "2023 Consumption Boost Year"),
            _ABOUT,
            OWNER,
            _ZONE,
            date(2023, 1, 1),
            date(2023, 12, 31),
            _bodies(),
        )
        _expect(await self.desk.create(create, _OFFICE))
        for kind, name in (
            (FileKind.MEASURES, "model_measures.csv"),
            (FileKind.ACTIVITIES, "model_activities.csv"),
        ):
            plan = plan_import(kind, _data(name), await self._state())
            if plan.faults:
                raise DemoWorkFailed(f"{name}: {plan.faults[0]}")
            await self.do(_OFFICE, *plan.commands)

    async def go_on(self) -> None:
        """Most measures were issued at the last conference and one a few days ago; those of
        ``HELD`` wait for the next deployment item."""
        state = await self._state()
        provinces = tuple(b.id for b in state.bodies.values() if b.parent == OWNER)
        *early, late = (m for m in state.measures if m not in HELD)
        measures = tuple(early)
        end, due = self.day.at + _LENGTH, (self.day.at + _DUE).date()
        await self.do(_OFFICE, c.IssueMeasures(measures, provinces, due=due))
        await self._sign(provinces[:20], measures)
        self.day.at += timedelta(days=1)
        await self._sign(provinces[20:-3], measures)
        for month, share in ((0, 9), (1, 8)):
            self.day.at += timedelta(days=25)
            await self._report(provinces, measures, month, share)
        await self._finish(provinces[0], provinces[1], measures[-1])
        why = "配套资金下达较晚。"
        extension = c.AskExtension(provinces[3], measures[0], due + timedelta(days=60), why)
        await self.do(_liaison(provinces[3]), extension)
        self.day.at = end - timedelta(days=5)
        await self.do(_OFFICE, c.IssueMeasures((late,), provinces, due=due))
        await self._sign(provinces[::2], (late,))

    async def _sign(
        self, provinces: Sequence[OrganisationId], measures: tuple[MeasureId, ...]
    ) -> None:
        for province in provinces:
            await self.do(_liaison(province), c.Sign(province, measures))

    async def _report(
        self,
        provinces: Sequence[OrganisationId],
        measures: tuple[MeasureId, ...],
        month: int,
        share: int,
    ) -> None:
        """About ``share`` of ten assignments, about the month before."""
        state = await self._state()
        for place, province in enumerate(provinces[:-3]):
            for number, measure in enumerate(measures):
                mark = (place * 7 + number * 3 + month * 5) % 10
                if mark >= share:
                    continue
                awaited = state.rows[province][measure].awaited
                period = min(awaited or self.day.at.date(), self.day.at.date())
                ratings = (Rating.ON_TRACK, Rating.ON_TRACK, Rating.AT_RISK, Rating.BEHIND)
                rating = ratings[(place + number) % len(ratings)]
                n = 2 + mark
                report = c.FileReport(
                    province,
                    measure,
                    period,
                    rating,
                    _TEXTS[rating].format(n=n),
                    (Figure("促消费活动", float(n), "场"),),
                )
                await self.do(_liaison(province), report)

    async def _finish(
        self, first: OrganisationId, second: OrganisationId, measure: MeasureId
    ) -> None:
        """The first's assignment is closed, the second's waits to be verified."""
        today = self.day.at.date()
        for province in (first, second):
            words = "全部完成，请核实。（演示数据）"
            done = c.FileReport(province, measure, today, Rating.ON_TRACK, words, completed=True)
            await self.do(_liaison(province), done)
        await self.do(_OFFICE, c.Verify(first, measure), c.Close(first, measure))

    async def do(self, actor: Actor, *commands: Command) -> None:
        _expect(await self.desk.act(PROGRAMME, commands, actor))

    async def _state(self) -> Programme:
        state = await self.desk.look(PROGRAMME)
        assert state is not None
        return state


def _liaison(organisation: OrganisationId) -> Actor:
    return Actor(Role.LIAISON, f"demo-{organisation}"[:64], organisation)


def _expect(outcome: object) -> None:
    if not isinstance(outcome, Accepted):
        raise DemoWorkFailed(str(outcome))
