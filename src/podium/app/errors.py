"""Why Podium cannot start."""

from __future__ import annotations


class StartError(Exception):
    """Podium does not start. ``args[0]`` says whose fault it is and what to do."""
