"""The text of the briefing: one sentence for each thing known, by template, in either language."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from podium.situation.contributions import Contributions
from podium.situation.derived import Derived, Rule, rounded
from podium.situation.indicators import Reading
from podium.situation.nowcast import COVERAGE, SHORT
from podium.situation.outlook import Outlook
from podium.situation.series import Breakdown
from podium.situation.statement import (
    Language,
    Slot,
    Statement,
    amount,
    fill,
    in_,
    joined,
    narrower,
    percent,
    points,
    rate,
    signed,
)
from podium.values.text import Text

_SHOWN: Final = 3


def summary(outlook: Outlook, language: Language) -> tuple[Statement, ...]:
    """The sentences in order; what was not known on the day is not mentioned."""
    writers = (_month, _to_date, _real, _excluding, _parts, _shares, _regions, _next)
    return tuple(s for write in writers for s in write(outlook, language))


def _reading(reading: Reading, language: Language, *, template: Text) -> Iterator[Statement]:
    if reading.value is None or reading.growth is None:
        return
    slots: dict[str, Slot] = {
        "period": in_(reading.period.label, language),
        "name": in_(reading.series.name, language),
        "unit": in_(reading.series.unit, language),
        "value": amount(reading.value, language),
        "growth": rate(reading.growth, language),
        "note": _basis(reading, language),
        "change": _change(reading, language),
        "average": _average(reading, language),
    }
    yield fill(template, language, slots)


def _basis(reading: Reading, language: Language) -> str:
    """Says it where the rate is none that the source published."""
    if not isinstance(reading.growth, Derived):
        return ""
    return in_(_BASES[reading.growth.rule], language)


_BASES: Final = {
    Rule.FROM_VALUES: Text("（由绝对量计算）", " (computed from values)"),
    Rule.EXCLUDED: Text("（推算）", " (implied)"),
}


def _change(reading: Reading, language: Language) -> Statement:
    if reading.change is None or reading.growth is None:
        return Statement(())
    before = reading.growth.value - reading.change.value
    falling = rounded(reading.growth.value) < 0 and rounded(before) < 0
    said = narrower(reading.change, language) if falling else points(reading.change, language)
    return fill(_FALL if falling else _CHANGE, language, {"change": said})


_CHANGE: Final = Text("，比上期{change}", ", {change} than the release before")
_FALL: Final = Text("，降幅比上期{change}", ", a fall {change} than in the release before")


def _average(reading: Reading, language: Language) -> Statement:
    if reading.two_year is None:
        return Statement(())
    template = Text("；两年平均{average}", "; two-year average {average}")
    return fill(template, language, {"average": rate(reading.two_year, language)})


_READING: Final = Text(
    "{period}，{name}{value}{unit}，同比{growth}{note}{change}{average}。",
    "{period}: {name} {value} ({unit}), {growth} on a year before{note}{change}{average}.",
)


def _month(outlook: Outlook, language: Language) -> Iterator[Statement]:
    yield from _reading(outlook.month, language, template=_READING)


def _to_date(outlook: Outlook, language: Language) -> Iterator[Statement]:
    if outlook.to_date is not None and outlook.to_date.period != outlook.month.period:
        yield from _reading(outlook.to_date, language, template=_READING)


def _real(outlook: Outlook, language: Language) -> Iterator[Statement]:
    if outlook.real is None or outlook.to_date is None:
        return
    template = (
        Text(
            "{period}按居民消费价格平减的近似实际增速为{rate}（非公布数）。",
            "{period}: deflated by consumer prices as a proxy, {rate} (not a published rate).",
        )
        if isinstance(outlook.real, Derived)
        else Text("{period}扣除价格因素实际{growth}。", "{period}: {growth} in real terms.")
    )
    slots: dict[str, Slot] = {
        "period": in_(outlook.to_date.period.label, language),
        "rate": percent(outlook.real),
        "growth": rate(outlook.real, language),
    }
    yield fill(template, language, slots)


def _excluding(outlook: Outlook, language: Language) -> Iterator[Statement]:
    template = Text(
        "{period}，{name}{value}{unit}，{growth}{note}。",
        "{period}: {name} {value} ({unit}), {growth}{note}.",
    )
    for reading in outlook.excluding:
        yield from _reading(reading, language, template=template)


_SHARE: Final = Text(
    "{period}，{name}占比{share}{change}。", "{period}: {name}, share {share}{change}."
)
_PARTS: Final = {
    Breakdown.TYPE: Text("按消费类型分，{period}{parts}。", "By type, {period}: {parts}."),
    Breakdown.PLACE: Text(
        "按经营单位所在地分，{period}{parts}。", "By place of business, {period}: {parts}."
    ),
    Breakdown.CATEGORY: Text(
        "按商品类别分，{period}影响较大的是{parts}；其他合计{rest}个百分点。",
        "By category, {period}, the largest contributions: {parts}; all other {rest} points.",
    ),
}


def _parts(outlook: Outlook, language: Language) -> Iterator[Statement]:
    for by, found in outlook.breakdowns:
        slots: dict[str, Slot] = {
            "period": in_(found.period.label, language),
            "parts": _listed(by, found, outlook, language),
            "rest": signed(found.rest, 2),
        }
        yield fill(_PARTS[by], language, slots)


def _listed(by: Breakdown, found: Contributions, outlook: Outlook, language: Language) -> Statement:
    """Of categories the greatest; of complete parts all, in the order of the catalogue."""
    template = Text("{name}拉动{points}个百分点", "{name} {points} points")
    parts = sorted(found.parts, key=lambda p: -abs(p.points.value))
    if by is not Breakdown.CATEGORY:
        order = [s.id for s in outlook.subject.catalogue]
        parts.sort(key=lambda p: order.index(p.series.id))
    shown = [
        fill(
            template,
            language,
            {"name": in_(p.series.name, language), "points": signed(p.points, 2)},
        )
        for p in parts[:_SHOWN]
    ]
    return joined(tuple(shown), language)


def _shares(outlook: Outlook, language: Language) -> Iterator[Statement]:
    for found in outlook.shares:
        change = Statement(())
        if found.before is not None:
            difference = Derived(
                found.now.value - found.before.value, Rule.CHANGE, (found.now, found.before)
            )
            change = fill(
                Text("，比上年同期变动{points}个百分点", ", {points} points on a year before"),
                language,
                {"points": signed(difference)},
            )
        yield fill(
            Text(
                "{period}，{name}占比{share}{change}。", "{period}: {name}, share {share}{change}."
            ),
            language,
            {
                "period": in_(found.period.label, language),
                "name": in_(found.series.name, language),
                "share": percent(found.now),
                "change": change,
            },
        )


def _regions(outlook: Outlook, language: Language) -> Iterator[Statement]:
    found = outlook.ranking
    if found is None or len(found.regions) < 2 * _SHOWN:
        return
    ahead = [r for r in found.regions if r.gap.value > 0]
    template = Text("{name}{rate}", "{name} {rate}")

    def several(regions: list[int]) -> Statement:
        return joined(
            tuple(
                fill(
                    template,
                    language,
                    {
                        "name": in_(found.regions[n].series.name, language),
                        "rate": percent(found.regions[n].growth),
                    },
                )
                for n in regions
            ),
            language,
        )

    yield fill(
        Text(
            "{period}，{count}个地区增速高于全国（{national}）；居前的是{top}，居后的是{bottom}。",
            "{period}: {count} regions grew faster than the nation ({national}); first {top}; "
            "last {bottom}.",
        ),
        language,
        {
            "period": in_(found.period.label, language),
            "count": str(len(ahead)),
            "national": percent(found.national),
            "top": several(list(range(_SHOWN))),
            "bottom": several(list(range(-_SHOWN, 0))),
        },
    )


def _next(outlook: Outlook, language: Language) -> Iterator[Statement]:
    cast = outlook.nowcast
    if cast is None:
        return
    low = Derived(cast.next.low, Rule.NOWCAST, cast.next.rate.of)
    high = Derived(cast.next.high, Rule.NOWCAST, cast.next.rate.of)
    yield fill(
        Text(
            "模型对{period}增速的预估为{rate}（{level}{low}至{high}），非公布数。",
            "The model's estimate for {period} is {rate} ({level}{low} to {high}); not a published "
            "rate.",
        ),
        language,
        {
            "period": in_(cast.next.period.label, language),
            "rate": percent(cast.next.rate),
            "low": percent(low),
            "high": percent(high),
            "level": in_(_WIDE if cast.next.errors < SHORT else _LEVEL, language),
        },
    )


_LEVEL: Final = Text(f"{COVERAGE * 100:.0f}%区间", f"{COVERAGE * 100:.0f}% interval ")
_WIDE: Final = Text("放宽的区间", "a wide interval ")
