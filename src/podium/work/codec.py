"""Commands and events to JSON and back: the shapes that the wire and the log share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final

from pydantic import Field, TypeAdapter

from podium.values.codec import dumped, parsed
from podium.work.commands import Command
from podium.work.events import Event, Recorded

COMMAND: Final[TypeAdapter[Command]] = TypeAdapter(Annotated[Command, Field(discriminator="type")])
EVENT: Final[TypeAdapter[Event]] = TypeAdapter(Annotated[Event, Field(discriminator="type")])
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


def recorded_from_json(text: str | bytes) -> Recorded:
    """Raises ``CodecError``."""
    return parsed(RECORDED, text)


def recorded_to_json(entry: Recorded) -> str:
    return RECORDED.dump_json(entry).decode()
