"""Why a command is refused: stable codes for programs, words in both languages for people.

Each text says what is wrong and what to do. ``CATALOGUE`` lists them all.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from podium.values.fields import PROSE_LENGTH, TEXT_LENGTH
from podium.values.refusal import Refusal

MAX_BODIES: Final = 20_000
MAX_MEASURES: Final = 2_000
MAX_ACTIVITIES: Final = 5_000
MAX_OTHERS: Final = 2_000
"""Areas, and policies."""
MAX_CELLS: Final = 2_000_000
"""Assignments in one programme."""
MAX_FIGURES: Final = 50
MAX_EVIDENCE: Final = 20


def _refuse(code: str, zh: str, en: str) -> Refusal:
    return Refusal(code, "client", zh, en)


# --- who

NOT_ALLOWED: Final = _refuse(
    "work_not_allowed",
    "您的身份不能进行此操作。请联系会议办公室。",
    "Your role may not do this. Ask the conference office.",
)
NOT_OWNER: Final = _refuse(
    "not_owner",
    "只有方案的主管单位可以这样做。请联系主管单位。",
    "Only the department that owns the programme may do this. Ask that department.",
)
NOT_YOUR_ORGANISATION: Final = _refuse(
    "not_your_organisation",
    "只能办理本单位的任务。请由承办单位的联络员办理。",
    "You may act for your own organisation only. Leave this to its liaison officer.",
)
NOT_ISSUER: Final = _refuse(
    "not_issuer",
    "只有下达任务的单位可以核实、办结、退回、撤回或批准延期。请联系下达单位。",
    "Only the issuer of an assignment may verify it or close it or send it back or withdraw it "
    "or answer a request for extension. Ask the issuer.",
)
NOT_FROM_THIS_CONFERENCE: Final = _refuse(
    "not_from_this_conference",
    "会场只能签收本次会议下达给本单位的任务。请联系本单位联络员。",
    "A venue signs only for what its conference issued to its organisation. Ask the liaison "
    "officer of your organisation.",
)
NO_SUCH_PROGRAMME: Final = _refuse(
    "no_such_programme",
    "没有这个工作方案。请检查链接或方案列表。",
    "There is no such programme. Check the link or the list of programmes.",
)
PROGRAMME_EXISTS: Final = _refuse(
    "programme_exists",
    "该工作方案已经创建。请改用修改方案。",
    "This programme exists already. Change it instead.",
)

# --- what is written

BAD_WORDS: Final = _refuse(
    "bad_words",
    f"名称须有可见文字且最长 {TEXT_LENGTH} 个字。正文最长 {PROSE_LENGTH} 个字且不能含控制字符。"
    "请修改。",
    f"A name needs visible text of at most {TEXT_LENGTH} characters. Running text has at most "
    f"{PROSE_LENGTH} and no control characters. Change it.",
)
BAD_CODE: Final = _refuse(
    "bad_code",
    "代码只能包含可见字符。不能有空格或斜杠。最长 64 个字符。请修改。",
    "A code holds visible characters without spaces or slashes and 64 at most. Change it.",
)
BAD_DATES: Final = _refuse(
    "bad_dates",
    "结束日期不能早于开始日期。年份须在 2000 至 2100 之间。请检查日期。",
    "The end cannot come before the start and years go from 2000 to 2100. Check the dates.",
)
TWICE: Final = _refuse(
    "twice",
    "同一代码出现两次。请去掉重复项。",
    "The same code appears twice. Remove one.",
)
TOO_MANY: Final = _refuse(
    "too_many",
    f"超过上限。一个方案最多 {MAX_BODIES} 个单位和 {MAX_MEASURES} 条措施以及 "
    f"{MAX_ACTIVITIES} 项活动。请分成几个方案。",
    f"Too many. A programme has at most {MAX_BODIES} organisations and {MAX_MEASURES} measures "
    f"and {MAX_ACTIVITIES} activities. Make several programmes.",
)
TOO_MANY_ATTACHED: Final = _refuse(
    "too_many_attached",
    f"一份报告最多 {MAX_FIGURES} 个数据和 {MAX_EVIDENCE} 个附件。请合并后再报。",
    f"A report has at most {MAX_FIGURES} figures and {MAX_EVIDENCE} files. Combine some.",
)

# --- the plan

UNKNOWN_AREA: Final = _refuse(
    "unknown_area",
    "措施所属的领域不在方案中。请先添加该领域。",
    "A measure belongs to an area that the programme lacks. Add the area first.",
)
UNKNOWN_POLICY: Final = _refuse(
    "unknown_policy",
    "措施所依据的政策文件不在方案中。请先添加该文件。",
    "A measure rests on a policy document that the programme lacks. Add the document first.",
)
UNKNOWN_MEASURE: Final = _refuse(
    "unknown_measure",
    "方案中没有这条措施。请刷新后重试。",
    "The programme has no such measure. Reload and try again.",
)
UNKNOWN_ACTIVITY: Final = _refuse(
    "unknown_activity",
    "方案中没有这项活动。请刷新后重试。",
    "The programme has no such activity. Reload and try again.",
)
MEASURE_ASSIGNED: Final = _refuse(
    "measure_assigned",
    "措施已经下达。不能删除。请改为撤回各单位的任务。",
    "The measure has been assigned and cannot be dropped. Withdraw its assignments instead.",
)

# --- bodies

UNKNOWN_BODY: Final = _refuse(
    "unknown_body",
    "方案中没有该单位或其上级单位。请先添加。",
    "The programme lacks this organisation or the one above it. Add that one first.",
)
BODY_ABOLISHED: Final = _refuse(
    "body_abolished",
    "该单位已经撤销。请改用承接其职责的单位。",
    "This organisation was abolished. Name the one that took over its duties.",
)
BODY_CYCLE: Final = _refuse(
    "body_cycle",
    "单位不能隶属于自己或自己的下级。请另选上级。",
    "An organisation cannot be below itself. Choose another superior.",
)
MOVE_INSTEAD: Final = _refuse(
    "move_instead",
    "已有单位的隶属关系不能在登记时更改。请使用划转。",
    "Who is above an organisation does not change by enrolling. Move it instead.",
)
MERGE_INSTEAD: Final = _refuse(
    "merge_instead",
    "该单位还有任务或下级单位或是方案的主管单位。请指定承接单位并合并。",
    "This organisation still has assignments or subordinates or owns the programme. "
    "Merge it into the one that takes over.",
)

# --- assignments

NOTHING_CHOSEN: Final = _refuse(
    "nothing_chosen",
    "没有选择措施或单位。请至少各选一个。",
    "No measure or no organisation was chosen. Choose at least one of each.",
)
LEAD_AND_COOPERATING: Final = _refuse(
    "lead_and_cooperating",
    "同一单位不能既牵头又配合。请去掉一处。",
    "An organisation cannot both lead and cooperate. Remove it from one list.",
)
DUE_PAST: Final = _refuse(
    "due_past",
    "完成期限已过。请给出今天或以后的日期。",
    "The due day has passed. Give today or a later day.",
)
NOT_ASSIGNED: Final = _refuse(
    "not_assigned",
    "该单位没有这项任务。可能已划给其他单位。请刷新后重试。",
    "The organisation has no such assignment. It may have passed to another. Reload.",
)
NOT_SIGNED: Final = _refuse(
    "not_signed",
    "任务尚未签收。请先签收。",
    "The assignment has not been signed for. Sign for it first.",
)
ENDED: Final = _refuse(
    "assignment_ended",
    "任务已办结或撤回。如需继续请由下达单位重新开启或下达。",
    "The assignment is closed or withdrawn. Its issuer can reopen or issue it again.",
)
AWAITS_ISSUER: Final = _refuse(
    "awaits_issuer",
    "任务已报完成。正等待下达单位核实或办结。",
    "The work is reported as complete. Its issuer is to verify or close it now.",
)
NOT_SUBMITTED: Final = _refuse(
    "not_submitted",
    "承办单位尚未报完成。请等待其报告。",
    "The organisation has not reported the work as complete. Wait for its report.",
)
NOT_VERIFIED: Final = _refuse(
    "not_verified",
    "任务尚未核实。请先核实再办结。",
    "The assignment has not been verified. Verify it before you close it.",
)
NOT_CLOSED: Final = _refuse(
    "not_closed",
    "任务尚未办结。无需重新开启。",
    "The assignment is not closed and so cannot be reopened.",
)
REASON_MISSING: Final = _refuse(
    "reason_missing",
    "请写明理由或内容。",
    "Write down the reason or what was done.",
)
NOT_BELOW: Final = _refuse(
    "not_below",
    "只能分解给本单位的下级单位。请检查所选单位。",
    "An assignment can be broken down to subordinates only. Check the organisations chosen.",
)
BEYOND_OWN_DUE: Final = _refuse(
    "beyond_own_due",
    "期限不能晚于本单位自己的完成期限。请先申请延期。",
    "The day lies after your own due day. Ask for an extension of your own first.",
)
OPEN_BELOW: Final = _refuse(
    "open_below",
    "分解给下级的任务还有未办结的。请先核实并办结下级任务。",
    "Assignments that you broke down are still open. Verify and close those first.",
)
UPPER_CLOSED: Final = _refuse(
    "upper_closed",
    "上级任务已经办结。请先由上级的下达单位重新开启。",
    "The assignment above it is closed. Have that one reopened first.",
)
FUTURE_PERIOD: Final = _refuse(
    "future_period",
    "报告期尚未开始。请选择当前或以往的报告期。",
    "The period has not begun. Report on this period or an earlier one.",
)
PERIOD_TOO_EARLY: Final = _refuse(
    "period_too_early",
    "报告期早于任务下达。请选择下达之后的报告期。",
    "The period ended before the assignment was issued. Choose a later one.",
)
NOT_LATER: Final = _refuse(
    "not_later",
    "申请延期的日期须晚于现有期限且不早于今天。请重新选择。",
    "An extension must reach beyond the due day and beyond today. Choose a later day.",
)
NOT_ASKED: Final = _refuse(
    "not_asked",
    "没有待答复的延期申请。",
    "There is no request for extension to answer.",
)

CATALOGUE: Final[Mapping[str, Refusal]] = {
    value.code: value for value in list(globals().values()) if isinstance(value, Refusal)
}
"""Every refusal of the work, by code."""
