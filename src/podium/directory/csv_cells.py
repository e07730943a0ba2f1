"""One line of an import as typed values; what cannot be read becomes a fault, never an error."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from podium.conference.state import OrganisationId, Text, VenueId, VenueKind
from podium.directory.numbers import NO_NUMBERS, is_number, split_numbers
from podium.directory.values import LEVEL_NAMES, Level
from podium.sheets.table import Fault, Row
from podium.values.fields import NUMBERS_MOST

_T = TypeVar("_T")

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
_MAX_ORDER = 10_000_000
_KINDS: Mapping[str, VenueKind] = {
    "main": VenueKind.MAIN,
    "主会场": VenueKind.MAIN,
    "branch": VenueKind.BRANCH,
    "分会场": VenueKind.BRANCH,
}
_LEVELS: Mapping[str, Level] = {
    name: level
    for level in Level
    for name in (level.value, LEVEL_NAMES[level].zh, LEVEL_NAMES[level].zh.removesuffix("级"))
}


@dataclass(frozen=True, slots=True)
class VenueEntry:
    code: VenueId
    kind: VenueKind | None
    telephones: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Entry:
    """A line that could be read. None means that the cell was blank."""

    row: Row
    organisation: OrganisationId
    parent: OrganisationId | None
    level: Level | None
    order: int | None
    venue: VenueEntry | None


def read_entry(row: Row, faults: list[Fault]) -> Entry | None:
    """The line's values, or None after adding at least one fault."""
    before = len(faults)
    code = _code(row, "organisation_code", faults)
    parent = _code(row, "parent_code", faults) if row["parent_code"] else None
    level = _choice(row, "level", _LEVELS, faults)
    order = _order(row, faults)
    venue = _venue(row, code, faults)
    if code is None or len(faults) > before:
        return None
    above = OrganisationId(parent) if parent is not None else None
    return Entry(row, OrganisationId(code), above, level, order, venue)


def _venue(row: Row, organisation: str | None, faults: list[Fault]) -> VenueEntry | None:
    kind = _choice(row, "venue_kind", _KINDS, faults)
    telephones = _telephones(row, faults)
    code = _code(row, "venue_code", faults) if row["venue_code"] else organisation
    if row["venue_code"] or row["venue_zh"]:
        return VenueEntry(VenueId(code), kind, telephones) if code is not None else None
    if row["venue_en"] or row["venue_kind"] or row["telephones"]:
        text = Text(
            "填了会场的其他内容，但没有会场名称。",
            "Other cells of the venue are filled in, but its name is empty.",
        )
        faults.append(Fault(row.line, "venue_zh", text))
    return None


def _telephones(row: Row, faults: list[Fault]) -> tuple[str, ...] | None:
    text = row["telephones"]
    if not text:
        return None
    numbers = () if text == NO_NUMBERS else split_numbers(text)
    wrong = next((number for number in numbers if not is_number(number)), None)
    if wrong is not None or (not numbers and text != NO_NUMBERS):
        shown = (wrong or text)[:40]
        bad = Text(
            f"“{shown}”不是电话号码：应为 2 至 20 位数字，前面可以有加号；多个号码用分号隔开。",
            f'"{shown}" is no telephone number: 2 to 20 digits, with a plus sign before them or '
            "not; semicolons between numbers.",
        )
        faults.append(Fault(row.line, "telephones", bad))
        return None
    if len(numbers) > NUMBERS_MOST or len(set(numbers)) < len(numbers):
        many = Text(
            f"一个会场最多 {NUMBERS_MOST} 个电话号码，不能重复。",
            f"A venue has at most {NUMBERS_MOST} telephone numbers, each once.",
        )
        faults.append(Fault(row.line, "telephones", many))
        return None
    return numbers


def _code(row: Row, column: str, faults: list[Fault]) -> str | None:
    code = row[column]
    if _CODE.fullmatch(code):
        return code
    wrong = Text(
        "代码应为 1 到 40 个字母、数字、点、横线或下划线。",
        "A code has 1 to 40 letters, digits, dots, dashes or underscores.",
    )
    empty = Text("不能为空。", "Must not be empty.")
    faults.append(Fault(row.line, column, wrong if code else empty))
    return None


def _order(row: Row, faults: list[Fault]) -> int | None:
    text = row["order"]
    if not text:
        return None
    if text.isascii() and text.isdigit() and len(text) < 9 and int(text) <= _MAX_ORDER:
        return int(text)
    wrong = Text(
        f"顺序号应为 0 到 {_MAX_ORDER} 的整数。",
        f"The order must be a whole number from 0 to {_MAX_ORDER}.",
    )
    faults.append(Fault(row.line, "order", wrong))
    return None


def _choice(row: Row, column: str, choices: Mapping[str, _T], faults: list[Fault]) -> _T | None:
    text = row[column]
    if not text:
        return None
    found = choices.get(text.casefold())
    if found is None:
        known = "、".join(choices), ", ".join(choices)
        wrong = Text(f"“{text}”不可用，可填：{known[0]}。", f'"{text}" is not one of: {known[1]}.')
        faults.append(Fault(row.line, column, wrong))
    return found
