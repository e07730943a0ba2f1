"""Who sits in the room of a venue, as they sign in."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Final

from annotated_types import MaxLen

from podium.values.text import Text

PEOPLE_MOST: Final = 200
"""Most people that sign in at one venue."""
POINTS_MOST: Final = 50
"""Most points noted of one agenda item."""


class Part(StrEnum):
    """What a person does in the conference."""

    ATTENDS = "attends"
    PRESIDES = "presides"
    SPEAKS = "speaks"


@dataclass(frozen=True, slots=True)
class Attendee:
    """``organisation`` is as they write it; where it is the name of an invited organisation, they
    attend for that one. ``title`` is their office in it."""

    name: Text
    title: Text
    organisation: Text
    part: Part = Part.ATTENDS


People = Annotated[tuple[Attendee, ...], MaxLen(PEOPLE_MOST)]
Points = Annotated[tuple[Text, ...], MaxLen(POINTS_MOST)]
