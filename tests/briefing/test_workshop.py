"""The process beside the server: computes, dies and comes back, never outlives its parent."""

from __future__ import annotations

import asyncio
import os
import select
import signal
import subprocess
import sys
import threading
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from podium.briefing.memo import Memo
from podium.briefing.tasks import load
from podium.briefing.workshop import BUSY, DIED, Workshop, WorkshopFailed


@pytest.fixture
async def workshop() -> AsyncIterator[Workshop]:
    made = Workshop()
    yield made
    made.close()


async def test_it_computes_elsewhere_and_passes_errors_on(workshop: Workshop) -> None:
    assert await workshop.run(os.getpid) != os.getpid()
    with pytest.raises(ValueError, match="invalid literal"):
        await workshop.run(int, "no number")


async def test_it_loads_the_libraries_before_anybody_asks(workshop: Workshop) -> None:
    await workshop.prepare(load, after=0)
    loaded = await workshop.run(_loaded)
    assert {"statsmodels.tsa.statespace.dynamic_factor_mq", "vl_convert"} <= set(loaded)


def _loaded() -> list[str]:
    return list(sys.modules)


async def test_a_process_that_died_is_replaced(workshop: Workshop) -> None:
    first = await workshop.run(os.getpid)
    os.kill(first, signal.SIGKILL)
    second = await workshop.run(os.getpid)
    assert second not in (first, os.getpid())


async def test_a_task_that_kills_the_process_twice_is_given_up(workshop: Workshop) -> None:
    with pytest.raises(WorkshopFailed) as failed:
        await workshop.run(os._exit, 1)
    assert failed.value.refusal is DIED
    assert await workshop.run(abs, -1) == 1


async def test_it_takes_no_more_than_can_wait() -> None:
    go = threading.Event()
    workshop = Workshop(lambda: ThreadPoolExecutor(1))
    waiting = [asyncio.create_task(workshop.run(go.wait)) for _ in range(64)]
    await asyncio.sleep(0)
    with pytest.raises(WorkshopFailed) as failed:
        await workshop.run(go.wait)
    assert failed.value.refusal is BUSY
    go.set()
    assert all(await asyncio.gather(*waiting))
    workshop.close()


_PARENT = """
import asyncio, os
from podium.briefing.workshop import Workshop

async def main():
    print(await Workshop().run(os.getpid), flush=True)
    await asyncio.Event().wait()

if __name__ == "__main__":
    asyncio.run(main())
"""


def test_it_does_not_outlive_a_server_that_was_killed(tmp_path: Path) -> None:
    path = tmp_path / "parent.py"
    path.write_text(_PARENT)
    with subprocess.Popen([sys.executable, path], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = os.pidfd_open(int(parent.stdout.readline()))
        parent.kill()
    gone, _, _ = select.select([child], [], [], 10)
    os.close(child)
    assert gone == [child]


async def test_what_is_asked_for_twice_is_computed_once() -> None:
    memo: Memo[str, int] = Memo(2)
    calls: list[str] = []

    async def compute(name: str) -> int:
        calls.append(name)
        await asyncio.sleep(0)
        if name == "bad":
            raise ValueError(name)
        return len(calls)

    assert await asyncio.gather(*(memo.get("a", lambda: compute("a")) for _ in range(3))) == [1] * 3
    for _ in range(2):
        with pytest.raises(ValueError, match="bad"):
            await memo.get("bad", lambda: compute("bad"))
    assert calls == ["a", "bad", "bad"]
    await memo.get("b", lambda: compute("b"))
    await memo.get("c", lambda: compute("c"))
    await memo.get("a", lambda: compute("a"))
    assert calls[-3:] == ["b", "c", "a"]
