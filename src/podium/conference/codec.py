"""Commands and events to JSON and back: the shapes that the wire and the log share.

Strict: nothing is coerced, an unknown field is an error, lengths are bounded by ``fields``.
Lengths of time are seconds, points in time ISO 8601 in UTC.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final

from pydantic import Field, TypeAdapter

from podium.conference.commands import Actor, Command
from podium.conference.events import Event, Recorded
from podium.values.codec import CodecError as CodecError
from podium.values.codec import dumped, parsed

COMMAND: Final[TypeAdapter[Command]] = TypeAdapter(Annotated[Command, Field(discriminator="type")])
EVENT: Final[TypeAdapter[Event]] = TypeAdapter(Annotated[Event, Field(discriminator="type")])
ACTOR: Final[TypeAdapter[Actor]] = TypeAdapter(Actor)
RECORDED: Final[TypeAdapter[Recorded]] = TypeAdapter(Recorded)


def command_from_json(text: str | bytes) -> Command:
    """Raises ``CodecError``."""
    return parsed(COMMAND, text)


def command_from_wire(value: Mapping[str, Any]) -> Command:
    """From parsed JSON. Raises ``CodecError``."""
    return parsed(COMMAND, dumped(value))


def command_to_wire(command: Command) -> dict[str, Any]:
    wire: dict[str, Any] = COMMAND.dump_python(command, mode="json")
    return wire


def event_from_json(text: str | bytes) -> Event:
    """Raises ``CodecError``."""
    return parsed(EVENT, text)


def event_to_json(event: Event) -> str:
    return EVENT.dump_json(event).decode()


def event_to_wire(event: Event) -> dict[str, Any]:
    """Plain JSON values."""
    wire: dict[str, Any] = EVENT.dump_python(event, mode="json")
    return wire


def actor_from_json(text: str | bytes) -> Actor:
    """Raises ``CodecError``."""
    return parsed(ACTOR, text)


def actor_to_json(actor: Actor) -> str:
    return ACTOR.dump_json(actor).decode()


def recorded_from_json(text: str | bytes) -> Recorded:
    """Raises ``CodecError``."""
    return parsed(RECORDED, text)


def recorded_to_json(entry: Recorded) -> str:
    return RECORDED.dump_json(entry).decode()


def recorded_to_wire(entry: Recorded) -> dict[str, Any]:
    """Plain JSON values: ``{seq, at, by: {role, id, venue}, event: {type, ...}}``."""
    wire: dict[str, Any] = RECORDED.dump_python(entry, mode="json")
    return wire
