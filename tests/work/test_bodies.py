"""Organisations come, move, merge and end. What they had to do never does."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.support.programmes import (
    BODIES,
    CARS,
    CREATE,
    HANGZHOU,
    HENAN,
    HOMES,
    MINISTRY,
    NINGBO,
    OFFICE,
    XIHU,
    ZHEJIANG,
    Story,
    body,
    broken_down,
    finished,
    issued,
    liaison,
    planned,
    report,
    signed,
)

from podium.values.level import Level
from podium.values.text import OrganisationId, Text
from podium.work import commands as c
from podium.work import refusals as r
from podium.work.state import Stage

NEW = OrganisationId("new")


def test_merging_passes_duties_rights_and_subordinates_on() -> None:
    story = broken_down().do(OFFICE, c.MergeBody(HANGZHOU, NINGBO))
    assert story.cell(XIHU).issuer == NINGBO
    assert story.programme.bodies[XIHU].parent == NINGBO
    assert story.programme.bodies[HANGZHOU].successor == NINGBO
    assert HANGZHOU not in story.programme.rows
    taken = story.cell(NINGBO)
    assert (taken.stage, taken.issuer) == (Stage.ISSUED, ZHEJIANG)  # Ningbo had not signed yet
    assert story.kinds(NINGBO) == ["measures_issued", "signed", "body_merged"]
    # Who spoke for Hangzhou speaks for Ningbo.
    story = story.do(liaison(HANGZHOU), c.Sign(NINGBO, (CARS,)))
    story = finished(story, XIHU, liaison(HANGZHOU))
    assert story.cell(XIHU).stage is Stage.CLOSED


def test_reports_of_both_are_kept() -> None:
    story = (
        broken_down()
        .do(liaison(HANGZHOU), report(HANGZHOU, text="杭州"))
        .do(liaison(NINGBO), c.Sign(NINGBO, (CARS,)))
        .do(liaison(NINGBO), report(NINGBO, text="宁波"))
        .do(OFFICE, c.MergeBody(HANGZHOU, NINGBO))
    )
    texts = [getattr(e.event, "text", None) for e in story.history(NINGBO)]
    assert [t for t in texts if t] == ["杭州", "宁波"]


@pytest.mark.parametrize(("gone", "owner"), [(MINISTRY, XIHU), (XIHU, MINISTRY)])
def test_the_owner_answers_to_nobody(gone: OrganisationId, owner: OrganisationId) -> None:
    """Whoever takes over the programme, or whatever its owner takes over."""
    story = broken_down().do(OFFICE, c.MergeBody(gone, owner))
    assert story.cell(owner).issuer == owner
    story = story.do(OFFICE, c.MergeBody(HANGZHOU, ZHEJIANG))
    assert story.cell(ZHEJIANG).issuer == owner


def test_merging_into_a_subordinate_lifts_it() -> None:
    story = broken_down().do(OFFICE, c.MergeBody(ZHEJIANG, XIHU))
    assert story.programme.bodies[XIHU].parent == MINISTRY
    assert story.programme.bodies[HANGZHOU].parent == XIHU
    assert story.cell(XIHU).issuer == MINISTRY
    assert story.cell(HANGZHOU).issuer == XIHU
    assert story.cell(XIHU, HOMES).issuer == MINISTRY


def test_the_owner_itself_can_be_merged() -> None:
    story = broken_down().do(OFFICE, c.MergeBody(MINISTRY, HENAN))
    assert story.programme.owner == HENAN
    story = story.do(liaison(MINISTRY), c.Withdraw(ZHEJIANG, HOMES, "调整"))
    assert story.cell(ZHEJIANG, HOMES).stage is Stage.WITHDRAWN


def test_a_moved_body_answers_to_its_new_superior_where_that_has_the_measure() -> None:
    story = (
        broken_down()
        .do(liaison(HENAN), c.Sign(HENAN, (CARS,)))
        .do(OFFICE, c.MoveBody(NINGBO, HENAN))
    )
    assert story.cell(NINGBO).issuer == HENAN
    assert story.kinds(NINGBO)[-1] == "body_moved"
    # The owner's own assignment stays the owner's.
    moved = story.do(OFFICE, c.MoveBody(HENAN, ZHEJIANG))
    assert moved.cell(HENAN).issuer == MINISTRY


def test_a_moved_body_keeps_its_issuer_where_the_new_superior_has_nothing() -> None:
    story = planned().do(OFFICE, c.IssueMeasures((CARS,), (ZHEJIANG,)))
    story = story.do(liaison(ZHEJIANG), c.Sign(ZHEJIANG, (CARS,)))
    story = story.do(liaison(ZHEJIANG), c.BreakDown(ZHEJIANG, CARS, (NINGBO,)))
    story = story.do(OFFICE, c.MoveBody(NINGBO, HENAN))
    assert story.cell(NINGBO).issuer == ZHEJIANG


def test_abolishing_is_for_those_who_have_nothing() -> None:
    story = broken_down()
    for busy in (MINISTRY, ZHEJIANG, HANGZHOU, XIHU):
        assert story.ask(OFFICE, c.AbolishBody(busy)) == r.MERGE_INSTEAD
    story = story.do(OFFICE, c.EnrolBodies((body(NEW, HENAN, Level.CITY, 30),)))
    story = story.do(OFFICE, c.AbolishBody(NEW))
    assert story.programme.bodies[NEW].abolished
    assert story.ask(OFFICE, c.IssueMeasures((CARS,), (NEW,))) == r.BODY_ABOLISHED


def test_leads_of_the_plan_follow() -> None:
    story = planned()
    measure = replace(story.programme.measures[CARS], lead=(ZHEJIANG,), cooperating=(HENAN,))
    story = story.do(OFFICE, c.Plan(measures=(measure,)), c.MergeBody(ZHEJIANG, HENAN))
    after = story.programme.measures[CARS]
    assert (after.lead, after.cooperating) == ((HENAN,), ())


def test_enrolling() -> None:
    story = issued()
    renamed = replace(BODIES[5], name=Text("河南省商务厅", "Henan"))
    story = story.do(OFFICE, c.EnrolBodies((renamed,)))
    assert story.programme.bodies[HENAN].name.zh == "河南省商务厅"
    assert story.ask(OFFICE, c.EnrolBodies((renamed,))) == ()
    elsewhere = replace(renamed, parent=ZHEJIANG)
    assert story.ask(OFFICE, c.EnrolBodies((elsewhere,))) == r.MOVE_INSTEAD
    orphan = body(NEW, OrganisationId("nobody"), Level.CITY, 1)
    assert story.ask(OFFICE, c.EnrolBodies((orphan,))) == r.UNKNOWN_BODY
    circle = (
        body(NEW, OrganisationId("b"), Level.CITY, 1),
        body(OrganisationId("b"), NEW, Level.CITY, 2),
    )
    assert story.ask(OFFICE, c.EnrolBodies(circle)) == r.BODY_CYCLE


def test_moves_that_make_no_tree() -> None:
    story = signed()
    assert story.ask(OFFICE, c.MoveBody(ZHEJIANG, XIHU)) == r.BODY_CYCLE
    assert story.ask(OFFICE, c.MergeBody(ZHEJIANG, ZHEJIANG)) == r.BODY_CYCLE
    assert Story().ask(OFFICE, replace(CREATE, bodies=BODIES[1:])) == r.UNKNOWN_BODY
    assert Story().ask(OFFICE, replace(CREATE, owner=NEW)) == r.UNKNOWN_BODY
