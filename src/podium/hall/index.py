"""What a list of conferences shows of each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from podium.conference.state import ConferenceId, Phase, Text


@dataclass(frozen=True, slots=True)
class ConferenceSummary:
    id: ConferenceId
    title: Text
    starts_at: datetime
    phase: Phase
    venues: int
