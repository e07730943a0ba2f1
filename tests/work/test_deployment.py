"""What a conference issues, who may sign for it at its venues, and what the next one opens with."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from tests.support.programmes import (
    BODIES,
    CARS,
    CREATE,
    DAY,
    HANGZHOU,
    HENAN,
    HOMES,
    ISSUE,
    MEASURES,
    MINISTRY,
    OFFICE,
    PLAN,
    TIMER,
    ZHEJIANG,
    Story,
    body,
    finished,
    liaison,
    planned,
    report,
)

from podium.values.fields import TEXT_LENGTH
from podium.values.level import Level
from podium.values.refusal import Refusal
from podium.values.text import OrganisationId, Text
from podium.work import commands as c
from podium.work.board import board
from podium.work.codec import recorded_from_json, recorded_to_json
from podium.work.commands import Actor, Command, Role
from podium.work.deployment import ItemSigning, Signing, Tally, deployed, ledger, tally
from podium.work.evolve import replay
from podium.work.opening import POINTS, opening
from podium.work.state import Escalation, Signature
from podium.work.values import Measure, MeasureId

MARCH = "conference-march"
CONSOLE = Actor(Role.CONSOLE, "chair", conference=MARCH)
DEPLOY = c.IssueMeasures((CARS,), (ZHEJIANG, HENAN), conference=MARCH, item="item-3")


def station(organisation: OrganisationId, conference: str | None = MARCH) -> Actor:
    return Actor(Role.STATION, f"venue-{organisation}", organisation, conference)


def deployed_cars() -> Story:
    """Both measures are planned; the conference issued the cars to two provinces."""
    return planned().do(CONSOLE, DEPLOY)


def counted(story: Story) -> Tally:
    """Made anew, and from what was before every entry: both are the same."""
    whole = ledger(story.programme, MARCH)
    before = None
    for seq in range(2, len(story.entries) + 1):
        state = replay(story.entries[:seq])
        assert state is not None
        before = ledger(state, MARCH, before)
    assert before == whole
    return tally(whole)


def refusal(story: Story, actor: Actor, command: Command) -> str:
    answer = story.ask(actor, command)
    assert isinstance(answer, Refusal), answer
    return answer.code


# --- who may


@pytest.mark.parametrize(
    "command",
    [
        c.IssueMeasures((CARS,), (ZHEJIANG,)),
        c.IssueMeasures((CARS,), (ZHEJIANG,), conference="another"),
        c.DropMeasure(CARS),
        c.Sign(ZHEJIANG, (CARS,)),
    ],
)
def test_a_console_issues_for_its_own_conference_and_nothing_else(command: Command) -> None:
    assert refusal(deployed_cars(), CONSOLE, command) == "work_not_allowed"


def test_a_console_that_names_no_conference_issues_nothing() -> None:
    nowhere = Actor(Role.CONSOLE, "chair")
    answer = refusal(planned(), nowhere, c.IssueMeasures((CARS,), (ZHEJIANG,)))
    assert answer == "work_not_allowed"


def test_a_station_signs_for_its_own_organisation_alone() -> None:
    story = deployed_cars()
    sign = c.Sign(HENAN, (CARS,))
    assert refusal(story, station(ZHEJIANG), sign) == "not_your_organisation"
    assert refusal(story, station(HENAN, None), sign) == "work_not_allowed"
    assert refusal(story, station(HANGZHOU), c.Sign(ZHEJIANG, (CARS,))) == "not_your_organisation"
    after = story.do(station(HENAN), sign)
    assert after.cell(HENAN).stage.value == "signed"
    assert after.entries[-1].by == station(HENAN)


def test_a_station_signs_only_for_what_its_own_conference_issued() -> None:
    story = deployed_cars().do(OFFICE, c.IssueMeasures((HOMES,), (ZHEJIANG,)))
    for measures in ((HOMES,), (CARS, HOMES)):
        answer = refusal(story, station(ZHEJIANG), c.Sign(ZHEJIANG, measures))
        assert answer == "not_from_this_conference"
    answer = refusal(story, station(ZHEJIANG, "another"), c.Sign(ZHEJIANG, (CARS,)))
    assert answer == "not_from_this_conference"


@pytest.mark.parametrize(
    "command",
    [
        report(ZHEJIANG),
        c.AskExtension(ZHEJIANG, CARS, DAY + timedelta(days=400), "why"),
        c.BreakDown(ZHEJIANG, CARS, (HANGZHOU,)),
        DEPLOY,
    ],
)
def test_a_station_does_nothing_but_sign(command: Command) -> None:
    story = deployed_cars().do(station(ZHEJIANG), c.Sign(ZHEJIANG, (CARS,)))
    assert refusal(story, station(ZHEJIANG), command) == "work_not_allowed"


def test_what_a_station_did_is_read_back_from_the_log() -> None:
    story = deployed_cars().do(station(ZHEJIANG), c.Sign(ZHEJIANG, (CARS,)))
    entry = story.entries[-1]
    assert recorded_from_json(recorded_to_json(entry)) == entry
    assert (entry.by.id, entry.by.conference) == (f"venue-{ZHEJIANG}", MARCH)


def test_a_log_from_before_there_were_stations_is_still_read() -> None:
    written = recorded_to_json(deployed_cars().entries[0])
    older = written.replace(',"conference":null}', "}", 1)
    assert older != written
    assert recorded_from_json(older) == deployed_cars().entries[0]


# --- what is counted


def test_what_was_issued_is_counted_by_item_and_by_organisation() -> None:
    story = deployed_cars().do(
        CONSOLE, c.IssueMeasures((HOMES,), (ZHEJIANG,), conference=MARCH, item="item-4")
    )
    story = story.do(station(ZHEJIANG), c.Sign(ZHEJIANG, (CARS,)))
    found = counted(story)
    assert found.items == {
        "item-3": ItemSigning(1, 2, 1, Signing(2, 1)),
        "item-4": ItemSigning(1, 1, 0, Signing(1, 0)),
    }
    assert found.organisations == {ZHEJIANG: Signing(2, 1), HENAN: Signing(1, 0)}
    assert ledger(story.programme, "another").deployments == {}


def test_what_an_organisation_had_before_is_not_the_conferences() -> None:
    story = planned().do(OFFICE, ISSUE).do(liaison(HENAN), c.Sign(HENAN, (CARS,)))
    story = story.do(OFFICE, c.Withdraw(ZHEJIANG, CARS, "wrong")).do(CONSOLE, DEPLOY)
    found = counted(story)
    assert found.organisations == {ZHEJIANG: Signing(1, 0)}
    assert list(deployed(story.programme, MARCH, HENAN)) == []


def test_what_was_withdrawn_is_no_longer_counted_nor_shown() -> None:
    story = deployed_cars().do(OFFICE, c.Withdraw(HENAN, CARS, "wrong"))
    assert counted(story).organisations == {ZHEJIANG: Signing(1, 0)}
    assert list(deployed(story.programme, MARCH, HENAN)) == []


def test_whoever_takes_a_body_over_has_its_part() -> None:
    story = deployed_cars().do(OFFICE, c.MergeBody(HENAN, ZHEJIANG))
    assert set(counted(story).organisations) == {ZHEJIANG}
    assert refusal(story, station(HENAN), c.Sign(HENAN, (CARS,))) == "not_from_this_conference"


def test_the_signature_says_when_and_where() -> None:
    story = deployed_cars()
    (before,) = deployed(story.programme, MARCH, ZHEJIANG)
    assert before.signature is None
    story = story.later(1).do(station(ZHEJIANG), c.Sign(ZHEJIANG, (CARS,)))
    (after,) = deployed(story.programme, MARCH, ZHEJIANG)
    last = story.entries[-1]
    assert after.signature == Signature(last.seq, last.at, last.by)


# --- the next conference's opening


def at(story: Story, day: date) -> tuple[list[Text], list[Text]]:
    found = opening(board(story.programme, day))
    return list(found.summary), list(found.referred)


def test_the_opening_says_what_came_of_it() -> None:
    story = finished(planned().do(OFFICE, ISSUE), ZHEJIANG, OFFICE)
    story = story.do(liaison(HENAN), c.Sign(HENAN, (CARS, HOMES)))
    summary, referred = at(story, DAY)
    assert summary[0] == Text(
        "截至 2023-03-01，“2023消费提振年”共下达任务 4 项：已办结 1 项，推进中 3 项，逾期 0 项。",
        "2023 Consumption Boost Year, 4 assignments by 2023-03-01: 1 done, 3 running, 0 overdue.",
    )
    assert (
        Text(
            "稳定汽车消费：已办结 1 项，推进中 1 项，逾期 0 项",
            "Stabilise car sales: 1 done, 1 running, 0 overdue",
        )
        in summary
    )
    assert summary[-1] == Text(
        "zhejiang：已办结 1 项，推进中 1 项，逾期 0 项；henan：已办结 0 项，推进中 2 项，逾期 0 项",
        "zhejiang: 1 done, 1 running, 0 overdue; henan: 0 done, 2 running, 0 overdue",
    )
    assert referred == []


def test_what_was_escalated_to_the_conference_is_on_its_agenda() -> None:
    story = planned().do(OFFICE, ISSUE).do(liaison(HENAN), c.Sign(HENAN, (CARS, HOMES)))
    for _ in range(120):
        story = story.later(1).do(TIMER, c.Escalate())
    assert story.cell(HENAN).escalation is Escalation.CONFERENCE
    summary, referred = at(story, story.today)
    assert "逾期 4 项" in summary[0].zh
    assert any("henan" in p.en and "Stabilise car sales" in p.en for p in referred)
    assert all("late" in p.en for p in referred)


def test_before_anything_is_issued_the_opening_says_so() -> None:
    summary, referred = at(planned(), DAY)
    assert [p.zh for p in summary] == ["截至 2023-03-01，“2023消费提振年”尚未下达任务。"]
    assert referred == []


def test_the_opening_of_a_large_programme_fits() -> None:
    many = tuple(
        body(OrganisationId(f"organisation-{n:04}" * 3), MINISTRY, Level.PROVINCE, 100 + n)
        for n in range(900)
    )
    measures = tuple(
        Measure(MeasureId(f"m{n}"), MEASURES[0].area, Text("措" * 200, "m" * 200), MEASURES[0].due)
        for n in range(60)
    )
    create = c.CreateProgramme(
        CREATE.programme,
        Text("方" * 200, "p" * 200),
        "",
        MINISTRY,
        CREATE.zone,
        CREATE.starts_on,
        CREATE.ends_on,
        (*BODIES, *many),
    )
    story = Story().do(OFFICE, create, PLAN, c.Plan(measures=measures))
    issue = c.IssueMeasures(tuple(m.id for m in measures), tuple(b.id for b in many))
    story = story.do(OFFICE, issue)
    for _ in range(40):
        story = story.later(3).do(TIMER, c.Escalate())
    summary, referred = at(story, story.today)
    for points in (summary, referred):
        assert len(points) == POINTS
        assert all(0 < len(words) <= TEXT_LENGTH for p in points for words in (p.zh, p.en))
        assert "more" in points[-1].en
