"""What every chart has: title, note, source, the day that it is of; fonts and colours."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from podium.situation import checking
from podium.situation.charts.wrapping import wrapped
from podium.situation.checking import unverified
from podium.situation.derived import Number, underneath
from podium.situation.series import Catalogue
from podium.situation.statement import Language, in_
from podium.values.text import Text

Spec = dict[str, Any]
Rows = Sequence[Mapping[str, Any]]

WIDTH: Final = 960
HEIGHT: Final = 540
"""Of the whole picture; twice that is a full HD slide."""

_MARGIN: Final = 28
_FOOT_LINE: Final = 17
_FOOT_CELLS: Final = 138

INK: Final = "#1f2933"
QUIET: Final = "#66717d"
RULE: Final = "#d5dae0"
BLUE: Final = "#1d5fa6"
PALE: Final = "#9dbbd9"
BROWN: Final = "#a0662b"
BLANK: Final = "#eceff2"
"""One colour carries the chart; brown is the other direction. Red is for what is on air."""

FONTS: Final = "Noto Sans SC, Noto Sans CJK SC, PingFang SC, Microsoft YaHei, Noto Sans, sans-serif"
_SCHEMA: Final = "https://vega.github.io/schema/vega-lite/v5.json"
_AS_OF: Final = Text("截至 {day} 已公布的数据", "Published by {day}")
_SOURCE: Final = Text("资料来源：{names}", "Source: {names}")
_NOTE: Final = Text("注：{note}", "Note: {note}")


@dataclass(frozen=True, slots=True)
class Chart:
    """``numbers``: everything shown. Source, day and note stand in the picture too."""

    id: str
    title: str
    source: str
    as_of: str
    note: str
    spec: Spec
    numbers: tuple[Number, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a chart is drawn on: for whom, of which day, whose figures."""

    catalogue: Catalogue
    day: date
    language: Language

    def say(self, text: Text) -> str:
        return in_(text, self.language)

    def chart(
        self,
        name: str,
        title: Text,
        note: Text,
        layers: Iterable[Spec],
        numbers: Sequence[Number],
    ) -> Chart:
        """A chart of ``layers`` over one another, with its title above and its sources below."""
        source = _source(self, numbers)
        as_of = self.say(_AS_OF).format(day=self.day.isoformat())
        noted = self.say(_NOTE).format(note=self.say(note))
        words = self.say(title)
        if doubtful := unverified(numbers, self.catalogue):
            gap = "" if self.language == "zh" else " "
            noted += gap + self.say(checking.NOTE).format(count=len(doubtful))
            words += f" {checking.MARK}"
        foot = [*wrapped(noted, _FOOT_CELLS), *wrapped(f"{as_of} · {source}", _FOOT_CELLS)]
        spec: Spec = {
            "$schema": _SCHEMA,
            "width": WIDTH,
            "height": HEIGHT,
            "padding": {
                "left": _MARGIN,
                "right": _MARGIN,
                "top": 24,
                "bottom": 20,
            },
            "autosize": {"type": "fit", "contains": "padding"},
            "background": "#ffffff",
            "title": {"text": words},
            "layer": [*layers, *(_foot(line, n) for n, line in enumerate(foot))],
            "config": _CONFIG,
        }
        return Chart(name, words, source, as_of, noted, spec, tuple(numbers))


def _source(sheet: Sheet, numbers: Sequence[Number]) -> str:
    ids = dict.fromkeys(f.source for f in underneath(numbers))
    names = dict.fromkeys(sheet.say(sheet.catalogue.source(s).name) for s in ids)
    between = "；" if sheet.language == "zh" else "; "
    return sheet.say(_SOURCE).format(names=between.join(names))


def _foot(text: str, line: int) -> Spec:
    """A line below everything; the layout makes room for what stands outside of the axes."""
    return {
        "data": {"values": [{}]},
        "mark": {
            "type": "text",
            "text": text,
            "align": "left",
            "baseline": "bottom",
            "fontSize": 12,
            "color": QUIET,
        },
        "encoding": {
            "x": {"value": 0},
            "y": {"value": {"expr": f"height + {56 + _FOOT_LINE * line}"}},
        },
    }


_CONFIG: Final[Spec] = {
    "font": FONTS,
    "view": {"stroke": None},
    "title": {
        "anchor": "start",
        "frame": "bounds",
        "fontSize": 20,
        "fontWeight": 600,
        "color": INK,
        "offset": 18,
        "limit": WIDTH - 2 * _MARGIN,
    },
    "axis": {
        "labelColor": QUIET,
        "titleColor": QUIET,
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "grid": False,
        "domainColor": RULE,
        "tickColor": RULE,
        "labelLimit": 220,
    },
    "text": {"fontSize": 12, "color": INK},
}
