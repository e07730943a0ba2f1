"""Podium: work conferences by video and by telephone."""

__version__ = "0.1.0"
