"""Whatever is asked of the situation, a live conference on the same event loop goes on."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from podium.app.clock import SystemClock
from podium.briefing.book import SituationBook
from podium.briefing.workshop import Workshop
from podium.store.opening import open_store

THE_DAY = date(2023, 3, 1)
MOST = 0.05
"""Seconds of the loop's own processor time: what other processes take does not count."""
APRIL = "指标,时期,绝对量\nretail.total,2024-04,35699\n".encode()


@pytest.fixture
async def book(tmp_path: Path) -> AsyncIterator[SituationBook]:
    store = await open_store(f"sqlite:///{tmp_path / 'podium.db'}", SystemClock())
    workshop = Workshop()
    yield SituationBook(store.figures, workshop)
    workshop.close()
    await store.close()


@contextmanager
def _watched(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[float, str]]]:
    """Processor time of every step of the loop, and which it was."""
    found: list[tuple[float, str]] = []
    run = asyncio.Handle._run

    def timed(handle: Any) -> None:
        began = time.thread_time()
        run(handle)
        found.append((time.thread_time() - began, repr(handle)[:300]))

    with monkeypatch.context() as patch:
        patch.setattr(asyncio.Handle, "_run", timed)
        yield found


async def test_no_step_of_a_briefing_holds_the_loop_up(
    book: SituationBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first figures, briefings in both languages, pictures, an import, an export."""
    with _watched(monkeypatch) as steps:
        assert (await book.series())["version"] == 1
        for language in ("zh", "en"):
            briefing = await book.briefing(THE_DAY, language)
            assert isinstance(briefing, dict)
            assert await book.page(THE_DAY, language, "growth", "svg")
        assert await book.figures(THE_DAY, ["retail.total"])
        assert await book.statistic("retail.total", THE_DAY)
        done = await book.bring_in(
            APRIL, "april.csv", date(2024, 5, 17), "nbs.retail", "office", apply=True
        )
        assert done is not None
        assert done["applied"]
        assert await book.export()
        assert isinstance(await book.briefing(THE_DAY, "zh"), dict)
    assert len(steps) > 20
    assert max(steps)[0] < MOST, max(steps)
