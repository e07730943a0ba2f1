"""``podium bench``: its arguments. What it needs beyond the server is imported when it runs."""

from __future__ import annotations

import argparse
import importlib.util
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

_NEEDED: Final[Mapping[str, tuple[str, ...]]] = {
    "fanout": ("httpx",),
    "phones": ("httpx",),
    "calls": ("httpx",),
    "glass": ("httpx", "playwright"),
    "situation": ("pandas", "statsmodels"),
    "work": (),
}
_MOST_VIEWERS: Final = 10_000
_T = TypeVar("_T", int, float)


def add_parser(subparsers: Any) -> None:
    """Adds ``bench`` to the command line."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "bench",
        help="measure this machine",
        description="Measures Podium on this machine: a real server and real clients on loopback.",
    )
    parser.set_defaults(run=run)
    kinds = parser.add_subparsers(dest="bench", required=True)
    fanout = kinds.add_parser(
        "fanout",
        help="CPU per forwarded packet, loss, and time to join, against the machine's limit",
    )
    fanout.add_argument(
        "--viewers", type=_viewers, default=(100, 1000), metavar="N,N", help="(100,1000)"
    )
    fanout.add_argument("--rate", type=_positive, default=60.0, help="joins a second (60)")
    fanout.add_argument("--workers", type=int, default=1, help="threads that serve viewers (1)")
    phones = kinds.add_parser(
        "phones", help="CPU per leg and packet, legs per core, latency of the mix"
    )
    phones.add_argument(
        "--listeners", type=_viewers, default=(1000, 3000), metavar="N,N", help="(1000,3000)"
    )
    phones.add_argument("--speakers", type=int, default=3, help="open microphones (3)")
    phones.add_argument(
        "--voices",
        action="store_true",
        help="listeners' telephones send all the time, too, as real ones do (needs CAP_NET_RAW)",
    )
    phones.add_argument(
        "--janus",
        action="store_true",
        help="the same work on Janus AudioBridge beside it; needs the Debian package 'janus', "
        "which no script here installs; a few hundred listeners are what it bears",
    )
    calls = kinds.add_parser(
        "calls",
        help="calls that are answered a second while others are up; needs sipp (Debian package "
        "sip-tester)",
    )
    calls.add_argument("--up", type=_between(int, 1, 5_000), default=1000, help="(1000)")
    calls.add_argument("--rate", type=_positive, default=200.0, help="calls a second (200)")
    glass = kinds.add_parser("glass", help="glass to glass, Chromium to Chromium, at 640x360")
    glass.add_argument("--chromium", default="/usr/bin/chromium", help="the browser's program")
    situation = kinds.add_parser(
        "situation",
        help="import, indicators, briefing and estimate, against pandas in the same run",
    )
    situation.add_argument(
        "--cube",
        type=_cube,
        default=(3000, 40, 240),
        metavar="N,N,N",
        help="counties, categories and months of the made cube (3000,40,240)",
    )
    situation.add_argument(
        "--reference", type=Path, default=Path("../shared/data"), help="folder of reference data"
    )
    _add_work(kinds)
    for kind, seconds in ((fanout, 10.0), (phones, 10.0), (calls, 30.0), (glass, 20.0)):
        kind.add_argument(
            "--seconds", type=_positive, default=seconds, help=f"length measured ({seconds:.0f})"
        )
    for kind in (fanout, phones, calls, glass, situation):
        kind.add_argument(
            "--json", nargs="?", const="-", metavar="FILE", help="JSON here, or instead of a table"
        )


def _add_work(kinds: Any) -> None:
    work = kinds.add_parser(
        "work", help="issue, matrix page and roll-up at their largest, on SQLite and PostgreSQL"
    )
    work.add_argument("--measures", type=_between(int, 1, 2_000), default=200, help="(200)")
    work.add_argument(
        "--organisations", type=_between(int, 40, 19_999), default=3000, help="(3000)"
    )
    work.add_argument(
        "--reporting",
        type=_between(int, 0, 19_999),
        default=100,
        help="organisations that report on all of their measures (100)",
    )
    work.add_argument(
        "--json", nargs="?", const="-", metavar="FILE", help="JSON here, or instead of a table"
    )


def run(args: argparse.Namespace) -> int:
    """0 if everything could be measured; the figures themselves are for the reader to judge."""
    needed = _NEEDED[args.bench]
    missing = [name for name in needed if importlib.util.find_spec(name) is None]
    if missing:
        print(
            f"podium bench: these Python packages are missing: {', '.join(missing)}. "
            "'make setup' installs them in a checkout.",
            file=sys.stderr,
        )
        return 2
    from podium.bench.server import BenchFailed

    try:
        report, table = _measure(args)
    except BenchFailed as fault:
        print(f"podium bench: {fault}", file=sys.stderr)
        return 1
    if args.json == "-":
        print(report)
    else:
        print(table)
        if args.json is not None:
            Path(args.json).write_text(report + "\n", encoding="utf-8")
    return 0


def _measure(args: argparse.Namespace) -> tuple[str, str]:
    """The figures as JSON, and as a table."""
    if args.bench == "fanout":
        from podium.bench.fanout import FanoutOptions, fanout

        return fanout(FanoutOptions(args.viewers, args.rate, args.seconds, args.workers))
    if args.bench == "phones":
        from podium.bench.phones import PhonesOptions, phones

        return phones(
            PhonesOptions(args.listeners, args.speakers, args.seconds, args.janus, args.voices)
        )
    if args.bench == "calls":
        from podium.bench.calls import CallsOptions, calls

        return calls(CallsOptions(args.up, args.rate, args.seconds))
    if args.bench == "situation":
        from podium.bench.cubes import Shape
        from podium.bench.situation import SituationOptions, situation

        return situation(SituationOptions(Shape(*args.cube), args.reference))
    if args.bench == "work":
        from podium.bench.work import WorkOptions, work

        return work(WorkOptions(args.measures, args.organisations, args.reporting))
    from podium.bench.glass import GlassOptions, glass

    return glass(GlassOptions(args.chromium, args.seconds))


def _viewers(text: str) -> Sequence[int]:
    return tuple(_between(int, 1, _MOST_VIEWERS)(part) for part in text.split(","))


def _cube(text: str) -> tuple[int, int, int]:
    sizes = [_between(int, 1, 10_000)(part) for part in text.split(",")]
    if len(sizes) != 3 or sizes[2] < 48:
        raise argparse.ArgumentTypeError("three numbers, the last at least 48 months")
    return sizes[0], sizes[1], sizes[2]


def _positive(text: str) -> float:
    return _between(float, 0.1, 3600.0)(text)


def _between(kind: Callable[[str], _T], least: _T, most: _T) -> Callable[[str], _T]:
    def parse(text: str) -> _T:
        number = kind(text)
        if not least <= number <= most:
            raise argparse.ArgumentTypeError(f"from {least} to {most}")
        return number

    return parse
