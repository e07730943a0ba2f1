"""What happens at the demo's telephones: PINs, keys, being dialled, standing in for lost video."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from podium.demo.console import Console
from podium.demo.fleet import Fleet
from podium.demo.model_minutes import in_charge
from podium.demo.phone import CallRefused
from podium.demo.script import (
    SCENE_SECONDS,
    Expected,
    Say,
    SceneResult,
    ScriptFailed,
    name_all,
    sign_in,
)
from podium.demo.signalling import View
from podium.demo.telephones import ACCESS, Exchange, Part, PhoneNow
from podium.values.text import Text

_RING_SECONDS: Final = 45
"""Until a lost link is noticed and the telephone of its venue rings."""


@dataclass(frozen=True, slots=True)
class StoodIn:
    """A venue that lost its video and was back by telephone meanwhile."""

    venue: int
    lost_at: datetime
    rung_at: datetime
    back_at: datetime
    """By telephone."""
    video_back_at: datetime
    released_at: datetime


@dataclass(slots=True)
class PhoneScenes:
    """``speaker``: the number of the main venue, whom everybody hears all along."""

    console: Console
    fleet: Fleet
    exchange: Exchange
    phones: Sequence[PhoneNow]
    pins: dict[str, str]
    speaker: int
    say: Say
    results: list[SceneResult] = field(default_factory=list)
    stood_in: list[StoodIn] = field(default_factory=list)

    def having(self, part: Part) -> list[PhoneNow]:
        return [one for one in self.phones if one.spec.part is part]

    async def prepare(self) -> None:
        """Gives their numbers to the venues that are to be dialled."""
        for one in self.phones:
            if one.spec.part is not Part.DIALS_IN:
                await self.console.give_number(one.spec.venue.id, one.spec.number)

    async def dial_in(self) -> None:
        """By the access number, with the venue's PIN typed on the keys."""
        for one in self.having(Part.DIALS_IN):
            with self._scene(f"{one.spec.venue.en} dials in"):
                began = time.monotonic()
                await one.phone.call(f"sip:{ACCESS}@{self.exchange.address}", SCENE_SECONDS)
                await one.phone.press(self.pins[one.spec.venue.id] + "#")
                await self._joined(one, began)
                await self._sign_in(one)
                one.understood.append("pin")

    async def dial_out(self) -> None:
        """By the console; whoever answers presses 1."""
        for one in self.having(Part.IS_DIALLED):
            with self._scene(f"{one.spec.venue.en} is dialled"):
                began = time.monotonic()
                await self.console.command("place_call", venue=one.spec.venue.id)
                await one.phone.answered(SCENE_SECONDS)
                await one.phone.press("1")
                await self._joined(one, began)
                await self._sign_in(one)
                one.understood.append("join")

    async def speak(self) -> None:
        """The first telephone asks for the floor by key, has it, and is heard by everybody."""
        on_air = [one for one in self.phones if one.join_seconds is not None]
        if not on_air:
            return
        one = on_air[0]
        venue, number = one.spec.venue.id, one.spec.venue.number
        with self._scene(f"{one.spec.venue.en} speaks by telephone"):
            await one.phone.press("1")
            await self.console.until(lambda view: _asks(view, venue), SCENE_SECONDS)
            one.understood.append("floor")
            one.phone.sound.speaking = True
            await self.console.command("grant_floor", venue=venue)
            await self._heard({self.speaker, number}, on_air)
            one.phone.sound.speaking = False
            await self.console.command("release_floor", venue=venue)
            await self._heard({self.speaker}, on_air)

    async def stand_in(self) -> None:
        """A venue's video is lost: its telephone rings, and is released when video is back."""
        for one in self.having(Part.STANDS_IN):
            with self._scene(f"{one.spec.venue.en} loses its video"):
                self.stood_in.append(await self._stand_in(one))

    async def _stand_in(self, one: PhoneNow) -> StoodIn:
        number, venue = one.spec.venue.number, one.spec.venue.id
        lost_at = _now()
        await self.fleet.cut(number)
        await one.phone.answered(_RING_SECONDS)
        rung_at, rung = _now(), time.monotonic()
        await one.phone.press("1")
        await self._joined(one, rung)
        one.understood.append("join")
        back_at = _now()
        self.say(
            f"{one.spec.venue.en} is back by telephone after "
            f"{(back_at - lost_at).total_seconds():.1f} s"
        )
        await self.fleet.restore(number)
        main = Expected({"main": self.speaker}, frozenset({self.speaker}))
        late = await self.fleet.until(main.perceived_by, SCENE_SECONDS)
        if late:
            raise ScriptFailed(f"not back by video: {name_all(late)}")
        video_back_at = _now()
        await one.phone.hung_up(SCENE_SECONDS)
        await self.console.until(lambda view: _stage(view, venue) == "ended", SCENE_SECONDS)
        return StoodIn(number, lost_at, rung_at, back_at, video_back_at, _now())

    async def _joined(self, one: PhoneNow, began: float) -> None:
        """Until it has its place and hears the main venue, and nobody else."""
        venue = one.spec.venue.id
        await self.console.until(lambda view: _stage(view, venue) == "joined", SCENE_SECONDS)
        one.join_seconds = round(time.monotonic() - began, 3)
        await one.hears({self.speaker}, SCENE_SECONDS)

    async def _sign_in(self, one: PhoneNow) -> None:
        """Who is at the telephone, as the operator asks them; a telephone has no station."""
        view = await self.console.until(lambda _: True, 1)
        bodies = {body["id"]: body["name"] for body in view["organisations"]}
        of = bodies[view["venues"][one.spec.venue.id]["organisation"]]
        await sign_in(self.console, one.spec.venue, in_charge(Text(of["zh"], of["en"])))

    async def _heard(self, voices: set[int], phones: Sequence[PhoneNow]) -> None:
        """Everybody hears these, but nobody itself."""
        expected = Expected({}, frozenset(voices))
        late = await self.fleet.until(expected.perceived_by, SCENE_SECONDS)
        if late:
            raise ScriptFailed(f"did not hear {sorted(voices)}: {name_all(late)}")
        for one in phones:
            await one.hears(voices - {one.spec.venue.number}, SCENE_SECONDS)

    @contextmanager
    def _scene(self, name: str) -> Iterator[None]:
        """Times it; what does not come about is a failure of the script. Raises
        ``ScriptFailed``."""
        began = time.monotonic()
        try:
            yield
        except TimeoutError:
            raise ScriptFailed(f"{name}: it did not come about") from None
        except CallRefused as refused:
            raise ScriptFailed(f"{name}: refused with {refused.args[0]}") from None
        seconds = round(time.monotonic() - began, 3)
        self.results.append(SceneResult(name, seconds, ()))
        self.say(f"{name}: done after {seconds:.1f} s")


def _now() -> datetime:
    return datetime.now(UTC)


def _stage(view: View, venue: str) -> str:
    call: dict[str, Any] | None = view["venues"][venue].get("call")
    return "idle" if call is None else str(call["stage"])


def _asks(view: View, venue: str) -> bool:
    return any(entry["venue"] == venue for entry in view["floor"]["queue"])
