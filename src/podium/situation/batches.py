"""Figures that came in together: what the store keeps of a file, beside what was in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class BatchPlan:
    """A batch that is about to come in. ``name``: of the file; ``digest``: its SHA-256;
    ``by``: who imported it, empty for figures that ship with Podium; ``new`` and ``revised``
    count its figures."""

    name: str
    digest: str
    by: str
    new: int
    revised: int


@dataclass(frozen=True, slots=True)
class Batch:
    """Batches are numbered from 1 without gaps; the newest number is the figures' version."""

    number: int
    at: datetime
    plan: BatchPlan
