"""The tables and their drawings say the same; every table is sound."""

from __future__ import annotations

from pathlib import Path

import pytest

from podium.machine import Machine
from podium.telephone.sip.call_tables import INCOMING, OUTGOING
from podium.telephone.sip.lifecycle import document
from podium.telephone.sip.negotiation import OFFER
from podium.telephone.sip.registration_table import REGISTRATION
from podium.telephone.sip.timers import Alarms, Timer, Timers
from podium.telephone.sip.transaction_tables import TABLES, State, Table

DOCUMENT = Path(__file__).parents[3] / "docs" / "telephone.md"
MACHINES: list[Machine] = [INCOMING, OUTGOING, OFFER, REGISTRATION, *(t.machine() for t in TABLES)]  # type: ignore[type-arg]


def test_the_document_is_drawn_from_the_tables() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == document(), (
        "write it anew: python -m podium.telephone.sip.lifecycle > docs/telephone.md"
    )


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.title)
def test_each_machine_is_deterministic_and_every_state_is_reached(machine: Machine) -> None:  # type: ignore[type-arg]
    keys = [(t.source, t.trigger) for t in machine.transitions]
    assert len(keys) == len(set(keys))
    reached = {machine.initial} | {t.target for t in machine.transitions}
    assert {t.source for t in machine.transitions} | machine.final <= reached
    assert not any(t.source in machine.final for t in machine.transitions)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.title)
def test_each_timer_that_runs_has_an_arrow_and_the_other_way_round(table: Table) -> None:
    running = {(state, str(timer)) for state, timers in table.timers.items() for timer in timers}
    names = set(Timer)
    arrows = {(rule.source, rule.trigger) for rule in table.rules if rule.trigger in names}
    assert running == arrows


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.title)
def test_a_transaction_always_comes_to_its_end_by_itself_once_it_is_answered(table: Table) -> None:
    answered = {State.COMPLETED, State.CONFIRMED, State.ACCEPTED}
    for state in {rule.source for rule in table.rules} & answered:
        ends = [rule for rule in table.rules if rule.source is state and rule.trigger in set(Timer)]
        assert any(rule.target is State.TERMINATED for rule in ends)


def test_the_times_are_those_of_the_rfc() -> None:
    timers = Timers()
    unreliable = {timer: timers.first(timer, reliable=False) for timer in Timer}
    assert unreliable == {
        Timer.A: 0.5,
        Timer.B: 32,
        Timer.D: 32,
        Timer.E: 0.5,
        Timer.F: 32,
        Timer.G: 0.5,
        Timer.H: 32,
        Timer.I: 5,
        Timer.J: 32,
        Timer.K: 5,
        Timer.L: 32,
        Timer.M: 32,
        Timer.TRYING: 0.2,
    }
    reliable = {timer: timers.first(timer, reliable=True) for timer in Timer}
    assert {t for t, s in reliable.items() if s is None} == {Timer.A, Timer.E, Timer.G}
    assert {t for t, s in reliable.items() if s == 0} == {Timer.D, Timer.I, Timer.J, Timer.K}
    assert [timers.again(Timer.A, 4), timers.again(Timer.E, 4), timers.again(Timer.G, 1)] == [
        8,
        4,
        2,
    ]


def test_alarms_go_off_in_order_and_cancelled_ones_never() -> None:
    alarms = Alarms()
    rang: list[int] = []
    made = [alarms.set(float(n % 50), lambda n=n: rang.append(n)) for n in range(500)]  # type: ignore[misc]
    for n in range(0, 500, 2):
        alarms.cancel(made[n])
        alarms.cancel(made[n])
    assert len(alarms) == 250
    while (action := alarms.due(24.0)) is not None:
        action()
    assert len(rang) == 120
    assert [n % 50 for n in rang] == sorted(n % 50 for n in rang)
    assert all(n % 2 for n in rang)
    assert alarms.next == 25.0
    alarms.cancel(made[rang[0]])
    assert len(alarms) == 130
