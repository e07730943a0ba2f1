"""What telephones come in by: PINs of eight digits, of one venue or of a whole conference.

Values only. The store keeps them, the web issues them, the telephone asks for them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from podium.conference.state import ConferenceId, VenueId

PIN_DIGITS = 8


@dataclass(frozen=True, slots=True)
class PinHolder:
    """Who dialled. Without ``venue`` it was the general PIN, and the caller is a guest."""

    conference: ConferenceId
    venue: VenueId | None


@dataclass(frozen=True, slots=True)
class Pins:
    """PINs of one conference, by venue, and its general one."""

    venues: Mapping[VenueId, str]
    general: str | None = None


@dataclass(frozen=True, slots=True)
class PinLock:
    """Too many wrong PINs: until then no telephone is asked for one whose number is not known."""

    until: datetime
