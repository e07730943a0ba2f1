"""Horizontal bars from zero: contributions to growth, ranking of regions."""

from __future__ import annotations

from typing import Final

from podium.situation.charts.frame import BLUE, BROWN, INK, QUIET, RULE, Chart, Sheet, Spec
from podium.situation.contributions import Contributions
from podium.situation.derived import Number, rounded
from podium.situation.regions import Ranking
from podium.situation.series import Breakdown, Series
from podium.values.text import Text

_NAMES: Final = {
    Breakdown.TYPE: Text("消费类型", "type"),
    Breakdown.PLACE: Text("经营单位所在地", "place of business"),
    Breakdown.CATEGORY: Text("商品类别", "category"),
    Breakdown.CHANNEL: Text("渠道", "channel"),
}
_MOST: Final = 34
"""Bars that can be read on one page."""


def contributed(by: Breakdown, found: Contributions, whole: Series, sheet: Sheet) -> Chart:
    """Percentage points of each part, and of all other."""
    rows = [_row(sheet.say(p.series.name), p.points, n) for n, p in enumerate(found.parts)]
    numbers: list[Number] = [p.points for p in found.parts]
    if not found.complete:
        rows.append(_row(sheet.say(Text("其他", "Other")), found.rest, len(rows), quiet=True))
        numbers.append(found.rest)
    name, period = _NAMES[by], found.period.label
    rate = f"{rounded(found.growth.value):.1f}%"
    title = Text(
        f"{period.zh}{whole.name.zh}{name.zh}拉动（合计 {rate}，百分点）",
        f"{period.en}: contributions to growth by {name.en} (total {rate}, points)",
    )
    note = Text(
        "拉动按公布的绝对量和增速推算。",
        "Contributions are implied by published values and growth.",
    )
    if by is Breakdown.CATEGORY:
        note = Text(
            "商品类别只含限额以上单位，其余均在“其他”。",
            'Categories count units above designated size only; all else is in "other".',
        )
    return sheet.chart(
        f"contribution_{by.value}", title, note, [_bars(rows, width=230)], [*numbers, found.growth]
    )


def ranked(found: Ranking, whole: Series, sheet: Sheet) -> Chart:
    """Regions by growth, best first, with the national rate as a line."""
    shown = found.regions
    cut = len(shown) > _MOST
    if cut:
        shown = (*shown[: _MOST // 2], *shown[-_MOST // 2 :])
    rows = [
        _row(
            f"{r.rank}  {sheet.say(r.series.name)}",
            r.growth,
            n,
            digits=1,
            note=f"（{rounded(r.gap.value):+.1f}）"
            if sheet.language == "zh"
            else f" ({rounded(r.gap.value):+.1f})",
        )
        for n, r in enumerate(shown)
    ]
    rate = rounded(found.national.value)
    period = found.period.label
    title = Text(
        f"{period.zh}各地{whole.name.zh}增速（%，括号内为与全国之差）",
        f"{whole.name.en} by region, {period.en}: growth, per cent (gap to the nation)",
    )
    note = Text(f"竖线为全国增速 {rate:.1f}%。", f"The line is the national rate, {rate:.1f}%.")
    if cut:
        note = Text(
            f"{note.zh}共 {len(found.regions)} 个地区，列出首尾各 {_MOST // 2} 个。",
            f"{note.en} Of {len(found.regions)} regions the first and last {_MOST // 2}.",
        )
    line: Spec = {
        "data": {"values": [{"rate": rate}]},
        "mark": {"type": "rule", "color": INK, "strokeDash": [4, 3]},
        "encoding": {"x": {"field": "rate", "type": "quantitative", "axis": None}},
    }
    numbers: list[Number] = [r.growth for r in shown]
    layers = [_bars(rows, width=150, size=10), line]
    return sheet.chart("regions", title, note, layers, [*numbers, found.national])


def _row(
    name: str, number: Number, order: int, *, quiet: bool = False, note: str = "", digits: int = 2
) -> Spec:
    value = rounded(number.value, digits)
    return {
        "name": name,
        "order": order,
        "value": value,
        "zero": 0,
        "label": f"{value:.{digits}f}{note}",
        "colour": QUIET if quiet else BLUE if value >= 0 else BROWN,
        "side": "up" if value >= 0 else "down",
    }


def _bars(rows: list[Spec], *, width: int, size: int = 13) -> Spec:
    y: Spec = {
        "field": "name",
        "type": "nominal",
        "sort": {"field": "order"},
        "axis": {
            "title": None,
            "ticks": False,
            "domain": False,
            "labelFontSize": size,
            "labelColor": INK,
            "labelLimit": width,
            "labelOverlap": False,
        },
    }
    spread = [float(r["value"]) for r in rows] + [0.0]
    room = (max(spread) - min(spread)) * 0.12 or 1.0
    scale = {"domain": [min(spread) - room, max(spread) + room], "nice": False}
    x: Spec = {"field": "value", "type": "quantitative", "axis": None, "scale": scale}

    zero: Spec = {"datum": 0, "type": "quantitative", "axis": None, "scale": scale}

    def labels(side: str, dx: int, align: str) -> Spec:
        return {
            "transform": [{"filter": f"datum.side == '{side}'"}],
            "mark": {"type": "text", "dx": dx, "align": align, "fontSize": size},
            "encoding": {"x": x, "y": y, "text": {"field": "label"}},
        }

    return {
        "data": {"values": rows},
        "layer": [
            {
                "mark": {"type": "bar", "height": {"expr": "min(40, 0.72 * bandwidth('y'))"}},
                "encoding": {
                    "x": x,
                    "x2": {"field": "zero"},
                    "y": y,
                    "color": {"field": "colour", "type": "nominal", "scale": None},
                },
            },
            {"mark": {"type": "rule", "color": RULE}, "encoding": {"x": zero}},
            labels("up", 5, "left"),
            labels("down", -5, "right"),
        ],
    }
