"""Growth: by release as bars, for the year to date as a line with its two-year average."""

from __future__ import annotations

from typing import Final

from podium.situation.charts.axes import order, releases
from podium.situation.charts.frame import BLUE, BROWN, INK, PALE, QUIET, RULE, Chart, Sheet, Spec
from podium.situation.derived import Number, rounded
from podium.situation.indicators import growth, two_year_average
from podium.situation.outlook import Outlook
from podium.situation.period import Period
from podium.situation.series import Measure
from podium.values.text import Text

_BARS: Final = 24
_LINE: Final = 36
_CLOSE: Final = 0.1


def by_release(outlook: Outlook, sheet: Sheet) -> Chart:
    """The growth of the last releases; January and February are one bar."""
    total = outlook.subject.total
    numbers: list[Number] = []
    rows: list[Spec] = []
    shown = _released(outlook)[-_BARS:]
    for period in shown:
        rate = growth(outlook.known, total, period)
        if rate is None:
            continue
        numbers.append(rate)
        value = rounded(rate.value)
        rows.append(
            {
                "order": order(period),
                "value": value,
                "label": f"{value:.1f}",
                "side": "up" if value >= 0 else "down",
                "last": period == outlook.month.period,
            }
        )
    x = releases(shown, sheet)
    layers = [
        {
            "mark": {"type": "bar", "width": {"band": 0.72}},
            "encoding": {
                "x": x,
                "y": {
                    "field": "value",
                    "type": "quantitative",
                    "scale": {"zero": True, "nice": True},
                    "axis": None,
                },
                "color": {
                    "condition": {"test": "datum.last", "value": BLUE},
                    "value": PALE,
                },
            },
        },
        {"mark": {"type": "rule", "color": RULE}, "encoding": {"y": {"datum": 0}}},
        _label("up", -8, "bottom"),
        _label("down", 8, "top"),
    ]
    title = Text(
        f"{total.name.zh}同比增速（%）", f"{total.name.en}: growth on a year before, per cent"
    )
    note = Text(
        "公布增速按可比口径计算；1—2 月合并发布，为一期。",
        "Published growth on a comparable basis; January and February are one release.",
    )
    if total.computed:
        note = Text(
            "来源未公布增速，由同一版本的绝对量计算。",
            "The source publishes no growth; computed from values of one vintage.",
        )
    return sheet.chart("growth", title, note, [_layer(rows, layers)], numbers)


def to_date(outlook: Outlook, sheet: Sheet) -> Chart | None:
    """The growth of the year to date, and its average with the year before."""
    total, known = outlook.subject.total, outlook.known
    figures = known.of_year_to_date(total.id, Measure.VALUE)[-_LINE:]
    names = (
        sheet.say(Text("累计同比", "Year to date")),
        sheet.say(Text("两年平均", "Two-year average")),
    )
    numbers: list[Number] = []
    rows: list[Spec] = []
    for figure in figures:
        rates = (
            growth(known, total, figure.period),
            two_year_average(known, total, figure.period),
        )
        for name, rate in zip(names, rates, strict=True):
            if rate is not None:
                numbers.append(rate)
                rows.append(_point(figure.period, name, rate))
    if len(rows) < 4:
        return None
    _name_ends(rows, names)
    layers = _two_lines(names, releases((f.period for f in figures), sheet, quarterly=True))
    title = Text(
        f"{total.name.zh}年内累计同比增速（%）",
        f"{total.name.en}: growth of the year to date, per cent",
    )
    note = Text(
        "两年平均为相隔一年的两个公布增速的几何平均。",
        "The two-year average is the geometric mean of two published rates a year apart.",
    )
    return sheet.chart("to_date", title, note, [_layer(rows, layers)], numbers)


def _two_lines(names: tuple[str, ...], x: Spec) -> list[Spec]:
    scale = {"domain": list(names), "range": [BLUE, BROWN]}
    colour: Spec = {"field": "name", "type": "nominal", "scale": scale, "legend": None}
    return [
        {"mark": {"type": "rule", "color": RULE}, "encoding": {"y": {"datum": 0}}},
        {
            "mark": {"type": "line", "strokeWidth": 2.5, "point": {"size": 24}},
            "encoding": {
                "x": x,
                "y": {"field": "value", "type": "quantitative", "axis": {"title": "%"}},
                "color": colour,
            },
        },
        {
            "transform": [{"filter": "isValid(datum.end)"}],
            "mark": {
                "type": "text",
                "align": "left",
                "dx": 8,
                "dy": {"expr": "datum.aside"},
                "fontSize": 14,
                "fontWeight": 600,
            },
            "encoding": {
                "x": x,
                "y": {"field": "value", "type": "quantitative"},
                "text": {"field": "end"},
                "color": colour,
            },
        },
    ]


def _released(outlook: Outlook) -> list[Period]:
    found = {
        f.period
        for m in (Measure.VALUE, Measure.GROWTH)
        for f in outlook.known.of_month(outlook.subject.whole, m)
    }
    return sorted(found)


def _name_ends(rows: list[Spec], names: tuple[str, ...]) -> None:
    """Names each line at its end; lines that end close together have their names set apart."""
    ends = [[row for row in rows if row["name"] == name][-1:] for name in names]
    last = sorted((e[0] for e in ends if e), key=lambda row: -float(row["value"]))
    spread = max(r["value"] for r in rows) - min(r["value"] for r in rows)
    close = len(last) == 2 and last[0]["value"] - last[1]["value"] < _CLOSE * spread
    for row, aside in zip(last, (-9, 9) if close else (0, 0), strict=False):
        row["end"] = f"{row['name']} {row['value']:.1f}"
        row["aside"] = aside


def _point(period: Period, name: str, rate: Number) -> Spec:
    return {
        "order": order(period),
        "name": name,
        "value": rounded(rate.value),
    }


def _label(side: str, dy: int, baseline: str) -> Spec:
    return {
        "transform": [{"filter": f"datum.side == '{side}'"}],
        "mark": {"type": "text", "dy": dy, "baseline": baseline, "fontSize": 12},
        "encoding": {
            "x": {"field": "order", "type": "ordinal"},
            "y": {"field": "value", "type": "quantitative"},
            "text": {"field": "label"},
            "color": {"condition": {"test": "datum.last", "value": INK}, "value": QUIET},
        },
    }


def _layer(rows: list[Spec], layers: list[Spec]) -> Spec:
    return {"data": {"values": rows}, "layer": layers}
