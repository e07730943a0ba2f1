"""What the briefing room needs from outside."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from podium.situation.batches import Batch, BatchPlan
from podium.situation.figures import Figure, Figures
from podium.situation.series import Source


class FigureBook(Protocol):
    """Statistics at rest. Every coroutine may raise ``OSError``."""

    async def version(self) -> int:
        """Of all that is there; 0 for nothing, and one more with every batch."""
        ...

    async def read(self) -> tuple[int, Figures]: ...

    async def sources(self) -> Sequence[Source]:
        """Those that were added, besides the catalogue's."""
        ...

    async def batches(self) -> Sequence[Batch]:
        """The newest first."""
        ...

    async def add(
        self, plan: BatchPlan, figures: Iterable[Figure], seen: int, sources: Sequence[Source] = ()
    ) -> bool:
        """Wholly or not at all; ``False`` where another batch came in since version ``seen``."""
        ...
