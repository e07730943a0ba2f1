"""Podium: work conferences by video and by telephone."""
