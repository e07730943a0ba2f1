"""The agenda as planned and as it went."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from podium.conference import events as e
from podium.conference.commands import AgendaPlan
from podium.conference.events import Recorded
from podium.conference.state import ItemId
from podium.record.folds.cast import Cast
from podium.record.folds.spans import Span


@dataclass(frozen=True, slots=True)
class Item:
    """``planned_at``: when it should have begun, the items before it keeping to their lengths.
    ``ran`` is ``None`` for an item that never began."""

    plan: AgendaPlan
    planned_at: datetime | None
    ran: Span | None
    entries: tuple[int, ...]

    def over(self, now: datetime) -> timedelta | None:
        """How much longer it took than planned; negative where it was shorter."""
        return None if self.ran is None else self.ran.length(now) - self.plan.planned


def items(entries: Iterable[Recorded], known: Cast) -> tuple[Item, ...]:
    """In the order of the agenda."""
    ran: dict[ItemId, Span] = {}
    for entry in entries:
        match entry.event:
            case e.ItemStarted(item=item) if item not in ran:
                ran[item] = Span(entry.at, None, (entry.seq,))
            case e.ItemFinished(item=item) if item in ran and ran[item].ended is None:
                ran[item] = ran[item].closed(entry.at, entry.seq)
            case _:
                pass
    planned_at = known.starts_at
    found = []
    for plan in known.agenda.values():
        span = ran.get(plan.id)
        rests = (known.planned_by[plan.id], *(() if span is None else span.entries))
        found.append(Item(plan, planned_at, span, rests))
        planned_at = None if planned_at is None else planned_at + plan.planned
    return tuple(found)


def running(agenda: Sequence[Item], at: datetime) -> Item | None:
    """The item under which something at that moment belongs."""
    for item in agenda:
        ran = item.ran
        if ran is not None and ran.began <= at and (ran.ended is None or at < ran.ended):
            return item
    return None
