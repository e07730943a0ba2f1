"""Numbers that we compute, each with its rule and the published figures that it rests on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Final

from podium.situation.figures import Figure
from podium.values.text import Text


class Rule(StrEnum):
    """How a number was computed."""

    CHANGE = "change"
    TWO_YEAR = "two_year"
    CONTRIBUTION = "contribution"
    REST = "rest"
    SHARE = "share"
    GAP = "gap"
    FROM_VALUES = "from_values"
    DEFLATED = "deflated"
    EXCLUDED = "excluded"
    TREND = "trend"
    NOWCAST = "nowcast"


RULES: Final = {
    Rule.CHANGE: Text(
        "本期公布增速减上期公布增速，单位为百分点。",
        "Published growth less that of the release before, in percentage points.",
    ),
    Rule.TWO_YEAR: Text(
        "以相隔一年的两个公布增速作几何平均。",
        "Geometric mean of the published growth of this period and of the same a year before.",
    ),
    Rule.CONTRIBUTION: Text(
        "按公布的绝对量和增速推算可比基数，以增量除以总额的可比基数，单位为百分点。",
        "Increase over the comparable base that published value and growth imply, divided by the "
        "comparable base of the whole, in percentage points.",
    ),
    Rule.REST: Text(
        "总额公布增速减已列各项的拉动，单位为百分点。",
        "Published growth of the whole less the contributions listed, in percentage points.",
    ),
    Rule.SHARE: Text("两个公布绝对量之比。", "Ratio of two published values."),
    Rule.GAP: Text(
        "与全国公布增速之差，单位为百分点。",
        "Growth less the national growth, in percentage points.",
    ),
    Rule.FROM_VALUES: Text(
        "由绝对量计算，非可比口径，不同于公布增速。",
        "Computed from values, not on a comparable basis; not the published growth.",
    ),
    Rule.DEFLATED: Text(
        "以居民消费价格涨幅平减的近似值，不是公布的实际增速。",
        "Deflated by consumer prices as a proxy; not the published real growth.",
    ),
    Rule.EXCLUDED: Text(
        "由总额与该项的公布绝对量和增速推算，不是公布数。",
        "Implied by the published values and growth of the whole and the part; not published.",
    ),
    Rule.TREND: Text(
        "以可比口径数列作季节调整，模型内处理春节影响。",
        "Seasonally adjusted series on a comparable basis; the Spring Festival is in the model.",
    ),
    Rule.NOWCAST: Text(
        "动态因子模型对下一次发布的预估，区间取自其过去的实时误差；不是公布数。",
        "Estimate of the next release by a dynamic factor model, its interval from its own past "
        "errors in real time; not published.",
    ),
}


@dataclass(frozen=True, slots=True)
class Derived:
    """``of``: the numbers that went in, published or derived themselves."""

    value: float
    rule: Rule
    of: tuple[Number, ...]

    def figures(self) -> tuple[Figure, ...]:
        """Every published figure underneath, each once."""
        return tuple(dict.fromkeys(f for number in self.of for f in number.figures()))


Number = Figure | Derived


def rounded(value: float, digits: int = 1) -> float:
    """Half away from zero on the decimal number as written, as statistics offices round."""
    exact = Decimal(repr(value)).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
    return float(exact) + 0.0


def underneath(numbers: Iterable[Number]) -> tuple[Figure, ...]:
    """Every published figure under several numbers, each once."""
    return tuple(dict.fromkeys(f for number in numbers for f in number.figures()))
