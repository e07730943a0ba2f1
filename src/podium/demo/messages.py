"""What the demo and its processes of synthetic venues say to each other: lines of JSON."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class VenueSpec:
    """One synthetic venue. ``number`` is what its picture and its voice say."""

    number: int
    id: str
    zh: str
    en: str
    token: str


@dataclass(frozen=True, slots=True)
class Assignment:
    """The first line to a process: whom it plays."""

    server: str
    """``http://host:port``"""
    venues: tuple[VenueSpec, ...]
    numbers: tuple[int, ...]
    """Every number that may be heard."""
    type: Literal["assignment"] = "assignment"


@dataclass(frozen=True, slots=True)
class AskForFloor:
    number: int
    type: Literal["ask_for_floor"] = "ask_for_floor"


@dataclass(frozen=True, slots=True)
class Finish:
    """Report and end."""

    type: Literal["finish"] = "finish"


Order = Assignment | AskForFloor | Finish


@dataclass(frozen=True, slots=True)
class Joining:
    """A venue begins to attach its media, for the first time or again."""

    number: int
    type: Literal["joining"] = "joining"


@dataclass(frozen=True, slots=True)
class Watching:
    """A venue's media is up. ``seconds`` since its station began to join."""

    number: int
    seconds: float
    type: Literal["watching"] = "watching"


@dataclass(frozen=True, slots=True)
class Sees:
    """Another picture than before is in a slot; ``shown`` is the number in it."""

    number: int
    slot: str
    shown: int
    type: Literal["sees"] = "sees"


@dataclass(frozen=True, slots=True)
class Hears:
    """Other venues than before are heard, possibly none."""

    number: int
    heard: tuple[int, ...]
    type: Literal["hears"] = "hears"


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something failed and is being tried again."""

    number: int
    text: str
    type: Literal["trouble"] = "trouble"


@dataclass(frozen=True, slots=True)
class VenueReport:
    """What one venue saw and heard in all."""

    number: int
    join_seconds: float | None
    """From the start of joining to media connected."""
    first_picture_seconds: float | None
    """From the moment that both media was connected and something was on air."""
    frames: int
    sound_seconds: float
    recognised: tuple[int, ...]
    """Numbers read from received pictures."""
    heard: tuple[int, ...]
    loss: float
    reconnects: int
    type: Literal["venue_report"] = "venue_report"


News = Joining | Watching | Sees | Hears | Trouble | VenueReport

_ORDERS: dict[str, type[Any]] = {"ask_for_floor": AskForFloor, "finish": Finish}
_NEWS: dict[str, type[Any]] = {
    "joining": Joining,
    "watching": Watching,
    "sees": Sees,
    "hears": Hears,
    "trouble": Trouble,
    "venue_report": VenueReport,
}


def to_line(message: Order | News) -> bytes:
    return json.dumps(asdict(message), ensure_ascii=False).encode() + b"\n"


def order_from(line: bytes) -> Order:
    values = json.loads(line)
    if values["type"] == "assignment":
        venues = tuple(VenueSpec(**v) for v in values["venues"])
        return Assignment(values["server"], venues, tuple(values["numbers"]))
    order: Order = _ORDERS[values["type"]](**values)
    return order


def news_from(line: bytes) -> News:
    values = json.loads(line)
    for name in ("heard", "recognised"):
        if name in values:
            values[name] = tuple(values[name])
    news: News = _NEWS[values["type"]](**values)
    return news
