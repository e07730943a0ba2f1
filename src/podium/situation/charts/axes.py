"""The axis of releases: equal steps, the year under the first release of each."""

from __future__ import annotations

from collections.abc import Iterable

from podium.situation.charts.frame import Sheet, Spec
from podium.situation.period import Period


def releases(periods: Iterable[Period], sheet: Sheet, *, quarterly: bool = False) -> Spec:
    """An ordinal axis over the field ``order``; ``quarterly`` names the ends of quarters only."""
    names: dict[str, str] = {}
    year = None
    for period in sorted(set(periods)):
        named = not quarterly or period.end.number % 3 == 0
        label = sheet.say((Period(period.end, 1) if quarterly else period).short) if named else ""
        if named and period.end.year != year:
            year = period.end.year
            label = f"{label}\n{year}"
        names[order(period)] = label
    keys = ", ".join(f"'{key}': {label!r}" for key, label in names.items())
    return {
        "field": "order",
        "type": "ordinal",
        "axis": {
            "title": None,
            "labelAngle": 0,
            "ticks": False,
            "domain": False,
            "labelExpr": f"split({{{keys}}}[datum.value], '\\n')",
            "labelOverlap": False,
            "labelFontSize": 11,
        },
    }


def order(period: Period) -> str:
    """What ``releases`` sorts by."""
    return period.end.first_day.isoformat()
