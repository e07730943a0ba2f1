"""Stretches of time, open at the end where they still go on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Span:
    """From ``began`` to ``ended``, or until now where that is ``None``."""

    began: datetime
    ended: datetime | None
    entries: tuple[int, ...]
    """What began it, changed it and ended it, by ``seq``."""

    def end(self, now: datetime) -> datetime:
        return now if self.ended is None else self.ended

    def length(self, now: datetime) -> timedelta:
        return max(self.end(now) - self.began, timedelta(0))

    def closed(self, at: datetime, seq: int) -> Span:
        return replace(self, ended=at, entries=(*self.entries, seq))


def within(span: Span, windows: Sequence[Span], now: datetime) -> tuple[Span, ...]:
    """The parts of ``span`` that lie in one of ``windows``, with a length above nothing."""
    parts = []
    for window in windows:
        began = max(span.began, window.began)
        if began < min(span.end(now), window.end(now)):
            ends = [end for end in (span.ended, window.ended) if end is not None]
            parts.append(Span(began, min(ends) if ends else None, span.entries))
    return tuple(parts)


def total(spans: Iterable[Span], now: datetime) -> timedelta:
    """The time that any of the spans covers; what overlaps counts once."""
    covered = timedelta(0)
    reached: datetime | None = None
    for span in sorted(spans, key=lambda s: s.began):
        begin = span.began if reached is None else max(span.began, reached)
        end = span.end(now)
        if end > begin:
            covered += end - begin
            reached = end
    return covered
