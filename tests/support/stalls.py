"""How long an event loop keeps its callers waiting."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass


@dataclass(slots=True)
class Stalls:
    """``longest``: seconds by which a turn of the loop came late. ``busiest``: seconds of the
    processor that the loop's thread used between two turns, which no other program's load adds
    to."""

    longest: float = 0.0
    busiest: float = 0.0


@asynccontextmanager
async def watched_loop(tick: float = 0.002) -> AsyncIterator[Stalls]:
    """Measures the running loop for as long as the block runs."""
    found = Stalls()

    async def watch() -> None:
        while True:
            before, used = time.perf_counter(), time.thread_time()
            await asyncio.sleep(tick)
            found.longest = max(found.longest, time.perf_counter() - before - tick)
            found.busiest = max(found.busiest, time.thread_time() - used)

    task = asyncio.create_task(watch())
    await asyncio.sleep(0)
    try:
        yield found
    finally:
        await asyncio.sleep(tick)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
