"""What happens in the demo's conference, scene by scene, and what everybody must then perceive."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from podium.conference.people import Attendee
from podium.conference.state import ItemId, Text
from podium.demo.console import Console
from podium.demo.fleet import Fleet, VenueNow
from podium.demo.messages import VenueSpec
from podium.demo.model_minutes import MAIN_VENUE, PLACE, POINTS, in_charge
from podium.demo.slides import number_of

JOIN_SECONDS: Final = 30
SITUATION_DAY: Final = "2023-03-01"
_PAGES: Final = 3
"""Of the briefing that are shown."""
SCENE_SECONDS: Final = 15
"""Longest wait for everybody to see and hear what is on air."""

Say = Callable[[str], None]


class ScriptFailed(Exception):
    """A scene did not come about; ``args[0]`` says what was missing, and where."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What every venue must perceive, by number."""

    shown: Mapping[str, int]
    heard: frozenset[int]

    def perceived_by(self, venue: VenueNow) -> bool:
        """Nobody hears its own voice."""
        heard = self.heard - {venue.spec.number}
        seen = all(venue.shown.get(slot) == number for slot, number in self.shown.items())
        return seen and venue.heard == heard


@dataclass(frozen=True, slots=True)
class SceneResult:
    name: str
    seconds: float
    """From the command until the last venue perceived it."""
    missing: tuple[int, ...]
    """Numbers of the venues that did not in time."""


