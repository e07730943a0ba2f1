"""Which venues an asker means. Guests are not invited: they have neither links nor PINs."""

from __future__ import annotations

from collections.abc import Sequence

from podium.conference.state import Conference, VenueId, VenueKind
from podium.web.errors import ApiError


def invited_venues(state: Conference) -> list[VenueId]:
    """In protocol order."""
    return [v.id for v in state.venues.values() if v.kind is not VenueKind.GUEST]


def chosen(invited: Sequence[VenueId], asked: Sequence[str]) -> list[VenueId]:
    """In protocol order. Raises ``unknown_venue``."""
    wanted = set(asked)
    missing = sorted(wanted.difference(invited))
    if missing:
        raise ApiError("unknown_venue", missing[:20])
    return [v for v in invited if v in wanted]
