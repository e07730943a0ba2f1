"""What the communique of the demo's conference must state: the facts of the model case that do not
depend on the day, nor on how many venues the demo has."""

from __future__ import annotations

from typing import Final

from podium.values.text import Text

FACTS: Final = (
    Text(
        "全国促进消费工作视频电话会议",
        "National Consumption Promotion Work Video and Telephone Conference",
    ),
    Text("在北京召开", "was held in Beijing"),
    Text("总结了2022年促进消费工作", "summarised the consumption promotion work of 2022"),
    Text("分析了当前消费形势", "analysed the current consumption situation"),
    Text("部署了下一步", "deployed the next steps"),
    Text("商务部副部长", "Vice Minister of the Ministry of Commerce"),
    Text("出席会议并讲话", "attended and spoke"),
    Text("各级商务主管部门要贯彻落实", "commerce departments at all levels are to carry out"),
    Text("恢复和扩大消费", "restore and expand consumption"),
    Text("在用好现有政策措施的基础上", "on the basis of existing policies and measures"),
    Text("“2023消费提振年”系列活动", 'series of activities of the "2023 Consumption Boost Year"'),
    Text("推动出台新的政策措施", "bring in new policies"),
    Text(
        "稳定汽车、家居等大宗消费",
        "stabilise bulk consumption such as automobiles and home furnishing",
    ),
    Text("培育新型消费", "cultivate new types of consumption"),
    Text("持续完善消费平台载体", "keep improving consumption platform carriers"),
    Text("国家发展和改革委员会", "National Development and Reform Commission"),
    Text("工业和信息化部", "Ministry of Industry and Information Technology"),
    Text("财政部", "Ministry of Finance"),
    Text("住房和城乡建设部", "Ministry of Housing and Urban-Rural Development"),
    Text("中国人民银行", "People's Bank of China"),
    Text("国家统计局", "National Bureau of Statistics"),
    Text("商务部有关负责同志", "and the Ministry of Commerce attended"),
    Text("在主会场参加会议", "attended at the main venue"),
    Text("在分会场参加会议", "attended at branch venues"),
)
