"""Lines: the seasonally adjusted trend, shares of the whole, the record of estimates."""

from __future__ import annotations

from typing import Final

from podium.situation.charts.axes import order, releases
from podium.situation.charts.frame import BLUE, BROWN, INK, PALE, Chart, Sheet, Spec
from podium.situation.derived import Derived, Number, Rule, rounded
from podium.situation.figures import Known
from podium.situation.indicators import share
from podium.situation.nowcast import COVERAGE, SHORT, Estimate, Nowcast
from podium.situation.outlook import Share
from podium.situation.seasonal import Adjusted
from podium.situation.series import Measure, SeriesId
from podium.values.text import Text

_SHOWN: Final = 60
_NOTE: Final = Text(
    "{method} 季节调整，模型估计，不是公布数。",
    "Adjusted by {method}; a model's estimate, not published.",
)
_JOINT_NOTE: Final = Text(
    "按公布增速换算为可比口径，以 {method} 调整；1—2 月为一期，春节影响在模型内处理。"
    "模型估计，不是公布数。",
    "On a comparable basis by published growth, adjusted by {method}; January and February are one "
    "period, the Spring Festival is in the model. An estimate, not published.",
)


def trend(found: Adjusted, known: Known, sheet: Sheet) -> Chart:
    """Adjusted values and their trend, for a month of average length."""
    series = found.path.series
    periods = found.path.periods[-_SHOWN:]
    names = (
        sheet.say(Text("季节调整后", "Adjusted")),
        sheet.say(Text("趋势", "Trend")),
    )
    rows: list[Spec] = []
    for name, values in zip(names, (found.adjusted, found.trend), strict=True):
        rows += [
            {"order": p.end.first_day.isoformat(), "name": name, "value": rounded(v, 0)}
            for p, v in zip(periods, values[-_SHOWN:], strict=True)
        ]
        rows[-1]["end"] = f"{name} {rows[-1]['value']:,.0f}"
    inputs = tuple(f for f in known.of_month(series.id, Measure.VALUE) if f.period in set(periods))
    numbers: list[Number] = [
        Derived(found.adjusted[-1], Rule.TREND, inputs),
        Derived(found.trend[-1], Rule.TREND, inputs),
    ]
    title = Text(
        f"{series.name.zh}季节调整后的走势（{series.unit.zh}，月均）",
        f"{series.name.en}, seasonally adjusted ({series.unit.en}, average month)",
    )
    noted = _JOINT_NOTE if found.path.joint else _NOTE
    note = Text(noted.zh.format(method=found.method), noted.en.format(method=found.method))
    colour = {"domain": list(names), "range": [PALE, BLUE]}
    layers = [_lines(rows, colour)]
    return sheet.chart("trend", title, note, layers, numbers)


def shares(found: tuple[Share, ...], known: Known, whole: SeriesId, sheet: Sheet) -> Chart:
    """Each channel's share of the whole, year to date against year to date of other years."""
    numbers: list[Number] = []
    rows: list[Spec] = []
    for item in found:
        name = sheet.say(item.series.name)
        for back in range(4, -1, -1):
            period = item.period.year_before(back) if back else item.period
            number = share(known, item.series.id, whole, period)
            if number is not None:
                numbers.append(number)
                value = rounded(number.value)
                label = sheet.say(period.label)
                row = {"name": name, "period": label, "value": value, "label": f"{value:.1f}%"}
                rows.append(row)
    x: Spec = {
        "field": "period",
        "type": "ordinal",
        "sort": None,
        "axis": {"title": None, "labelAngle": 0, "ticks": False, "labelFontSize": 13},
    }
    y: Spec = {
        "field": "value",
        "type": "quantitative",
        "scale": {"zero": True},
        "axis": None,
    }
    layers = {
        "data": {"values": rows},
        "layer": [
            {
                "mark": {"type": "bar", "width": {"band": 0.5}, "color": BLUE},
                "encoding": {"x": x, "y": y, "xOffset": {"field": "name"}},
            },
            {
                "mark": {"type": "text", "dy": -8, "fontSize": 14},
                "encoding": {
                    "x": x,
                    "y": y,
                    "xOffset": {"field": "name"},
                    "text": {"field": "label"},
                },
            },
        ],
    }
    names = "、".join(i.series.name.zh for i in found), ", ".join(i.series.name.en for i in found)
    title = Text(f"{names[0]}占比（%）", f"{names[1]}: share of the total, per cent")
    note = Text(
        "年内累计绝对量之比，各年同期相比。",
        "Ratio of values of the year to date, the same months of each year.",
    )
    return sheet.chart("shares", title, note, [layers], numbers)


