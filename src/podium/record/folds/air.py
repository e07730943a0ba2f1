"""What was on air: which venue filled which picture of the program, from when to when."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from podium.conference.events import ProgramChanged, Recorded
from podium.conference.state import Program, Slot, VenueId
from podium.record.folds.spans import Span


@dataclass(frozen=True, slots=True)
class Aired:
    slot: Slot
    venue: VenueId
    span: Span


def aired(entries: Iterable[Recorded]) -> tuple[Aired, ...]:
    """In the order in which they went on air."""
    found: list[Aired] = []
    running: dict[Slot, int] = {}
    on_air = Program()
    for entry in entries:
        if not isinstance(entry.event, ProgramChanged):
            continue
        before, on_air = on_air, entry.event.program
        for slot in Slot:
            was, now = before.source(slot), on_air.source(slot)
            if was == now:
                continue
            if slot in running:
                place = running.pop(slot)
                last = found[place]
                ended = last.span.closed(entry.at, entry.seq)
                found[place] = Aired(last.slot, last.venue, ended)
            if now is not None:
                running[slot] = len(found)
                found.append(Aired(slot, now, Span(entry.at, None, (entry.seq,))))
    return tuple(found)
