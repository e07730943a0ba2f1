"""A page of sentences, so that the text of the briefing can be on air like a chart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from podium.situation.charts.frame import INK, Chart, Sheet, Spec
from podium.situation.charts.wrapping import wrapped
from podium.situation.statement import Language, Statement
from podium.values.text import Text

_CELLS: Final[Mapping[Language, int]] = {"zh": 104, "en": 118}
"""Width of a line in half-width cells: a Chinese character two, a Latin letter less."""
LINES: Final = 14
"""Lines on a page."""


def pages(
    name: str, title: Text, statements: Sequence[Statement], sheet: Sheet
) -> tuple[Chart, ...]:
    """As many pages as the sentences need; each sentence begins on a new line."""
    cells = _CELLS[sheet.language]
    found: list[list[Statement]] = [[]]
    used = 0
    for statement in statements:
        lines = len(wrapped(statement.text, cells))
        if found[-1] and used + lines > LINES:
            found.append([])
            used = 0
        found[-1].append(statement)
        used += lines
    names = [name if n == 1 else f"{name}_{n}" for n in range(1, len(found) + 1)]
    return tuple(_page(n, title, s, sheet) for n, s in zip(names, found, strict=True))


def _page(name: str, title: Text, statements: Sequence[Statement], sheet: Sheet) -> Chart:
    rows: list[Spec] = []
    for statement in statements:
        for n, line in enumerate(wrapped(statement.text, _CELLS[sheet.language])):
            rows.append({"row": len(rows), "text": line, "mark": "" if n else "■"})
    y: Spec = {
        "field": "row",
        "type": "quantitative",
        "axis": None,
        "scale": {"domain": [LINES, -0.5], "nice": False, "zero": False},
    }

    def column(field: str, x: int, size: int) -> Spec:
        return {
            "mark": {"type": "text", "align": "left", "fontSize": size, "color": INK},
            "encoding": {"x": {"value": x}, "y": y, "text": {"field": field}},
        }

    layer: Spec = {
        "data": {"values": rows},
        "layer": [column("mark", 0, 8), column("text", 18, 16)],
    }
    numbers = [n for s in statements for n in s.numbers]
    return sheet.chart(name, title, _NOTE, [layer], numbers)


_NOTE: Final = Text(
    "增速均为公布数，另有说明的除外。", "Growth is as published unless stated otherwise."
)
