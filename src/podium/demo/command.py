"""``podium demo``: its arguments. What it needs beyond the server is imported when it runs."""

from __future__ import annotations

import argparse
import asyncio
import importlib.util
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

MOST_VENUES: Final = 52
"""One of the model conference's 54 stays free for the person who tries it, and every venue has
the pitch of its number, of which there are 53."""
MOST_PHONES: Final = 16
_NEEDED: Final = ("aiortc", "av", "httpx", "numpy", "PIL", "websockets")


@dataclass(frozen=True, slots=True)
class DemoOptions:
    """``seconds``: None stays until Ctrl-C on a terminal and ends after the script elsewhere."""

    venues: int
    phones: int
    seconds: float | None
    port: int
    data: Path | None
    json: Path | None
    script: bool
    stay: bool


def add_parser(subparsers: Any) -> None:
    """Adds ``demo`` to the command line."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "demo",
        help="hold the model conference with synthetic venues",
        description="Holds the model conference: a real server, and synthetic venues that are "
        "real WebRTC clients. On a terminal it stays up until Ctrl-C, so that you can join.",
    )
    parser.add_argument(
        "--venues", type=_venues, default=9, metavar="N", help="synthetic venues, 2..52 (9)"
    )
    parser.add_argument(
        "--phones",
        type=_phones,
        default=4,
        metavar="N",
        help=f"telephones, 0..{MOST_PHONES} (4): two dial in, one is dialled, one stands in for "
        "lost video, any more dial in",
    )
    parser.add_argument(
        "--seconds", type=_seconds, metavar="S", help="end after so many seconds in session"
    )
    parser.add_argument("--port", type=int, default=8080, metavar="P", help="HTTP port (8080)")
    parser.add_argument(
        "--data", type=Path, metavar="DIR", help="keep the data here (else it is thrown away)"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write what was measured")
    parser.add_argument(
        "--no-script",
        action="store_true",
        help="start the session, then leave everything to the console",
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """0 if every venue saw each on-air picture in turn and heard who spoke."""
    fault = _fault(args)
    if fault is not None:
        print(f"podium demo: {fault}", file=sys.stderr)
        return 2
    from podium.demo.play import play

    options = DemoOptions(
        venues=args.venues,
        phones=args.phones,
        seconds=args.seconds,
        port=args.port,
        data=args.data,
        json=args.json,
        script=not args.no_script,
        stay=args.seconds is None and (args.no_script or sys.stdin.isatty()),
    )
    return asyncio.run(play(options))


def _fault(args: argparse.Namespace) -> str | None:
    """Why this demo cannot be held, and what to do."""
    missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        return (
            f"these Python packages are missing: {', '.join(missing)}. "
            "Install podium with its demo extra: pip install 'podium[demo]'"
        )
    if args.venues + args.phones > MOST_VENUES:
        return (
            f"the model conference has no place for {args.venues} venues and {args.phones} "
            f"telephones: together at most {MOST_VENUES}"
        )
    if args.data is not None and args.data.exists() and not _is_empty(args.data):
        return (
            f"{args.data} is not an empty folder: give one. What another demo left there is "
            f"shown by `podium serve --data {args.data}`"
        )
    return None


def _is_empty(folder: Path) -> bool:
    return folder.is_dir() and not any(folder.iterdir())


def _venues(text: str) -> int:
    number = int(text)
    if not 2 <= number <= MOST_VENUES:
        raise argparse.ArgumentTypeError(f"from 2 to {MOST_VENUES} venues")
    return number


def _phones(text: str) -> int:
    number = int(text)
    if not 0 <= number <= MOST_PHONES:
        raise argparse.ArgumentTypeError(f"from 0 to {MOST_PHONES} telephones")
    return number


def _seconds(text: str) -> float:
    number = float(text)
    if not 0 < number <= 86_400:
        raise argparse.ArgumentTypeError("from 1 to 86400 seconds")
    return number
