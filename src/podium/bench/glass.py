"""How old a picture is when it is shown: Chromium to Chromium through Podium on loopback."""

from __future__ import annotations

import json
import statistics
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Browser, Error, Page, Playwright, sync_playwright

from podium.bench.conference import Held, hold
from podium.bench.fanout import machine
from podium.bench.server import BenchFailed, Server, serving
from podium.bench.table import aligned

_WIDTH, _HEIGHT, _RATE = 640, 360, 30
_WARM_SECONDS: Final = 6.0
"""Chromium's bandwidth estimate and jitter buffer settle meanwhile."""
_PROGRAM: Final = Path(__file__).with_name("glass.js")
_FLAGS: Final = (
    "--no-sandbox",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
    "--allow-loopback-in-peer-connection",
    "--autoplay-policy=no-user-gesture-required",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-renderer-backgrounding",
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
)


@dataclass(frozen=True, slots=True)
class GlassOptions:
    """``seconds``: length measured, once with the picture alone and once with sound."""

    chromium: str
    seconds: float


def glass(options: GlassOptions) -> tuple[str, str]:
    """Measures; JSON and a table. Raises ``BenchFailed``."""
    with tempfile.TemporaryDirectory(prefix="podium-bench-") as folder:
        results = {}
        with serving(Path(folder), {}) as server, sync_playwright() as playwright:
            held = hold(server, 1)
            try:
                for name, sound in (("picture alone", False), ("picture and sound", True)):
                    results[name] = _measure(playwright, server, held, options, sound=sound)
            except Error as error:
                raise BenchFailed(f"the browser failed: {error.message}") from None
    report = {"machine": machine(), "size": f"{_WIDTH}x{_HEIGHT}", "results": results}
    return json.dumps(report, indent=2), _table(results)


def _measure(
    playwright: Playwright, server: Server, held: Held, options: GlassOptions, *, sound: bool
) -> Mapping[str, Any]:
    with (
        _page(playwright, options.chromium, server.url) as sender,
        _page(playwright, options.chromium, server.url) as receiver,
    ):
        sender.evaluate(
            "([t, w, h, r, s]) => podiumGlass.publish(t, w, h, r, s)",
            [held.main, _WIDTH, _HEIGHT, _RATE, sound],
        )
        receiver.evaluate("([t, s]) => podiumGlass.watch(t, s)", [held.branches[0], sound])
        receiver.wait_for_timeout(_WARM_SECONDS * 1000)
        receiver.evaluate("() => { podiumGlass.take(); }")
        receiver.wait_for_timeout(options.seconds * 1000)
        seen = receiver.evaluate("() => podiumGlass.take()")
        delays = receiver.evaluate("() => podiumGlass.delays()")
    ages: Sequence[float] = sorted(seen["ages"])
    if len(ages) < 10:
        raise BenchFailed(f"only {len(ages)} pictures could be read ({seen['unread']} could not)")
    return {
        "pictures": len(ages),
        "unread": seen["unread"],
        "width": seen["width"],
        "median_ms": statistics.median(ages),
        "p95_ms": ages[int(len(ages) * 0.95)],
        "max_ms": ages[-1],
        "receiver": delays,
    }


@contextmanager
def _page(playwright: Playwright, chromium: str, url: str) -> Iterator[Page]:
    """A page of the server's origin in a browser of its own, with the measuring program."""
    browser: Browser = playwright.chromium.launch(executable_path=chromium, args=list(_FLAGS))
    try:
        page = browser.new_page()
        page.goto(f"{url}/healthz")
        page.evaluate(_PROGRAM.read_text(encoding="utf-8"))
        yield page
    finally:
        browser.close()


def _table(results: Mapping[str, Mapping[str, Any]]) -> str:
    head = ("640x360, loopback", "pictures", "median ms", "p95 ms", "jitter buffer ms", "decode ms")
    rows = [
        (
            name,
            str(one["pictures"]),
            f"{one['median_ms']:.1f}",
            f"{one['p95_ms']:.1f}",
            _figure(one["receiver"].get("jitter_buffer_ms")),
            _figure(one["receiver"].get("decode_ms")),
        )
        for name, one in results.items()
    ]
    return aligned(head, rows)


def _figure(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f}"
