"""What the telephone writes down, so that a restart makes nobody forget. Values only.

The telephone makes the notes, the store keeps them. None holds a number, an address or a PIN.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Note:
    """One figure about one key. ``key`` is a pseudonym that tells nothing without the server's
    key. At most one note for each kind and key."""

    kind: str
    key: str
    figure: float
    at: datetime


@dataclass(frozen=True, slots=True)
class PlacedCall:
    """A call that was dialled, for whatever conference."""

    conference: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Notes:
    """``forgotten``: kinds and keys of notes that are to go."""

    notes: Sequence[Note] = ()
    forgotten: Sequence[tuple[str, str]] = ()
    placed: Sequence[PlacedCall] = ()
