"""Papers are laid out in a process of their own."""

from __future__ import annotations

import asyncio
import os
from concurrent.futures import Executor, Future
from concurrent.futures.process import BrokenProcessPool
from typing import Any

from podium.apart import one_process
from podium.record.export.layout import Locale, Paper, Paragraph
from podium.record.export.pdf import PdfUnavailable
from podium.record.press import BUSY, DIED, WAITING_MOST, Press
from podium.values.refusal import Refusal

PAPER = Paper(Locale.EN, "A title", "", "", (Paragraph("Some words."),), ("The foot",), False)


class Failing(Executor):
    """Raises what it is made with."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def submit(self, *_: Any, **__: Any) -> Future[Any]:
        future: Future[Any] = Future()
        future.set_exception(self._error)
        return future


class Idle(Executor):
    """Never gets to it."""

    def submit(self, *_: Any, **__: Any) -> Future[Any]:
        return Future()


async def test_papers_are_printed_in_another_process() -> None:
    press = Press()
    try:
        pdf, word = await asyncio.gather(press.print(PAPER, "pdf"), press.print(PAPER, "docx"))
        assert isinstance(pdf, bytes)
        assert pdf.startswith(b"%PDF-")
        assert isinstance(word, bytes)
        assert word.startswith(b"PK")
    finally:
        press.close()


async def test_a_machine_without_the_libraries_says_so() -> None:
    refused = await Press(lambda: Failing(PdfUnavailable("install them"))).print(PAPER, "pdf")
    assert isinstance(refused, Refusal)
    assert refused.en == "install them"


async def test_a_process_that_died_is_replaced() -> None:
    made: list[Executor] = [Failing(BrokenProcessPool()), one_process()]
    press = Press(lambda: made.pop(0))
    assert await press.print(PAPER, "docx") is DIED
    try:
        assert isinstance(await press.print(PAPER, "docx"), bytes)
    finally:
        press.close()


async def test_only_so_many_wait() -> None:
    press = Press(Idle)
    waiting = [asyncio.create_task(press.print(PAPER, "pdf")) for _ in range(WAITING_MOST)]
    await asyncio.sleep(0)
    assert await press.print(PAPER, "pdf") is BUSY
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)


async def test_the_server_keeps_its_own_priority() -> None:
    press = Press()
    before = os.getpriority(os.PRIO_PROCESS, 0)
    try:
        await press.print(PAPER, "docx")
    finally:
        press.close()
    assert os.getpriority(os.PRIO_PROCESS, 0) == before
