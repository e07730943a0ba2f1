"""The record as a report: totals, agenda, attendance, floor, incidents, what happened."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, tzinfo
from typing import Final

from podium.conference.state import ItemId, Text, VenueId
from podium.record.export.layout import Block, Grid, Heading, Locale, Paper, Paragraph
from podium.record.export.minutes import proof_line, stamp
from podium.record.folds.attendance import (
    EARLY_BEFORE,
    LATE_AFTER,
    Standing,
    VenueAttendance,
)
from podium.record.folds.documents import Attached
from podium.record.folds.incidents import IncidentKind
from podium.record.folds.periods import session_began
from podium.record.folds.record import Record
from podium.record.folds.timeline import Topic
from podium.record.folds.words import REASONS
from podium.values.log import Examined

LINES_MOST: Final = 1_000
"""Lines of the timeline on paper; the whole is in CSV and JSON."""
INCIDENTS_MOST: Final = 300
"""Likewise."""
_ON_PAPER: Final = frozenset({Topic.LIFE, Topic.AGENDA, Topic.FLOOR, Topic.PROGRAM})

STANDINGS: Final = {
    Standing.PENDING: Text("待召开", "pending"),
    Standing.PRESENT: Text("出席", "present"),
    Standing.ABSENT: Text("缺席", "absent"),
    Standing.EXCUSED: Text("请假", "excused"),
    Standing.WITHDRAWN: Text("已撤销邀请", "withdrawn"),
}
INCIDENTS: Final = {
    IncidentKind.LOST: Text("掉线", "connection lost"),
    IncidentKind.DEGRADED: Text("线路不佳", "poor connection"),
    IncidentKind.BLIND: Text("画面无法解码", "picture not decoded"),
    IncidentKind.RESTART: Text("服务器重启", "server restarted"),
}


class Report:
    """Writes in one language, with the days and hours of one zone."""

    def __init__(self, record: Record, locale: Locale, zone: tzinfo) -> None:
        self._record = record
        self._locale = locale
        self._zone = zone

    def paper(self, proof: Examined) -> Paper:
        record = self._record
        title = self.pick(record.cast.title or Text("会议", "Conference"))
        as_of = stamp(record.as_of, self._zone)
        return Paper(
            locale=self._locale,
            title=self.say("会议记录", "Record of the conference"),
            subtitle=f"{title}　{self.say('截至', 'as of')} {as_of}",
            mark="",
            blocks=(
                *self._held(),
                *self._totals(),
                *self._agenda(),
                *self._attendance(),
                *self._floor(),
                *self._incidents(),
                *self._documents(),
                *self._measures(),
                *self._timeline(),
            ),
            foot=(proof_line(proof, self._locale),),
            official=False,
        )

    def say(self, zh: str, en: str) -> str:
        return zh if self._locale is Locale.ZH else en

    def pick(self, text: Text) -> str:
        return self.say(text.zh, text.en)

    def name(self, venue: VenueId | None) -> str:
        return "" if venue is None else self.pick(self._record.cast.venue_name(venue))

    def item(self, item: str | None) -> str:
        return "" if item is None else self.pick(self._record.cast.item_title(ItemId(item)))

    def clock(self, at: datetime | None) -> str:
        return "" if at is None else f"{at.astimezone(self._zone):%H:%M:%S}"

    def ways(self, a: VenueAttendance) -> str:
        ways = [
            way
            for way, there in (
                (self.say("视频", "video"), a.video),
                (self.say("电话", "telephone"), a.telephone),
            )
            if there
        ]
        return self.say("、", ", ").join(ways)

    def remarks(self, a: VenueAttendance) -> str:
        found = []
        if a.late is not None:
            found.append(self.say(f"迟到 {length(a.late)}", f"late by {length(a.late)}"))
        if a.left_early is not None:
            early = length(a.left_early)
            found.append(self.say(f"早退 {early}", f"left {early} early"))
        return self.say("，", ", ").join(found)

    def _held(self) -> Iterator[Block]:
        """When and where."""
        began = session_began(self._record.periods)
        if began is None:
            return
        at, place = stamp(began, self._zone), self._record.cast.place
        here = "" if place is None else self.say(f"，地点：{place.zh}", f", in {place.en}")
        yield Paragraph(self.say(f"会议时间：{at}{here}。", f"Held on {at}{here}."))

    def _totals(self) -> Iterator[Block]:
        t = self._record.totals
        yield Paragraph(
            self.say(
                f"邀请会场 {t.invited} 个，出席 {t.present} 个（视频 {t.by_video}，电话 "
                f"{t.by_telephone}），请假 {t.excused} 个，缺席 {t.absent} 个；迟到 {t.late} 个，"
                f"早退 {t.left_early} 个。会议进行 {length(t.in_session)}，发言 {t.speeches} 次、"
                f"{t.speakers} 个会场，共 {length(t.spoke)}。",
                f"{t.invited} venues invited, {t.present} present ({t.by_video} by video, "
                f"{t.by_telephone} by telephone), {t.excused} excused, {t.absent} absent; "
                f"{t.late} late, {t.left_early} left early. In session {length(t.in_session)}; "
                f"{counted(t.speeches, 'speech', 'speeches')} by "
                f"{counted(t.speakers, 'venue', 'venues')}, {length(t.spoke)} in all.",
            )
        )
        late, early = (int(d.total_seconds() // 60) for d in (LATE_AFTER, EARLY_BEFORE))
        yield Paragraph(
            self.say(
                f"规则：会议开始 {late} 分钟后才入会为迟到，会议结束 {early} 分钟前离会且未返回"
                "为早退；休会不计。",
                f"Rules: late is {late} minutes after the start, early is {early} minutes before "
                "the end without coming back; adjournments do not count.",
            )
        )

    def _agenda(self) -> Iterator[Block]:
        rows = [
            [
                self.pick(i.plan.title),
                self.clock(i.planned_at),
                length(i.plan.planned),
                self.clock(None if i.ran is None else i.ran.began),
                self.clock(None if i.ran is None else i.ran.ended),
                "" if i.ran is None else length(i.ran.length(self._record.as_of)),
            ]
            for i in self._record.agenda
        ]
        if rows:
            yield Heading(self.say("议程", "Agenda"))
            heads = [
                self.say("议程", "Item"),
                self.say("计划开始", "Planned at"),
                self.say("计划", "Planned"),
                self.say("开始", "Began"),
                self.say("结束", "Ended"),
                self.say("实际", "Took"),
            ]
            yield Grid(heads, (7, 2, 2, 2, 2, 2), rows)

    def _attendance(self) -> Iterator[Block]:
        rows = [
            [
                self.pick(a.venue.name),
                self.pick(STANDINGS[a.standing]),
                self.ways(a),
                self.clock(a.first),
                self.clock(a.last),
                length(a.attended) if a.attended else "",
                self.remarks(a),
            ]
            for a in self._record.attendance
        ]
        yield Heading(self.say("出席", "Attendance"))
        heads = [
            self.say("会场", "Venue"),
            self.say("情况", "Standing"),
            self.say("方式", "By"),
            self.say("入会", "First"),
            self.say("离会", "Last"),
            self.say("时长", "Time"),
            self.say("备注", "Remarks"),
        ]
        yield Grid(heads, (5, 2, 2, 2, 2, 2, 4), rows)

    def _floor(self) -> Iterator[Block]:
        now = self._record.as_of
        rows = [
            [
                self.name(h.venue),
                self.clock(h.span.began),
                self.clock(h.span.ended),
                length(h.span.length(now)),
            ]
            for h in self._record.floor
        ]
        if rows:
            yield Heading(self.say("发言", "The floor"))
            heads = [
                self.say("会场", "Venue"),
                self.say("开始", "From"),
                self.say("结束", "To"),
                self.say("时长", "Time"),
            ]
            yield Grid(heads, (6, 2, 2, 2), rows)

    def _incidents(self) -> Iterator[Block]:
        now = self._record.as_of
        rows = [
            [
                self.pick(INCIDENTS[i.kind]),
                self.name(i.venue),
                self.clock(i.span.began),
                length(i.span.length(now)),
                self.pick(REASONS.get(i.reason, Text(i.reason, i.reason))),
            ]
            for i in self._record.incidents[:INCIDENTS_MOST]
        ]
        if rows:
            yield Heading(self.say("异常", "Incidents"))
            heads = [
                self.say("类别", "Kind"),
                self.say("会场", "Venue"),
                self.say("时间", "At"),
                self.say("持续", "Lasted"),
                self.say("原因", "Reason"),
            ]
            yield Grid(heads, (3, 4, 2, 2, 5), rows)
        yield from self._cut(len(self._record.incidents), INCIDENTS_MOST)

    def _documents(self) -> Iterator[Block]:
        rows = [
            [
                a.document.name,
                self.item(a.document.item),
                self.clock(a.at),
                self._handed_out(a),
                a.document.digest,
            ]
            for a in self._record.documents
        ]
        if rows:
            yield Heading(self.say("文件", "Documents"))
            heads = [
                self.say("文件", "Document"),
                self.say("议程", "Item"),
                self.say("上传", "Attached"),
                self.say("发放", "Given to"),
                "SHA-256",
            ]
            yield Grid(heads, (5, 4, 2, 2, 5), rows)

    def _handed_out(self, a: Attached) -> str:
        if a.removed_at is not None:
            return self.say("已撤下", "removed")
        return self.say("各会场", "venues") if a.document.shared else self.say("控制台", "console")

    def _measures(self) -> Iterator[Block]:
        for issued in self._record.issued:
            rows = [
                [self.pick(m.title), m.due.isoformat(), str(m.organisations), str(m.signed)]
                for m in issued.measures
            ]
            programme, at = self.pick(issued.title), self.clock(issued.at)
            yield Heading(self.say("下达的措施", "Measures issued"))
            of = self.item(issued.item)
            yield Paragraph(
                self.say(
                    f"{at}，{f'“{of}”议程' if of else '会议'}下达方案“{programme}”的措施：",
                    f"{at}, {of or 'the conference'}, of the programme {programme}:",
                )
            )
            heads = [
                self.say("措施", "Measure"),
                self.say("期限", "Due"),
                self.say("单位", "Organisations"),
                self.say("已签收", "Signed"),
            ]
            yield Grid(heads, (9, 3, 3, 2), rows)

    def _timeline(self) -> Iterator[Block]:
        lines = [
            line for line in self._record.timeline if line.topic in _ON_PAPER and not line.rehearsal
        ]
        yield Heading(self.say("经过", "What happened"))
        rows = [
            [str(line.seq), self.clock(line.at), self.pick(line.words)]
            for line in lines[:LINES_MOST]
        ]
        heads = [self.say("条目", "Entry"), self.say("时间", "At"), self.say("内容", "What")]
        yield Grid(heads, (1, 2, 12), rows)
        yield from self._cut(len(lines), LINES_MOST)

    def _cut(self, count: int, most: int) -> Iterator[Block]:
        if count > most:
            yield Paragraph(
                self.say(
                    f"仅列出前 {most} 条，全部 {count} 条见 CSV 或 JSON。",
                    f"Only the first {most} of {count}; all of them are in CSV and JSON.",
                )
            )


def counted(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def length(of: timedelta) -> str:
    """``1:02:03`` or ``2:03``."""
    seconds = round(of.total_seconds())
    hours, rest = divmod(seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
