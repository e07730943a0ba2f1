"""Figures on real databases: vintages, batches, one writer after another."""

from __future__ import annotations

import asyncio
from datetime import date
from pathlib import Path

from alembic import command
from sqlalchemy import create_engine, text
from tests.adapters.store.conftest import HandClock

from podium.briefing.official import official_figures
from podium.situation.batches import BatchPlan
from podium.situation.figures import Figure
from podium.situation.period import month
from podium.situation.retail import TOTAL
from podium.situation.series import Measure, Source, SourceId
from podium.store.migrating import configuration
from podium.store.opening import Store, open_store
from podium.values.text import Text

OFFICE = Source(SourceId("office.1"), Text("本办公室", "This office"))


def april(value: float, published: date, source: str = "nbs.retail") -> Figure:
    return Figure(TOTAL, Measure.GROWTH, month(2024, 4), value, published, SourceId(source))


def plan(new: int = 1, revised: int = 0) -> BatchPlan:
    return BatchPlan("april.csv", "d" * 64, "the office", new, revised)


async def test_every_figure_comes_back_as_it_was(store: Store) -> None:
    official = official_figures()
    everything = official.of_series(official.frame["series"].unique().to_list())
    assert await store.figures.add(plan(), everything, 0)
    version, found = await store.figures.read()
    assert version == 1
    key = ["series", "measure", "end", "months", "published"]
    assert found.frame.sort(key).equals(official.frame.sort(key))


async def test_a_revision_is_one_vintage_more(store: Store, address: str, clock: HandClock) -> None:
    first, second = april(2.3, date(2024, 5, 17)), april(2.4, date(2024, 6, 17), OFFICE.id)
    assert await store.figures.add(plan(), [first, first], 0)
    assert await store.figures.add(plan(0, 1), [second], 1, [OFFICE])
    again = await open_store(address, clock)
    try:
        _, figures = await again.figures.read()
        assert list(figures.of_series([TOTAL])) == [first, second]
        known = figures.as_of(date(2024, 6, 1)).get(TOTAL, Measure.GROWTH, month(2024, 4))
        assert known == first
        assert await again.figures.sources() == [OFFICE]
        batches = await again.figures.batches()
        assert [(b.number, b.at, b.plan) for b in batches] == [
            (2, clock.at, plan(0, 1)),
            (1, clock.at, plan()),
        ]
    finally:
        await again.close()


async def test_who_planned_on_older_figures_adds_nothing(store: Store) -> None:
    day = date(2024, 5, 17)
    attempts = [store.figures.add(plan(), [april(n, day)], 0, [OFFICE]) for n in range(4)]
    assert sorted(await asyncio.gather(*attempts)) == [False, False, False, True]
    version, figures = await store.figures.read()
    assert (version, len(figures.frame)) == (1, 1)
    assert not await store.figures.add(plan(), [april(9, date(2024, 7, 1))], 0)


async def test_a_batch_that_cannot_come_in_wholly_leaves_nothing(store: Store) -> None:
    day = date(2024, 5, 17)
    assert await store.figures.add(plan(), [april(2.3, day)], 0)
    # Two values of one vintage: the core refuses them, and so does the table.
    other = Figure(TOTAL, Measure.VALUE, month(2024, 4), 35699.0, day, SourceId("nbs.retail"))
    twice = [other, april(2.5, day), april(2.6, day)]
    assert not await store.figures.add(plan(3), twice, 1, [OFFICE])
    assert await store.figures.version() == 1
    assert await store.figures.sources() == []


async def test_of_one_day_the_later_batch_counts(store: Store) -> None:
    day = date(2024, 5, 17)
    doubtful, confirmed = april(2.3, day, "nbs.retail.none"), april(2.4, day)
    assert await store.figures.add(plan(), [doubtful], 0)
    assert await store.figures.add(plan(0, 1), [confirmed], 1)
    _, figures = await store.figures.read()
    assert list(figures.of_series([TOTAL])) == [doubtful, confirmed]
    assert figures.as_of(day).get(TOTAL, Measure.GROWTH, month(2024, 4)) == confirmed


async def test_an_empty_store_has_no_figures(store: Store) -> None:
    version, figures = await store.figures.read()
    assert (version, len(figures.frame)) == (0, 0)
    assert figures.as_of(date(2024, 1, 1)).last(TOTAL, Measure.GROWTH) is None


def test_figures_of_before_stay_when_the_key_grows(tmp_path: Path) -> None:
    """Written in revision 6, whose key did not have the batch."""
    figure = "('retail.total', 'value', '2022-12-01', 12, '2023-01-17', {value}, 'x', {batch})"
    engine = create_engine(f"sqlite:///{tmp_path / 'podium.db'}")
    with engine.begin() as connection:
        config = configuration()
        config.attributes["connection"] = connection
        command.upgrade(config, "0006")
        batch = "INSERT INTO figure_batch VALUES ({}, '2023-01-17', 'a', 'b', 'c', 1, 0)"
        connection.execute(text(batch.format(1)))
        connection.execute(text("INSERT INTO figure VALUES " + figure.format(value=1.5, batch=1)))
        command.upgrade(config, "head")
        connection.execute(text(batch.format(2)))
        connection.execute(text("INSERT INTO figure VALUES " + figure.format(value=1.6, batch=2)))
        rows = connection.execute(text("SELECT value, batch FROM figure ORDER BY batch")).all()
    engine.dispose()
    assert [tuple(row) for row in rows] == [(1.5, 1), (1.6, 2)]
