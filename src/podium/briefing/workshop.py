"""Where briefings are computed and pictures drawn: a process beside the server's own, so that a
live conference never waits for them. It starts some seconds after the server, or when first
needed, and then loads the statistics library, which takes some seconds more."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import Executor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from typing import Final, TypeVar

from podium.apart import one_process
from podium.briefing.render import RenderFailed
from podium.values.refusal import Refusal

logger = logging.getLogger(__name__)

T = TypeVar("T")
_WAITING_MOST: Final = 64
_SETTLING: Final = 3.0
"""Seconds after the server's start in which it has other things to do."""


class WorkshopFailed(Exception):
    """It cannot be computed now. ``refusal`` says why, and what to do."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.code)
        self.refusal = refusal


BUSY: Final = Refusal(
    "briefing_busy",
    "server",
    "服务器正在计算其他简报，请稍后重试。",
    "The server is busy with other briefings. Try again in a moment.",
)
DIED: Final = Refusal(
    "briefing_failed",
    "server",
    "简报计算进程异常退出（可能内存不足），请告知管理员。",
    "The process that computes briefings died, perhaps for lack of memory. Tell the administrator.",
)
NOT_DRAWN: Final = Refusal(
    "picture_failed",
    "server",
    "图表无法绘制，请告知管理员。",
    "The chart could not be drawn. Tell the administrator.",
)


class Workshop:
    """One task at a time, in the order of asking. ``make`` gives what carries them out."""

    def __init__(self, make: Callable[[], Executor] = one_process) -> None:
        self._make = make
        self._executor: Executor | None = None
        self._waiting = 0

    async def run(self, task: Callable[..., T], *given: object) -> T:
        """What ``task`` returns; both and ``given`` must be picklable. Raises what it raises
        and ``WorkshopFailed``."""
        if self._waiting >= _WAITING_MOST:
            raise WorkshopFailed(BUSY)
        self._waiting += 1
        try:
            try:
                return await self._once(task, *given)
            except BrokenProcessPool:
                self.close()
            try:
                return await self._once(task, *given)
            except BrokenProcessPool as error:
                self.close()
                raise WorkshopFailed(DIED) from error
        except RenderFailed as error:
            logger.error("a chart could not be drawn: %s", error)
            raise WorkshopFailed(NOT_DRAWN) from error
        finally:
            self._waiting -= 1

    async def prepare(self, load: Callable[[], None], after: float = _SETTLING) -> None:
        """Starts the process and lets it ``load``, so that nobody waits for that later."""
        await asyncio.sleep(after)
        with suppress(WorkshopFailed):
            await self.run(load)

    async def _once(self, task: Callable[..., T], *given: object) -> T:
        if self._executor is None:
            self._executor = self._make()
        # In a thread, for the first to be submitted starts the process.
        done = await asyncio.to_thread(self._executor.submit, task, *given)
        return await asyncio.wrap_future(done)

    def close(self) -> None:
        """What runs is not waited for."""
        if self._executor is not None:
            self._executor.shutdown(wait=False, cancel_futures=True)
            self._executor = None
