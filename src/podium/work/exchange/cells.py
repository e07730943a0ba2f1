"""Cells as typed values; what cannot be read becomes a fault, never an error."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final, TypeVar

from podium.sheets.table import Fault, Row
from podium.values.text import OrganisationId, Text
from podium.work.state import Programme
from podium.work.values import Statistic

ChoiceT = TypeVar("ChoiceT", bound=StrEnum)

_CODE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
_DAY: Final = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")
_MONTH: Final = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*月?")
_BETWEEN: Final = re.compile(r"[;；、\n]+")
_MAX_ORDER: Final = 10_000_000
_YES: Final = frozenset({"是", "yes", "true", "1", "y"})
_NO: Final = frozenset({"", "否", "no", "false", "0", "n"})


@dataclass(frozen=True, slots=True)
class Day:
    """A date; with ``exact`` false only the month is known and ``value`` is its first day."""

    value: date
    exact: bool

    @property
    def last(self) -> date:
        if self.exact:
            return self.value
        return self.value.replace(day=monthrange(self.value.year, self.value.month)[1])


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads the cells of one line."""

    row: Row
    state: Programme
    faults: list[Fault]

    def fault(self, column: str, zh: str, en: str) -> None:
        self.faults.append(Fault(self.row.line, column, Text(zh, en)))

    def code(self, column: str) -> str | None:
        cell = self.row[column]
        if _CODE.fullmatch(cell):
            return cell
        self.fault(
            column,
            "代码须为 1 至 40 个字母、数字、点、横线或下划线。",
            "A code is 1 to 40 letters, digits, dots, hyphens or underscores.",
        )
        return None

    def name(self, prefix: str, old: Text | None) -> Text | None:
        """From ``<prefix>_zh`` and ``<prefix>_en``; blank cells keep the old name."""
        zh = self._words(f"{prefix}_zh") or (old.zh if old else "")
        if not zh:
            return None
        kept = old.en if old is not None and old.zh == zh else zh
        return Text(zh, self._words(f"{prefix}_en") or kept)

    def _words(self, column: str) -> str:
        """On one line; wide and unbreakable spaces become plain ones."""
        words = " ".join(self.row[column].split())
        if not words.isprintable():
            self.fault(column, "含有不可见字符。", "Holds a character that cannot be seen.")
        return words

    def day(self, column: str, *, months: bool = False) -> Day | None:
        """``None`` also where the cell is blank. ``months``: whether a month alone will do."""
        cell = self.row[column]
        if not cell:
            return None
        match = _DAY.fullmatch(cell)
        month = _MONTH.fullmatch(cell) if months and match is None else None
        try:
            if match is not None:
                return Day(date(*map(int, match.groups())), exact=True)
            if month is not None:
                year, number = map(int, month.groups())
                return Day(date(year, number, 1), exact=False)
        except ValueError:
            pass
        zh, en = ("，或只写年月 2023-12", ", or the month alone, 2023-12") if months else ("", "")
        self.fault(
            column,
            f"日期“{cell[:20]}”无法识别，请写成 2023-12-31{zh}。",
            f'The date "{cell[:20]}" cannot be read: write 2023-12-31{en}.',
        )
        return None

    def bodies(self, column: str) -> tuple[OrganisationId, ...]:
        """Codes or names, separated by semicolons or enumeration commas."""
        found: list[OrganisationId] = []
        for part in filter(None, (p.strip() for p in _BETWEEN.split(self.row[column]))):
            body = self._body(part)
            if body is None:
                self.fault(
                    column,
                    f"单位“{part[:40]}”不在本方案中。请填写单位代码或全称，多个单位用分号隔开。",
                    f'The organisation "{part[:40]}" is not in this programme. Write its code or '
                    "full name; put semicolons between several.",
                )
            elif body not in found:
                found.append(body)
        return tuple(found)

    def body(self, column: str) -> OrganisationId | None:
        found = self.bodies(column)
        return found[0] if len(found) == 1 else None

    def _body(self, text: str) -> OrganisationId | None:
        body = self.state.bodies.get(OrganisationId(text))
        if body is not None:
            return None if body.abolished else body.id
        folded = text.casefold()
        named = [
            b.id
            for b in self.state.bodies.values()
            if not b.abolished and folded in (b.name.zh.casefold(), b.name.en.casefold())
        ]
        return named[0] if len(named) == 1 else None

    def choice(
        self, column: str, names: Mapping[ChoiceT, Text], default: ChoiceT | None = None
    ) -> ChoiceT | None:
        cell = self.row[column].casefold()
        if not cell and default is not None:
            return default
        for value, name in names.items():
            if cell in (value.value, name.zh, name.en.casefold()):
                return value
        zh, en = "、".join(n.zh for n in names.values()), ", ".join(n.en for n in names.values())
        self.fault(column, f"请填写：{zh}。", f"Write one of: {en}.")
        return None

    def order(self, old: int | None, place: int) -> int:
        cell = self.row["order"]
        if not cell:
            return place if old is None else old
        if cell.isascii() and cell.isdigit() and int(cell) <= _MAX_ORDER:
            return int(cell)
        self.fault("order", "顺序号须为非负整数。", "The order must be a whole number, 0 or more.")
        return 0

    def yes(self, column: str) -> bool:
        cell = self.row[column].casefold()
        if cell in _YES:
            return True
        if cell not in _NO:
            self.fault(column, "请填写“是”或“否”。", "Write yes or no.")
        return False

    def statistic(self, old: Statistic | None) -> Statistic | None:
        series = self.row["statistic"]
        if not series:
            return old
        if len(series) > 32:
            self.fault(
                "statistic", "代码超过 32 个字符。", "The code is longer than 32 characters."
            )
            return None
        known = old.name if old is not None and old.series == series else None
        name = self.name("statistic", known)
        return Statistic(series, name or Text(series, series))
