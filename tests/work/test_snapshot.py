"""A programme as text and back: nothing is lost, nothing is shared that was not."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest
from tests.support.programmes import (
    CARS,
    HANGZHOU,
    HENAN,
    HOMES,
    NINGBO,
    OFFICE,
    TIMER,
    XIHU,
    ZHEJIANG,
    Story,
    broken_down,
    finished,
    issued,
    liaison,
    report,
)

from podium.values.codec import CodecError
from podium.values.text import Text
from podium.work import commands as c
from podium.work.evolve import replay
from podium.work.snapshot import from_snapshot, snapshot_lines
from podium.work.state import Assignment, Programme
from podium.work.values import Activity, ActivityId, ActivityKind, Cell, Evidence, Policy, PolicyId

PHOTO = Evidence("现场照片.jpg", "a" * 64, 12)


def everything() -> Story:
    """Something of all that a programme can hold."""
    plan = c.Plan(
        policies=(Policy(PolicyId("p1"), Text("办法", "Rules"), "商办〔2023〕1号"),),
        activities=(Activity(ActivityId("a1"), ActivityKind.WEEK, Text("周", "Week")),),
    )
    story = broken_down().do(OFFICE, plan)
    story = story.do(
        OFFICE, c.IssueMeasures((HOMES,), (NINGBO,), conference="march", item="item-3")
    )
    story = finished(story, XIHU, liaison(HANGZHOU))
    story = story.do(liaison(ZHEJIANG), replace(report(ZHEJIANG), evidence=(PHOTO,)))
    story = story.do(liaison(HENAN), c.Sign(HENAN, (CARS,)))
    story = story.do(liaison(HENAN), c.AskExtension(HENAN, CARS, story.today.replace(2024), "下雪"))
    return story.later(20).do(TIMER, c.Escalate()).do(OFFICE, c.MergeBody(HANGZHOU, NINGBO))


def again(state: Programme) -> Programme:
    return from_snapshot(snapshot_lines(state))


def test_nothing_is_lost() -> None:
    story = everything()
    state = again(story.programme)
    assert state == story.programme
    for name in ("bodies", "areas", "policies", "measures", "activities", "rows"):
        assert list(getattr(state, name)) == list(getattr(story.programme, name)), name
    files = state.assignment(Cell(CARS, ZHEJIANG))
    assert files is not None
    assert files.files == (PHOTO,)


@pytest.mark.parametrize("seq", range(1, len(everything().entries) + 1))
def test_from_any_entry_on(seq: int) -> None:
    story = everything()
    before = replay(story.entries[:seq])
    assert before is not None
    assert replay(story.entries[seq:], again(before)) == story.state


def test_what_was_one_value_is_one_again() -> None:
    state = again(issued().programme)
    assert state.rows[ZHEJIANG] is state.rows[HENAN]
    assert state.rows[HENAN][CARS] is state.rows[HENAN][HOMES]
    signed = again(issued().do(liaison(HENAN), c.Sign(HENAN, (CARS, HOMES))).programme)
    assert signed.rows[HENAN][CARS] is signed.rows[HENAN][HOMES]
    assert signed.rows[HENAN][CARS] is not signed.rows[ZHEJIANG][CARS]


def test_every_field_of_an_assignment_differs_from_its_default_somewhere() -> None:
    """Or the test above would not see one that is forgotten."""
    plain = {f.name: f.default for f in fields(Assignment)}
    cells = [assignment for _, assignment in everything().programme.cells()]
    for name, default in plain.items():
        assert any(getattr(cell, name) != default for cell in cells), name


def test_what_is_cut_off_is_refused_wherever_it_is() -> None:
    lines = list(snapshot_lines(everything().programme))
    for length in range(len(lines)):
        with pytest.raises(CodecError):
            from_snapshot(lines[:length])


@pytest.mark.parametrize(
    "line",
    [
        b"row\t[[],[0]]",
        b'row\t[["cars"],[99999]]',
        b"assignments\t[[99999,1]]",
        b'holders\t[["henan",99999]]',
        b"holders\t{",
        b"standing\t[{}]",
        b"nothing\t[]",
        b"",
    ],
)
def test_what_nobody_wrote_is_refused(line: bytes) -> None:
    lines = list(snapshot_lines(issued().programme))
    with pytest.raises(CodecError):
        from_snapshot([*lines[:-1], line, lines[-1]])


def test_lines_are_short_and_what_is_alike_is_written_once() -> None:
    lines = list(snapshot_lines(issued().programme))
    assert sum(line.startswith(b"row\t") for line in lines) == 1
    assert sum(line.count(b'"stage"') for line in lines) == 1
