"""The demo's programme: what the model case says, and something of every light."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from podium.app.clock import SystemClock
from podium.demo.work import OWNER, lay_out
from podium.desk.programmes import Programmes
from podium.store.opening import open_store
from podium.work.board import board
from podium.work.lights import Light
from podium.work.lists import ListQuery, lines, opening_summary
from podium.work.values import ActivityKind

NOW = datetime(2026, 11, 26, 1, tzinfo=UTC)


async def test_the_programme_of_the_model_case(tmp_path: Path) -> None:
    store = await open_store(f"sqlite:///{tmp_path / 'podium.db'}", SystemClock())
    try:
        programme = await lay_out(store, NOW)
        assert await lay_out(store, NOW) == programme
        state = await Programmes(store.programme_log, SystemClock()).look(programme)
    finally:
        await store.close()
    assert state is not None
    titles = {m.title.en for m in state.measures.values()}
    for words in ("automobiles", "home furnishing", "new types", "platform carriers", "activities"):
        assert any(words in title for title in titles), words
    themes = [a for a in state.activities.values() if a.kind is ActivityKind.THEME]
    assert len(themes) == 6
    assert all(a.source for a in state.activities.values())
    lit = board(state, NOW.date())
    lights = {rule.light for row in lit.rows.values() for rule in row.rules.values()}
    assert lights == {Light.RED, Light.AMBER, Light.GREEN, Light.DONE}
    waiting = list(lines(lit, ListQuery(issuer=OWNER, waiting=True)))
    assert len(waiting) == 2
    summary = opening_summary(lit)
    assert summary.total.done == 1
    assert summary.total.overdue == summary.overdue.total > 0
