"""The levels of a hierarchy of organisations."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from podium.values.text import Text


class Level(StrEnum):
    """Where a body stands in the hierarchy."""

    NATIONAL = "national"
    PROVINCE = "province"
    CITY = "city"
    COUNTY = "county"
    UNIT = "unit"

    @property
    def below(self) -> Level:
        """The level that a subordinate has unless it says otherwise."""
        ladder = tuple(Level)
        return ladder[min(ladder.index(self) + 1, len(ladder) - 1)]


LEVEL_NAMES: Mapping[Level, Text] = {
    Level.NATIONAL: Text("国家级", "national"),
    Level.PROVINCE: Text("省级", "province"),
    Level.CITY: Text("市级", "city"),
    Level.COUNTY: Text("县级", "county"),
    Level.UNIT: Text("基层单位", "unit"),
}
