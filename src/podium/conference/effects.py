"""What the world must look like for a state of the conference: the media plan, and its changes.

A plan is a pure function of the state, and effects are the difference of two plans. So a restart
is the difference from nothing, and no event can forget an effect.
"""

from __future__ import annotations

from dataclasses import dataclass

from podium.conference.state import Slot, VenueId


@dataclass(frozen=True, slots=True)
class OpenRoom:
    """Venues may attach media."""


@dataclass(frozen=True, slots=True)
class CloseRoom:
    """Everybody is detached."""


@dataclass(frozen=True, slots=True)
class ShowInSlot:
    """A program slot shows a venue, or nothing."""

    slot: Slot
    venue: VenueId | None


@dataclass(frozen=True, slots=True)
class ShowInPreview:
    slot: Slot
    venue: VenueId | None


@dataclass(frozen=True, slots=True)
class SwitchMicrophone:
    """A venue's sound is in the mix, or not."""

    venue: VenueId
    live: bool


@dataclass(frozen=True, slots=True)
class DetachVenue:
    """The venue is no longer invited."""

    venue: VenueId


Effect = OpenRoom | CloseRoom | ShowInSlot | ShowInPreview | SwitchMicrophone | DetachVenue
