"""Names in both languages, and whom they name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NewType

from podium.values.fields import Identifier, Words

OrganisationId = NewType("OrganisationId", Identifier)
"""The code that the organisation itself uses for a body."""


@dataclass(frozen=True, slots=True)
class Text:
    """A name or title in both languages; ``en`` may repeat ``zh`` but is never missing."""

    zh: Words
    en: Words
