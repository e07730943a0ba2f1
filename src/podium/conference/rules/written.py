"""What may be written: names, identifiers, telephone numbers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from podium.conference import refusals as r
from podium.conference.people import POINTS_MOST
from podium.conference.refusals import Refusal
from podium.conference.state import Text
from podium.values.fields import ID_LENGTH, NUMBER_PATTERN, NUMBERS_MOST, TEXT_LENGTH

_NUMBER = re.compile(NUMBER_PATTERN.removesuffix("$"))


def bad_texts(texts: Iterable[Text]) -> Refusal | None:
    bad = any(bad_words(words) for text in texts for words in (text.zh, text.en))
    return r.BAD_TEXT if bad else None


def bad_words(words: str) -> bool:
    """Blank, too long, or with signs that are not to be seen."""
    fits = 0 < len(words.strip()) <= len(words) <= TEXT_LENGTH and words.isprintable()
    return not fits


def bad_points(points: Sequence[Text]) -> Refusal | None:
    """Of one agenda item."""
    return r.TOO_MANY_POINTS if len(points) > POINTS_MOST else bad_texts(points)


def bad_ids(ids: Iterable[str]) -> Refusal | None:
    fits = all(
        0 < len(id_) <= ID_LENGTH and id_.isprintable() and not any(ch.isspace() for ch in id_)
        for id_ in ids
    )
    return None if fits else r.BAD_IDENTIFIER


def bad_numbers(numbers: tuple[str, ...]) -> Refusal | None:
    if len(numbers) > NUMBERS_MOST:
        return r.TOO_MANY_NUMBERS
    return None if all(_NUMBER.fullmatch(n) for n in numbers) else r.BAD_NUMBER
