"""Commands and events to JSON and back: the shapes that the wire and the log share.

Strict: nothing is coerced, an unknown field is an error, lengths are bounded by ``fields``.
Lengths of time are seconds, points in time ISO 8601 in UTC.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final, TypeVar

from pydantic import Field, TypeAdapter, ValidationError
from pydantic_core import PydanticSerializationError, to_json

from podium.conference.commands import Actor, Command
from podium.conference.events import Event, Recorded

COMMAND: Final[TypeAdapter[Command]] = TypeAdapter(Annotated[Command, Field(discriminator="type")])
EVENT: Final[TypeAdapter[Event]] = TypeAdapter(Annotated[Event, Field(discriminator="type")])
ACTOR: Final[TypeAdapter[Actor]] = TypeAdapter(Actor)
RECORDED: Final[TypeAdapter[Recorded]] = TypeAdapter(Recorded)

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


def command_from_json(text: str | bytes) -> Command:
    """Raises ``CodecError``."""
    return _parse(COMMAND, text)


def command_from_wire(value: Mapping[str, Any]) -> Command:
    """From parsed JSON. Raises ``CodecError``."""
    return _parse(COMMAND, _dump(value))


def command_to_wire(command: Command) -> dict[str, Any]:
    wire: dict[str, Any] = COMMAND.dump_python(command, mode="json")
    return wire


def event_from_json(text: str | bytes) -> Event:
    """Raises ``CodecError``."""
    return _parse(EVENT, text)


def event_to_json(event: Event) -> str:
    return EVENT.dump_json(event).decode()


def event_to_wire(event: Event) -> dict[str, Any]:
    """Plain JSON values."""
    wire: dict[str, Any] = EVENT.dump_python(event, mode="json")
    return wire


def actor_from_json(text: str | bytes) -> Actor:
    """Raises ``CodecError``."""
    return _parse(ACTOR, text)


def actor_to_json(actor: Actor) -> str:
    return ACTOR.dump_json(actor).decode()


def recorded_from_json(text: str | bytes) -> Recorded:
    """Raises ``CodecError``."""
    return _parse(RECORDED, text)


def recorded_to_json(entry: Recorded) -> str:
    return RECORDED.dump_json(entry).decode()


def recorded_to_wire(entry: Recorded) -> dict[str, Any]:
    """Plain JSON values: ``{seq, at, by: {role, id, venue}, event: {type, ...}}``."""
    wire: dict[str, Any] = RECORDED.dump_python(entry, mode="json")
    return wire


def _dump(value: Mapping[str, Any]) -> bytes:
    try:
        return to_json(value)
    except (PydanticSerializationError, ValueError, RecursionError) as error:
        raise CodecError((Problem("", "is not JSON"),)) from error


def _parse(adapter: TypeAdapter[T], text: str | bytes) -> T:
    try:
        return adapter.validate_json(text, strict=True, extra="forbid")
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
        problems = tuple(
            Problem(".".join(str(part) for part in e["loc"]), e["msg"])
            for e in found[:_PROBLEMS_SHOWN]
        )
        raise CodecError(problems) from error
