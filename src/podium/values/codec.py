"""Strict JSON: nothing is coerced, an unknown field is an error, every problem has its place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from pydantic import TypeAdapter, ValidationError
from pydantic_core import PydanticSerializationError, to_json

T = TypeVar("T")

_PROBLEMS_SHOWN: Final = 5


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong: ``where`` is a dotted path into the JSON, ``what`` an English phrase."""

    where: str
    what: str


class CodecError(ValueError):
    """JSON that is no command or event. The sender's fault."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        self.problems = problems
        super().__init__("; ".join(f"{p.where or 'value'}: {p.what}" for p in problems))


def dumped(value: Mapping[str, Any]) -> bytes:
    """Parsed JSON as JSON again. Raises ``CodecError``."""
    try:
        return to_json(value)
    except (PydanticSerializationError, ValueError, RecursionError) as error:
        raise CodecError((Problem("", "is not JSON"),)) from error


def parsed(adapter: TypeAdapter[T], text: str | bytes) -> T:
    """Raises ``CodecError``."""
    try:
        return adapter.validate_json(text, strict=True, extra="forbid")
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
        problems = tuple(
            Problem(".".join(str(part) for part in e["loc"]), e["msg"])
            for e in found[:_PROBLEMS_SHOWN]
        )
        raise CodecError(problems) from error
