"""The whole demo from the first process to the last."""

from __future__ import annotations

import asyncio
import signal
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import httpx

from podium.demo.command import DemoOptions
from podium.demo.console import Console, Links, ServerRefused
from podium.demo.fleet import Fleet
from podium.demo.follow_up import FollowUp, FollowUpFailed, follow_up_problems
from podium.demo.invitation import invite
from podium.demo.messages import VenueSpec
from podium.demo.phone_scenes import PhoneScenes
from podium.demo.report import Addresses, Outcome, as_json, table
from podium.demo.script import SITUATION_DAY, Script, ScriptFailed
from podium.demo.server import Credentials, Server, ServerFailed, prepare
from podium.demo.telephones import (
    ACCESS,
    Exchange,
    Part,
    PhoneNow,
    PhoneSpec,
    cast,
    connected,
)
from podium.demo.work import PROGRAMME, DemoWorkFailed

_SCENES: Final = 9
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
            exchange = Exchange.open(options.phones)
            settings = exchange.settings(data)
            server = await Server.start(options.port, data, settings=settings)
            try:
                stage = Stage(options, server, credentials, data, exchange)
                outcome = await _conference(stage, stop)
            finally:
                await server.stop()
    except (ServerFailed, ServerRefused, DemoWorkFailed, httpx.HTTPError, OSError) as error:
        print(f"podium demo: {error}", file=sys.stderr)
        return 1
    return 0 if outcome.ok else 1


@dataclass(frozen=True, slots=True)
class Stage:
    """What the conference is held on."""

    options: DemoOptions
    server: Server
    credentials: Credentials
    data: Path
    exchange: Exchange


@dataclass(frozen=True, slots=True)
class Cast:
    """Who takes part."""

    videos: Sequence[VenueSpec]
    phones: Sequence[PhoneSpec]
    spare: VenueSpec

    @classmethod
    def of(cls, options: DemoOptions, venues: Sequence[VenueSpec]) -> Cast:
        videos, rest = venues[: options.venues], venues[options.venues :]
        return cls(videos, cast(options.phones, videos, rest[1:]), rest[0])

    @property
    def cut(self) -> list[VenueSpec]:
        return [spec.venue for spec in self.phones if spec.part is Part.STANDS_IN]

    @property
    def numbers(self) -> list[int]:
        """Of all who may be heard beside the video venues."""
        return [s.venue.number for s in self.phones if s.venue not in self.videos]


async def _conference(stage: Stage, stop: asyncio.Event) -> Outcome:
    console = Console(stage.server.url, stage.credentials.token)
    try:
        venues, links = await invite(console)
        who = Cast.of(stage.options, venues)
        addresses = _addresses(stage, console, who, links)
        say(f"Podium holds a conference with {len(who.videos)} synthetic venues:")
        say("\n".join(addresses.lines()))
        await console.follow()
        async with _fleet(stage, who) as fleet, _phones(stage, who) as phones:
            script = Script(console, fleet, say, _dwell(stage.options))
            speaker = who.videos[0].number
            pins = dict(links.pins)
            calls = PhoneScenes(console, fleet, stage.exchange, phones, pins, speaker, say)
            after = FollowUp(console, venues[1:], say)
            outcome = await _hold(stage.options, Scenes(script, calls, after), addresses, stop)
    finally:
        await console.close()
    addresses = replace(addresses, next_conference=after.next_conference())
    say("\n".join(table(outcome, fleet)))
    for problem in outcome.problems:
        say(f"problem: {problem}")
    say("The conference was held." if outcome.ok else "The conference was NOT held as it should.")
    if stage.options.json is not None:
        text = as_json(outcome, fleet, addresses, links) + "\n"
        await asyncio.to_thread(stage.options.json.write_text, text, encoding="utf-8")
    say("Where to look:")
    say("\n".join(addresses.lines()))
    await _linger(stage.options, stop)
    return outcome


async def _linger(options: DemoOptions, stop: asyncio.Event) -> None:
    """The server stays, so that what came of the conference can be looked at."""
    if options.stay and options.script:
        stop.clear()
        say("The server stays until Ctrl-C.")
        await stop.wait()
    elif options.data is not None:
        say(f"To look again: podium serve --data {options.data} --port {options.port}")


def _addresses(stage: Stage, console: Console, who: Cast, links: Links) -> Addresses:
    pin = links.pins.get(who.spare.id)
    call = f"sip:{ACCESS}@{stage.exchange.address}, PIN {pin} ({who.spare.en})"
    return Addresses(
        console=f"{stage.server.url}/console/{console.conference}",
        wall=links.wall,
        work=f"{stage.server.url}/work/{PROGRAMME}",
        record=f"{stage.server.url}/record/{console.conference}",
        situation=f"{stage.server.url}/situation?day={SITUATION_DAY}",
        spare_station=links.stations[who.spare.id],
        spare_venue=who.spare.en,
        telephone=None if pin is None else call,
        name=stage.credentials.name,
        password=stage.credentials.password,
    )


@asynccontextmanager
async def _fleet(stage: Stage, who: Cast) -> AsyncIterator[Fleet]:
    fleet = await Fleet.start(stage.server.url, who.videos, stage.data, who.numbers, who.cut)
    try:
        yield fleet
    finally:
        await fleet.kill()


@asynccontextmanager
async def _phones(stage: Stage, who: Cast) -> AsyncIterator[list[PhoneNow]]:
    voices = [*(spec.number for spec in who.videos), *who.numbers]
    async with connected(who.phones, stage.exchange, voices) as phones:
        yield phones


@dataclass(frozen=True, slots=True)
class Scenes:
    """What is played."""

    script: Script
    calls: PhoneScenes
    after: FollowUp


async def _hold(
    options: DemoOptions,
    scenes: Scenes,
    addresses: Addresses,
    stop: asyncio.Event,
) -> Outcome:
    """The script, then the time that is left, then the end; always the venues' reports."""
    script, calls, after = scenes.script, scenes.calls, scenes.after
    fleet = script.fleet
    problems: list[str] = []
    began = time.monotonic()
    try:
        acting = asyncio.ensure_future(_act(options, scenes))
        stopping = asyncio.ensure_future(stop.wait())
        await asyncio.wait({acting, stopping}, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        if acting.done():
            acting.result()
            here = replace(addresses, next_conference=after.next_conference())
            await _stay(options, script, here, began, stop)
        else:
            acting.cancel()
            problems.append("it was ended before the script was through")
        await script.end()
        if after.steps:
            await after.report()
    except (ScriptFailed, FollowUpFailed, ServerRefused, TimeoutError, httpx.HTTPError) as error:
        problems.append(str(error) or type(error).__name__)
    reports = await fleet.finish()
    if len(reports) < len(fleet.venues):
        problems.append("some synthetic venues gave no report; see the logs in the data folder")
    problems += follow_up_problems(after.steps)
    return Outcome(
        [*script.results, *calls.results],
        reports,
        problems,
        len(fleet.venues),
        calls.phones,
        calls.stood_in,
        after.steps,
    )


async def _act(options: DemoOptions, scenes: Scenes) -> None:
    script, calls = scenes.script, scenes.calls
    await script.assemble()
    if options.script:
        await script.draw_briefing()
    await calls.prepare()
    await script.begin()
    await calls.dial_in()
    if options.script:
        await calls.dial_out()
        await script.scenes()
        await calls.speak()
        await calls.stand_in()
        await scenes.after.work()


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
