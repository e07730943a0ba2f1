"""The computed light of an assignment. Its rules are stated here, once, in both languages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from podium.values.text import Text
from podium.work.state import Assignment, Stage

SIGN_DAYS: Final = 3
"""Days to sign for an assignment."""
REPORT_DAYS: Final = 10
"""Days after which a missing report is red and no longer amber."""
SOON_DAYS: Final = 14

_TO_SIGN: Final = timedelta(days=SIGN_DAYS)
_GRACE: Final = timedelta(days=REPORT_DAYS)
_SOON: Final = timedelta(days=SOON_DAYS)


class Light(StrEnum):
    """``done``: closed by the issuer; ``none``: withdrawn."""

    RED = "red"
    AMBER = "amber"
    GREEN = "green"
    DONE = "done"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class LightRule:
    code: str
    light: Light
    text: Text


def _rule(code: str, light: Light, zh: str, en: str) -> LightRule:
    return LightRule(code, light, Text(zh, en))


CLOSED: Final = _rule(
    "closed", Light.DONE, "下达单位已核实并办结", "closed by its issuer after verification"
)
WITHDRAWN: Final = _rule("withdrawn", Light.NONE, "已撤回", "withdrawn by its issuer")
SUBMITTED: Final = _rule(
    "submitted",
    Light.GREEN,
    "已报完成，等待下达单位核实或办结",
    "reported as complete; its issuer is to verify or close it",
)
PAST_DUE: Final = _rule(
    "past_due", Light.RED, "已过完成期限仍未报完成", "past its due day and not reported as complete"
)
REPORT_MISSING: Final = _rule(
    "report_missing",
    Light.RED,
    f"报告逾期超过 {REPORT_DAYS} 天",
    f"a report is more than {REPORT_DAYS} days late",
)
REPORT_LATE: Final = _rule(
    "report_late",
    Light.AMBER,
    f"报告逾期，未超过 {REPORT_DAYS} 天",
    f"a report is late, by {REPORT_DAYS} days at most",
)
UNSIGNED: Final = _rule(
    "unsigned",
    Light.AMBER,
    f"下达 {SIGN_DAYS} 天后仍未签收",
    f"not signed for within {SIGN_DAYS} days",
)
DUE_SOON: Final = _rule(
    "due_soon",
    Light.AMBER,
    f"距完成期限不足 {SOON_DAYS} 天",
    f"due within {SOON_DAYS} days",
)
ON_TIME: Final = _rule("on_time", Light.GREEN, "按期推进", "nothing is late")

RULES: Final = (
    CLOSED,
    WITHDRAWN,
    SUBMITTED,
    PAST_DUE,
    REPORT_MISSING,
    REPORT_LATE,
    UNSIGNED,
    DUE_SOON,
    ON_TIME,
)
"""In the order in which they are asked."""

_BY_STAGE: Final = {
    Stage.CLOSED: CLOSED,
    Stage.WITHDRAWN: WITHDRAWN,
    Stage.SUBMITTED: SUBMITTED,
    Stage.VERIFIED: SUBMITTED,
}


def light_rule(assignment: Assignment, today: date) -> LightRule:
    """The rule that gives the assignment its light. Asked for every cell of a matrix: quick."""
    settled = _BY_STAGE.get(assignment.stage)
    if settled is not None:
        return settled
    if today > assignment.due:
        return PAST_DUE
    report_due = assignment.report_due
    if report_due is not None and today > report_due:
        return REPORT_MISSING if today > report_due + _GRACE else REPORT_LATE
    if assignment.stage is Stage.ISSUED and today > assignment.issued_on + _TO_SIGN:
        return UNSIGNED
    if today > assignment.due - _SOON:
        return DUE_SOON
    return ON_TIME


def awaited_report(assignment: Assignment) -> date | None:
    """When the next report is due: never while the issuer has the assignment, or after its end."""
    return None if assignment.stage in _BY_STAGE else assignment.report_due


def days_late(assignment: Assignment, today: date) -> int:
    """Whole days since the earliest thing that the organisation should have done; 0 is in time."""
    if assignment.stage in _BY_STAGE:
        return 0
    should = assignment.due
    if assignment.report_due is not None and assignment.report_due < should:
        should = assignment.report_due
    if assignment.stage is Stage.ISSUED:
        should = min(should, assignment.issued_on + _TO_SIGN)
    return max(0, (today - should).days)
