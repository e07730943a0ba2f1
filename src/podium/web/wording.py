"""How values are spelled on the wire."""

from __future__ import annotations

from datetime import datetime


def time_text(at: datetime | None) -> str | None:
    """ISO 8601, UTC, milliseconds."""
    return None if at is None else f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03}Z"
