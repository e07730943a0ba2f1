"""The provinces: rank, gap to the national rate, and where each stands on the tile-grid map."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from podium.situation.derived import Derived, Number, Rule
from podium.situation.figures import Figure, Known
from podium.situation.indicators import growth
from podium.situation.period import Period
from podium.situation.series import Catalogue, Measure, Region, Series, SeriesId
from podium.values.text import Text


@dataclass(frozen=True, slots=True)
class Tile:
    """A province on the map; ``column`` and ``row`` count from 0 at the north-west."""

    code: str
    name: Text
    short: Text
    column: int
    row: int


def _tiles(*rows: tuple[str, str, str, str, str, int, int]) -> dict[str, Tile]:
    return {
        code: Tile(code, Text(zh, en), Text(short_zh, short_en), column, row)
        for code, zh, en, short_zh, short_en, column, row in rows
    }


TILES: Final = _tiles(
    ("110000", "北京", "Beijing", "京", "BJ", 4, 2),
    ("120000", "天津", "Tianjin", "津", "TJ", 5, 2),
    ("130000", "河北", "Hebei", "冀", "HE", 4, 1),
    ("140000", "山西", "Shanxi", "晋", "SX", 3, 2),
    ("150000", "内蒙古", "Inner Mongolia", "蒙", "NM", 3, 1),
    ("210000", "辽宁", "Liaoning", "辽", "LN", 5, 1),
    ("220000", "吉林", "Jilin", "吉", "JL", 6, 1),
    ("230000", "黑龙江", "Heilongjiang", "黑", "HL", 6, 0),
    ("310000", "上海", "Shanghai", "沪", "SH", 6, 4),
    ("320000", "江苏", "Jiangsu", "苏", "JS", 5, 3),
    ("330000", "浙江", "Zhejiang", "浙", "ZJ", 5, 4),
    ("340000", "安徽", "Anhui", "皖", "AH", 4, 4),
    ("350000", "福建", "Fujian", "闽", "FJ", 5, 5),
    ("360000", "江西", "Jiangxi", "赣", "JX", 4, 5),
    ("370000", "山东", "Shandong", "鲁", "SD", 4, 3),
    ("410000", "河南", "Henan", "豫", "HA", 3, 3),
    ("420000", "湖北", "Hubei", "鄂", "HB", 3, 4),
    ("430000", "湖南", "Hunan", "湘", "HN", 3, 5),
    ("440000", "广东", "Guangdong", "粤", "GD", 3, 6),
    ("450000", "广西", "Guangxi", "桂", "GX", 2, 6),
    ("460000", "海南", "Hainan", "琼", "HI", 2, 7),
    ("500000", "重庆", "Chongqing", "渝", "CQ", 2, 4),
    ("510000", "四川", "Sichuan", "川", "SC", 1, 4),
    ("520000", "贵州", "Guizhou", "贵", "GZ", 2, 5),
    ("530000", "云南", "Yunnan", "云", "YN", 1, 5),
    ("540000", "西藏", "Xizang", "藏", "XZ", 0, 4),
    ("610000", "陕西", "Shaanxi", "陕", "SN", 2, 3),
    ("620000", "甘肃", "Gansu", "甘", "GS", 1, 2),
    ("630000", "青海", "Qinghai", "青", "QH", 1, 3),
    ("640000", "宁夏", "Ningxia", "宁", "NX", 2, 2),
    ("650000", "新疆", "Xinjiang", "新", "XJ", 0, 2),
    ("710000", "台湾", "Taiwan", "台", "TW", 6, 5),
    ("810000", "香港", "Hong Kong", "港", "HK", 4, 6),
    ("820000", "澳门", "Macao", "澳", "MO", 3, 7),
)
"""Provinces by code of GB/T 2260, placed so that neighbours mostly touch."""


@dataclass(frozen=True, slots=True)
class RegionReading:
    """``rank`` by growth from 1, the same for equal growth; ``share`` of the national value."""

    series: Series
    code: str
    growth: Number
    gap: Derived
    rank: int
    value: Figure | None
    share: Derived | None


@dataclass(frozen=True, slots=True)
class Ranking:
    """Every region whose growth is known for ``period``, best first."""

    period: Period
    national: Number
    regions: tuple[RegionReading, ...]


def ranking(known: Known, catalogue: Catalogue, whole: SeriesId, period: Period) -> Ranking | None:
    """``None`` if the national growth is not known, or no region's."""
    national = growth(known, catalogue[whole], period)
    if national is None:
        return None
    rates: list[tuple[Series, str, Number]] = []
    for series in catalogue.regions(whole):
        found = growth(known, series, period)
        if found is not None and isinstance(series.standing, Region):
            rates.append((series, series.standing.code, found))
    if not rates:
        return None
    total = known.get(whole, Measure.VALUE, period)
    rates.sort(key=lambda r: (-round(r[2].value, 6), r[1]))
    regions: list[RegionReading] = []
    for place, (series, code, rate) in enumerate(rates, 1):
        tied = regions and round(regions[-1].growth.value, 6) == round(rate.value, 6)
        value = known.get(series.id, Measure.VALUE, period)
        part = (
            Derived(value.value / total.value * 100, Rule.SHARE, (value, total))
            if value is not None and total is not None and total.value > 0
            else None
        )
        gap = Derived(rate.value - national.value, Rule.GAP, (rate, national))
        rank = regions[-1].rank if tied else place
        regions.append(RegionReading(series, code, rate, gap, rank, value, part))
    return Ranking(period, national, tuple(regions))


def latest_ranking(known: Known, catalogue: Catalogue, whole: SeriesId) -> Ranking | None:
    """The last period for which at least half of the regions are known."""
    regions = catalogue.regions(whole)
    periods = {
        f.period
        for s in regions
        for m in (Measure.GROWTH, Measure.VALUE)
        for f in known.of_year_to_date(s.id, m)
    }
    for period in sorted(periods, reverse=True):
        found = ranking(known, catalogue, whole, period)
        if found is not None and 2 * len(found.regions) >= len(regions):
            return found
    return None
