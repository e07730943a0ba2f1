"""What a new conference starts from: an agenda for each usual kind of conference."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from podium.conference.commands import AgendaPlan
from podium.conference.state import ItemId, ItemKind, Text


@dataclass(frozen=True, slots=True)
class Template:
    """``title`` is a proposal that the office edits."""

    id: str
    name: Text
    title: Text
    agenda: tuple[AgendaPlan, ...]


def _item(place: int, kind: ItemKind, zh: str, en: str, minutes: int) -> AgendaPlan:
    return AgendaPlan(ItemId(f"item-{place}"), kind, Text(zh, en), timedelta(minutes=minutes))


WORK_CONFERENCE = Template(
    id="work",
    name=Text("工作会议", "Work conference"),
    title=Text("工作视频电话会议", "Work video and telephone conference"),
    agenda=(
        _item(1, ItemKind.SUMMARY, "总结上年工作", "Summary of last year's work", 20),
        _item(2, ItemKind.ANALYSIS, "分析当前形势", "Analysis of the current situation", 20),
        _item(3, ItemKind.DEPLOYMENT, "部署下一步工作", "Deployment of the next steps", 30),
        _item(4, ItemKind.SPEECH, "领导讲话", "Speech", 30),
        _item(5, ItemKind.EXCHANGE, "交流发言", "Exchange of experience", 20),
    ),
)

SHORT_MEETING = Template(
    id="short",
    name=Text("短会", "Short meeting"),
    title=Text("视频调度会", "Short video meeting"),
    agenda=(
        _item(1, ItemKind.SPEECH, "通报情况", "Briefing", 10),
        _item(2, ItemKind.EXCHANGE, "讨论", "Discussion", 20),
    ),
)

MODEL_CASE = Template(
    id="model",
    name=Text("示例：全国促进消费工作会议", "Model case: national consumption promotion"),
    title=Text(
        "全国促进消费工作视频电话会议",
        "National Consumption Promotion Work Video and Telephone Conference",
    ),
    agenda=(
        _item(
            1,
            ItemKind.SUMMARY,
            "总结2022年促进消费工作",
            "Summary of the consumption promotion work of 2022",
            20,
        ),
        _item(
            2,
            ItemKind.ANALYSIS,
            "分析当前消费形势",
            "Analysis of the current consumption situation",
            20,
        ),
        _item(
            3,
            ItemKind.DEPLOYMENT,
            "部署下一步促进消费工作和“2023消费提振年”系列活动",
            'Deployment of the next steps and of the "2023 Consumption Boost Year" activities',
            30,
        ),
        _item(
            4,
            ItemKind.SPEECH,
            "商务部副部长讲话",
            "Speech of the Vice Minister of Commerce",
            30,
        ),
        _item(5, ItemKind.EXCHANGE, "分会场交流发言", "Exchange with branch venues", 20),
    ),
)

TEMPLATES: Mapping[str, Template] = {
    template.id: template for template in (WORK_CONFERENCE, SHORT_MEETING, MODEL_CASE)
}
