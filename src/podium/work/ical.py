"""The timetable as an iCalendar feed (RFC 5545)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Final

from podium.values.text import OrganisationId, Text
from podium.work.state import Programme
from podium.work.timetable import Due, due_days
from podium.work.values import Activity

_DAY: Final = timedelta(days=1)
_OCTETS: Final = 75
"""Longest line (RFC 5545, 3.1)."""
_WORDS: Final = {
    "measure": Text("措施到期", "Measure due"),
    "assignment": Text("任务到期", "Assignment due"),
    "report": Text("报告截止", "Report due"),
}


def ical(
    state: Programme, stamp: datetime, organisation: OrganisationId | None, language: str
) -> str:
    """All activities that have a day, and every due day. ``language``: ``zh`` or ``en``."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Podium//Podium//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{_escaped(_in(state.title, language))}",
        f"X-WR-TIMEZONE:{state.zone}",
    ]
    for activity in state.activities.values():
        if activity.starts_on is not None:
            lines += _activity(state, activity, stamp, language)
    for day in due_days(state, organisation):
        lines += _due(state, day, stamp, organisation, language)
    lines.append("END:VCALENDAR")
    return "".join(f"{folded}\r\n" for line in lines for folded in _folded(line))


def _activity(state: Programme, activity: Activity, stamp: datetime, language: str) -> list[str]:
    first = activity.starts_on
    assert first is not None
    names = [
        _in(state.bodies[o].name, language)
        for o in (*activity.lead, *activity.cooperating)
        if o in state.bodies
    ]
    about = [activity.detail, "、".join(names) if language == "zh" else ", ".join(names)]
    place = activity.place
    return _event(
        uid=f"activity-{activity.id}@{state.id}.podium",
        stamp=stamp,
        first=first,
        last=activity.ends_on or first,
        summary=_in(activity.title, language),
        extra=[
            *([f"LOCATION:{_escaped(_in(place, language))}"] if place is not None else []),
            *_described("\n".join(text for text in about if text)),
            "TRANSP:TRANSPARENT",
        ],
    )


def _due(
    state: Programme,
    due: Due,
    stamp: datetime,
    organisation: OrganisationId | None,
    language: str,
) -> list[str]:
    whose = f"-{organisation}" if organisation is not None else ""
    colon = "：" if language == "zh" else ": "
    title = _in(due.measure.title, language)
    return _event(
        uid=f"{due.what}-{due.measure.id}{whose}@{state.id}.podium",
        stamp=stamp,
        first=due.day,
        last=due.day,
        summary=f"{_in(_WORDS[due.what], language)}{colon}{title}",
        extra=[*_described(due.measure.detail), "TRANSP:TRANSPARENT"],
    )


def _event(
    *, uid: str, stamp: datetime, first: date, last: date, summary: str, extra: list[str]
) -> list[str]:
    """A whole-day event; ``DTEND`` is the day after the last (RFC 5545, 3.6.1)."""
    return [
        "BEGIN:VEVENT",
        f"UID:{_escaped(uid)}",
        f"DTSTAMP:{stamp:%Y%m%dT%H%M%SZ}",
        f"DTSTART;VALUE=DATE:{first:%Y%m%d}",
        f"DTEND;VALUE=DATE:{last + _DAY:%Y%m%d}",
        f"SUMMARY:{_escaped(summary)}",
        *extra,
        "END:VEVENT",
    ]


def _described(text: str) -> list[str]:
    return [f"DESCRIPTION:{_escaped(text)}"] if text else []


def _in(text: Text, language: str) -> str:
    return text.zh if language == "zh" else text.en


def _escaped(text: str) -> str:
    """TEXT (RFC 5545, 3.3.11)."""
    for plain, escaped in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\r\n", "\\n")):
        text = text.replace(plain, escaped)
    return text.replace("\n", "\\n").replace("\r", "\\n").replace("\t", " ")


def _folded(line: str) -> Iterator[str]:
    """Pieces of at most 75 octets that never part a character (RFC 5545, 3.1)."""
    piece, size = "", 0
    for character in line:
        octets = len(character.encode())
        if size + octets > _OCTETS:
            yield piece
            piece, size = " ", 1
        piece += character
        size += octets
    yield piece