@dataclass(slots=True)
class Script:
    """Plays the conference. ``dwell``: seconds that each scene stays for people to look at."""

    console: Console
    fleet: Fleet
    say: Say
    dwell: float
    results: list[SceneResult] = field(default_factory=list)
    briefing: list[str] = field(default_factory=list)
    """Identifiers of its pages, once they are drawn."""

    @property
    def main(self) -> VenueSpec:
        return self.fleet.venues[min(self.fleet.venues)].spec

    def branch(self, place: int) -> VenueSpec:
        """The branch venues in order, from the first again where there are too few."""
        numbers = sorted(self.fleet.venues)[1:]
        return self.fleet.venues[numbers[place % len(numbers)]].spec

    async def assemble(self) -> None:
        """Opens the conference and waits for every synthetic venue. Raises ``ScriptFailed``."""
        await self.console.command("set_place", place=_wire(PLACE))
        await self.console.command("open_conference")
        late = await self.fleet.until(lambda venue: venue.watching, JOIN_SECONDS)
        if late:
            raise ScriptFailed(f"not connected after {JOIN_SECONDS} s: {name_all(late)}")
        wanted = {venue.spec.id for venue in self.fleet.venues.values()}

        def all_connected(view: Mapping[str, Any]) -> bool:
            states = (view["venues"][id]["connection"] for id in wanted)  # noqa: A001
            return all(state in {"connected", "degraded"} for state in states)

        try:
            await self.console.until(all_connected, JOIN_SECONDS)
        except TimeoutError:
            raise ScriptFailed("the console does not show every venue as connected") from None
        self.say(f"{len(wanted)} venues are connected")
        await self._sign_in()

    async def draw_briefing(self) -> None:
        """Before the session, as an office would: drawing takes longer than a scene may."""
        began = time.monotonic()
        self.briefing = await self.console.draw_briefing(SITUATION_DAY, "zh", _PAGES)
        if not self.briefing:
            raise ScriptFailed("the briefing has no pages")
        self.say(f"the briefing is drawn after {time.monotonic() - began:.1f} s")

    async def begin(self) -> None:
        """The session starts: the main venue is seen and heard."""
        await self._scene(
            f"{self.main.en} speaks",
            [lambda: self.console.command("start_session"), lambda: self._item(0)],
            Expected({"main": self.main.number}, frozenset({self.main.number})),
        )

    async def scenes(self) -> None:
        """Two branch venues on air, then one of them given the floor that it asked for."""
        first, second, third = (self.branch(place) for place in range(3))
        speaks = frozenset({self.main.number})
        command = self.console.command
        await self._scene(
            f"{first.en} is taken from preview",
            [
                lambda: self._item(1),
                lambda: command("set_preview", program=_program(main=first.id)),
                lambda: command("take"),
            ],
            Expected({"main": first.number}, speaks),
        )
        await self._situation(speaks)
        await self._scene(
            f"{second.en} beside {self.main.en}",
            [
                lambda: self._item(2),
                lambda: command("hide_slides"),
                lambda: command("put_on_air", slot="second", venue=second.id),
            ],
            Expected({"main": self.main.number, "second": second.number}, speaks),
        )
        await self._note_points()
        await self._scene(
            f"{self.main.en} alone, for the speech",
            [
                lambda: self._item(3),
                lambda: command("put_on_air", slot="second", venue=None),
            ],
            Expected({"main": self.main.number}, speaks),
        )
        await self._scene(
            f"{third.en} asks for the floor and has it",
            [
                lambda: self._item(4),
                lambda: self._asked(third),
                lambda: command("grant_floor", venue=third.id, slot="main"),
            ],
            Expected({"main": third.number}, speaks | {third.number}),
        )
        await self._scene(
            f"back to {self.main.en}",
            [
                lambda: command("release_floor", venue=third.id),
                lambda: command("cut_to_main"),
            ],
            Expected({"main": self.main.number}, speaks),
        )

    async def _situation(self, speaks: frozenset[int]) -> None:
        """The briefing as of the model conference's day, page by page, beside the main venue."""
        pages = self.briefing
        command = self.console.command
        await self._scene(
            "the situation is on air, page 1",
            [
                lambda: command("cut_to_main"),
                lambda: command("show_slides", day=SITUATION_DAY, language="zh", pages=pages),
            ],
            Expected({"main": self.main.number, "content": number_of(1)}, speaks),
        )
        for page in range(2, min(len(pages), _PAGES) + 1):
            await self._scene(
                f"the situation is on air, page {page}",
                [partial(command, "turn_slide", page=page)],
                Expected({"main": self.main.number, "content": number_of(page)}, speaks),
            )

    async def _sign_in(self) -> None:
        """The people in each synthetic venue's room, as they would by its station."""
        view = await self.console.until(lambda _: True, 1)
        bodies = {body["id"]: body["name"] for body in view["organisations"]}
        for venue in self.fleet.venues.values():
            of = bodies[view["venues"][venue.spec.id]["organisation"]]
            main = venue.spec is self.main
            people = MAIN_VENUE if main else in_charge(Text(of["zh"], of["en"]))
            await sign_in(self.console, venue.spec, people)

    async def _note_points(self) -> None:
        """What was said under an item, where the agenda is the model's."""
        agenda = (await self.console.until(lambda _: True, 1))["agenda"]
        for item in agenda:
            points = POINTS.get(ItemId(item["id"]))
            if points is not None:
                wire = [_wire(point) for point in points]
                await self.console.command("note_points", item=item["id"], points=wire)

    async def leave_a_request(self) -> None:
        """For the person who tries the console: somebody waits for the floor."""
        await self._asked(self.branch(3))

    async def end(self) -> None:
        """Adjourns and closes; afterwards nobody is heard any more."""
        await self.console.command("adjourn")
        loud = await self.fleet.until(lambda venue: not venue.heard, SCENE_SECONDS)
        await self.console.command("close_conference")
        await self.console.until(lambda view: view["phase"] == "closed", SCENE_SECONDS)
        self.say("adjourned and closed")
        if loud:
            raise ScriptFailed(f"still heard something after the adjournment: {name_all(loud)}")

    async def _scene(
        self, name: str, commands: list[Callable[[], Awaitable[None]]], expected: Expected
    ) -> None:
        for command in commands:
            await command()
        began = time.monotonic()
        late = await self.fleet.until(expected.perceived_by, SCENE_SECONDS)
        seconds = round(time.monotonic() - began, 3)
        missing = tuple(venue.spec.number for venue in late)
        self.results.append(SceneResult(name, seconds, missing))
        if late:
            self.say(f"{name}: NOT perceived by {name_all(late)}")
        else:
            self.say(f"{name}: seen and heard by all after {seconds:.1f} s")
        await asyncio.sleep(self.dwell)

    async def _item(self, place: int) -> None:
        """Begins an agenda item, where the agenda is that long."""
        agenda = (await self.console.until(lambda _: True, 1))["agenda"]
        if place < len(agenda) and agenda[place]["started_at"] is None:
            await self.console.command("start_item", item=agenda[place]["id"])

    async def _asked(self, venue: VenueSpec) -> None:
        """The venue asks by its own station; returns when the console knows."""
        await self.fleet.ask_for_floor(venue.number)

        def waits(view: Mapping[str, Any]) -> bool:
            return any(entry["venue"] == venue.id for entry in view["floor"]["queue"])

        try:
            await self.console.until(waits, SCENE_SECONDS)
        except TimeoutError:
            raise ScriptFailed(f"{venue.en} asked for the floor, and it was not seen") from None


def _wire(text: Text) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en}


async def sign_in(console: Console, venue: VenueSpec, people: Sequence[Attendee]) -> None:
    """Writes down who is at the venue, as its technician or the operator would."""
    wire = [_attendee(one) for one in people]
    await console.command("sign_people_in", venue=venue.id, people=wire)


def _attendee(one: Attendee) -> dict[str, Any]:
    texts = {"name": one.name, "title": one.title, "organisation": one.organisation}
    return {**{key: _wire(text) for key, text in texts.items()}, "part": one.part.value}


def _program(main: str | None = None) -> dict[str, str | None]:
    return {"main": main, "second": None, "content": None}


def name_all(venues: list[VenueNow]) -> str:
    """With what each perceives."""
    return ", ".join(
        f"{venue.spec.en} (sees {venue.shown}, hears {sorted(venue.heard)}"
        f"{', ' + venue.troubles[-1] if venue.troubles else ''})"
        for venue in venues
    )
