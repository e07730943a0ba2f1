"""A conference that opens with what came of a programme."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from podium.conference.commands import AgendaPlan, ItemPoints
from podium.conference.state import ItemId, ItemKind
from podium.values.text import Text
from podium.work.opening import Opening

_SUMMARY: Final = Text("上次部署工作完成情况", "What came of the work deployed last time")
_REFERRED: Final = Text("提请会议研究的逾期任务", "Overdue assignments referred to the conference")
_LENGTH: Final = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Opened:
    """An agenda, and the points to note under its items."""

    agenda: tuple[AgendaPlan, ...]
    notes: tuple[ItemPoints, ...]


def with_opening(agenda: Sequence[AgendaPlan], opening: Opening) -> Opened:
    """The summary goes under the first item of that kind; where there is none, and for what was
    escalated, an item of its own is put in."""
    items = list(agenda)
    place = next((n for n, item in enumerate(items) if item.kind is ItemKind.SUMMARY), None)
    if place is None:
        place = 0
        items.insert(0, _item("opening", ItemKind.SUMMARY, _SUMMARY, items))
    notes = [ItemPoints(items[place].id, opening.summary)]
    if opening.referred:
        referred = _item("referred", ItemKind.OTHER, _REFERRED, items)
        items.insert(place + 1, referred)
        notes.append(ItemPoints(referred.id, opening.referred))
    return Opened(tuple(items), tuple(notes))


def _item(name: str, kind: ItemKind, title: Text, others: Collection[AgendaPlan]) -> AgendaPlan:
    taken = {item.id for item in others}
    while name in taken:
        name += "x"
    return AgendaPlan(ItemId(name), kind, title, _LENGTH)
