"""The tile-grid map: every province one tile of one size, coloured by its gap."""

from __future__ import annotations

from typing import Final

from podium.situation.charts.frame import BLANK, BLUE, BROWN, INK, QUIET, Chart, Sheet, Spec
from podium.situation.derived import Number, rounded
from podium.situation.regions import TILES, Ranking
from podium.situation.series import Series
from podium.values.text import Text

_FULL: Final = 8.0
"""Points of gap at which the colour is full."""


def tile_map(found: Ranking, whole: Series, sheet: Sheet) -> Chart | None:
    """``None`` unless most of the regions are provinces of China."""
    readings = {r.code: r for r in found.regions if r.code in TILES}
    if 2 * len(readings) < len(found.regions):
        return None
    rows: list[Spec] = []
    numbers: list[Number] = []
    for tile in TILES.values():
        row: Spec = {"name": sheet.say(tile.name), "column": tile.column, "row": tile.row}
        reading = readings.get(tile.code)
        if reading is not None:
            numbers.append(reading.growth)
            row["gap"] = rounded(reading.gap.value)
            row["label"] = f"{rounded(reading.growth.value):.1f}"
        else:
            row["label"] = "—"
        rows.append(row)
    period = found.period.label
    rate = f"{rounded(found.national.value):.1f}%"
    title = Text(
        f"{period.zh}各地{whole.name.zh}增速（%；全国 {rate}）",
        f"{whole.name.en} by province, {period.en}: growth, per cent (nation {rate})",
    )
    note = Text(
        "蓝色高于全国，褐色低于全国，颜色越深差距越大；“—”为无此项统计。格子位置为示意，不代表面积和边界。",
        "Blue above, brown below the nation, the darker the further; dash: no such statistic. "
        "Tiles show neighbours, not areas or borders.",
    )
    return sheet.chart("map", title, note, [_tiles(rows)], [*numbers, found.national])


def _tiles(rows: list[Spec]) -> Spec:
    x: Spec = {
        "field": "column",
        "type": "ordinal",
        "axis": None,
        "scale": {"paddingInner": 0.04, "paddingOuter": 1.2},
    }
    y: Spec = {"field": "row", "type": "ordinal", "axis": None, "scale": {"padding": 0.04}}
    colour: Spec = {
        "field": "gap",
        "type": "quantitative",
        "legend": None,
        "scale": {
            "interpolate": "rgb",
            "domain": [-_FULL, 0, _FULL],
            "range": [BROWN, "#f7f7f5", BLUE],
            "clamp": True,
        },
    }

    def words(field: str, dy: int, size: int) -> Spec:
        strong = f"isValid(datum.gap) && abs(datum.gap) > {_FULL * 0.55}"
        return {
            "mark": {"type": "text", "dy": dy, "fontSize": size},
            "encoding": {
                "x": x,
                "y": y,
                "text": {"field": field},
                "color": {
                    "condition": [
                        {"test": strong, "value": "#ffffff"},
                        {"test": "!isValid(datum.gap)", "value": QUIET},
                    ],
                    "value": INK,
                },
            },
        }

    return {
        "data": {"values": rows},
        "layer": [
            {
                "mark": {"type": "rect", "cornerRadius": 3, "fill": BLANK},
                "encoding": {"x": x, "y": y},
            },
            {
                "transform": [{"filter": "isValid(datum.gap)"}],
                "mark": {"type": "rect", "cornerRadius": 3},
                "encoding": {"x": x, "y": y, "color": colour},
            },
            words("name", -8, 12),
            words("label", 9, 13),
        ],
    }
