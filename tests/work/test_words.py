"""Refusals, lights and drawings: complete, in both languages, and current."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from tests.support.programmes import (
    CARS,
    DUE,
    OFFICE,
    ZHEJIANG,
    issued,
    liaison,
    report,
    signed,
)

from podium.machine import Machine
from podium.values.refusal import Refusal
from podium.work import commands as c
from podium.work import lights, refusals
from podium.work.codec import (
    command_from_wire,
    command_to_wire,
    recorded_from_json,
    recorded_to_json,
)
from podium.work.lifecycle import ASSIGNMENT, ESCALATION, document
from podium.work.lights import days_late, light_rule
from podium.work.refusals import CATALOGUE

DOCUMENT = Path(__file__).parents[2] / "docs" / "work-lifecycle.md"


def test_the_document_is_current() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == document(), (
        "write it anew: python -m podium.work.lifecycle > docs/work-lifecycle.md"
    )


@pytest.mark.parametrize("machine", [ASSIGNMENT, ESCALATION], ids=lambda m: m.title)
def test_machines_are_deterministic_and_every_state_is_reached(machine: object) -> None:
    assert isinstance(machine, Machine)
    arrows = Counter((t.source, t.trigger) for t in machine.transitions)
    assert set(arrows.values()) == {1}
    reached = {machine.initial}
    for _ in machine.transitions:
        reached |= {t.target for t in machine.transitions if t.source in reached}
    assert reached == set(type(machine.initial).__members__.values())


def test_refusals_are_a_catalogue_in_both_languages() -> None:
    all_ = [v for v in vars(refusals).values() if isinstance(v, Refusal)]
    assert len({v.code for v in all_}) == len(all_) == len(CATALOGUE)
    for refusal in all_:
        assert re.fullmatch(r"[a-z]+(_[a-z]+)*", refusal.code)
        assert re.search(r"[一-鿿]", refusal.zh), refusal.code
        assert refusal.zh.endswith("。"), refusal.code
        assert re.fullmatch(r"[ -~]+\.", refusal.en), refusal.code


def test_no_code_is_also_the_conferences() -> None:
    from podium.conference.refusals import CATALOGUE as OTHERS

    assert not CATALOGUE.keys() & OTHERS.keys()


@pytest.mark.parametrize(
    ("day", "rule"),
    [
        (date(2023, 3, 4), lights.ON_TIME),
        (date(2023, 3, 5), lights.UNSIGNED),
        (date(2023, 4, 5), lights.UNSIGNED),
        (date(2023, 4, 6), lights.REPORT_LATE),
        (date(2023, 4, 15), lights.REPORT_LATE),
        (date(2023, 4, 16), lights.REPORT_MISSING),
        (DUE + timedelta(days=1), lights.PAST_DUE),
    ],
)
def test_lights_of_one_that_does_nothing(day: date, rule: lights.LightRule) -> None:
    assert light_rule(issued().cell(ZHEJIANG), day) is rule


def test_lights_of_one_that_works() -> None:
    cell = replace(signed().cell(ZHEJIANG), report_due=None)
    assert light_rule(cell, DUE - timedelta(days=14)) is lights.ON_TIME
    assert light_rule(cell, DUE - timedelta(days=13)) is lights.DUE_SOON
    assert light_rule(cell, DUE) is lights.DUE_SOON
    story = signed().do(liaison(ZHEJIANG), report(ZHEJIANG, completed=True))
    assert light_rule(story.cell(ZHEJIANG), DUE + timedelta(days=9)) is lights.SUBMITTED
    story = story.do(OFFICE, c.Verify(ZHEJIANG, CARS), c.Close(ZHEJIANG, CARS))
    assert light_rule(story.cell(ZHEJIANG), DUE + timedelta(days=9)) is lights.CLOSED


def test_lateness_counts_from_the_earliest_duty() -> None:
    assert days_late(issued().cell(ZHEJIANG), date(2023, 3, 4)) == 0
    assert days_late(issued().cell(ZHEJIANG), date(2023, 3, 6)) == 2
    assert days_late(signed().cell(ZHEJIANG), date(2023, 3, 6)) == 0
    assert days_late(signed().cell(ZHEJIANG), date(2023, 4, 7)) == 2


def test_json_there_and_back() -> None:
    story = signed().do(liaison(ZHEJIANG), report(ZHEJIANG, completed=True))
    for entry in story.entries:
        assert recorded_from_json(recorded_to_json(entry)) == entry
    command = report(ZHEJIANG)
    assert command_from_wire(command_to_wire(command)) == command
