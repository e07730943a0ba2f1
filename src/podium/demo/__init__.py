"""The model conference with synthetic venues: ``podium demo``."""

from podium.demo.command import add_parser, run

__all__ = ["add_parser", "run"]
