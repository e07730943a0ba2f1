"""What is written down at the model conference: place, people and points. The people are made up;
offices, bodies and points are those of the model case."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from podium.conference.people import Attendee, Part
from podium.conference.state import ItemId, Text

PLACE: Final = Text("北京", "Beijing")

_OFFICIAL: Final = Text("司局级负责同志", "responsible official")


def _official(zh: str, en: str, body_zh: str, body_en: str) -> Attendee:
    return Attendee(Text(zh, en), _OFFICIAL, Text(body_zh, body_en))


MAIN_VENUE: Final = (
    Attendee(
        Text("林致远", "Lin Zhiyuan"),
        Text("副部长", "Vice Minister"),
        Text("商务部", "Ministry of Commerce"),
        Part.SPEAKS,
    ),
    _official(
        "周国栋",
        "Zhou Guodong",
        "国家发展和改革委员会",
        "National Development and Reform Commission",
    ),
    _official(
        "吴晓峰", "Wu Xiaofeng", "工业和信息化部", "Ministry of Industry and Information Technology"
    ),
    _official("郑海燕", "Zheng Haiyan", "财政部", "Ministry of Finance"),
    _official(
        "王建平",
        "Wang Jianping",
        "住房和城乡建设部",
        "Ministry of Housing and Urban-Rural Development",
    ),
    _official("冯立", "Feng Li", "中国人民银行", "People's Bank of China"),
    _official("陈思远", "Chen Siyuan", "国家统计局", "National Bureau of Statistics"),
    _official("褚明", "Chu Ming", "商务部", "Ministry of Commerce"),
)


def in_charge(body: Text) -> tuple[Attendee, ...]:
    """Who signs in at a branch venue."""
    return (
        Attendee(
            Text("（示例）负责人", "(example) head"), Text("负责同志", "person in charge"), body
        ),
    )


POINTS: Final[Mapping[ItemId, tuple[Text, ...]]] = {
    ItemId("item-3"): (
        Text(
            "各级商务主管部门要贯彻落实党中央、国务院决策部署",
            "commerce departments at all levels are to carry out the decisions of the central "
            "authorities",
        ),
        Text("恢复和扩大消费", "to restore and expand consumption"),
        Text(
            "在用好现有政策措施的基础上，组织好“2023消费提振年”系列活动",
            'to organise the series of activities of the "2023 Consumption Boost Year" on the '
            "basis of existing policies and measures",
        ),
        Text("推动出台新的政策措施", "to bring in new policies and measures"),
        Text(
            "稳定汽车、家居等大宗消费",
            "to stabilise bulk consumption such as automobiles and home furnishing",
        ),
        Text("培育新型消费", "to cultivate new types of consumption"),
        Text("持续完善消费平台载体", "to keep improving consumption platform carriers"),
    ),
}
