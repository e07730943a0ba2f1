"""A draft from the record, by templates in Chinese and English.

Each sentence names the entries of the log that it rests on. What the record does not hold is a
gap that says so; nothing is made up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Final, TypeVar

from podium.conference.people import Attendee, Part
from podium.conference.state import ItemKind, Text, VenueId, VenueKind
from podium.record.communique.regions import Body, phrases
from podium.record.communique.values import Gap, Piece, Sentence
from podium.record.folds.agenda import Item
from podium.record.folds.attendance import Standing, VenueAttendance
from podium.record.folds.cast import Cast
from podium.record.folds.periods import session_began
from podium.record.folds.record import Record
from podium.values.fields import PROSE_LENGTH

_MONTHS: Final = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]


@dataclass(frozen=True, slots=True)
class _Verb:
    """How the conference did an item, and the nouns that its title may begin with."""

    zh: str
    en: str
    noun: str


_VERBS: Final = {
    ItemKind.SUMMARY: _Verb("总结", "summarised", "Summary"),
    ItemKind.ANALYSIS: _Verb("分析", "analysed", "Analysis"),
    ItemKind.DEPLOYMENT: _Verb("部署", "deployed", "Deployment"),
}
_NOTED: Final = {
    ItemKind.SUMMARY: Text("会议指出", "The conference noted"),
    ItemKind.ANALYSIS: Text("会议认为", "The conference held"),
    ItemKind.DEPLOYMENT: Text("会议要求", "The conference required"),
    ItemKind.SPEECH: Text("讲话强调", "The speech stressed"),
    ItemKind.EXCHANGE: Text("会议交流了", "The exchange was about"),
    ItemKind.OTHER: Text("会议还议及", "The conference also spoke of"),
}

T = TypeVar("T")

_ROOM: Final = PROSE_LENGTH - 200
"""Characters of one sentence for what it lists; the rest is for the words around that."""
_JOINT: Final = 5
"""What stands between two parts at most."""


@dataclass(frozen=True, slots=True)
class _Counted:
    """What is counted: "等30人", "and 10 more people"."""

    zh: str
    en: str


_PEOPLE: Final = _Counted("人", "people")
_BODIES: Final = _Counted("个单位", "bodies")

Template = Callable[[Record, tzinfo], Iterator[Piece]]


def draft(record: Record, zone: tzinfo) -> tuple[Piece, ...]:
    """``zone``: whose days and hours are meant."""
    return tuple(piece for template in _TEMPLATES for piece in template(record, zone))


# --- what, when, where


def _opening(record: Record, zone: tzinfo) -> Iterator[Piece]:
    known = record.cast
    began = session_began(record.periods)
    if began is None or known.title is None:
        yield Gap("opening", "会议尚未召开", "The conference has not been held")
        return
    day = _day(began, zone)
    rests = [*known.named_by, record.periods.session[0].entries[0]]
    title = known.title
    if known.place is None or known.placed_by is None:
        yield Sentence(
            "opening",
            f"{day.zh}，{title.zh}召开。",
            f"On {day.en} the {title.en} was held.",
            _sorted(rests),
        )
        yield Gap("place", "会议地点未记录", "The place of the conference is not recorded")
        return
    yield Sentence(
        "opening",
        f"{day.zh}，{title.zh}在{known.place.zh}召开。",
        f"On {day.en} the {title.en} was held in {known.place.en}.",
        _sorted([*rests, known.placed_by]),
    )


def _day(at: datetime, zone: tzinfo) -> Text:
    local = at.astimezone(zone)
    return Text(
        f"{local.year}年{local.month}月{local.day}日",
        f"{local.day} {_MONTHS[local.month - 1]} {local.year}",
    )


def _done(record: Record, _: tzinfo) -> Iterator[Piece]:
    """What was summarised, analysed and deployed: the items of the agenda that ran."""
    items = [item for item in record.agenda if item.plan.kind in _VERBS]
    ran = [item for item in items if item.ran is not None]
    for number, group in enumerate(_fitting([(_did(item), item) for item in ran]), 1):
        done = [did for did, _ in group]
        yield Sentence(
            _numbered("done", number),
            f"会议{'，'.join(d.zh for d in done)}。",
            f"It {_and([d.en for d in done])}.",
            _sorted(seq for _, item in group for seq in item.entries),
        )
    for item in items:
        if item.ran is None:
            title = item.plan.title
            yield Gap(
                f"not-held-{item.plan.id}",
                f"议程“{title.zh}”没有进行记录",
                f'The record does not show that "{title.en}" was held',
            )


def _did(item: Item) -> Text:
    verb, title = _VERBS[item.plan.kind], item.plan.title
    what = title.en.removeprefix(f"{verb.noun} of ").replace(" and of ", " and ")
    if what == title.en:
        what = f'"{title.en}"'
    return Text(f"{verb.zh}了{title.zh.removeprefix(verb.zh)}", f"{verb.en} {what}")


# --- who presided and spoke


def _leaders(record: Record, _: tzinfo) -> Iterator[Piece]:
    presided = _who(record, Part.PRESIDES)
    spoke = _who(record, Part.SPEAKS)
    if presided:
        names = _listed([_office(one) for _, one in presided], _PEOPLE)
        yield Sentence(
            "presided",
            f"{names.zh}主持会议。",
            f"{names.en} presided.",
            _signed(record, presided),
        )
    if spoke:
        names = _listed([_office(one) for _, one in spoke], _PEOPLE)
        yield Sentence(
            "spoke",
            f"{names.zh}出席会议并讲话。",
            f"{names.en} attended and spoke.",
            _sorted([*_signed(record, spoke), *_speech(record)]),
        )
    elif any(i.plan.kind is ItemKind.SPEECH and i.ran is not None for i in record.agenda):
        yield Gap("spoke", "讲话人未签到", "Who spoke has not signed in")


def _who(record: Record, part: Part) -> list[tuple[VenueId, Attendee]]:
    people = record.cast.people
    return [
        (a.venue.id, one)
        for a in _present(record)
        if a.venue.id in people
        for one in people[a.venue.id].people
        if one.part is part
    ]


def _office(one: Attendee) -> Text:
    zh = one.title.zh if one.title.zh.startswith(one.organisation.zh) else None
    full = zh or f"{one.organisation.zh}{one.title.zh}"
    of = _article(one.organisation.en)
    return Text(f"{full}{one.name.zh}", f"{one.name.en}, {one.title.en} of {of},")


def _speech(record: Record) -> list[int]:
    return [s for i in record.agenda if i.plan.kind is ItemKind.SPEECH for s in i.entries]


def _signed(record: Record, who: Sequence[tuple[VenueId, Attendee]]) -> tuple[int, ...]:
    return _sorted(record.cast.people[venue].entry for venue, _ in who)


# --- what was said


def _points(record: Record, _: tzinfo) -> Iterator[Piece]:
    for item in record.agenda:
        noted = record.cast.points.get(item.plan.id)
        lead = _NOTED[item.plan.kind]
        if noted is not None and noted.points:
            for number, group in enumerate(_fitting([(p, p) for p in noted.points]), 1):
                yield Sentence(
                    _numbered(f"points-{item.plan.id}", number),
                    f"{lead.zh}，{'；'.join(p.zh for p, _ in group)}。",
                    f"{lead.en}: {'; '.join(p.en for p, _ in group)}.",
                    _sorted([noted.entry, *item.entries]),
                )
        elif item.plan.kind is ItemKind.DEPLOYMENT and item.ran is not None:
            title = item.plan.title
            yield Gap(
                f"points-{item.plan.id}",
                f"“{title.zh}”的要点未记录",
                f'What was required under "{title.en}" is not noted',
            )


# --- who attended


def _main_venue(record: Record, _: tzinfo) -> Iterator[Piece]:
    main = next((a for a in _present(record) if a.venue.kind is VenueKind.MAIN), None)
    if main is None:
        yield Gap("main-venue", "主会场没有出席记录", "No attendance is recorded at the main venue")
        return
    signed = record.cast.people.get(main.venue.id)
    if signed is None or not signed.people:
        yield Gap("main-venue", "主会场参会人员未签到", "Nobody has signed in at the main venue")
        return
    attending = [one for one in signed.people if one.part is Part.ATTENDS] or signed.people
    bodies = {one.organisation.zh: one.organisation for one in attending}
    names = _listed([Text(b.zh, _article(b.en)) for b in bodies.values()], _BODIES)
    yield Sentence(
        "main-venue",
        f"{names.zh}有关负责同志在主会场参加会议。",
        f"Officials of {names.en} attended at the main venue.",
        _sorted([*main.entries, signed.entry]),
    )


def _branch_venues(record: Record, _: tzinfo) -> Iterator[Piece]:
    branches = [a for a in _present(record) if a.venue.kind is VenueKind.BRANCH]
    if not branches:
        yield Gap(
            "branch-venues", "分会场没有出席记录", "No attendance is recorded at branch venues"
        )
        return
    people, known = record.cast.people, record.cast
    invited = [_body(known, a) for a in record.attendance if a.venue.kind is VenueKind.BRANCH]
    signed = [a for a in branches if a.venue.id in people and people[a.venue.id].people]
    here = {a.venue.id for a in signed}
    silent = [a for a in branches if a.venue.id not in here]
    if signed:
        names = phrases([_body(known, a) for a in signed], invited)
        rests = [seq for a in signed for seq in (*a.entries, people[a.venue.id].entry)]
        yield Sentence(
            "branch-venues",
            f"{'、'.join(n.zh for n in names)}负责同志在分会场参加会议。",
            f"Those in charge of {_and([n.en for n in names])} attended at branch venues.",
            _sorted(rests),
        )
    if silent:
        names = phrases([_body(known, a) for a in silent], invited)
        where = "a branch venue" if len(silent) == 1 else "branch venues"
        yield Sentence(
            "branch-venues-unsigned",
            f"{'、'.join(n.zh for n in names)}在分会场参加会议。",
            f"{_capital(_and([n.en for n in names]))} attended at {where}.",
            _sorted(seq for a in silent for seq in a.entries),
        )
        yield Gap(
            "branch-people",
            f"{len(silent)}个分会场的参会人员未签到",
            f"Nobody has signed in at {_counted(len(silent))}",
        )


def _body(known: Cast, attended: VenueAttendance) -> Body:
    of = attended.venue.organisation
    body = None if of is None else known.organisations.get(of)
    if body is None:
        return Body(attended.venue.name)
    above = None if body.parent is None else known.organisations.get(body.parent)
    return Body(body.name, None if above is None else above.name)


def _numbers(record: Record, _: tzinfo) -> Iterator[Piece]:
    branches = [a for a in _present(record) if a.venue.kind is VenueKind.BRANCH]
    if not branches:
        return
    by_telephone = [a for a in branches if a.telephone and not a.video]
    zh, en = f"共有{len(branches)}个分会场参加会议", f"{_counted(len(branches))} took part"
    if by_telephone:
        zh += f"，其中{len(by_telephone)}个以电话方式参加"
        en += f", {len(by_telephone)} of them by telephone"
    yield Sentence("numbers", f"{zh}。", f"{en}.", _sorted(s for a in branches for s in a.entries))


def _present(record: Record) -> list[VenueAttendance]:
    return [a for a in record.attendance if a.standing is Standing.PRESENT]


# --- words


def _article(name: str) -> str:
    return name if name.lower().startswith("the ") else f"the {name}"


def _counted(branch_venues: int) -> str:
    return "1 branch venue" if branch_venues == 1 else f"{branch_venues} branch venues"


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _and(parts: Sequence[str]) -> str:
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(p.rstrip(',') for p in parts[:-1])} and {parts[-1]}"


def _numbered(id_: str, number: int) -> str:
    return id_ if number == 1 else f"{id_}-{number}"


def _fitting(parts: Sequence[tuple[Text, T]]) -> Iterator[Sequence[tuple[Text, T]]]:
    """Groups of parts that have room in one sentence, each with what it was made of."""
    group: list[tuple[Text, T]] = []
    zh = en = 0
    for part in parts:
        words = part[0]
        zh, en = zh + len(words.zh) + _JOINT, en + len(words.en) + _JOINT
        if group and max(zh, en) > _ROOM:
            yield group
            group, zh, en = [], len(words.zh) + _JOINT, len(words.en) + _JOINT
        group.append(part)
    if group:
        yield group


def _listed(names: Sequence[Text], of: _Counted) -> Text:
    """The names; where they have no room in one sentence, the first ones and how many there are."""
    whole = Text("、".join(n.zh for n in names), _and([n.en for n in names]))
    if max(len(whole.zh), len(whole.en)) <= _ROOM:
        return whole
    first = [name for name, _ in next(_fitting([(n, n) for n in names]))]
    zh, en = "、".join(n.zh for n in first), ", ".join(n.en.rstrip(",") for n in first)
    left = len(names) - len(first)
    return Text(f"{zh}等{len(names)}{of.zh}", f"{en} and {left} more {of.en}")


def _sorted(entries: Iterable[int]) -> tuple[int, ...]:
    return tuple(sorted(set(entries)))


_TEMPLATES: Final[Sequence[Template]] = (
    _opening,
    _done,
    _leaders,
    _points,
    _main_venue,
    _branch_venues,
    _numbers,
)
