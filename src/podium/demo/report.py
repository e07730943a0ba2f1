"""What the demo has to say at the end: for people on the terminal, for programs as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from podium.demo.console import Links
from podium.demo.fleet import Fleet
from podium.demo.follow_up import Step
from podium.demo.messages import VenueReport
from podium.demo.phone_scenes import StoodIn
from podium.demo.script import SceneResult
from podium.demo.telephones import PhoneNow


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where people look and join, and the account that opens the console."""

    console: str
    wall: str
    work: str
    record: str
    situation: str
    spare_station: str | None
    spare_venue: str | None
    telephone: str | None
    """A SIP address to call, and the PIN of the spare venue; None: no telephone."""
    name: str
    password: str
    next_conference: str | None = None
    """Once there is one."""

    def lines(self) -> list[str]:
        spare = (
            [f"  station   {self.spare_station}   ({self.spare_venue}: join with your browser)"]
            if self.spare_station
            else []
        )
        telephone = [f"  telephone {self.telephone}"] if self.telephone else []
        after = [f"  next      {self.next_conference}"] if self.next_conference else []
        return [
            f"  console   {self.console}   (sign in: {self.name} / {self.password})",
            f"  wall      {self.wall}",
            f"  record    {self.record}",
            f"  situation {self.situation}",
            f"  work      {self.work}",
            *after,
            *spare,
            *telephone,
        ]


@dataclass(frozen=True, slots=True)
class Outcome:
    """``ok`` only if every venue saw each on-air picture in turn and heard who spoke, and every
    telephone had its place; what the work came to is among ``problems`` where it did not."""

    scenes: Sequence[SceneResult]
    reports: Sequence[VenueReport]
    problems: Sequence[str]
    venues: int
    phones: Sequence[PhoneNow] = ()
    stood_in: Sequence[StoodIn] = ()
    work: Sequence[Step] = ()

    @property
    def ok(self) -> bool:
        complete = len(self.reports) == self.venues
        return complete and not self.problems and not any(s.missing for s in self.scenes)


def as_json(outcome: Outcome, fleet: Fleet, addresses: Addresses, links: Links) -> str:
    by_number = {report.number: report for report in outcome.reports}
    return json.dumps(
        {
            "ok": outcome.ok,
            "problems": list(outcome.problems),
            "urls": {
                "console": addresses.console,
                "wall": addresses.wall,
                "work": addresses.work,
                "record": addresses.record,
                "situation": addresses.situation,
                "next_conference": addresses.next_conference,
                "station": addresses.spare_station,
                "telephone": addresses.telephone,
            },
            "account": {"name": addresses.name, "password": addresses.password},
            "scenes": [asdict(scene) for scene in outcome.scenes],
            "venues": [
                _venue(number, fleet, by_number.get(number), links)
                for number in sorted(fleet.venues)
            ],
            "phones": [_phone(one) for one in outcome.phones],
            "fallback": [_stood_in(one) for one in outcome.stood_in],
            "work": {type(step).__name__.lower(): asdict(step) for step in outcome.work},
        },
        ensure_ascii=False,
        indent=1,
    )


def _venue(
    number: int, fleet: Fleet, report: VenueReport | None, links: Links
) -> Mapping[str, Any]:
    now = fleet.venues[number]
    measured = {} if report is None else asdict(report)
    measured.pop("type", None)
    return {
        "number": number,
        "id": now.spec.id,
        "name": {"zh": now.spec.zh, "en": now.spec.en},
        "url": links.stations[now.spec.id],
        "token": links.tokens[now.spec.id],
        **measured,
        "troubles": now.troubles,
    }


def _phone(one: PhoneNow) -> Mapping[str, Any]:
    venue = one.spec.venue
    return {
        "number": venue.number,
        "id": venue.id,
        "name": {"zh": venue.zh, "en": venue.en},
        "part": one.spec.part.value,
        "join_seconds": one.join_seconds,
        "heard": sorted(one.heard),
        "packets": one.phone.sound.received,
        "understood": one.understood,
    }


def _stood_in(one: StoodIn) -> Mapping[str, Any]:
    """Moments as ISO 8601; seconds from the loss."""
    moments = {
        "lost_at": one.lost_at,
        "rung_at": one.rung_at,
        "back_at": one.back_at,
        "video_back_at": one.video_back_at,
        "released_at": one.released_at,
    }
    since = {
        name[:-3]: round((at - one.lost_at).total_seconds(), 3) for name, at in moments.items()
    }
    return {
        "venue": one.venue,
        **{name: at.isoformat() for name, at in moments.items()},
        "seconds": since,
    }


def table(outcome: Outcome, fleet: Fleet) -> list[str]:
    """One line a venue."""
    head = f"{'venue':<24}{'join s':>8}{'picture s':>11}{'frames':>8}{'sound s':>9}{'loss':>8}"
    lines = [head]
    for report in outcome.reports:
        name = fleet.venues[report.number].spec.en[:23]
        lines.append(
            f"{name:<24}{_number(report.join_seconds):>8}"
            f"{_number(report.first_picture_seconds):>11}{report.frames:>8}"
            f"{report.sound_seconds:>9.1f}{report.loss:>8.2%}"
        )
    if outcome.phones:
        lines.append(f"{'telephone':<24}{'join s':>8}  {'part':<11}{'keys understood'}")
    lines.extend(
        f"{one.spec.venue.en[:23]:<24}{_number(one.join_seconds):>8}"
        f"  {one.spec.part.value:<11}{', '.join(one.understood)}"
        for one in outcome.phones
    )
    return lines


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"
