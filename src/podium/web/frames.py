"""The texts of the WebSocket's messages. What many receive alike is encoded once."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from pydantic_core import to_json

from podium.conference.state import Conference, VenueId
from podium.hall.sessions import PublishDemand, QualityFigures, Speaking
from podium.values.text import OrganisationId
from podium.web.ports import TelephoneDesk
from podium.web.signings import Tallies
from podium.web.view import (
    AnyStation,
    Audience,
    Console,
    Delta,
    Json,
    Station,
    affected,
    delta,
    view,
)
from podium.web.wording import time_text

STEPS = 32
"""Differences that are kept encoded: followers that keep up share the latest one or two."""


def encode(value: Any) -> str:
    return to_json(value).decode()


@dataclass(frozen=True, slots=True)
class Moment:
    """A state of a conference that was published, and when."""

    seq: int
    at: datetime
    state: Conference


class Step:
    """The difference of two moments, encoded when first asked for."""

    def __init__(self, before: Moment, after: Moment) -> None:
        self._before = before.state
        self._after = after

    @cached_property
    def console(self) -> str | None:
        return self._tail(delta(self._before, self._after.state, Console()))

    @cached_property
    def screen(self) -> str | None:
        return self._tail(delta(self._before, self._after.state, Console(numbers=False)))

    @cached_property
    def any_station(self) -> str | None:
        return self._tail(delta(self._before, self._after.state, AnyStation()))

    @cached_property
    def affected(self) -> frozenset[VenueId] | None:
        return affected(self._before, self._after.state)

    def concerns(self, audience: Audience) -> bool:
        """False only where ``tail`` would be ``None``."""
        if not isinstance(audience, Station):
            return True
        return self._own(audience) or self.any_station is not None

    def tail(self, audience: Audience) -> str | None:
        """The message without its ``base``; ``None`` where nothing changed for this audience."""
        match audience:
            case Console(numbers=True):
                return self.console
            case Console():
                return self.screen
            case Station() if self._own(audience):
                return self._tail(delta(self._before, self._after.state, audience))
            case _:
                return self.any_station

    def _own(self, audience: Station) -> bool:
        return self.affected is None or audience.venue in self.affected

    def _tail(self, change: Delta) -> str | None:
        if not change:
            return None
        fields = {
            "seq": self._after.seq,
            "at": time_text(self._after.at),
            "set": change.set,
            "venues": change.venues,
            "gone": change.gone,
        }
        return encode(fields)[1:]


class Steps:
    """The latest steps, by where they begin and end."""

    def __init__(self) -> None:
        self._steps: OrderedDict[tuple[int, int], Step] = OrderedDict()

    def between(self, before: Moment, after: Moment) -> Step:
        key = (before.seq, after.seq)
        step = self._steps.get(key)
        if step is None:
            step = self._steps[key] = Step(before, after)
            if len(self._steps) > STEPS:
                self._steps.popitem(last=False)
        return step


def delta_text(base: int, tail: str) -> str:
    return f'{{"type":"delta","base":{base},{tail}'


def snapshot_text(moment: Moment, audience: Audience, you: Json, now: datetime) -> str:
    return encode(
        {
            "type": "snapshot",
            "seq": moment.seq,
            "you": you,
            "now": time_text(now),
            "view": view(moment.state, audience),
        }
    )


def publish_text(demand: PublishDemand) -> str:
    return encode(
        {
            "type": "publish",
            "video": demand.video,
            "sound": demand.sound,
            "content": demand.content,
        }
    )


def speaking_text(speaking: Speaking) -> str:
    return encode({"type": "speaking", "levels": speaking.levels})


def venues_quality_text(venues: Mapping[VenueId, QualityFigures]) -> str:
    return encode({"type": "quality", "venues": {v: _figures(q) for v, q in venues.items()}})


def own_quality_text(quality: QualityFigures) -> str:
    return encode({"type": "quality", "own": _figures(quality)})


def telephone_value(desk: TelephoneDesk) -> Json:
    lock = desk.pin_lock()
    return {
        "number": desk.access_number(),
        "trunks": [
            {"name": t.name, "condition": t.condition.value, "since": time_text(t.since)}
            for t in desk.trunks()
        ],
        "pin_lock": None if lock is None else {"until": time_text(lock.until)},
    }


def telephone_text(desk: TelephoneDesk) -> str:
    return encode({"type": "telephone", **telephone_value(desk)})


def work_text(tallies: Tallies) -> str:
    """What each agenda item issued of each programme."""
    items = [
        {
            "item": item,
            "programme": programme,
            "measures": signing.measures,
            "organisations": signing.organisations,
            "complete": signing.complete,
        }
        for programme, tally in tallies.items()
        for item, signing in tally.items.items()
    ]
    return encode({"type": "work", "items": items})


def own_work_text(tallies: Tallies, organisation: OrganisationId | None) -> str:
    found = [
        tally.organisations[organisation]
        for tally in tallies.values()
        if organisation is not None and organisation in tally.organisations
    ]
    own = {"issued": sum(s.issued for s in found), "signed": sum(s.signed for s in found)}
    return encode({"type": "work", "own": own})


def _figures(quality: QualityFigures) -> Json:
    return {"loss": quality.loss, "rtt": quality.rtt, "bitrate": quality.bitrate}


def result_text(id: int, seq: int) -> str:  # noqa: A002
    return encode({"type": "result", "id": id, "ok": True, "seq": seq})


def refusal_text(id: int, error: Json) -> str:  # noqa: A002
    return encode({"type": "result", "id": id, "ok": False, "error": error})


def error_text(error: Json) -> str:
    return encode({"type": "error", "error": error})


PONG = encode({"type": "pong"})
SUPERSEDED = encode({"type": "superseded"})
