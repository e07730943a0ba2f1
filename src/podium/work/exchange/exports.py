"""A programme's plan and its assignments as files; plans import back without a change."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum

from podium.sheets.table import Column
from podium.sheets.writing import Value, write_csv, write_xlsx
from podium.values.text import OrganisationId, Text
from podium.work.board import Board
from podium.work.exchange.layout import (
    ACTIVITY_COLUMNS,
    ASSIGNMENT_HEADINGS,
    DUTY_NAMES,
    KIND_NAMES,
    LIGHT_NAMES,
    MEASURE_COLUMNS,
    RATING_NAMES,
    STAGE_NAMES,
)
from podium.work.lights import awaited_report
from podium.work.lists import Line
from podium.work.state import Programme
from podium.work.values import Activity, Measure, Statistic


class FileFormat(StrEnum):
    CSV = "csv"
    XLSX = "xlsx"


def export_measures(state: Programme, format_: FileFormat) -> bytes:
    rows = (_measure(state, measure) for measure in state.measures.values())
    return _written(format_, "Measures", MEASURE_COLUMNS, rows)


def export_activities(state: Programme, format_: FileFormat) -> bytes:
    rows = (_activity(activity) for activity in state.activities.values())
    return _written(format_, "Activities", ACTIVITY_COLUMNS, rows)


def export_assignments(
    lit: Board, lines: Iterable[Line], format_: FileFormat, language: str
) -> bytes:
    """``language``: ``zh`` or ``en``."""
    headings = [_in(heading, language) for heading in ASSIGNMENT_HEADINGS]
    rows = (_line(lit.state, line, language) for line in lines)
    if format_ is FileFormat.CSV:
        return write_csv(headings, rows)
    return write_xlsx("Assignments", headings, rows)


def _written(
    format_: FileFormat,
    title: str,
    columns: Sequence[Column],
    rows: Iterator[dict[str, Value]],
) -> bytes:
    headings = [column.heading.zh for column in columns]
    cells = ([row.get(column.key, "") for column in columns] for row in rows)
    if format_ is FileFormat.CSV:
        return write_csv(headings, cells)
    return write_xlsx(title, headings, cells)


def _measure(state: Programme, measure: Measure) -> dict[str, Value]:
    area = state.areas[measure.area]
    wider = state.areas.get(area.parent) if area.parent else None
    policy = state.policies.get(measure.policy) if measure.policy else None
    return {
        "code": measure.id,
        "title_zh": measure.title.zh,
        "title_en": measure.title.en,
        "area_code": area.id,
        "area_zh": area.name.zh,
        "area_en": area.name.en,
        "wider_area": area.parent or "",
        "wider_area_zh": wider.name.zh if wider else "",
        "wider_area_en": wider.name.en if wider else "",
        "starts_on": measure.starts_on.isoformat() if measure.starts_on else "",
        "due": measure.due.isoformat(),
        **_led(measure),
        "policy": policy.id if policy else "",
        "policy_zh": policy.title.zh if policy else "",
        "policy_en": policy.title.en if policy else "",
        **_statistic(measure.statistic),
        "detail": measure.detail,
        "order": measure.order,
    }


def _activity(activity: Activity) -> dict[str, Value]:
    spelled = "%Y-%m-%d" if activity.exact else "%Y-%m"
    first, last = activity.starts_on, activity.ends_on
    return {
        "code": activity.id,
        "kind": KIND_NAMES[activity.kind].zh,
        "title_zh": activity.title.zh,
        "title_en": activity.title.en,
        "place_zh": activity.place.zh if activity.place else "",
        "place_en": activity.place.en if activity.place else "",
        "starts_on": first.strftime(spelled) if first else "",
        "ends_on": last.strftime(spelled) if last else "",
        **_led(activity),
        **_statistic(activity.statistic),
        "source": activity.source or "",
        "detail": activity.detail,
        "order": activity.order,
    }


def _led(item: Measure | Activity) -> dict[str, Value]:
    return {"lead": ";".join(item.lead), "cooperating": ";".join(item.cooperating)}


def _statistic(statistic: Statistic | None) -> dict[str, Value]:
    if statistic is None:
        return {}
    name = statistic.name
    return {
        "statistic": statistic.series,
        "statistic_zh": name.zh,
        "statistic_en": name.en,
    }


def _line(state: Programme, line: Line, language: str) -> list[Value]:
    assignment = line.assignment
    report_due = awaited_report(assignment)

    def name(organisation: OrganisationId) -> str:
        body = state.bodies.get(organisation)
        return organisation if body is None else _in(body.name, language)

    return [
        line.cell.measure,
        _in(state.measures[line.cell.measure].title, language),
        line.cell.organisation,
        name(line.cell.organisation),
        _in(DUTY_NAMES[assignment.duty], language),
        name(assignment.issuer),
        _in(STAGE_NAMES[assignment.stage], language),
        _in(LIGHT_NAMES[line.rule.light], language),
        _in(line.rule.text, language),
        _in(RATING_NAMES[assignment.rating], language) if assignment.rating else "",
        assignment.due.isoformat(),
        report_due.isoformat() if report_due else "",
        line.late,
    ]


def _in(text: Text, language: str) -> str:
    return text.zh if language == "zh" else text.en
