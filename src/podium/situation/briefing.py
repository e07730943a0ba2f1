"""The briefing of a day in one language: pages for the content slot, text, warnings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from podium.situation.charts import bars, growth, lines, tiles, words
from podium.situation.charts.frame import Chart, Sheet
from podium.situation.checking import marked
from podium.situation.figures import Figure
from podium.situation.flags import Flag, flags
from podium.situation.outlook import Outlook
from podium.situation.statement import Language, Statement, in_
from podium.situation.summary import summary
from podium.values.text import Text


@dataclass(frozen=True, slots=True)
class Page:
    """One picture for the content slot, 16:9; ``id`` is stable from day to day."""

    id: str
    chart: Chart


@dataclass(frozen=True, slots=True)
class Briefing:
    """``pages`` in the order in which they go on air; ``statements`` is the text of the first."""

    day: date
    language: Language
    title: str
    statements: tuple[Statement, ...]
    flags: tuple[Flag, ...]
    pages: tuple[Page, ...]

    def figures(self) -> tuple[Figure, ...]:
        """Every published figure that anything in the briefing rests on, each once."""
        numbers = [n for s in self.statements for n in s.numbers]
        numbers += [n for p in self.pages for n in p.chart.numbers]
        return tuple(dict.fromkeys(f for n in numbers for f in n.figures()))


def compose(outlook: Outlook, language: Language) -> Briefing:
    """The briefing of ``outlook.day``. Pages for what was not known on the day are left out."""
    subject = outlook.subject
    sheet = Sheet(subject.catalogue, outlook.day, language)
    title = Text(
        f"{subject.title.zh}（{outlook.day.year}年{outlook.day.month}月{outlook.day.day}日）",
        f"{subject.title.en} ({outlook.day.isoformat()})",
    )
    statements = tuple(marked(s, subject.catalogue) for s in summary(outlook, language))
    found = flags(outlook)
    charts: list[Chart | None] = [*words.pages("summary", title, statements, sheet)]
    charts += [growth.by_release(outlook, sheet), growth.to_date(outlook, sheet)]
    total = subject.total
    charts += [bars.contributed(by, c, total, sheet) for by, c in outlook.breakdowns]
    if outlook.shares:
        charts.append(lines.shares(outlook.shares, outlook.known, total.id, sheet))
    if outlook.ranking is not None:
        charts += [
            tiles.tile_map(outlook.ranking, total, sheet),
            bars.ranked(outlook.ranking, total, sheet),
        ]
    if outlook.adjusted is not None:
        charts.append(lines.trend(outlook.adjusted, outlook.known, sheet))
    if outlook.nowcast is not None:
        charts.append(lines.estimates(outlook.nowcast, sheet))
    if found:
        charts += _warnings(found, sheet)
    pages = tuple(Page(c.id, c) for c in charts if c is not None)
    return Briefing(outlook.day, language, in_(title, language), statements, found, pages)


def _warnings(found: tuple[Flag, ...], sheet: Sheet) -> tuple[Chart, ...]:
    """Each warning with its rule."""
    messages: list[Statement] = []
    for flag in found:
        rule = sheet.say(_RULE).format(rule=sheet.say(flag.rule.statement))
        message = marked(flag.message(sheet.language), sheet.catalogue)
        messages.append(Statement((*message.parts, rule)))
    return words.pages("warnings", Text("预警提示", "Early warnings"), messages, sheet)


_RULE: Final = Text("规则：{rule}", " Rule: {rule}")
