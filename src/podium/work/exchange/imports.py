"""What a file would change in a programme: planned here, carried out as one command."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from datetime import date
from enum import StrEnum
from typing import Final

from podium.sheets.reading import read_table
from podium.sheets.table import ChangeKind as ChangeKind
from podium.sheets.table import Fault, Row
from podium.values.text import Text
from podium.work.commands import Command, FileReport, Plan
from podium.work.exchange.cells import Reader
from podium.work.exchange.layout import (
    ACTIVITY_COLUMNS,
    KIND_NAMES,
    MEASURE_COLUMNS,
    RATING_NAMES,
    REPORT_COLUMNS,
)
from podium.work.state import Programme
from podium.work.values import (
    Activity,
    ActivityId,
    ActivityKind,
    Area,
    AreaId,
    Measure,
    MeasureId,
    Policy,
    PolicyId,
)


class FileKind(StrEnum):
    """What the lines of a file are."""

    MEASURES = "measures"
    ACTIVITIES = "activities"
    REPORTS = "reports"


@dataclass(frozen=True, slots=True)
class Change:
    """What one line does. ``fields``: those whose value is new."""

    kind: ChangeKind
    line: int
    id: str
    title: Text
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """With faults there are no commands and nothing may be applied."""

    changes: tuple[Change, ...]
    faults: tuple[Fault, ...]
    commands: tuple[Command, ...]


_COLUMNS: Final = {
    FileKind.MEASURES: MEASURE_COLUMNS,
    FileKind.ACTIVITIES: ACTIVITY_COLUMNS,
    FileKind.REPORTS: REPORT_COLUMNS,
}
_ORDER_STEP: Final = 10


def plan_import(kind: FileKind, data: bytes, state: Programme) -> ImportPlan:
    """Never raises for what the file holds. A blank cell keeps what the programme has."""
    table = read_table(data, _COLUMNS[kind])
    if table.faults:
        return ImportPlan((), table.faults, ())
    match kind:
        case FileKind.MEASURES:
            return _Measures(state).plan(table.rows)
        case FileKind.ACTIVITIES:
            return _Activities(state).plan(table.rows)
        case FileKind.REPORTS:
            return _reports(state, table.rows)


@dataclass(slots=True)
class _Draft:
    """What the file says, and which line said it."""

    state: Programme
    faults: list[Fault] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    lines: dict[str, int] = field(default_factory=dict)

    def take(self, line: int, new: Measure | Activity, old: Measure | Activity | None) -> None:
        different = tuple(
            f.name for f in fields(new) if getattr(new, f.name) != getattr(old, f.name, None)
        )
        kind = ChangeKind.ADD if old is None else ChangeKind.SAME
        if old is not None and different:
            kind = ChangeKind.CHANGE
        self.changes.append(Change(kind, line, new.id, new.title, different if old else ()))

    def first(self, cells: Reader, code: str) -> bool:
        """Whether no line before had this code."""
        line = self.lines.setdefault(code, cells.row.line)
        if line != cells.row.line:
            zh = f"代码“{code}”与第 {line} 行重复。"
            cells.fault("code", zh, f'The code "{code}" is on line {line} already.')
        return line == cells.row.line

    def done(self, *commands: Command) -> ImportPlan:
        if self.faults:
            return ImportPlan((), tuple(sorted(self.faults, key=lambda f: f.line)), ())
        return ImportPlan(tuple(self.changes), (), commands)


def _both_or_neither(cells: Reader, first: date | None, last: date | None, column: str) -> None:
    if first is not None and last is not None and last < first:
        cells.fault(
            column, "结束日期早于开始日期。", "The end comes before the start. Check the dates."
        )


def _one_list(cells: Reader, item: Measure | Activity) -> None:
    if set(item.lead) & set(item.cooperating):
        cells.fault(
            "cooperating",
            "同一单位不能既牵头又配合。",
            "An organisation cannot both lead and cooperate. Remove it from one list.",
        )


@dataclass(slots=True)
class _Measures(_Draft):
    areas: dict[AreaId, Area] = field(default_factory=dict)
    policies: dict[PolicyId, Policy] = field(default_factory=dict)
    measures: list[Measure] = field(default_factory=list)

    def plan(self, rows: tuple[Row, ...]) -> ImportPlan:
        last = max((m.order for m in self.state.measures.values()), default=0)
        for place, row in enumerate(rows, 1):
            self._read(Reader(row, self.state, self.faults), last + place * _ORDER_STEP)
        plan = Plan(tuple(self.areas.values()), tuple(self.policies.values()), tuple(self.measures))
        return self.done(plan)

    def _read(self, cells: Reader, place: int) -> None:
        code = cells.code("code")
        if code is None or not self.first(cells, code):
            return
        old = self.state.measures.get(MeasureId(code))
        title = cells.name("title", old.title if old else None)
        area = self._area(cells, old)
        due_day = cells.day("due")
        due = due_day.value if due_day else (old.due if old else None)
        start_day = cells.day("starts_on")
        start = start_day.value if start_day else (old.starts_on if old else None)
        if title is None:
            cells.fault("title_zh", "新措施须有名称。", "A new measure must have a title.")
        if due is None and not cells.row["due"]:
            cells.fault("due", "新措施须有完成期限。", "A new measure must have a due day.")
        _both_or_neither(cells, start, due, "due")
        if title is None or area is None or due is None:
            return
        new = Measure(
            id=MeasureId(code),
            area=area,
            title=title,
            due=due,
            detail=cells.row["detail"] or (old.detail if old else ""),
            policy=self._policy(cells, old),
            lead=cells.bodies("lead") or (old.lead if old else ()),
            cooperating=cells.bodies("cooperating") or (old.cooperating if old else ()),
            starts_on=start,
            statistic=cells.statistic(old.statistic if old else None),
            order=cells.order(old.order if old else None, place),
        )
        _one_list(cells, new)
        self.measures.append(new)
        self.take(cells.row.line, new, old)

    def _area(self, cells: Reader, old: Measure | None) -> AreaId | None:
        if not cells.row["area_code"] and old is not None:
            return old.area
        code = cells.code("area_code")
        if code is None:
            return None
        id_ = AreaId(code)
        known = self.areas.get(id_) or self.state.areas.get(id_)
        name = cells.name("area", known.name if known else None)
        if name is None:
            cells.fault("area_zh", "新领域须有名称。", "A new area must have a name.")
            return None
        parent = self._wider(cells, known)
        if parent is not None and parent not in self.areas and parent not in self.state.areas:
            cells.fault(
                "wider_area",
                f"上级领域“{parent}”尚未出现。请填写上级领域名称。",
                f'The wider area "{parent}" is not known yet. Write its name as well.',
            )
            return None
        self.areas[id_] = Area(id_, name, parent, known.order if known else self._next_order())
        return id_

    def _wider(self, cells: Reader, known: Area | None) -> AreaId | None:
        """With a name that is new, it is made or renamed."""
        if not cells.row["wider_area"]:
            return known.parent if known else None
        code = cells.code("wider_area")
        if code is None:
            return None
        id_ = AreaId(code)
        wider = self.areas.get(id_) or self.state.areas.get(id_)
        name = cells.name("wider_area", wider.name if wider else None)
        if name is not None and (wider is None or wider.name != name):
            order = wider.order if wider else self._next_order()
            self.areas[id_] = Area(id_, name, wider.parent if wider else None, order)
        return id_

    def _next_order(self) -> int:
        return (len(self.state.areas) + len(self.areas)) * _ORDER_STEP

    def _policy(self, cells: Reader, old: Measure | None) -> PolicyId | None:
        if not cells.row["policy"]:
            return old.policy if old else None
        code = cells.code("policy")
        if code is None:
            return None
        id_ = PolicyId(code)
        known = self.policies.get(id_) or self.state.policies.get(id_)
        title = cells.name("policy", known.title if known else None)
        if title is None:
            cells.fault("policy_zh", "新文件须有名称。", "A new document must have a title.")
            return None
        if known is None or known.title != title:
            self.policies[id_] = Policy(id_, title)
        return id_


@dataclass(slots=True)
class _Activities(_Draft):
    activities: list[Activity] = field(default_factory=list)

    def plan(self, rows: tuple[Row, ...]) -> ImportPlan:
        last = max((a.order for a in self.state.activities.values()), default=0)
        for place, row in enumerate(rows, 1):
            self._read(Reader(row, self.state, self.faults), last + place * _ORDER_STEP)
        return self.done(Plan(activities=tuple(self.activities)))

    def _read(self, cells: Reader, place: int) -> None:
        code = cells.code("code")
        if code is None or not self.first(cells, code):
            return
        old = self.state.activities.get(ActivityId(code))
        title = cells.name("title", old.title if old else None)
        kind = cells.choice("kind", KIND_NAMES, old.kind if old else ActivityKind.OTHER)
        first = cells.day("starts_on", months=True)
        last = cells.day("ends_on", months=True)
        if title is None:
            cells.fault("title_zh", "新活动须有名称。", "A new activity must have a title.")
        starts_on = first.value if first else (old.starts_on if old else None)
        ends_on = last.last if last else (first.last if first else (old.ends_on if old else None))
        if ends_on is not None and starts_on is None:
            cells.fault("starts_on", "有结束日期就须有开始日期。", "An end needs a start as well.")
        _both_or_neither(cells, starts_on, ends_on, "ends_on")
        if title is None or kind is None:
            return
        new = Activity(
            id=ActivityId(code),
            kind=kind,
            title=title,
            place=cells.name("place", old.place if old else None),
            starts_on=starts_on,
            ends_on=ends_on,
            exact=all(day.exact for day in (first, last) if day)
            if first or last
            else (old.exact if old else True),
            lead=cells.bodies("lead") or (old.lead if old else ()),
            cooperating=cells.bodies("cooperating") or (old.cooperating if old else ()),
            statistic=cells.statistic(old.statistic if old else None),
            detail=cells.row["detail"] or (old.detail if old else ""),
            source=cells.row["source"] or (old.source if old else None),
            order=cells.order(old.order if old else None, place),
        )
        _one_list(cells, new)
        self.activities.append(new)
        self.take(cells.row.line, new, old)


def _reports(state: Programme, rows: tuple[Row, ...]) -> ImportPlan:
    draft = _Draft(state)
    commands = tuple(_read_reports(draft, rows))
    return draft.done(*commands)


def _read_reports(draft: _Draft, rows: tuple[Row, ...]) -> Iterator[FileReport]:
    for row in rows:
        cells = Reader(row, draft.state, draft.faults)
        measure = draft.state.measures.get(MeasureId(row["measure"]))
        if measure is None:
            cells.fault("measure", "方案中没有这条措施。", "The programme has no such measure.")
        organisation = cells.body("organisation")
        if organisation is None and not row["organisation"]:
            cells.fault("organisation", "须填写单位。", "The organisation is missing.")
        period = cells.day("period", months=True)
        if period is None and not row["period"]:
            cells.fault("period", "须填写报告期。", "The period is missing.")
        rating = cells.choice("rating", RATING_NAMES)
        completed = cells.yes("completed")
        if not row["text"]:
            cells.fault("text", "须填写进展。", "Write down what was done.")
        if measure and organisation and period and rating and row["text"]:
            draft.changes.append(
                Change(ChangeKind.ADD, row.line, f"{measure.id} {organisation}", measure.title)
            )
            yield FileReport(
                organisation, measure.id, period.value, rating, row["text"], completed=completed
            )
