"""Given a programme, when somebody acts, then this is what becomes of the assignment."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from tests.support.programmes import (
    CARS,
    DAY,
    DUE,
    HANGZHOU,
    HENAN,
    HOMES,
    ISSUE,
    MINISTRY,
    NINGBO,
    OBSERVER,
    OFFICE,
    TIMER,
    XIHU,
    ZHEJIANG,
    broken_down,
    finished,
    issued,
    liaison,
    planned,
    report,
    signed,
)

from podium.values.refusal import Refusal
from podium.values.text import OrganisationId
from podium.work import commands as c
from podium.work import refusals as r
from podium.work.commands import Actor, Command
from podium.work.events import MeasuresIssued
from podium.work.state import Signature, Stage
from podium.work.values import Cell, Cycle, Duty, Evidence, Figure, MeasureId, Rating, Rhythm


def test_one_action_issues_every_measure_to_every_organisation() -> None:
    story = issued()
    [entry] = story.entries[2:]
    assert isinstance(entry.event, MeasuresIssued)
    assert {cell for cell, _ in story.programme.cells()} == {
        Cell(m, o) for m in (CARS, HOMES) for o in (ZHEJIANG, HENAN)
    }
    cell = story.cell(ZHEJIANG)
    assert (cell.issuer, cell.stage, cell.duty, cell.due) == (
        MINISTRY,
        Stage.ISSUED,
        Duty.LEAD,
        DUE,
    )
    assert (cell.awaited, cell.report_due) == (date(2023, 3, 1), date(2023, 4, 5))


def test_those_who_have_a_measure_keep_it_as_it_stands() -> None:
    story = signed().do(OFFICE, c.IssueMeasures((CARS,), (NINGBO, ZHEJIANG)))
    assert story.cell(ZHEJIANG).stage is Stage.SIGNED
    assert story.cell(NINGBO).stage is Stage.ISSUED
    assert story.ask(OFFICE, ISSUE) == ()


def test_what_was_withdrawn_can_be_issued_again_and_keeps_its_past() -> None:
    story = issued().do(OFFICE, c.Withdraw(HENAN, CARS, "改由他省承担"))
    assert story.cell(HENAN).stage is Stage.WITHDRAWN
    story = story.later(3).do(OFFICE, c.IssueMeasures((CARS,), (), (HENAN,)))
    assert story.cell(HENAN).duty is Duty.COOPERATING
    assert story.kinds(HENAN) == ["measures_issued", "withdrawn", "measures_issued"]


def test_signing_says_who_and_when() -> None:
    story = signed()
    last = story.history(ZHEJIANG)[-1]
    assert (last.event.type, last.by, last.at.date()) == ("signed", liaison(ZHEJIANG), DAY)
    assert story.cell(ZHEJIANG).signature == Signature(last.seq, last.at, last.by)
    assert story.ask(liaison(ZHEJIANG), c.Sign(ZHEJIANG, (CARS,))) == ()


def test_an_assignment_is_broken_down_to_any_depth() -> None:
    story = broken_down()
    assert story.cell(HANGZHOU).issuer == ZHEJIANG
    assert story.cell(XIHU).issuer == HANGZHOU


def test_a_report_moves_the_next_one_on() -> None:
    story = signed().on(date(2023, 4, 3)).do(liaison(ZHEJIANG), report(ZHEJIANG))
    cell = story.cell(ZHEJIANG)
    assert (cell.awaited, cell.report_due) == (date(2023, 4, 1), date(2023, 5, 5))
    assert cell.stage is Stage.SIGNED
    assert cell.rating is Rating.ON_TRACK
    late = story.on(date(2023, 6, 7)).do(liaison(ZHEJIANG), report(ZHEJIANG, period=DAY))
    assert late.cell(ZHEJIANG).awaited == date(2023, 4, 1)  # a supplement is no new report


def test_only_the_issuer_closes_and_only_what_it_verified() -> None:
    story = signed().do(liaison(ZHEJIANG), report(ZHEJIANG, completed=True))
    assert story.ask(OFFICE, c.Close(ZHEJIANG, CARS)) == r.NOT_VERIFIED
    story = story.do(OFFICE, c.Verify(ZHEJIANG, CARS))
    for other in (ZHEJIANG, HENAN, HANGZHOU):
        assert story.ask(liaison(other), c.Close(ZHEJIANG, CARS)) == r.NOT_ISSUER
    story = story.do(liaison(MINISTRY), c.Close(ZHEJIANG, CARS))
    assert story.cell(ZHEJIANG).stage is Stage.CLOSED
    assert story.ask(OFFICE, c.Close(ZHEJIANG, CARS)) == ()
    assert story.ask(liaison(ZHEJIANG), report(ZHEJIANG)) == r.ENDED


def test_a_body_closes_what_it_broke_down_before_its_own() -> None:
    story = broken_down()
    done = report(HANGZHOU, completed=True)
    assert story.ask(liaison(HANGZHOU), done) == r.OPEN_BELOW
    assert story.ask(OFFICE, c.Verify(XIHU, CARS)) == r.NOT_ISSUER
    story = finished(story, XIHU, liaison(HANGZHOU)).do(liaison(HANGZHOU), done)
    assert story.cell(HANGZHOU).stage is Stage.SUBMITTED


def test_sent_back_work_goes_on_and_what_was_not_awaited_is_not_late() -> None:
    story = signed().do(liaison(ZHEJIANG), report(ZHEJIANG, completed=True))
    assert story.ask(OFFICE, c.SendBack(ZHEJIANG, CARS, " ")) == r.REASON_MISSING
    story = story.on(date(2023, 7, 20)).do(OFFICE, c.SendBack(ZHEJIANG, CARS, "缺少数据"))
    cell = story.cell(ZHEJIANG)
    assert (cell.stage, cell.awaited) == (Stage.SIGNED, date(2023, 7, 1))


def test_reopening() -> None:
    story = finished(broken_down(), XIHU, liaison(HANGZHOU))
    story = story.do(liaison(HANGZHOU), c.Reopen(XIHU, CARS, "抽查发现问题"))
    assert story.cell(XIHU).stage is Stage.SIGNED
    story = finished(story, XIHU, liaison(HANGZHOU))
    story = finished(story, HANGZHOU, liaison(ZHEJIANG))
    assert story.ask(liaison(HANGZHOU), c.Reopen(XIHU, CARS, "再查")) == r.UPPER_CLOSED


def test_an_extension_is_asked_for_and_answered() -> None:
    story = signed()
    until = DUE + timedelta(days=60)
    ask = c.AskExtension(ZHEJIANG, CARS, until, "资金下达较晚")
    assert story.ask(OFFICE, c.AnswerExtension(ZHEJIANG, CARS, True)) == r.NOT_ASKED
    story = story.do(liaison(ZHEJIANG), ask)
    assert story.cell(ZHEJIANG).extension == until
    refused = story.do(OFFICE, c.AnswerExtension(ZHEJIANG, CARS, False, "须年内完成"))
    assert (refused.cell(ZHEJIANG).due, refused.cell(ZHEJIANG).extension) == (DUE, None)
    granted = story.do(OFFICE, c.AnswerExtension(ZHEJIANG, CARS, True))
    assert granted.cell(ZHEJIANG).due == until


def test_a_subordinate_is_given_no_more_time_than_its_issuer_has() -> None:
    story = broken_down().do(
        liaison(HANGZHOU), c.AskExtension(HANGZHOU, CARS, DUE + timedelta(days=1), "晚了")
    )
    answer = c.AnswerExtension(HANGZHOU, CARS, True)
    assert story.ask(liaison(ZHEJIANG), answer) == r.BEYOND_OWN_DUE
    down = c.BreakDown(ZHEJIANG, HOMES, (NINGBO,), due=DUE + timedelta(days=1))
    assert story.ask(liaison(ZHEJIANG), down) == r.BEYOND_OWN_DUE


def test_weekly_and_single_reports() -> None:
    weekly = replace(ISSUE, cycle=Cycle(Rhythm.WEEKLY, 2))
    cell = planned().do(OFFICE, weekly).cell(ZHEJIANG)
    assert (cell.awaited, cell.report_due) == (date(2023, 2, 27), date(2023, 3, 7))
    once = replace(ISSUE, cycle=Cycle(Rhythm.ONCE))
    cell = planned().do(OFFICE, once).cell(ZHEJIANG)
    assert (cell.awaited, cell.report_due) == (None, None)


def test_escalation_goes_up_day_by_day_and_starts_anew_once_met() -> None:
    story = issued().on(date(2023, 3, 4)).do(TIMER, c.Escalate())
    assert story.cell(ZHEJIANG).escalation.value == "none"
    levels = []
    for day in range(5, 20):
        story = story.on(date(2023, 3, day)).do(TIMER, c.Escalate())
        levels.append(story.cell(ZHEJIANG).escalation.value)
    assert levels == ["reminded"] * 5 + ["department"] * 5 + ["conference"] * 5
    assert story.kinds(ZHEJIANG).count("escalated") == 3
    story = story.do(liaison(ZHEJIANG), c.Sign(ZHEJIANG, (CARS, HOMES)))
    assert story.cell(ZHEJIANG).escalation.value == "none"


NOBODY, NEVER = OrganisationId("nobody"), MeasureId("never")


@pytest.mark.parametrize(
    ("actor", "command", "refusal"),
    [
        (OBSERVER, ISSUE, r.NOT_ALLOWED),
        (TIMER, ISSUE, r.NOT_ALLOWED),
        (OFFICE, c.Escalate(), r.NOT_ALLOWED),
        (liaison(ZHEJIANG), ISSUE, r.NOT_OWNER),
        (liaison(HENAN), c.Sign(ZHEJIANG, (CARS,)), r.NOT_YOUR_ORGANISATION),
        (OFFICE, c.Sign(ZHEJIANG, (CARS,)), r.NOT_YOUR_ORGANISATION),
        (OFFICE, c.IssueMeasures((NEVER,), (HENAN,)), r.UNKNOWN_MEASURE),
        (OFFICE, c.IssueMeasures((CARS,), (NOBODY,)), r.UNKNOWN_BODY),
        (OFFICE, c.IssueMeasures((CARS,), ()), r.NOTHING_CHOSEN),
        (OFFICE, c.IssueMeasures((), (HENAN,)), r.NOTHING_CHOSEN),
        (OFFICE, c.IssueMeasures((CARS,), (HENAN,), (HENAN,)), r.LEAD_AND_COOPERATING),
        (OFFICE, c.IssueMeasures((CARS,), (HENAN, HENAN)), r.TWICE),
        (OFFICE, replace(ISSUE, due=date(2023, 2, 28)), r.DUE_PAST),
        (liaison(HENAN), c.Sign(HENAN, (NEVER,)), r.NOT_ASSIGNED),
        (liaison(HENAN), report(HENAN), r.NOT_SIGNED),
        (liaison(HENAN), c.BreakDown(HENAN, CARS, (XIHU,)), r.NOT_SIGNED),
        (liaison(ZHEJIANG), c.BreakDown(ZHEJIANG, CARS, (HENAN,)), r.NOT_BELOW),
        (liaison(ZHEJIANG), c.BreakDown(ZHEJIANG, CARS, (ZHEJIANG,)), r.NOT_BELOW),
        (liaison(ZHEJIANG), report(ZHEJIANG, period=date(2023, 4, 1)), r.FUTURE_PERIOD),
        (liaison(ZHEJIANG), report(ZHEJIANG, period=date(2023, 2, 1)), r.PERIOD_TOO_EARLY),
        (liaison(ZHEJIANG), report(ZHEJIANG, text=" \n"), r.REASON_MISSING),
        (liaison(ZHEJIANG), report(ZHEJIANG, text="a\x00"), r.BAD_WORDS),
        (liaison(ZHEJIANG), c.AskExtension(ZHEJIANG, CARS, DUE, "晚"), r.NOT_LATER),
        (OFFICE, c.Verify(ZHEJIANG, CARS), r.NOT_SUBMITTED),
        (OFFICE, c.SendBack(ZHEJIANG, CARS, "补"), r.NOT_SUBMITTED),
        (OFFICE, c.Reopen(ZHEJIANG, CARS, "补"), r.NOT_CLOSED),
        (OFFICE, c.DropMeasure(CARS), r.MEASURE_ASSIGNED),
    ],
)
def test_what_is_refused(actor: Actor, command: Command, refusal: Refusal) -> None:
    assert signed().ask(actor, command) == refusal


def test_a_report_has_limits() -> None:
    full = replace(report(ZHEJIANG), figures=(Figure("销售额", 1.5, "亿元"),) * (r.MAX_FIGURES + 1))
    assert signed().ask(liaison(ZHEJIANG), full) == r.TOO_MANY_ATTACHED
    files = replace(report(ZHEJIANG), evidence=(Evidence("a.pdf", "0" * 64, 1),) * 21)
    assert signed().ask(liaison(ZHEJIANG), files) == r.TOO_MANY_ATTACHED
