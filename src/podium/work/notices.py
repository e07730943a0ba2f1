"""Whom an entry of the log concerns, and what they are told, in both languages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from podium.values.text import OrganisationId, Text
from podium.work import events as e
from podium.work.events import Recorded
from podium.work.state import Escalation, Programme
from podium.work.values import Cell, MeasureId

_LISTED: Final = 30
"""Measures or assignments that one notice names; more are counted."""


@dataclass(frozen=True, slots=True)
class Notice:
    """For one organisation. ``seq``: the entry that it comes from."""

    seq: int
    kind: str
    organisation: OrganisationId
    subject: Text
    body: Text


def notices(state: Programme, entry: Recorded) -> Iterator[Notice]:
    """``state`` gives the names, so it may be of any time after the entry."""
    match entry.event:
        case e.MeasuresIssued() as event:
            yield from _issued(state, entry.seq, event)
        case e.Escalated(level=level, cells=cells):
            yield from _escalated(state, entry.seq, level, cells)
        case e.ReportFiled(completed=True) as event:
            yield from _to_issuer(state, entry.seq, event, "completion", _COMPLETION, event.text)
        case e.ExtensionAsked(until=until, reason=reason) as event:
            words = Text(f"申请延期至 {until}：{reason}", f"Asks for time until {until}: {reason}")
            yield from _to_issuer(state, entry.seq, event, "extension_asked", _ASKED, words)
        case e.ExtensionAnswered(granted=granted, until=until, note=note) as event:
            subject = _GRANTED if granted else _REFUSED
            day = Text(f"期限 {until}。{note}", f"The day is {until}. {note}")
            yield from _to_organisation(state, entry.seq, event, "extension_answered", subject, day)
        case e.SentBack(reason=reason) as event:
            yield from _to_organisation(state, entry.seq, event, "sent_back", _SENT_BACK, reason)
        case e.Closed(note=note) as event:
            yield from _to_organisation(state, entry.seq, event, "closed", _CLOSED, note)
        case e.Reopened(reason=reason) as event:
            yield from _to_organisation(state, entry.seq, event, "reopened", _REOPENED, reason)
        case e.Withdrawn(reason=reason) as event:
            yield from _to_organisation(state, entry.seq, event, "withdrawn", _WITHDRAWN, reason)
        case _:
            pass


_COMPLETION: Final = Text("报完成，请核实", "Reported as complete; please verify")
_ASKED: Final = Text("延期申请，请答复", "Asks for an extension; please answer")
_GRANTED: Final = Text("延期申请已批准", "The extension is granted")
_REFUSED: Final = Text("延期申请未批准", "The extension is not granted")
_SENT_BACK: Final = Text("任务被退回，请继续办理", "Sent back; please go on")
_CLOSED: Final = Text("任务已办结", "Closed")
_REOPENED: Final = Text("任务重新开启", "Reopened")
_WITHDRAWN: Final = Text("任务已撤回", "Withdrawn")


def _issued(state: Programme, seq: int, event: e.MeasuresIssued) -> Iterator[Notice]:
    count = len(event.measures)
    subject = Text(f"收到 {count} 项任务，请签收", f"{count} assignments to sign for")
    lines = [
        Text(f"{title.zh}（{due} 前完成）", f"{title.en} (due {due})")
        for measure, due in zip(event.measures, event.due, strict=False)
        for title in [_title(state, measure)]
    ]
    body = _body(state, lines, Text(event.note, event.note))
    for organisation in (*event.lead, *event.cooperating):
        yield Notice(seq, "issued", organisation, _headed(state, subject), body)


_LEVELS: Final = {
    Escalation.REMINDED: ("reminder", Text("任务逾期提醒", "Reminder: assignments are late")),
    Escalation.DEPARTMENT: (
        "department",
        Text("下级任务逾期", "Assignments that you issued are late"),
    ),
    Escalation.CONFERENCE: (
        "conference",
        Text("逾期任务列入下次会议议程", "Late assignments go on the next conference's agenda"),
    ),
}


def _escalated(
    state: Programme, seq: int, level: Escalation, cells: Iterable[Cell]
) -> Iterator[Notice]:
    kind, subject = _LEVELS[level]
    by_reader: dict[OrganisationId, list[Cell]] = {}
    for cell in cells:
        by_reader.setdefault(_reader(state, level, cell), []).append(cell)
    for organisation, mine in by_reader.items():
        lines = [
            Text(f"{body.zh}：{title.zh}", f"{body.en}: {title.en}")
            for cell in mine
            for body, title in [(_name(state, cell.organisation), _title(state, cell.measure))]
        ]
        words = _body(state, lines, Text("", ""))
        yield Notice(seq, kind, organisation, _headed(state, subject), words)


def _reader(state: Programme, level: Escalation, cell: Cell) -> OrganisationId:
    if level is Escalation.REMINDED:
        return cell.organisation
    assignment = state.assignment(cell)
    if level is Escalation.CONFERENCE or assignment is None:
        return state.owner
    return assignment.issuer


def _to_issuer(
    state: Programme,
    seq: int,
    event: e.OneCell,
    kind: str,
    subject: Text,
    words: Text | str,
) -> Iterator[Notice]:
    assignment = state.assignment(Cell(event.measure, event.organisation))
    issuer = state.owner if assignment is None else assignment.issuer
    yield _about(state, seq, event, kind, issuer, subject, words)


def _to_organisation(
    state: Programme,
    seq: int,
    event: e.OneCell,
    kind: str,
    subject: Text,
    words: Text | str,
) -> Iterator[Notice]:
    yield _about(state, seq, event, kind, event.organisation, subject, words)


def _about(
    state: Programme,
    seq: int,
    event: e.OneCell,
    kind: str,
    reader: OrganisationId,
    subject: Text,
    words: Text | str,
) -> Notice:
    body, title = _name(state, event.organisation), _title(state, event.measure)
    line = Text(f"{body.zh}：{title.zh}", f"{body.en}: {title.en}")
    said = words if isinstance(words, Text) else Text(words, words)
    return Notice(seq, kind, reader, _headed(state, subject), _body(state, [line], said))


def _headed(state: Programme, subject: Text) -> Text:
    return Text(f"【{state.title.zh}】{subject.zh}", f"[{state.title.en}] {subject.en}")


def _body(state: Programme, lines: list[Text], words: Text) -> Text:
    more = len(lines) - _LISTED
    zh = [line.zh for line in lines[:_LISTED]] + ([f"另有 {more} 项。"] if more > 0 else [])
    en = [line.en for line in lines[:_LISTED]] + ([f"and {more} more."] if more > 0 else [])
    return Text(
        "\n".join([state.title.zh, "", *zh, *(["", words.zh] if words.zh.strip() else [])]),
        "\n".join([state.title.en, "", *en, *(["", words.en] if words.en.strip() else [])]),
    )


def _title(state: Programme, measure: MeasureId) -> Text:
    known = state.measures.get(measure)
    return Text(measure, measure) if known is None else known.title


def _name(state: Programme, organisation: OrganisationId) -> Text:
    body = state.bodies.get(organisation)
    return Text(organisation, organisation) if body is None else body.name
