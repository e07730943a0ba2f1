"""What comes of the demo's conference: measures issued and signed for, reports, the communique, and
the next conference. All of it by the API, as a console, a station and an office would."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import httpx

from podium.demo.console import Console, ServerRefused
from podium.demo.messages import VenueSpec
from podium.demo.model_facts import ALWAYS
from podium.demo.work import HELD, PROGRAMME
from podium.work.values import MeasureId

_ITEM: Final = "item-3"
_SIGNING: Final = 2
"""Venues that sign."""
_DUE: Final = timedelta(days=300)
_NEXT: Final = timedelta(days=30)
_PAGE: Final = 200


class FollowUpFailed(Exception):
    """Something did not come of it; ``args[0]`` says what."""


@dataclass(frozen=True, slots=True)
class Issued:
    """``organisations`` got each of the measures."""

    measures: tuple[MeasureId, ...]
    organisations: int


@dataclass(frozen=True, slots=True)
class Signed:
    """``venues`` signed at their stations; ``counted`` organisations have signed for all."""

    venues: tuple[str, ...]
    counted: int


@dataclass(frozen=True, slots=True)
class Opening:
    """The next conference, and how many points its agenda opens with. ``reported``: assignments
    with a report; the others are the totals that the first point states."""

    conference: str
    points: int
    reported: int
    done: int
    running: int
    overdue: int


@dataclass(frozen=True, slots=True)
class Communique:
    """``missing``: facts of the model case that the draft does not state."""

    sentences: int
    gaps: int
    facts: int
    missing: tuple[str, ...]


Step = Issued | Signed | Opening | Communique


@dataclass(slots=True)
class FollowUp:
    """``branches``: venues with station tokens, the first of which sign."""

    console: Console
    branches: Sequence[VenueSpec]
    say: Callable[[str], None]
    steps: list[Step] = field(default_factory=list)

    async def work(self) -> None:
        """While the conference is in session and its deployment item has begun. Raises
        ``FollowUpFailed``, ``ServerRefused``."""
        issued = await self._issue()
        await self._sign(issued)
        await self._open_the_next()
        await self._draft()

    def next_conference(self) -> str | None:
        """Its address, once it is planned."""
        opened = [step for step in self.steps if isinstance(step, Opening)]
        return self.console.server + next_path(opened[-1]) if opened else None

    async def report(self) -> None:
        """Once the conference is closed: the communique is drafted from the whole record."""
        self._done(await self._draft())

    def _done(self, step: Step) -> None:
        self.steps.append(step)
        self.say(_line(step, self.console.server))

    async def _issue(self) -> Issued:
        due = (datetime.now(UTC) + _DUE).date().isoformat()
        wanted = {"programme": PROGRAMME, "item": _ITEM, "measures": HELD, "to": "invited"}
        answer = await self.console.ask("POST", self._path, json={**wanted, "due": due})
        _expect(answer["changed"], "the measures were issued before")
        here = await self._deployed()
        _expect({m["id"] for m in here["measures"]} == set(HELD), "not all measures were issued")
        issued = Issued(HELD, len(here["organisations"]))
        _expect(issued.organisations == answer["organisations"], "not everybody was issued them")
        self._done(issued)
        return issued

    async def _sign(self, issued: Issued) -> None:
        signing = self.branches[:_SIGNING]
        for venue in signing:
            await sign_at_station(self.console.server, venue.token, issued.measures)
        here = await self._deployed()
        all_of_it = len(issued.measures)
        venues = {o["venue"] for o in here["organisations"] if o["signed"] == all_of_it}
        _expect(venues == {v.id for v in signing}, f"signed at {sorted(map(str, venues))}")
        self._done(Signed(tuple(v.id for v in signing), len(venues)))

    async def _open_the_next(self) -> None:
        base = f"/api/work/programmes/{PROGRAMME}"
        reported = await self._reported(base)
        _expect(reported > 0, "nobody has reported")
        drafted = await self.console.ask("GET", f"{base}/opening")
        summary = await self.console.ask("GET", f"{base}/summary")
        made = await self.console.ask(
            "POST",
            "/api/conferences",
            json={
                "template": "work",
                "title": {"zh": "促进消费工作调度会", "en": "Follow-up on consumption promotion"},
                "starts_at": (datetime.now(UTC) + _NEXT).isoformat(),
                "programme": PROGRAMME,
            },
        )
        view = (await self.console.ask("GET", f"/api/conferences/{made['id']}"))["view"]
        points = _points(view)
        _expect(points[: len(drafted["summary"])] == drafted["summary"], "it opens otherwise")
        total = summary["total"]
        self._done(Opening(made["id"], len(points), reported, **total))

    async def _reported(self, base: str) -> int:
        found = start = 0
        while True:
            query = {"start": start, "size": _PAGE}
            page = await self.console.ask("GET", f"{base}/assignments", params=query)
            found += sum(line["rating"] is not None for line in page["lines"])
            start += _PAGE
            if start >= page["total"]:
                return found

    async def _draft(self) -> Communique:
        """Anew, unless people have begun to edit it."""
        path = f"/api/conferences/{self.console.conference}/communique"
        text = await self.console.ask("GET", path)
        if text["approval"] is None and not any(p["changes"] for p in text["pieces"]):
            edit = {"seen": text["seq"], "edit": {"type": "redraft"}}
            text = await self.console.ask("POST", path, json=edit)
        return communique_of(text)

    async def _deployed(self) -> Mapping[str, Any]:
        query = {"size": _PAGE}
        found = (await self.console.ask("GET", self._path, params=query))["deployments"]
        here = [d for d in found if (d["item"], d["programme"]) == (_ITEM, PROGRAMME)]
        if len(here) != 1:
            raise FollowUpFailed("the deployment item shows nothing that was issued")
        shown: Mapping[str, Any] = here[0]
        return shown

    @property
    def _path(self) -> str:
        return f"/api/conferences/{self.console.conference}/deployment"


async def sign_at_station(server: str, token: str, measures: Sequence[MeasureId]) -> None:
    """With the link alone. Raises ``FollowUpFailed``, ``ServerRefused``."""
    bearer = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(
        base_url=server, headers=bearer, timeout=20, trust_env=False
    ) as http:
        seen = await http.get("/api/station/work")
        programmes = seen.json()["programmes"] if seen.is_success else []
        here = {m["measure"] for p in programmes for m in p["measures"]}
        _expect(here >= set(measures), "a station does not see what was issued")
        body = {"programme": PROGRAMME, "measures": list(measures)}
        answer = await http.post("/api/station/work/sign", json=body)
        if answer.is_error:
            raise ServerRefused(f"signing: {answer.status_code} {answer.text[:500]}")


def communique_of(text: Mapping[str, Any]) -> Communique:
    """What the draft states of the model case."""
    standing = [p for p in text["pieces"] if not p["removed"]]
    sentences = [p for p in standing if p["type"] == "sentence"]
    zh, en = ("\n".join(p[language] for p in sentences) for language in ("zh", "en"))
    missing = tuple(fact.words.en for fact in ALWAYS if not fact.stated(zh, en))
    return Communique(len(sentences), len(standing) - len(sentences), len(ALWAYS), missing)


def _points(view: Mapping[str, Any]) -> list[Any]:
    """Of the items that the next conference opens with."""
    return [
        point
        for item in view["agenda"]
        if item["kind"] in ("summary", "other")
        for point in item["points"]
    ]


def _expect(so: bool, otherwise: str) -> None:
    if not so:
        raise FollowUpFailed(otherwise)


def _line(step: Step, server: str) -> str:
    match step:
        case Issued(measures, organisations):
            return f"{len(measures)} measures issued to {organisations} organisations"
        case Signed(venues, counted):
            return f"signed for at {len(venues)} stations, counted for {counted} organisations"
        case Opening():
            return (
                f"{step.reported} assignments have reports; the next conference opens with "
                f"{step.points} points ({step.done} done, {step.running} running, "
                f"{step.overdue} overdue): {server}{next_path(step)}"
            )
        case Communique():
            stated = step.facts - len(step.missing)
            return (
                f"the communique states {stated} of {step.facts} facts of the model case; "
                f"gaps left: {step.gaps}"
            )


def next_path(step: Opening) -> str:
    """Where the next conference's agenda can be read with what it opens with."""
    return f"/record/{step.conference}"


def follow_up_problems(steps: Sequence[Step]) -> list[str]:
    drafts = [step for step in steps if isinstance(step, Communique)]
    missing = [f"the communique does not say: {fact}" for d in drafts for fact in d.missing]
    gaps = [f"gaps left in the communique: {d.gaps}" for d in drafts[-1:] if d.gaps]
    return missing + gaps
