"""Where papers are laid out: a process of its own, one paper after the other."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import Executor
from concurrent.futures.process import BrokenProcessPool
from typing import Final

from podium.apart import one_process
from podium.record.export.docx import write_docx
from podium.record.export.layout import Paper
from podium.record.export.pdf import PdfUnavailable, write_pdf
from podium.values.refusal import Refusal

logger = logging.getLogger(__name__)

WAITING_MOST: Final = 16
BUSY: Final = Refusal(
    "export_unavailable",
    "server",
    "服务器正在排印其他文件，请稍后重试。",
    "The server is laying out other papers. Try again in a moment.",
)
DIED: Final = Refusal(
    "export_unavailable",
    "server",
    "排印进程异常退出（可能内存不足），请告知管理员。",
    "The process that lays out papers died, perhaps for lack of memory. Tell the administrator.",
)


def write(paper: Paper, ending: str) -> bytes:
    """In the press. ``ending``: "pdf" or "docx". Raises ``PdfUnavailable``."""
    return _WRITERS[ending](paper)


_WRITERS: Final[dict[str, Callable[[Paper], bytes]]] = {"pdf": write_pdf, "docx": write_docx}


class Press:
    """``make`` gives what carries out the work."""

    def __init__(self, make: Callable[[], Executor] = one_process) -> None:
        self._make = make
        self._executor: Executor | None = None
        self._waiting = 0

    async def print(self, paper: Paper, ending: str) -> bytes | Refusal:
        """The file; a refusal where it cannot be made here or now."""
        if self._waiting >= WAITING_MOST:
            return BUSY
        self._waiting += 1
        if self._executor is None:
            self._executor = self._make()
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._executor, write, paper, ending)
        except PdfUnavailable as error:
            why = str(error)
            return Refusal("export_unavailable", "server", why, why)
        except BrokenProcessPool:
            logger.error("the process that lays out papers died")
            self.close()
            return DIED
        finally:
            self._waiting -= 1

    def close(self) -> None:
        """What is being laid out is not waited for."""
        if self._executor is not None:
            self._executor.shutdown(wait=False, cancel_futures=True)
            self._executor = None
