"""The bodies of a country as officials group them in a sentence.

"各省、自治区、直辖市商务主管部门" stands for 31 bodies: all whose name is that of a province
and then the same words. A group that is not complete is counted, never said to be all.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from podium.conference.state import Text

_PROVINCES: Final = (
    "北京市",
    "天津市",
    "河北省",
    "山西省",
    "内蒙古自治区",
    "辽宁省",
    "吉林省",
    "黑龙江省",
    "上海市",
    "江苏省",
    "浙江省",
    "安徽省",
    "福建省",
    "江西省",
    "山东省",
    "河南省",
    "湖北省",
    "湖南省",
    "广东省",
    "广西壮族自治区",
    "海南省",
    "重庆市",
    "四川省",
    "贵州省",
    "云南省",
    "西藏自治区",
    "陕西省",
    "甘肃省",
    "青海省",
    "宁夏回族自治区",
    "新疆维吾尔自治区",
)
"""Provinces, autonomous regions and municipalities, without Hong Kong, Macao and Taiwan."""
_LISTED_CITIES: Final = ("大连市", "宁波市", "厦门市", "青岛市", "深圳市")
"""Cities listed separately in the state plan."""


@dataclass(frozen=True, slots=True)
class _Places:
    number: int
    words: Text


_PLACES: Final = {
    "province": _Places(
        len(_PROVINCES),
        Text("省、自治区、直辖市", "provinces, autonomous regions and municipalities"),
    ),
    "city": _Places(
        len(_LISTED_CITIES), Text("计划单列市", "cities listed separately in the state plan")
    ),
}
_STATIONED: Final = re.compile(
    r"(?P<of>.+)驻(?P<place>[^驻]{2,6}?)(?P<what>特派员办事处|专员办|办事处)"
)


@dataclass(frozen=True, slots=True)
class Body:
    """``above``: the body directly above it, where there is one."""

    name: Text
    above: Text | None = None


class _Others(StrEnum):
    """How bodies are told that belong to no group that officials have a name for."""

    NAMED = "itself"
    COUNTED_BELOW = "below"
    """By the body above them."""
    COUNTED = "others"


Groups = Mapping[tuple[str, str], Mapping[str, Body]]
PHRASES_MOST: Final = 30
"""A sentence with more of them is not read."""


def phrases(bodies: Sequence[Body], invited: Sequence[Body]) -> tuple[Text, ...]:
    """The phrases that name these bodies, in the order in which the first of each comes.
    ``invited``: all that were asked, these among them; of groups whose number is nobody's
    knowledge, all of those are all. Where there are too many to be named they are counted."""
    groups: Groups = {}
    others = _Others.NAMED
    for others in _Others:
        groups = _grouped(bodies, others)
        if len(groups) <= PHRASES_MOST:
            break
    asked = _grouped(invited, others)
    return tuple(
        _phrase(kind, what, members, len(asked.get((kind, what), {})), alone=len(groups) == 1)
        for (kind, what), members in groups.items()
    )


def _grouped(bodies: Sequence[Body], others: _Others) -> Groups:
    found: dict[tuple[str, str], dict[str, Body]] = {}
    for body in bodies:
        key = _key(body.name) or _other(body, others)
        found.setdefault(key, {})[body.name.zh] = body
    return found


def _other(body: Body, others: _Others) -> tuple[str, str]:
    match others:
        case _Others.NAMED:
            return others, body.name.zh
        case _Others.COUNTED_BELOW:
            return others, "" if body.above is None else body.above.zh
        case _Others.COUNTED:
            return others, ""


def _key(name: Text) -> tuple[str, str] | None:
    for kind, places in (("province", _PROVINCES), ("city", _LISTED_CITIES)):
        place = next((p for p in places if name.zh.startswith(p)), None)
        if place is not None and len(name.zh) > len(place):
            return kind, name.zh.removeprefix(place)
    stationed = _STATIONED.fullmatch(name.zh)
    if stationed is not None:
        return "stationed", f"{stationed['of']}|{stationed['what']}"
    return None


def _phrase(
    kind: str, what: str, members: Mapping[str, Body], invited: int, *, alone: bool
) -> Text:
    count, first = len(members), next(iter(members.values()))
    if count == 1 or kind == _Others.NAMED:
        return Text(first.name.zh, _the(first.name.en))
    if kind == _Others.COUNTED_BELOW and first.above is not None:
        above = first.above
        return Text(f"{above.zh}以下{count}个单位", f"{count} bodies below {_the(above.en)}")
    if kind in (_Others.COUNTED_BELOW, _Others.COUNTED):
        return Text(
            f"{'' if alone else '其他'}{count}个单位", f"{count} {'' if alone else 'other '}bodies"
        )
    english = _common([body.name for body in members.values()])
    if kind == "stationed":
        return _stationed(what, english, count, whole=count == invited)
    places = _PLACES[kind]
    whole = count == places.number
    of = f"the {places.words.en}" if whole else f"{count} {places.words.en}"
    zh = f"{'各' if whole else f'{count}个'}{places.words.zh}{what}"
    return Text(zh, f"the {_plural(english)} of {of}")


def _stationed(what: str, english: str, count: int, *, whole: bool) -> Text:
    of, office = what.split("|")
    owner, _, rest = english.partition("|")
    named = f"{_plural(rest)} of the {owner}" if rest else _plural(english)
    if whole:
        return Text(f"{of}各{office}", f"the {named}")
    return Text(f"{of}{count}个{office}", f"{count} {named}")


def _common(names: Sequence[Text]) -> str:
    """The English words that the names share: after the place ("... commerce department"), or
    before it ("Ministry of Commerce Special Commissioner's Office in ..."); then with a bar
    between owner and office."""
    words = [name.en.split() for name in names]
    after = _shared([w[::-1] for w in words])[::-1]
    if after:
        return " ".join(after)
    before = _shared(words)
    if before and before[-1] == "in":
        before = before[:-1]
    text = " ".join(before)
    owner = re.match(r"((?:Ministry|Commission|Administration|Bureau) of [A-Z]\w+) (.+)", text)
    return text if owner is None else f"{owner[1]}|{owner[2]}"


def _shared(words: Sequence[Sequence[str]]) -> list[str]:
    shared: list[str] = []
    for column in zip(*words, strict=False):
        if len(set(column)) > 1:
            break
        shared.append(column[0])
    return shared


def _plural(words: str) -> str:
    """Of the noun before "of", or the last one."""
    head, of, rest = words.partition(" of ")
    plural = f"{head[:-1]}ies" if head.endswith("y") else f"{head}s"
    return f"{plural}{of}{rest}"


def _the(name: str) -> str:
    return name if name.lower().startswith("the ") else f"the {name}"
