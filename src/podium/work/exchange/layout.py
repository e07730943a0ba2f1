"""The columns of the work's files; ``docs/work.md`` explains them to those who fill them in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from podium.sheets.table import Column
from podium.values.fields import PROSE_LENGTH
from podium.values.text import Text
from podium.work.lights import Light
from podium.work.state import Stage
from podium.work.values import ActivityKind, Duty, Rating

_MANY: Final = 2_000
"""Characters of a cell that lists organisations."""


def _column(key: str, zh: str, *, required: bool = False, longest: int = 200) -> Column:
    english = key.replace("_zh", " (zh)").replace("_en", " (en)").replace("_", " ")
    return Column(key, Text(zh, english), required, longest)


_PROSE: Final = Column("detail", Text("说明", "detail"), longest=PROSE_LENGTH, lines=True)
_BODIES: Final = (
    _column("lead", "牵头单位", longest=_MANY),
    _column("cooperating", "配合单位", longest=_MANY),
)
_STATISTIC: Final = (
    _column("statistic", "统计指标代码"),
    _column("statistic_zh", "统计指标"),
    _column("statistic_en", "统计指标英文名称"),
)

MEASURE_COLUMNS: Final = (
    _column("code", "措施代码", required=True),
    _column("title_zh", "措施名称"),
    _column("title_en", "措施英文名称"),
    _column("area_code", "领域代码"),
    _column("area_zh", "领域名称"),
    _column("area_en", "领域英文名称"),
    _column("wider_area", "上级领域代码"),
    _column("wider_area_zh", "上级领域名称"),
    _column("wider_area_en", "上级领域英文名称"),
    _column("starts_on", "开始日期"),
    _column("due", "完成期限"),
    *_BODIES,
    _column("policy", "政策文件代码"),
    _column("policy_zh", "政策文件"),
    _column("policy_en", "政策文件英文名称"),
    *_STATISTIC,
    _PROSE,
    _column("order", "顺序号"),
)
ACTIVITY_COLUMNS: Final = (
    _column("code", "活动代码", required=True),
    _column("kind", "类别"),
    _column("title_zh", "活动名称"),
    _column("title_en", "活动英文名称"),
    _column("place_zh", "地点"),
    _column("place_en", "地点英文名称"),
    _column("starts_on", "开始日期"),
    _column("ends_on", "结束日期"),
    *_BODIES,
    *_STATISTIC,
    _column("source", "来源"),
    _PROSE,
    _column("order", "顺序号"),
)
REPORT_COLUMNS: Final = (
    _column("measure", "措施代码", required=True),
    _column("organisation", "单位代码", required=True),
    _column("period", "报告期", required=True),
    _column("rating", "自评", required=True),
    Column("text", Text("进展", "text"), True, PROSE_LENGTH, lines=True),
    _column("completed", "已完成"),
)
ASSIGNMENT_HEADINGS: Final = (
    Text("措施代码", "measure"),
    Text("措施", "measure title"),
    Text("单位代码", "organisation"),
    Text("单位", "organisation name"),
    Text("职责", "duty"),
    Text("下达单位", "issuer"),
    Text("状态", "stage"),
    Text("亮灯", "light"),
    Text("亮灯依据", "rule"),
    Text("自评", "own rating"),
    Text("完成期限", "due"),
    Text("下次报告截止", "next report due"),
    Text("逾期天数", "days late"),
)

KIND_NAMES: Final[Mapping[ActivityKind, Text]] = {
    ActivityKind.THEME: Text("主题活动", "theme"),
    ActivityKind.EXPOSITION: Text("展会", "exposition"),
    ActivityKind.WEEK: Text("活动周", "week"),
    ActivityKind.LOCAL: Text("地方活动", "local"),
    ActivityKind.SECTOR: Text("行业活动", "sector"),
    ActivityKind.OTHER: Text("其他", "other"),
}
RATING_NAMES: Final[Mapping[Rating, Text]] = {
    Rating.ON_TRACK: Text("正常", "on track"),
    Rating.AT_RISK: Text("有风险", "at risk"),
    Rating.BEHIND: Text("滞后", "behind"),
}
DUTY_NAMES: Final[Mapping[Duty, Text]] = {
    Duty.LEAD: Text("牵头", "lead"),
    Duty.COOPERATING: Text("配合", "cooperating"),
}
STAGE_NAMES: Final[Mapping[Stage, Text]] = {
    Stage.ISSUED: Text("待签收", "issued"),
    Stage.SIGNED: Text("办理中", "in progress"),
    Stage.SUBMITTED: Text("待核实", "to be verified"),
    Stage.VERIFIED: Text("待办结", "to be closed"),
    Stage.CLOSED: Text("已办结", "closed"),
    Stage.WITHDRAWN: Text("已撤回", "withdrawn"),
}
LIGHT_NAMES: Final[Mapping[Light, Text]] = {
    Light.RED: Text("红", "red"),
    Light.AMBER: Text("黄", "amber"),
    Light.GREEN: Text("绿", "green"),
    Light.DONE: Text("完成", "done"),
    Light.NONE: Text("无", "none"),
}
