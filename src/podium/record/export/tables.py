"""CSV of the record: one table at a time, for spreadsheets."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta, tzinfo
from enum import StrEnum
from typing import Final

from podium.record.export.layout import Locale
from podium.record.export.report import INCIDENTS, STANDINGS, Report
from podium.record.folds.record import Record
from podium.record.folds.spans import Span
from podium.record.folds.words import SLOTS
from podium.sheets.writing import write_csv


class Table(StrEnum):
    TIMELINE = "timeline"
    ATTENDANCE = "attendance"
    PEOPLE = "people"
    AGENDA = "agenda"
    FLOOR = "floor"
    AIRED = "aired"
    INCIDENTS = "incidents"
    DOCUMENTS = "documents"
    MEASURES = "measures"


Rows = Sequence[Sequence[str | int | float | None]]


def write_table(record: Record, table: Table, locale: Locale, zone: tzinfo) -> bytes:
    """UTF-8 with a byte-order mark; what looks like a formula is disarmed."""
    headings, rows = _TABLES[table](record, Report(record, locale, zone), zone)
    return write_csv(headings, rows)


def _local(at: datetime | None, zone: tzinfo) -> str:
    return "" if at is None else f"{at.astimezone(zone):%Y-%m-%d %H:%M:%S}"


def _seconds(length: timedelta | None) -> int | None:
    return None if length is None else round(length.total_seconds())


def _span(span: Span, record: Record, zone: tzinfo) -> tuple[str, str, int | None]:
    """From, to, and how long."""
    length = _seconds(span.length(record.as_of))
    return _local(span.began, zone), _local(span.ended, zone), length


def _timeline(record: Record, r: Report, zone: tzinfo) -> tuple[Sequence[str], Rows]:
    say = r.say
    heads = [say("条目", "entry"), say("时间", "time"), say("类别", "topic"), say("会场", "venue")]
    heads += [say("内容", "what"), say("操作者", "by"), say("联调", "rehearsal")]
    rows = [
        [
            line.seq,
            _local(line.at, zone),
            line.topic.value,
            r.name(line.venue),
            r.pick(line.words),
            line.role.value,
            say("是", "yes") if line.rehearsal else "",
        ]
        for line in record.timeline
    ]
    return heads, rows


def _attendance(record: Record, r: Report, zone: tzinfo) -> tuple[Sequence[str], Rows]:
    say = r.say
    heads = [say("单位", "organisation"), say("会场", "venue"), say("情况", "standing")]
    heads += [say("方式", "by"), say("入会", "first"), say("离会", "last")]
    heads += [say("时长（秒）", "time (s)"), say("视频（秒）", "video (s)")]
    heads += [say("电话（秒）", "telephone (s)"), say("迟到（秒）", "late (s)")]
    heads += [say("早退（秒）", "left early (s)")]
    rows = []
    for a in record.attendance:
        of = a.venue.organisation
        body = None if of is None else record.cast.organisations.get(of)
        rows.append(
            [
                "" if body is None else r.pick(body.name),
                r.pick(a.venue.name),
                r.pick(STANDINGS[a.standing]),
                r.ways(a),
                _local(a.first, zone),
                _local(a.last, zone),
                _seconds(a.attended),
                _seconds(a.video),
                _seconds(a.telephone),
                _seconds(a.late),
                _seconds(a.left_early),
            ]
        )
    return heads, rows


def _people(record: Record, r: Report, _: tzinfo) -> tuple[Sequence[str], Rows]:
    say = r.say
    heads = [say("会场", "venue"), say("姓名", "name"), say("职务", "title")]
    heads += [say("单位", "organisation"), say("身份", "part")]
    rows = [
        [
            r.name(venue),
            r.pick(one.name),
            r.pick(one.title),
            r.pick(one.organisation),
            one.part.value,
        ]
        for venue, signed in record.cast.people.items()
        for one in signed.people
    ]
    return heads, rows


def _agenda(record: Record, r: Report, zone: tzinfo) -> tuple[Sequence[str], Rows]:
    say = r.say
    heads = [
        say("议程", "item"),
        say("计划开始", "planned start"),
        say("计划（秒）", "planned (s)"),
    ]
    heads += [say("开始", "began"), say("结束", "ended"), say("超时（秒）", "over (s)")]
    rows = [
        [
            r.pick(i.plan.title),
            _local(i.planned_at, zone),
            _seconds(i.plan.planned),
            _local(None if i.ran is None else i.ran.began, zone),
            _local(None if i.ran is None else i.ran.ended, zone),
            _seconds(i.over(record.as_of)),
        ]
        for i in record.agenda
    ]
    return heads, rows


def _floor(record: Record, r: Report, zone: tzinfo) -> tuple[Sequence[str], Rows]:
    say = r.say
    heads = [
        say("会场", "venue"),
        say("开始", "from"),
        say("结束", "to"),
        say("时长（秒）", "time (s)"),
    ]
    rows = [
        [
            r.name(h.venue),
            *_span(h.span, record, zone),
        ]
        for h in record.floor
    ]
    return heads, rows


def _aired(record: Record, r: Report, zone: tzinfo) -> tuple[Sequence[str], Rows]:
    say = r.say
    heads = [say("画面", "slot"), say("会场", "venue"), say("开始", "from"), say("结束", "to")]
    heads += [say("时长（秒）", "time (s)")]
    rows = [
        [
            r.pick(SLOTS[a.slot]),
            r.name(a.venue),
            *_span(a.span, record, zone),
        ]
        for a in record.aired
    ]
    return heads, rows


def _documents(record: Record, r: Report, zone: tzinfo) -> tuple[Sequence[str], Rows]:
    say = r.say
    heads = [say("文件", "document"), say("类型", "kind"), say("字节", "bytes"), "SHA-256"]
    heads += [say("议程", "item"), say("上传", "attached"), say("发给会场", "for venues since")]
    heads += [say("撤下", "removed")]
    rows: Rows = [
        [
            a.document.name,
            a.document.kind.value,
            a.document.size,
            a.document.digest,
            r.item(a.document.item),
            _local(a.at, zone),
            _local(a.shared_at, zone),
            _local(a.removed_at, zone),
        ]
        for a in record.documents
    ]
    return heads, rows


def _measures(record: Record, r: Report, zone: tzinfo) -> tuple[Sequence[str], Rows]:
    say = r.say
    heads = [say("方案", "programme"), say("编号", "measure"), say("措施", "title")]
    heads += [say("议程", "item"), say("下达", "issued"), say("期限", "due")]
    heads += [say("单位数", "organisations"), say("已签收", "signed")]
    rows: Rows = [
        [
            r.pick(issued.title),
            m.id,
            r.pick(m.title),
            r.item(issued.item),
            _local(issued.at, zone),
            m.due.isoformat(),
            m.organisations,
            m.signed,
        ]
        for issued in record.issued
        for m in issued.measures
    ]
    return heads, rows


def _incidents(record: Record, r: Report, zone: tzinfo) -> tuple[Sequence[str], Rows]:
    say = r.say
    heads = [
        say("类别", "kind"),
        say("会场", "venue"),
        say("时间", "at"),
        say("持续（秒）", "lasted (s)"),
    ]
    heads += [say("原因", "reason")]
    rows = [
        [
            r.pick(INCIDENTS[i.kind]),
            r.name(i.venue),
            _local(i.span.began, zone),
            _seconds(i.span.length(record.as_of)),
            i.reason,
        ]
        for i in record.incidents
    ]
    return heads, rows


_TABLES: Final[Mapping[Table, Callable[[Record, Report, tzinfo], tuple[Sequence[str], Rows]]]] = {
    Table.TIMELINE: _timeline,
    Table.ATTENDANCE: _attendance,
    Table.PEOPLE: _people,
    Table.AGENDA: _agenda,
    Table.FLOOR: _floor,
    Table.AIRED: _aired,
    Table.INCIDENTS: _incidents,
    Table.DOCUMENTS: _documents,
    Table.MEASURES: _measures,
}
