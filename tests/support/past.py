"""Conferences that were held before the server started: their logs are laid into the store."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from podium.app.clock import SystemClock
from podium.app.house import open_storage
from podium.conference.events import Recorded
from podium.conference.state import ConferenceId
from podium.config import StoreSection


async def lay_down(data: Path, conference: ConferenceId, entries: Sequence[Recorded]) -> None:
    """No server may run on ``data``."""
    store = await open_storage(StoreSection(data=data), SystemClock())
    try:
        await store.log.append(conference, entries)
    finally:
        await store.close()
