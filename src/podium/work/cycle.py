"""Reporting periods, named by their first day.

A week begins on Monday (ISO 8601). Dates are those of the programme's time zone.
"""

from __future__ import annotations

from datetime import date, timedelta

from podium.work.values import Cycle, Rhythm

_WEEK = timedelta(days=7)


def period_of(cycle: Cycle, day: date) -> date:
    """The first day of the period that ``day`` lies in."""
    match cycle.rhythm:
        case Rhythm.WEEKLY:
            return day - timedelta(days=day.weekday())
        case Rhythm.QUARTERLY:
            return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
        case Rhythm.MONTHLY | Rhythm.ONCE:
            return day.replace(day=1)


def following(cycle: Cycle, period: date) -> date:
    """The first day of the next period."""
    match cycle.rhythm:
        case Rhythm.WEEKLY:
            return period + _WEEK
        case Rhythm.QUARTERLY:
            return _months_later(period, 3)
        case Rhythm.MONTHLY | Rhythm.ONCE:
            return _months_later(period, 1)


def report_due(cycle: Cycle, period: date) -> date | None:
    """When the report about ``period`` is due; ``None`` where the cycle asks for none."""
    if cycle.rhythm is Rhythm.ONCE:
        return None
    return following(cycle, period) + timedelta(days=cycle.due_day - 1)


def _months_later(first: date, months: int) -> date:
    index = first.year * 12 + first.month - 1 + months
    return date(index // 12, index % 12 + 1, 1)
