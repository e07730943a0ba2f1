"""Early warnings, each by a rule that is stated with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from podium.situation.derived import Number
from podium.situation.outlook import Outlook
from podium.situation.series import Measure
from podium.situation.statement import (
    Language,
    Slot,
    Statement,
    fill,
    in_,
    joined,
    percent,
    signed,
)
from podium.values.text import Text

FALL: Final = -5.0
DRAG: Final = -0.3
LAGGING: Final = -5.0


@dataclass(frozen=True, slots=True)
class Hit:
    """What a rule found. ``names`` fill the words of its message, ``numbers`` the figures;
    ``listed`` are rates with names, where the rule applies to several."""

    names: dict[str, Text]
    numbers: dict[str, Number]
    listed: tuple[tuple[Text, Number], ...] = ()


@dataclass(frozen=True, slots=True)
class FlagRule:
    """``statement`` is the rule itself; ``message`` what is said when it applies."""

    code: str
    statement: Text
    message: Text
    find: Callable[[Outlook], Iterator[Hit]]


@dataclass(frozen=True, slots=True)
class Flag:
    """A rule that applies."""

    rule: FlagRule
    hit: Hit

    def message(self, language: Language) -> Statement:
        slots: dict[str, Slot] = {k: in_(t, language) for k, t in self.hit.names.items()}
        rates = (
            fill(_NAMED, language, {"name": in_(name, language), "rate": percent(number)})
            for name, number in self.hit.listed
        )
        slots["listed"] = joined(tuple(rates), language)
        for key, number in self.hit.numbers.items():
            slots[key] = percent(number) if key in _RATES else signed(number)
        return fill(self.rule.message, language, slots)


def flags(outlook: Outlook) -> tuple[Flag, ...]:
    """Every rule that applies, in the order of ``RULES``."""
    return tuple(Flag(rule, hit) for rule in RULES for hit in rule.find(outlook))


_LISTED: Final = 12
_NAMED: Final = Text("{name}{rate}", "{name} {rate}")
_RATES: Final = frozenset({"rate", "from", "now"})


def _negative(outlook: Outlook) -> Iterator[Hit]:
    rate = outlook.month.growth
    if rate is not None and rate.value < 0:
        yield Hit({"period": outlook.month.period.label}, {"rate": rate})


def _sharp(outlook: Outlook) -> Iterator[Hit]:
    change = outlook.month.change
    if change is not None and change.value <= FALL:
        yield Hit({"period": outlook.month.period.label}, {"change": change})


def _slowing(outlook: Outlook) -> Iterator[Hit]:
    last = outlook.known.of_month(outlook.subject.whole, Measure.GROWTH)[-4:]
    if len(last) == 4 and all(a.value > b.value for a, b in pairwise(last)):
        yield Hit(
            {"period": last[-1].period.label, "since": last[0].period.label},
            {"rate": last[-1], "from": last[0]},
        )


def _drag(outlook: Outlook) -> Iterator[Hit]:
    for _, found in outlook.breakdowns:
        for part in found.parts:
            if part.points.value <= DRAG:
                yield Hit(
                    {"name": part.series.name, "period": found.period.label},
                    {"points": part.points},
                )


def _lagging(outlook: Outlook) -> Iterator[Hit]:
    found = outlook.ranking
    if found is None:
        return
    behind = [r for r in reversed(found.regions) if r.gap.value <= LAGGING]
    if behind:
        yield Hit(
            {"period": found.period.label, "count": Text(str(len(behind)), str(len(behind)))},
            {"rate": found.national},
            tuple((r.series.name, r.growth) for r in behind[:_LISTED]),
        )


def _expected(outlook: Outlook) -> Iterator[Hit]:
    cast, now = outlook.nowcast, outlook.month.growth
    if cast is not None and now is not None and cast.next.high < now.value:
        yield Hit({"period": cast.next.period.label}, {"rate": cast.next.rate, "now": now})


RULES: Final = (
    FlagRule(
        "negative",
        Text("最近一期同比增速低于零。", "Growth of the last release is below zero."),
        Text("{period}同比增速为{rate}。", "{period}: growth was {rate}."),
        _negative,
    ),
    FlagRule(
        "sharp_fall",
        Text(
            f"增速比上一期回落 {-FALL:.0f} 个百分点及以上。",
            f"Growth is at least {-FALL:.0f} points below the release before.",
        ),
        Text(
            "{period}增速比上一期变动{change}个百分点。",
            "{period}: growth changed by {change} points.",
        ),
        _sharp,
    ),
    FlagRule(
        "slowing",
        Text("增速连续三期回落。", "Growth has fallen three releases in a row."),
        Text(
            "自{since}（{from}）起连续三期回落，{period}为{rate}。",
            "Growth has fallen three releases in a row: {from} ({since}) to {rate} ({period}).",
        ),
        _slowing,
    ),
    FlagRule(
        "drag",
        Text(
            f"某一分项下拉年内累计增速 {-DRAG:.1f} 个百分点及以上。",
            f"A part takes at least {-DRAG:.1f} points off the growth of the year to date.",
        ),
        Text(
            "{period}，{name}拉动{points}个百分点。",
            "{period}: {name} contributed {points} points.",
        ),
        _drag,
    ),
    FlagRule(
        "lagging",
        Text(
            f"省级增速低于全国 {-LAGGING:.0f} 个百分点及以上。",
            f"A province grows at least {-LAGGING:.0f} points less than the nation.",
        ),
        Text(
            "{period}，{count} 个地区明显低于全国（{rate}）：{listed}。",
            "{period}: {count} regions far below the nation ({rate}): {listed}.",
        ),
        _lagging,
    ),
    FlagRule(
        "expected_fall",
        Text(
            "下一期预估的整个区间低于最近一期增速。",
            "The whole interval of the estimate for the next release is below the last growth.",
        ),
        Text(
            "{period}预估为{rate}，区间上限低于最近一期（{now}）。",
            "{period}: estimated at {rate}, its interval below the last release ({now}).",
        ),
        _expected,
    ),
)
