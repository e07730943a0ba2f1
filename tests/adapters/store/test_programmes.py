"""Programmes at work on real databases: order, durability, one writer after another."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta

from tests.adapters.store.conftest import HandClock
from tests.support.programmes import (
    CARS,
    CREATE,
    HENAN,
    HOMES,
    ISSUE,
    MINISTRY,
    OFFICE,
    PLAN,
    PROGRAMME,
    ZHEJIANG,
    liaison,
    report,
)

from podium.desk.ports import ProgrammeSummary
from podium.desk.programmes import Accepted, Outcome, Programmes, Refused
from podium.hall.access import AccountRole
from podium.store.opening import Store, open_store
from podium.values.text import Text
from podium.work import commands as c
from podium.work import refusals as r
from podium.work.lights import Light
from podium.work.values import ProgrammeId


def done(outcome: Outcome | None) -> Accepted:
    assert isinstance(outcome, Accepted), outcome
    return outcome


async def begun(store: Store, clock: HandClock) -> Programmes:
    desk = Programmes(store.programme_log, clock)
    done(await desk.create(CREATE, OFFICE))
    done(await desk.act(PROGRAMME, (PLAN, ISSUE), OFFICE))
    return desk


async def test_what_was_done_is_there_after_a_restart(store: Store, clock: HandClock) -> None:
    desk = await begun(store, clock)
    done(await desk.act(PROGRAMME, (c.Sign(ZHEJIANG, (CARS,)),), liaison(ZHEJIANG)))
    again = Programmes(store.programme_log, clock)
    assert await again.look(PROGRAMME) == await desk.look(PROGRAMME)
    assert await again.seq(PROGRAMME) == 4
    assert await again.ids() == [PROGRAMME]


async def test_all_commands_of_one_action_or_none(store: Store, clock: HandClock) -> None:
    desk = await begun(store, clock)
    before = await desk.seq(PROGRAMME)
    actor = liaison(ZHEJIANG)
    sign = c.Sign(ZHEJIANG, (CARS, HOMES))
    outcome = await desk.act(PROGRAMME, (sign, report(ZHEJIANG), report(HENAN)), actor)
    assert outcome == Refused(r.NOT_YOUR_ORGANISATION, 2)
    assert await desk.seq(PROGRAMME) == before
    accepted = done(await desk.act(PROGRAMME, (sign, report(ZHEJIANG)), actor))
    assert [entry.event.type for entry in accepted.entries] == ["signed", "report_filed"]


async def test_two_processes_write_one_after_the_other(store: Store, clock: HandClock) -> None:
    here = await begun(store, clock)
    there = Programmes(store.programme_log, clock)
    await there.look(PROGRAMME)
    signs = [
        desk.act(PROGRAMME, (c.Sign(o, (m,)),), liaison(o))
        for desk, o in ((here, ZHEJIANG), (there, HENAN))
        for m in (CARS, HOMES)
    ]
    for outcome in await asyncio.gather(*signs):
        done(outcome)
    fresh = Programmes(store.programme_log, clock)
    state = await fresh.look(PROGRAMME)
    assert state is not None
    assert {a.stage.value for _, a in state.cells()} == {"signed"}
    entries = await store.programme_log.read(PROGRAMME)
    assert [entry.seq for entry in entries] == list(range(1, len(entries) + 1))


async def test_creating_twice_at_once(store: Store, clock: HandClock) -> None:
    desk = Programmes(store.programme_log, clock)
    outcomes = await asyncio.gather(desk.create(CREATE, OFFICE), desk.create(CREATE, OFFICE))
    assert sorted(type(o).__name__ for o in outcomes) == ["Accepted", "Refused"]


async def test_no_such_programme(store: Store, clock: HandClock) -> None:
    desk = Programmes(store.programme_log, clock)
    nothing = ProgrammeId("nothing")
    assert await desk.act(nothing, (PLAN,), OFFICE) is None
    assert await desk.board(nothing) is None
    assert desk.opened() == {}


async def test_today_is_that_of_the_programmes_zone(store: Store, clock: HandClock) -> None:
    clock.advance(timedelta(hours=16))  # 17:00 UTC is 01:00 of the next day in Shanghai
    desk = await begun(store, clock)
    board = await desk.board(PROGRAMME)
    assert board is not None
    assert board.today == date(2023, 3, 2)
    clock.advance(timedelta(days=5))
    later = await desk.board(PROGRAMME)
    assert later is not None
    assert {rule.light for row in later.rows.values() for rule in row.rules.values()} == {
        Light.AMBER
    }
    assert await desk.board(PROGRAMME) is later


async def test_the_list_follows_the_log(store: Store, clock: HandClock) -> None:
    desk = await begun(store, clock)
    revised = c.ReviseProgramme(Text("提振年", "Year"), "", date(2023, 1, 1), date(2023, 6, 30))
    merged = c.MergeBody(MINISTRY, HENAN)
    done(await desk.act(PROGRAMME, (revised, merged), OFFICE))
    assert await store.programmes.all() == [
        ProgrammeSummary(PROGRAMME, revised.title, HENAN, date(2023, 1, 1), date(2023, 6, 30))
    ]


async def test_a_liaison_officer_belongs_to_an_organisation(
    store: Store, address: str, clock: HandClock
) -> None:
    made = await store.accounts.create("lin", "a long password", AccountRole.LIAISON, ZHEJIANG)
    assert made.organisation == ZHEJIANG
    again = await open_store(address, clock)
    try:
        assert (await again.accounts.all())[0].organisation == ZHEJIANG
    finally:
        await again.close()


async def test_feeds(store: Store) -> None:
    account = await store.accounts.create("lin", "a long password", AccountRole.LIAISON, HENAN)
    first = await store.feeds.issue(account.id, PROGRAMME, HENAN)
    assert await store.feeds.find(first) == (account, PROGRAMME, HENAN)
    second = await store.feeds.issue(account.id, PROGRAMME, HENAN)
    assert await store.feeds.find(first) is None
    whole = await store.feeds.issue(account.id, PROGRAMME, None)
    assert await store.feeds.find(whole) == (account, PROGRAMME, None)
    await store.accounts.remove(account.id)
    assert await store.feeds.find(second) is None
    assert await store.feeds.find("pdc_nothing") is None
