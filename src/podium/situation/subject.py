"""What a briefing is about: which series plays which part."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from podium.situation import retail
from podium.situation.series import Catalogue, Series, SeriesId
from podium.values.text import Text


@dataclass(frozen=True, slots=True)
class Subject:
    """``whole`` is broken down by the parts and regions that the catalogue gives it.

    ``excluding``: the whole without a part. ``channels``: parts shown as a share of the whole.
    ``prices``: price indices to deflate by. ``panel``: what the estimate of the next release
    looks at besides the whole. Each may be empty.
    """

    title: Text
    catalogue: Catalogue
    whole: SeriesId
    excluding: tuple[SeriesId, ...] = ()
    channels: tuple[SeriesId, ...] = ()
    prices: tuple[SeriesId, ...] = ()
    panel: tuple[SeriesId, ...] = ()

    @property
    def total(self) -> Series:
        return self.catalogue[self.whole]


RETAIL: Final = Subject(
    Text("当前消费形势", "The current consumption situation"),
    retail.CATALOGUE,
    retail.TOTAL,
    excluding=(retail.EX_AUTOS,),
    channels=(retail.ONLINE,),
    prices=(retail.PRICES,),
    panel=(retail.CATERING, retail.GOODS, retail.PRICES),
)
"""Retail sales of China."""
