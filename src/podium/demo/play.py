"""The whole demo from the first process to the last."""

from __future__ import annotations

import asyncio
import signal
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final

import httpx

from podium.demo.command import DemoOptions
from podium.demo.console import Console, ServerRefused
from podium.demo.fleet import Fleet
from podium.demo.invitation import invite
from podium.demo.messages import VenueSpec
from podium.demo.report import Addresses, Outcome, as_json, table
from podium.demo.script import Script, ScriptFailed
from podium.demo.server import Credentials, Server, ServerFailed, prepare
from podium.demo.work import PROGRAMME, DemoWorkFailed

_SCENES: Final = 5
_DWELL: Final = 3.0
"""Seconds that a scene stays where there is time."""


def say(text: str) -> None:
    print(text, flush=True)


async def play(options: DemoOptions) -> int:
    """Returns the exit code."""
    stop = _stop_on_signals()
    try:
        with tempfile.TemporaryDirectory(prefix="podium-demo-") as scratch:
            data = options.data or Path(scratch)
            data.mkdir(parents=True, exist_ok=True)
            credentials = await prepare(data)
            server = await Server.start(options.port, data)
            try:
                outcome = await _conference(options, server, credentials, data, stop)
            finally:
                await server.stop()
    except (ServerFailed, ServerRefused, DemoWorkFailed, httpx.HTTPError, OSError) as error:
        print(f"podium demo: {error}", file=sys.stderr)
        return 1
    return 0 if outcome.ok else 1


async def _conference(
    options: DemoOptions,
    server: Server,
    credentials: Credentials,
    data: Path,
    stop: asyncio.Event,
) -> Outcome:
    console = Console(server.url, credentials.token)
    try:
        venues, links = await invite(console)
        specs, spare = venues[: options.venues], venues[options.venues]
        addresses = Addresses(
            console=f"{server.url}/console/{console.conference}",
            wall=links.wall,
            work=f"{server.url}/work/{PROGRAMME}",
            spare_station=links.stations[spare.id],
            spare_venue=spare.en,
            name=credentials.name,
            password=credentials.password,
        )
        say(f"Podium holds a conference with {options.venues} synthetic venues:")
        say("\n".join(addresses.lines()))
        await console.follow()
        async with _fleet(server.url, specs, data) as fleet:
            outcome = await _hold(options, console, fleet, addresses, stop)
    finally:
        await console.close()
    say("\n".join(table(outcome, fleet)))
    for problem in outcome.problems:
        say(f"problem: {problem}")
    say("The conference was held." if outcome.ok else "The conference was NOT held as it should.")
    if options.json is not None:
        text = as_json(outcome, fleet, addresses, links) + "\n"
        await asyncio.to_thread(options.json.write_text, text, encoding="utf-8")
    return outcome


@asynccontextmanager
async def _fleet(url: str, specs: list[VenueSpec], data: Path) -> AsyncIterator[Fleet]:
    fleet = await Fleet.start(url, specs, data)
    try:
        yield fleet
    finally:
        await fleet.kill()


async def _hold(
    options: DemoOptions,
    console: Console,
    fleet: Fleet,
    addresses: Addresses,
    stop: asyncio.Event,
) -> Outcome:
    """The script, then the time that is left, then the end; always the venues' reports."""
    script = Script(console, fleet, say, _dwell(options))
    problems: list[str] = []
    began = time.monotonic()
    try:
        acting = asyncio.ensure_future(_act(options, script))
        stopping = asyncio.ensure_future(stop.wait())
        await asyncio.wait({acting, stopping}, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        if acting.done():
            acting.result()
            await _stay(options, script, addresses, began, stop)
        else:
            acting.cancel()
            problems.append("it was ended before the script was through")
        await script.end()
    except (ScriptFailed, ServerRefused, TimeoutError, httpx.HTTPError) as error:
        problems.append(str(error) or type(error).__name__)
    reports = await fleet.finish()
    if len(reports) < len(fleet.venues):
        problems.append("some synthetic venues gave no report; see the logs in the data folder")
    return Outcome(script.results, reports, problems, len(fleet.venues))


async def _act(options: DemoOptions, script: Script) -> None:
    await script.assemble()
    await script.begin()
    if options.script:
        await script.scenes()


async def _stay(
    options: DemoOptions, script: Script, addresses: Addresses, began: float, stop: asyncio.Event
) -> None:
    if options.seconds is not None:
        left = began + options.seconds - time.monotonic()
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), max(0.0, left))
    elif options.stay:
        if options.script:
            await script.leave_a_request()
        say("The session goes on until Ctrl-C. Join it:")
        say("\n".join(addresses.lines()))
        await stop.wait()


def _dwell(options: DemoOptions) -> float:
    if options.seconds is None:
        return _DWELL
    return min(_DWELL, options.seconds / (2 * _SCENES))


def _stop_on_signals() -> asyncio.Event:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    return stop
