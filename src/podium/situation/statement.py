"""Sentences whose every number can be traced to the published figures under it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from string import Formatter
from typing import Literal

from podium.situation.derived import Number, rounded
from podium.situation.figures import Figure
from podium.values.text import Text

Language = Literal["zh", "en"]


@dataclass(frozen=True, slots=True)
class Said:
    """A number as it stands in a sentence."""

    text: str
    number: Number


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence: words and numbers in order."""

    parts: tuple[str | Said, ...]

    @property
    def text(self) -> str:
        return "".join(p if isinstance(p, str) else p.text for p in self.parts)

    @property
    def numbers(self) -> tuple[Number, ...]:
        return tuple(p.number for p in self.parts if isinstance(p, Said))

    def figures(self) -> tuple[Figure, ...]:
        """Every published figure that the sentence rests on, each once."""
        return tuple(dict.fromkeys(f for n in self.numbers for f in n.figures()))


Slot = str | Said | Statement


def in_(text: Text, language: Language) -> str:
    return text.zh if language == "zh" else text.en


def fill(template: Text, language: Language, slots: Mapping[str, Slot]) -> Statement:
    """The sentence in one language; ``template`` names its slots in braces.

    Raises ``KeyError`` if it names one that is not given.
    """
    parts: list[str | Said] = []
    for words, name, _, _ in Formatter().parse(in_(template, language)):
        if words:
            parts.append(words)
        if name is not None:
            slot = slots[name]
            parts.extend(slot.parts if isinstance(slot, Statement) else (slot,))
    return Statement(tuple(parts))


def joined(statements: tuple[Statement, ...], language: Language) -> Statement:
    """A list within a sentence."""
    between = "、" if language == "zh" else ", "
    parts: list[str | Said] = []
    for n, statement in enumerate(statements):
        parts.extend([between] if n else [])
        parts.extend(statement.parts)
    return Statement(tuple(parts))


def amount(number: Number, language: Language, digits: int = 0) -> Said:
    """A value; thousands are set apart in English only, as each language's releases do."""
    value = rounded(number.value, digits)
    grouped = "," if language == "en" else ""
    return Said(f"{value:{grouped}.{digits}f}", number)


def rate(number: Number, language: Language) -> Statement:
    """Growth in words: 增长3.5%, down 0.2%, unchanged."""
    value = rounded(number.value)
    if value == 0:
        return Statement((Said("持平" if language == "zh" else "unchanged", number),))
    words = ("增长", "下降") if language == "zh" else ("up ", "down ")
    return Statement((words[value < 0], Said(f"{abs(value):.1f}%", number)))


def points(number: Number, language: Language) -> Statement:
    """A change in words: 加快7.1个百分点, 1.3 points slower, 持平, no faster."""
    return _compared(number, ("加快", "回落", "持平"), ("faster", "slower", "no faster"), language)


def narrower(number: Number, language: Language) -> Statement:
    """A change of a fall: 收窄4.1个百分点, 0.3 points larger."""
    return _compared(number, ("收窄", "扩大", "持平"), ("smaller", "larger", "no larger"), language)


def _compared(
    number: Number, zh: tuple[str, str, str], en: tuple[str, str, str], language: Language
) -> Statement:
    """``zh`` and ``en``: the words for above zero, below zero, and zero."""
    value = rounded(number.value)
    words = zh if language == "zh" else en
    if value == 0:
        return Statement((Said(words[2], number),))
    said = Said(f"{abs(value):.1f}", number)
    if language == "zh":
        return Statement((words[value < 0], said, "个百分点"))
    return Statement((said, " points ", words[value < 0]))


def signed(number: Number, digits: int = 1) -> Said:
    """With its sign: +0.4, -0.7, 0.0."""
    value = rounded(number.value, digits)
    return Said(f"{value:{'+' if value else ''}.{digits}f}", number)


def percent(number: Number) -> Said:
    return Said(f"{rounded(number.value):.1f}%", number)
