"""One cell of a file as a figure to be, and what is said about cells that are none."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from podium.sheets.table import Fault
from podium.situation.figures import Figure
from podium.situation.period import FIRST_YEAR, LAST_YEAR, Month, Period
from podium.situation.regions import TILES
from podium.situation.series import Catalogue, Measure, Region, Series, SourceId
from podium.values.text import Text

_NUMBER: Final = re.compile(r"[+-]?(\d+|\d{1,3}(,\d{3})+)(\.\d+)?")
_BLANK: Final = frozenset({"", "-", "—", "–", "--", "…", "..", "NaN", "nan", "NA", "n/a"})


@dataclass(frozen=True, slots=True)
class Release:
    """What a file that does not say it is taken to be: published on ``day`` by ``source``."""

    day: date
    source: SourceId


@dataclass(frozen=True, slots=True)
class Entry:
    """A figure with the place that it stands in."""

    line: int
    column: str
    figure: Figure


@dataclass(frozen=True, slots=True)
class Reading:
    """What a layout makes of a file. ``notes``: cells left out on purpose, and why."""

    entries: Sequence[Entry]
    notes: Sequence[Fault]
    faults: Sequence[Fault]


class Names:
    """Series by identifier or by name in either language, as exports write them."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._found: dict[str, Series] = {}
        for series in catalogue:
            names = [series.id, series.name.zh, series.name.en]
            if isinstance(series.standing, Region) and series.standing.code in TILES:
                names.append(series.standing.code)
            for name in names:
                self._found.setdefault(_fold(name), series)

    def get(self, name: str) -> Series | None:
        folded = _fold(name)
        for suffix in ("", *_SUFFIXES):
            if folded.endswith(suffix):
                found = self._found.get(folded.removesuffix(suffix))
                if found is not None:
                    return found
        return None


_SUFFIXES: Final = (
    "社会消费品零售总额",
    "消费品零售额",
    "零售额",
    "商品零售类值",
    "类商品零售类值",
    "总额",
    "壮族自治区",
    "回族自治区",
    "维吾尔自治区",
    "自治区",
    "省",
    "市",
)


def number(text: str) -> float | None:
    """A decimal number; thousands may be set apart by commas. ``None`` if it is none."""
    folded = text.replace("，", ",").replace("−", "-").replace(" ", "")
    if not _NUMBER.fullmatch(folded):
        return None
    value = float(folded.replace(",", ""))
    return value if math.isfinite(value) else None


def blank(text: str) -> bool:
    """Whether the cell says that there is no figure."""
    return text in _BLANK


def month_of(year: str, number_: str) -> Month | None:
    if not FIRST_YEAR <= int(year) <= LAST_YEAR or not 1 <= int(number_) <= 12:
        return None
    return Month(int(year), int(number_))


def checked(
    line: int,
    column: str,
    series: Series,
    measure: Measure,
    period: Period,
    value: float,
    release: Release,
) -> Entry | Fault:
    """The figure, or what is wrong with it."""
    if not series.publishes(period):
        return Fault(line, column, _never_published(series, period))
    if measure is Measure.VALUE and value < 0 and not series.negative:
        return Fault(
            line,
            column,
            Text(
                f"{series.name.zh}不能为负数（{value:g}）。请核对原表。",
                f"{series.name.en} cannot be negative ({value:g}). Check the original.",
            ),
        )
    if measure is not Measure.VALUE and value <= -100:
        return Fault(
            line,
            column,
            Text(
                f"增速不能低于 -100%（{value:g}）。请核对是否填成了绝对量。",
                f"Growth cannot be -100 per cent or less ({value:g}). Is it a value?",
            ),
        )
    if release.day <= period.end.first_day:
        return Fault(
            line,
            column,
            Text(
                f"发布日 {release.day} 早于所属时期 {period.label.zh}。请改正发布日。",
                f"Published on {release.day}, before {period.label.en} was over. Correct the day.",
            ),
        )
    figure = Figure(series.id, measure, period, value, release.day, release.source)
    return Entry(line, column, figure)


def _never_published(series: Series, period: Period) -> Text:
    if period.end.number <= 2 and period.months == 1:
        return Text(
            f"{series.name.zh}自 2012 年起 1、2 月合并发布，没有 {period.label.zh} 单月数。"
            "请填入 1—2 月累计。",
            f"{series.name.en} is published for January and February together since 2012; there "
            f"is no figure for {period.label.en} alone. Enter the two months together.",
        )
    return Text(
        f"{series.name.zh}不按 {period.label.zh} 这样的时期发布。",
        f"{series.name.en} is not published for a period such as {period.label.en}.",
    )


def unknown_series(line: int, name: str) -> Fault:
    shown = name[:60]
    return Fault(
        line,
        shown,
        Text(
            f"不认识指标“{shown}”。请先在指标目录中登记，或删去本行。",
            f'"{shown}" is no known series. Enter it in the catalogue first, or remove the line.',
        ),
    )


def not_a_number(line: int, column: str, text: str) -> Fault:
    shown = text[:40]
    return Fault(
        line,
        column,
        Text(f"“{shown}”不是数字。", f'"{shown}" is not a number.'),
    )


def not_a_period(line: int, column: str) -> Fault:
    shown = column[:40]
    return Fault(
        line,
        shown,
        Text(
            f"“{shown}”不是时期，应如 2022年12月、2022-12、2022年。",
            f'"{shown}" is not a period such as 2022-12 or 2022.',
        ),
    )


def _fold(name: str) -> str:
    table: Mapping[int, str | None] = {ord(c): None for c in " 　、，,_"}
    return name.casefold().translate(table)
