"""What the rules share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any, Final

from podium.values.fields import ID_LENGTH, PROSE_LENGTH, TEXT_LENGTH
from podium.values.refusal import Refusal
from podium.values.text import OrganisationId, Text
from podium.work import refusals as r
from podium.work.events import Event
from podium.work.state import Assignment, Programme, Stage
from podium.work.values import Cell, MeasureId

Decision = tuple[Event, ...] | Refusal
Rule = Callable[[Programme, Any, date], Decision]
Rules = Mapping[type, Rule]

NOTHING: Final[tuple[Event, ...]] = ()

_LINES: Final = str.maketrans("", "", "\n\r\t")
_YEARS: Final = range(2000, 2101)


def standing(state: Programme, bodies: Iterable[OrganisationId]) -> Refusal | None:
    """Whether all of these are bodies that were not abolished."""
    for id_ in bodies:
        body = state.bodies.get(id_)
        if body is None:
            return r.UNKNOWN_BODY
        if body.abolished:
            return r.BODY_ABOLISHED
    return None


def assigned(
    state: Programme, measure: MeasureId, organisation: OrganisationId
) -> Assignment | Refusal:
    """An assignment that has not ended."""
    found = state.assignment(Cell(measure, organisation))
    if found is None:
        return r.NOT_ASSIGNED
    return found if found.open else r.ENDED


def open_below(state: Programme, measure: MeasureId, issuer: OrganisationId) -> bool:
    """Whether ``issuer`` has broken the measure down to somebody who has not finished."""
    return any(
        (assignment := row.get(measure)) is not None
        and assignment.issuer == issuer
        and assignment.open
        and organisation != issuer
        for organisation, row in state.rows.items()
    )


def is_free(state: Programme, measure: MeasureId, organisation: OrganisationId) -> bool:
    """Whether the measure may be issued to the organisation: it does not have it, or no more."""
    found = state.assignment(Cell(measure, organisation))
    return found is None or found.stage is Stage.WITHDRAWN


# --- what may be written


def bad_texts(texts: Iterable[Text | None]) -> Refusal | None:
    fits = all(_is_name(words) for text in texts if text for words in (text.zh, text.en))
    return None if fits else r.BAD_WORDS


def bad_words(words: Iterable[str | None]) -> Refusal | None:
    return None if all(_is_name(w) for w in words if w is not None) else r.BAD_WORDS


def bad_prose(texts: Iterable[str]) -> Refusal | None:
    """Lines and tabs are welcome, other control characters are not."""
    fits = all(len(text) <= PROSE_LENGTH and text.translate(_LINES).isprintable() for text in texts)
    return None if fits else r.BAD_WORDS


def no_reason(text: str) -> Refusal | None:
    return bad_prose([text]) or (None if text.strip() else r.REASON_MISSING)


def bad_codes(codes: Iterable[str]) -> Refusal | None:
    listed = list(codes)
    if not all(_is_code(code) for code in listed):
        return r.BAD_CODE
    return None if len(set(listed)) == len(listed) else r.TWICE


def bad_dates(*spans: tuple[date | None, date | None]) -> Refusal | None:
    for first, last in spans:
        if any(day is not None and day.year not in _YEARS for day in (first, last)):
            return r.BAD_DATES
        if first is not None and last is not None and last < first:
            return r.BAD_DATES
    return None


def _is_name(words: str) -> bool:
    return 0 < len(words.strip()) <= len(words) <= TEXT_LENGTH and words.isprintable()


def _is_code(code: str) -> bool:
    return (
        0 < len(code) <= ID_LENGTH
        and code.isprintable()
        and not any(ch.isspace() or ch == "/" for ch in code)
    )
