"""Lines of text that fit, in Chinese and in Latin script."""

from __future__ import annotations

import unicodedata
from typing import Final

_NO_START: Final = "，。；：、）％%"
"""What must not begin a line of Chinese."""


def wrapped(text: str, cells: int) -> list[str]:
    """Lines of at most ``cells`` half-width cells; words of Latin script stay whole."""
    lines: list[str] = [""]
    for token in _tokens(text):
        too_long = _width(lines[-1] + token.rstrip()) > cells
        if too_long and lines[-1] and token not in _NO_START:
            lines[-1] = lines[-1].rstrip()
            lines.append(token.lstrip())
        else:
            lines[-1] += token
    return [line.rstrip() for line in lines]


def _tokens(text: str) -> list[str]:
    tokens: list[str] = []
    for char in text:
        wide = _width(char) == 2
        if tokens and not wide and char != " " and _width(tokens[-1][-1]) == 1:
            if tokens[-1].endswith(" "):
                tokens.append(char)
            else:
                tokens[-1] += char
        elif tokens and char == " ":
            tokens[-1] += char
        else:
            tokens.append(char)
    return tokens


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
