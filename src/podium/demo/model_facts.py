"""Every fact of the model case's text, by the sentence of the communique that must state it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from podium.values.text import Text


@dataclass(frozen=True, slots=True)
class Fact:
    """``sentence``: the identifier of the piece. ``always``: whenever the conference is held and
    however many of its venues come."""

    sentence: str
    words: Text
    always: bool = True

    def stated(self, zh: str, en: str) -> bool:
        return self.words.zh in zh and self.words.en in en


FACTS: Final = (
    Fact("opening", Text("2023年3月1日", "On 1 March 2023"), always=False),
    Fact(
        "opening",
        Text(
            "全国促进消费工作视频电话会议",
            "National Consumption Promotion Work Video and Telephone Conference",
        ),
    ),
    Fact("opening", Text("在北京召开", "was held in Beijing")),
    Fact(
        "done",
        Text("总结了2022年促进消费工作", "summarised the consumption promotion work of 2022"),
    ),
    Fact("done", Text("分析了当前消费形势", "analysed the current consumption situation")),
    Fact("done", Text("部署了下一步", "deployed the next steps")),
    Fact("spoke", Text("商务部副部长", "Vice Minister of the Ministry of Commerce")),
    Fact("spoke", Text("出席会议并讲话", "attended and spoke")),
    Fact(
        "points-item-3",
        Text(
            "各级商务主管部门要贯彻落实",
            "commerce departments at all levels are to carry out the decisions",
        ),
    ),
    Fact("points-item-3", Text("恢复和扩大消费", "restore and expand consumption")),
    Fact(
        "points-item-3",
        Text("在用好现有政策措施的基础上", "on the basis of existing policies and measures"),
    ),
    Fact(
        "points-item-3",
        Text(
            "“2023消费提振年”系列活动", 'series of activities of the "2023 Consumption Boost Year"'
        ),
    ),
    Fact("points-item-3", Text("推动出台新的政策措施", "bring in new policies")),
    Fact(
        "points-item-3",
        Text(
            "稳定汽车、家居等大宗消费",
            "stabilise bulk consumption such as automobiles and home furnishing",
        ),
    ),
    Fact("points-item-3", Text("培育新型消费", "cultivate new types of consumption")),
    Fact(
        "points-item-3",
        Text("持续完善消费平台载体", "keep improving consumption platform carriers"),
    ),
    Fact("main-venue", Text("国家发展和改革委员会", "National Development and Reform Commission")),
    Fact("main-venue", Text("工业和信息化部", "Ministry of Industry and Information Technology")),
    Fact("main-venue", Text("财政部", "Ministry of Finance")),
    Fact("main-venue", Text("住房和城乡建设部", "Ministry of Housing and Urban-Rural Development")),
    Fact("main-venue", Text("中国人民银行", "People's Bank of China")),
    Fact("main-venue", Text("国家统计局", "National Bureau of Statistics")),
    Fact("main-venue", Text("商务部有关负责同志", "and the Ministry of Commerce attended")),
    Fact("main-venue", Text("在主会场参加会议", "attended at the main venue")),
    Fact(
        "branch-venues",
        Text(
            "各省、自治区、直辖市商务主管部门",
            "the commerce departments of the provinces, autonomous regions and municipalities",
        ),
        always=False,
    ),
    Fact(
        "branch-venues",
        Text("新疆生产建设兵团", "the Xinjiang Production and Construction Corps"),
        always=False,
    ),
    Fact(
        "branch-venues",
        Text(
            "商务部各特派员办事处", "the Special Commissioner's Offices of the Ministry of Commerce"
        ),
        always=False,
    ),
    Fact("branch-venues", Text("负责同志在分会场参加会议", "Those in charge of")),
    Fact("branch-venues", Text("在分会场参加会议", "attended at branch venues")),
)
"""In the order of the text."""
ALWAYS: Final = tuple(fact for fact in FACTS if fact.always)
"""What the demo's communique states: it is held today, and by some of the venues."""
