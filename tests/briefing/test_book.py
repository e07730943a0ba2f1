"""Imports that meet another one, and what is kept between two questions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date

from podium.briefing.book import SituationBook
from podium.briefing.official import official_batch
from podium.briefing.workshop import Workshop
from podium.situation.batches import Batch, BatchPlan
from podium.situation.figures import Figure, Figures
from podium.situation.series import Source

APRIL = "指标,时期,绝对量\nretail.total,2024-04,35699\n".encode()
DAY = date(2024, 5, 17)


@dataclass
class Shelf:
    """Figures in memory. The next ``rivals`` imports find that somebody was faster."""

    batches_in: list[tuple[BatchPlan, list[Figure]]] = field(default_factory=list)
    rivals: int = 0
    reads: int = 0

    async def version(self) -> int:
        return len(self.batches_in)

    async def read(self) -> tuple[int, Figures]:
        self.reads += 1
        return len(self.batches_in), Figures.of(f for _, fs in self.batches_in for f in fs)

    async def sources(self) -> Sequence[Source]:
        return []

    async def batches(self) -> Sequence[Batch]:
        return []

    async def add(
        self, plan: BatchPlan, figures: Iterable[Figure], seen: int, sources: Sequence[Source] = ()
    ) -> bool:
        if self.batches_in and self.rivals > 0:
            self.rivals -= 1
            self.batches_in.append((BatchPlan("rival", "", "rival", 0, 0), []))
        if seen != len(self.batches_in):
            return False
        self.batches_in.append((plan, list(figures)))
        return True


def book(shelf: Shelf) -> SituationBook:
    return SituationBook(shelf, Workshop(lambda: ThreadPoolExecutor(1)))


async def bring_in(at: SituationBook) -> dict[str, object]:
    done = await at.bring_in(APRIL, "april.csv", DAY, "nbs.retail", "office", apply=True)
    assert done is not None
    return done


async def test_the_official_figures_come_first_and_once() -> None:
    shelf = Shelf()
    at = book(shelf)
    assert (await at.series())["version"] == 1
    assert (await at.series())["version"] == 1
    assert [plan for plan, _ in shelf.batches_in] == [official_batch()]
    assert len(shelf.batches_in[0][1]) == official_batch().new
    assert shelf.reads == 1


async def test_an_import_that_meets_another_one_is_planned_anew() -> None:
    shelf = Shelf(rivals=2)
    done = await bring_in(book(shelf))
    assert (done["applied"], done["new"]) == (True, 1)
    assert [plan.by for plan, _ in shelf.batches_in] == ["", "rival", "rival", "office"]
    assert [f.value for f in shelf.batches_in[-1][1]] == [35699.0]


async def test_an_import_that_never_gets_its_turn_says_so() -> None:
    shelf = Shelf(rivals=100)
    done = await bring_in(book(shelf))
    assert (done["applied"], done["new"]) == (False, 0)
    assert isinstance(done["errors"], list)
    assert "again" in done["errors"][0]["en"]
    assert all(plan.by != "office" for plan, _ in shelf.batches_in)
