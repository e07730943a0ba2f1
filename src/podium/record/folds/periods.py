"""In which phase the conference was when."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from podium.conference.events import ConferenceScheduled, PhaseChanged, Recorded
from podium.conference.state import Phase
from podium.record.folds.spans import Span


@dataclass(frozen=True, slots=True)
class Period:
    phase: Phase
    span: Span


@dataclass(frozen=True, slots=True)
class Periods:
    """In order, without gaps. Empty where nothing was scheduled."""

    periods: tuple[Period, ...] = ()

    def spans(self, *phases: Phase) -> tuple[Span, ...]:
        return tuple(p.span for p in self.periods if p.phase in phases)

    @property
    def session(self) -> tuple[Span, ...]:
        """The time in session, without adjournments."""
        return self.spans(Phase.IN_SESSION)

    @property
    def held(self) -> tuple[Span, ...]:
        """From the opening to the close. A rehearsal is no part of the conference."""
        return self.spans(Phase.OPEN, Phase.IN_SESSION, Phase.ADJOURNED)

    @property
    def phase(self) -> Phase:
        return self.periods[-1].phase if self.periods else Phase.SCHEDULED

    def at(self, moment: datetime) -> Phase:
        """The phase of an event at ``moment``; where one ends and the next begins, the next."""
        found = Phase.SCHEDULED
        for period in self.periods:
            if period.span.began > moment:
                break
            found = period.phase
        return found


def periods(entries: Iterable[Recorded]) -> Periods:
    found: list[Period] = []
    for entry in entries:
        match entry.event:
            case ConferenceScheduled() if not found:
                found.append(Period(Phase.SCHEDULED, Span(entry.at, None, (entry.seq,))))
            case PhaseChanged(phase=phase) if found and found[-1].phase is not phase:
                last = found[-1]
                found[-1] = Period(last.phase, last.span.closed(entry.at, entry.seq))
                found.append(Period(phase, Span(entry.at, None, (entry.seq,))))
            case _:
                pass
    return Periods(tuple(found))


def session_began(periods: Periods) -> datetime | None:
    session = periods.session
    return session[0].began if session else None


def session_ended(periods: Periods) -> datetime | None:
    """When the session ended for good; ``None`` where it has not begun, or may still go on."""
    session = periods.session
    closed = periods.phase is Phase.CLOSED
    return session[-1].ended if session and closed else None