def estimates(found: Nowcast, sheet: Sheet) -> Chart:
    """What the model said the day before each release, what came out, and what it says now."""
    layers = [_estimates(found, sheet)]
    title = Text(
        f"{found.series.name.zh}下一期增速的预估与历次误差（%）",
        f"{found.series.name.en}: estimate of the next growth, and the record, per cent",
    )
    inside = found.inside
    share_zh = "" if inside is None else f"，{inside * 100:.0f}% 落在区间内"
    share_en = "" if inside is None else f"; {inside * 100:.0f}% were inside"
    error, naive = found.mean_error or 0.0, found.naive_error or 0.0
    made = interval_words(found.next)
    note = Text(
        f"横线为发布前一日的预估，竖条为区间，圆点为公布数；平均误差 {error:.1f} 点（沿用上期为 "
        f"{naive:.1f} 点）{share_zh}。{made.zh}。",
        f"Dash: estimate on the eve, bar: interval, dot: as published; mean error {error:.1f} "
        f"points (last release: {naive:.1f}){share_en}. {made.en}.",
    )
    numbers: list[Number] = [found.next.rate]
    for p in found.record:
        numbers += [p.estimate.rate, p.outcome]
    return sheet.chart("nowcast", title, note, layers, numbers)


def interval_words(estimate: Estimate) -> Text:
    """How the interval came about."""
    percent, errors = f"{COVERAGE * 100:.0f}", estimate.errors
    if errors < SHORT:
        return Text(
            f"过去的误差只有 {errors} 次，区间已放宽，不保证 {percent}% 的把握",
            f"There are only {errors} past errors: the interval is a wide one without a promise of "
            f"{percent}%",
        )
    return Text(
        f"区间按此前 {errors} 次实时误差取 {percent}%，形势骤变时会偏窄",
        f"The interval holds {percent}% by the model's last {errors} errors in real time; it is "
        "too narrow when times change at once",
    )


def _estimates(found: Nowcast, sheet: Sheet) -> Spec:
    past = [
        {
            "order": order(p.outcome.period),
            "rate": rounded(p.estimate.rate.value),
            "low": rounded(p.estimate.low),
            "high": rounded(p.estimate.high),
            "outcome": p.outcome.value,
        }
        for p in found.record
    ]
    now = {
        "order": order(found.next.period),
        "rate": rounded(found.next.rate.value),
        "low": rounded(found.next.low),
        "high": rounded(found.next.high),
        "label": sheet.say(Text("预估", "Estimate")) + f" {rounded(found.next.rate.value):.1f}",
    }
    rows: list[Spec] = [*past, now]
    x = releases((found.next.period, *(p.outcome.period for p in found.record)), sheet)

    def y(name: str) -> Spec:
        return {"field": name, "type": "quantitative", "axis": {"title": "%"}}

    return {
        "data": {"values": rows},
        "layer": [
            {
                "mark": {"type": "bar", "width": 12, "color": PALE, "opacity": 0.6},
                "encoding": {"x": x, "y": y("low"), "y2": {"field": "high"}},
            },
            {
                "mark": {"type": "tick", "thickness": 3, "width": 22, "color": BLUE},
                "encoding": {"x": x, "y": y("rate")},
            },
            {
                "mark": {"type": "point", "filled": True, "size": 60, "color": BROWN},
                "encoding": {"x": x, "y": y("outcome")},
            },
            {
                "transform": [{"filter": "isValid(datum.label)"}],
                "mark": {
                    "type": "text",
                    "dy": -10,
                    "fontSize": 14,
                    "fontWeight": 600,
                },
                "encoding": {
                    "x": x,
                    "y": y("high"),
                    "text": {"field": "label"},
                    "color": {"value": BLUE},
                },
            },
        ],
    }


def _lines(rows: list[Spec], colour: Spec) -> Spec:
    x: Spec = {
        "field": "order",
        "type": "temporal",
        "timeUnit": "utcyearmonth",
        "axis": {"title": None, "format": "%Y", "tickCount": "year"},
    }
    y: Spec = {
        "field": "value",
        "type": "quantitative",
        "scale": {"zero": False},
        "axis": {"title": None, "format": ",.0f"},
    }
    paint: Spec = {"field": "name", "type": "nominal", "scale": colour, "legend": None}
    return {
        "data": {"values": rows},
        "layer": [
            {
                "mark": {"type": "line", "strokeWidth": 2.5},
                "encoding": {"x": x, "y": y, "color": paint},
            },
            {
                "transform": [{"filter": "isValid(datum.end)"}],
                "mark": {
                    "type": "text",
                    "align": "left",
                    "dx": 8,
                    "fontSize": 14,
                    "fontWeight": 600,
                    "dy": {"expr": f"datum.name == '{colour['domain'][0]}' ? 10 : -10"},
                },
                "encoding": {"x": x, "y": y, "text": {"field": "end"}, "color": {"value": INK}},
            },
        ],
    }
