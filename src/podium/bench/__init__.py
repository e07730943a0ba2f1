"""Measuring Podium on this machine: ``podium bench``."""

from podium.bench.command import add_parser, run

__all__ = ["add_parser", "run"]
