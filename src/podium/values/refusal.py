"""A command that was not carried out, and whose fault that is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Fault = Literal["client", "server", "peer"]


@dataclass(frozen=True, slots=True)
class Refusal:
    """A command that was not carried out; nothing has changed. ``fault``: who must act."""

    code: str
    fault: Fault
    zh: str
    en: str
