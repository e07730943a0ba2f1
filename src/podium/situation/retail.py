"""The retail statistics of China: which series there are, and what each is part of.

Total retail sales of consumer goods as the National Bureau of Statistics publishes them. The
categories of goods count units above designated size only, which is why they never add up to
the total; online sales are of physical goods and are published for the year to date alone.
"""

from __future__ import annotations

from typing import Final

from podium.situation.regions import TILES
from podium.situation.series import (
    Breakdown,
    Catalogue,
    Check,
    Context,
    Excluding,
    Part,
    Region,
    Rhythm,
    Series,
    SeriesId,
    Source,
    SourceId,
    Standing,
    Whole,
)
from podium.values.text import Text

TOTAL: Final = SeriesId("retail.total")
GOODS: Final = SeriesId("retail.goods")
CATERING: Final = SeriesId("retail.catering")
URBAN: Final = SeriesId("retail.urban")
RURAL: Final = SeriesId("retail.rural")
ONLINE: Final = SeriesId("retail.online")
AUTOS: Final = SeriesId("retail.category.autos")
EX_AUTOS: Final = SeriesId("retail.ex_autos")
PRICES: Final = SeriesId("cpi")

UNIT: Final = Text("亿元", "100 million yuan")
_ABOVE_SIZE: Final = Text("限额以上单位", "units above designated size")
_CATEGORIES: Final = {
    "food": Text("粮油、食品类", "Grain, oil and food"),
    "beverages": Text("饮料类", "Beverages"),
    "tobacco_alcohol": Text("烟酒类", "Tobacco and alcohol"),
    "garments": Text("服装、鞋帽、针纺织品类", "Garments, footwear and textiles"),
    "cosmetics": Text("化妆品类", "Cosmetics"),
    "gold": Text("金银珠宝类", "Gold, silver and jewellery"),
    "daily": Text("日用品类", "Daily necessities"),
    "sports": Text("体育、娱乐用品类", "Sports and recreation"),
    "books": Text("书报杂志类", "Books and newspapers"),
    "appliances": Text("家用电器和音像器材类", "Household appliances"),
    "medicine": Text("中西药品类", "Medicines"),
    "office": Text("文化办公用品类", "Office supplies"),
    "furniture": Text("家具类", "Furniture"),
    "comms": Text("通讯器材类", "Communication equipment"),
    "petroleum": Text("石油及制品类", "Petroleum and products"),
    "autos": Text("汽车类", "Automobiles"),
    "building": Text("建筑及装潢材料类", "Building materials"),
}
_UNREPORTED: Final = frozenset({"710000", "810000", "820000"})
"""Provinces whose retail sales are outside the national statistic."""


def _joint(
    series: SeriesId, zh: str, en: str, standing: Standing, coverage: Text | None = None
) -> Series:
    return Series(series, Text(zh, en), UNIT, Rhythm.JOINT, standing, coverage)


def _part(series: SeriesId, zh: str, en: str, by: Breakdown) -> Series:
    return _joint(series, zh, en, Part(TOTAL, by, complete=by is not Breakdown.CHANNEL))


PUBLISHERS: Final = (
    Source(
        SourceId("nbs.retail"),
        Text("国家统计局，社会消费品零售总额，首次发布", "NBS, retail sales, first release"),
    ),
    Source(
        SourceId("nbs.retail.early"),
        Text(
            "国家统计局，社会消费品零售总额，首次发布（发布日按次月末计）",
            "NBS, retail sales, first release (taken as published by the end of the next month)",
        ),
    ),
    Source(SourceId("nbs.cpi"), Text("国家统计局，居民消费价格", "NBS, consumer prices")),
    Source(
        SourceId("nbs.cpi.early"),
        Text(
            "国家统计局，居民消费价格（发布日按次月末计）",
            "NBS, consumer prices (taken as published by the end of the next month)",
        ),
    ),
    Source(
        SourceId("provinces"),
        Text(
            "各省（区、市）统计局，年度数据首次发布（按最晚发布日计）",
            "Provincial statistics bureaus, first release of the year (the day when all were out)",
        ),
    ),
)

_EVIDENCE: Final = {
    "release": (
        Check.VERIFIED,
        Text("发布稿全文（转载）", "the text of the release, as reprinted"),
    ),
    "news": (Check.VERIFIED, Text("通讯社和机构对发布的报道", "reports of the release")),
    "govcn": (Check.VERIFIED, Text("中国政府网月度数据表", "the monthly table of gov.cn")),
    "snapshot": (
        Check.VERIFIED,
        Text("国家数据库快照", "snapshots of the national database"),
    ),
    "dashboard": (
        Check.VERIFIED,
        Text("公开的消费数据面板（独立转录）", "a public dashboard, transcribed independently"),
    ),
    "sums": (
        Check.ARITHMETIC,
        Text("由已核对的数据加总或推算", "sums and bases of verified figures"),
    ),
    "none": (Check.UNVERIFIED, Text("", "")),
}


def source_id(publisher: str, evidence: str) -> SourceId:
    """Of a figure by ``publisher`` that was held against ``evidence``, a key of ``_EVIDENCE``."""
    return SourceId(f"{publisher}.{evidence}")


SOURCES: Final = (
    *PUBLISHERS,
    *(
        Source(source_id(source.id, key), source.name, check, against)
        for source in PUBLISHERS
        for key, (check, against) in _EVIDENCE.items()
    ),
)
"""Publishers, for what is imported; and for what ships, what it was checked against."""

CATALOGUE: Final = Catalogue(
    (
        _joint(TOTAL, "社会消费品零售总额", "Total retail sales of consumer goods", Whole()),
        _part(GOODS, "商品零售", "Sales of goods", Breakdown.TYPE),
        _part(CATERING, "餐饮收入", "Catering", Breakdown.TYPE),
        _part(URBAN, "城镇", "Urban", Breakdown.PLACE),
        _part(RURAL, "乡村", "Rural", Breakdown.PLACE),
        _part(ONLINE, "实物商品网上零售额", "Online sales of goods", Breakdown.CHANNEL),
        _joint(
            EX_AUTOS,
            "除汽车以外的消费品零售额",
            "Retail sales excluding automobiles",
            Excluding(TOTAL, AUTOS),
        ),
        _joint(
            SeriesId("retail.above_size"),
            "限上单位消费品零售额",
            "Retail sales of units above designated size",
            Context(),
            _ABOVE_SIZE,
        ),
        *(
            _joint(
                SeriesId(f"retail.category.{key}"),
                name.zh,
                name.en,
                Part(TOTAL, Breakdown.CATEGORY, complete=False),
                _ABOVE_SIZE,
            )
            for key, name in _CATEGORIES.items()
        ),
        *(
            Series(
                SeriesId(f"retail.region.{tile.code}"),
                tile.name,
                UNIT,
                Rhythm.JOINT,
                Region(TOTAL, tile.code),
            )
            for tile in TILES.values()
            if tile.code not in _UNREPORTED
        ),
        Series(
            PRICES,
            Text("居民消费价格", "Consumer prices"),
            Text("上年同月=100", "same month last year = 100"),
            Rhythm.MONTHLY,
            Context(),
        ),
    ),
    SOURCES,
)
