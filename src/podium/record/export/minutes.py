"""Minutes from the communique: its text, who was present and who was excused."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, tzinfo
from typing import Final

from podium.conference.people import Attendee
from podium.conference.state import Text, VenueKind
from podium.record.communique.document import Document, text_hash
from podium.record.communique.values import Gap, Piece
from podium.record.export.layout import Block, Locale, Paper, Paragraph
from podium.record.folds.attendance import Standing, VenueAttendance
from podium.record.folds.record import Record
from podium.values.log import Examined

LISTED_MOST: Final = 120
"""Branch venues that are named."""


def minutes(
    record: Record, document: Document, proof: Examined, locale: Locale, zone: tzinfo
) -> Paper:
    zh = locale is Locale.ZH
    title = _pick(record.cast.title or Text("会议", "Conference"), locale)
    approval = document.approval
    return Paper(
        locale=locale,
        title=f"{title}纪要" if zh else f"Minutes of the {title}",
        subtitle="",
        mark="" if approval is not None else ("草稿" if zh else "Draft"),
        blocks=(*_text(document.standing, locale), *_present(record, locale)),
        foot=_foot(document, proof, locale, zone),
        official=True,
    )


def _text(pieces: Sequence[Piece], locale: Locale) -> Iterator[Block]:
    """Points have a paragraph each; what stands between them is joined."""
    joined: list[str] = []
    for piece in pieces:
        words = piece.zh if locale is Locale.ZH else piece.en
        if isinstance(piece, Gap):
            words = f"【缺：{words}】" if locale is Locale.ZH else f"[missing: {words}]"
        alone = piece.id.startswith(("points-", "main-venue"))
        if alone and joined:
            yield Paragraph(_joined(joined, locale))
            joined = []
        joined.append(words)
        if piece.id.startswith("points-"):
            yield Paragraph(_joined(joined, locale))
            joined = []
    if joined:
        yield Paragraph(_joined(joined, locale))


def _joined(parts: Sequence[str], locale: Locale) -> str:
    return ("" if locale is Locale.ZH else " ").join(parts)


def _present(record: Record, locale: Locale) -> Iterator[Block]:
    zh = locale is Locale.ZH
    there = [a for a in record.attendance if a.standing is Standing.PRESENT]
    main = [a for a in there if a.venue.kind is VenueKind.MAIN]
    branches = [a for a in there if a.venue.kind is VenueKind.BRANCH]
    excused = [a for a in record.attendance if a.standing is Standing.EXCUSED]
    people = [one for a in main if (s := record.cast.people.get(a.venue.id)) for one in s.people]
    if people:
        yield Paragraph(
            _list([_person(one, locale) for one in people], zh), _lead("出席", "Present", zh)
        )
    if branches:
        yield Paragraph(_branches(record, branches, locale), _lead("分会场", "Branch venues", zh))
    if excused:
        names = [_pick(a.venue.name, locale) for a in excused]
        yield Paragraph(_list(names, zh), _lead("请假", "Excused", zh))


def _branches(record: Record, branches: Sequence[VenueAttendance], locale: Locale) -> str:
    """By name; where there are too many to be read, how many, and where they are listed."""
    zh = locale is Locale.ZH
    if len(branches) <= LISTED_MOST:
        return _list([_venue(record, a, locale) for a in branches], zh)
    return (
        f"{len(branches)}个，名单见会议记录"
        if zh
        else f"{len(branches)}; the record of the conference lists them"
    )


def _person(one: Attendee, locale: Locale) -> str:
    organisation, title, name = (_pick(t, locale) for t in (one.organisation, one.title, one.name))
    return f"{organisation}{name}" if locale is Locale.ZH else f"{name} ({title}, {organisation})"


def _venue(record: Record, a: VenueAttendance, locale: Locale) -> str:
    signed = record.cast.people.get(a.venue.id)
    count = 0 if signed is None else len(signed.people)
    name = _pick(a.venue.name, locale)
    if count < 2:
        return name
    return f"{name}（{count}人）" if locale is Locale.ZH else f"{name} ({count})"


def _foot(document: Document, proof: Examined, locale: Locale, zone: tzinfo) -> tuple[str, ...]:
    zh = locale is Locale.ZH
    lines = []
    if document.approval is not None:
        approval = document.approval
        when = stamp(approval.at, zone)
        lines.append(
            f"{approval.by.name}于{when}审定，定稿哈希 {approval.hash}"
            if zh
            else f"Approved by {approval.by.name} at {when}; hash of the text {approval.hash}"
        )
    else:
        lines.append(
            f"未审定，文本哈希 {text_hash(document)}"
            if zh
            else f"Not approved; hash of the text {text_hash(document)}"
        )
    lines.append(proof_line(proof, locale))
    return tuple(lines)


def proof_line(proof: Examined, locale: Locale) -> str:
    head, wrong = proof.head, proof.wrong
    if wrong is not None:
        return (
            f"会议记录第 {wrong.seq} 条有误：{wrong.zh}"
            if locale is Locale.ZH
            else f"Entry {wrong.seq} of the log is wrong: {wrong.en}"
        )
    return (
        f"会议记录共 {head.seq} 条，末条哈希 {head.hash}"
        if locale is Locale.ZH
        else f"The log has {head.seq} entries; hash of the newest {head.hash}"
    )


def stamp(at: datetime, zone: tzinfo) -> str:
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M}"


def _lead(zh_words: str, en_words: str, zh: bool) -> str:
    return f"{zh_words}：" if zh else f"{en_words}: "


def _list(names: Sequence[str], zh: bool) -> str:
    return "、".join(names) if zh else ", ".join(names)


def _pick(text: Text, locale: Locale) -> str:
    return text.zh if locale is Locale.ZH else text.en
