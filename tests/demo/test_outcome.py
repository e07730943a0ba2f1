"""What counts as held: messages between the processes, expectations, exit code."""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from pathlib import Path

import pytest

from podium.demo import command
from podium.demo.console import Console, Links
from podium.demo.fleet import Fleet, VenueNow
from podium.demo.follow_up import (
    FollowUp,
    Issued,
    Opening,
    Signed,
    communique_of,
    follow_up_problems,
)
from podium.demo.messages import (
    AskForFloor,
    Assignment,
    Finish,
    Hears,
    News,
    Order,
    Sees,
    Trouble,
    VenueReport,
    VenueSpec,
    Watching,
    news_from,
    order_from,
    to_line,
)
from podium.demo.model_facts import ALWAYS
from podium.demo.report import Addresses, Outcome, as_json, table
from podium.demo.script import Expected, SceneResult
from podium.work.values import MeasureId

SPEC = VenueSpec(2, "v-2", "天津市", "Tianjin", "pds_x")
ADDRESSES = Addresses(
    console="http://h/console/c",
    wall="http://h/wall/y",
    work="http://h/work/p",
    record="http://h/record/c",
    situation="http://h/situation",
    spare_station=None,
    spare_venue=None,
    telephone=None,
    name="demo",
    password="secret",
)
REPORT = VenueReport(2, 0.4, 0.1, 120, 9.8, (1, 2), (1,), 0.001, 0)


@pytest.mark.parametrize(
    "order", [Assignment("http://h", (SPEC,), (1, 2)), AskForFloor(2), Finish()]
)
def test_orders_survive_the_pipe(order: Order) -> None:
    assert order_from(to_line(order)) == order


@pytest.mark.parametrize(
    "news",
    [Watching(2, 0.5), Sees(2, "main", 1), Hears(2, (1, 3)), Trouble(2, "x\ny"), REPORT],
)
def test_news_survives_the_pipe(news: News) -> None:
    line = to_line(news)
    assert line.count(b"\n") == 1
    assert news_from(line) == news


def test_nobody_hears_itself() -> None:
    expected = Expected({"main": 2}, frozenset({1, 2}))
    assert expected.perceived_by(VenueNow(SPEC, shown={"main": 2}, heard=frozenset({1})))
    assert not expected.perceived_by(VenueNow(SPEC, shown={"main": 2}, heard=frozenset({1, 2})))
    assert not expected.perceived_by(VenueNow(SPEC, shown={"main": 1}, heard=frozenset({1})))
    assert not expected.perceived_by(VenueNow(SPEC, heard=frozenset({1})))


def test_held_only_if_everything_was_perceived() -> None:
    scene, missed = SceneResult("s", 0.2, ()), SceneResult("s", 15.0, (2,))
    assert Outcome([scene], [REPORT], [], 1).ok
    assert not Outcome([scene, missed], [REPORT], [], 1).ok
    assert not Outcome([scene], [], [], 1).ok
    assert not Outcome([scene], [REPORT], ["trouble"], 1).ok


def test_the_json_names_everything() -> None:
    outcome = Outcome([SceneResult("s", 0.2, ())], [REPORT], [], 1)
    links = Links({"v-2": "http://h/station/x"}, {"v-2": "pds_x"}, "http://h/wall/y")
    fleet = Fleet("http://h", Path(), {2: VenueNow(SPEC)})
    told = json.loads(as_json(outcome, fleet, ADDRESSES, links))
    assert told["ok"] is True
    assert told["urls"]["wall"] == "http://h/wall/y"
    (venue,) = told["venues"]
    assert venue["token"] == "pds_x"
    assert venue["join_seconds"] == 0.4
    assert venue["first_picture_seconds"] == 0.1
    assert (venue["frames"], venue["sound_seconds"], venue["loss"]) == (120, 9.8, 0.001)
    assert venue["recognised"] == [1, 2]
    assert "Tianjin" in table(outcome, fleet)[1]


def test_the_addresses_grow_by_the_next_conference() -> None:
    before = ADDRESSES.lines()
    for place in (ADDRESSES.record, ADDRESSES.situation, ADDRESSES.work):
        assert any(line.endswith(place) for line in before)
    step = Opening("c-2", 3, 40, 1, 2, 3)
    console = Console("http://h", "pdt_x", "c")
    planned = FollowUp(console, [], print, [step]).next_conference()
    assert planned == "http://h/record/c-2"
    after = replace(ADDRESSES, next_conference=planned).lines()
    assert set(after) - set(before) == {f"  next      {planned}"}
    assert FollowUp(console, [], print).next_conference() is None


@pytest.mark.parametrize("wrong", [["--venues", "1"], ["--venues", "53"], ["--seconds", "0"]])
def test_arguments_out_of_range(wrong: list[str]) -> None:
    parser = argparse.ArgumentParser()
    command.add_parser(parser.add_subparsers())
    with pytest.raises(SystemExit):
        parser.parse_args(["demo", *wrong])


def test_the_work_is_told_and_what_the_communique_leaves_out_is_a_problem() -> None:
    said = [
        {"type": "sentence", "zh": f.words.zh, "en": f.words.en, "removed": False} for f in ALWAYS
    ]
    whole = communique_of({"pieces": [*said, {**said[0], "type": "gap"}]})
    assert (whole.missing, whole.gaps, whole.facts) == ((), 1, len(ALWAYS))
    struck = {**said[3], "removed": True}
    less = communique_of({"pieces": [*said[:3], struck, *said[4:]]})
    assert less.missing == (ALWAYS[3].words.en,)
    assert follow_up_problems([whole]) == ["gaps left in the communique: 1"]
    assert follow_up_problems([communique_of({"pieces": said})]) == []
    (problem,) = follow_up_problems([Issued((MeasureId("m"),), 3), less])
    assert ALWAYS[3].words.en in problem
    steps = (Issued((MeasureId("m"),), 3), Signed(("v-2",), 1), whole)
    outcome = Outcome([], [REPORT], [], 1, work=steps)
    links = Links({"v-2": "http://h/station/x"}, {"v-2": "pds_x"}, "http://h/wall/y")
    told = json.loads(
        as_json(outcome, Fleet("http://h", Path(), {2: VenueNow(SPEC)}), ADDRESSES, links)
    )
    assert set(told["work"]) == {"issued", "signed", "communique"}
    assert told["work"]["issued"] == {"measures": ["m"], "organisations": 3}
